"""The identified lists of a run as CSV that a spreadsheet opens without running anything (specification, section 4)."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

import polars as pl
import polars.selectors as cs

T = TypeVar("T")

_FORMULA = r"^([=+\-@\t\r])"
"""A text cell that begins so may be taken for a formula, also one that came in with the data."""


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that begin with `= + - @`, TAB or CR get a leading apostrophe."""
    starts = frame.select(cs.string().str.contains(_FORMULA).any())
    unsafe = [name for name in starts.columns if starts.item(0, name)]  # most columns have none: to look is cheaper
    return frame.with_columns(pl.col(unsafe).str.replace(_FORMULA, "'$1"))


class Map(Protocol):
    """What `map` is: a function of every item, in their order."""

    def __call__(self, work: Callable[[T], None], items: Iterable[T], /) -> Iterable[None]: ...


def write_csv(batches: Iterable[pl.DataFrame], path: Path, each: Map = map) -> None:
    """Writes frames of the same columns, one below the other, to `path`; at least one, which may be empty.

    UTF-8, a header, lines ended by LF, null = empty; the folder is made with mode 0700, the file with 0600. each: writes
    the frames in their order, where not in this thread.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for _ in each(partial(_write, file), enumerate(batches)):
            pass


def _write(file: BinaryIO, batch: tuple[int, pl.DataFrame]) -> None:
    number, rows = batch
    spreadsheet_safe(rows).write_csv(file, include_header=number == 0)
