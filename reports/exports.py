"""The identified lists of a run as CSV that a spreadsheet opens without running anything (specification, section 4)."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import polars.selectors as cs

_FORMULA = r"^([=+\-@\t\r])"
"""A text cell that begins so may be taken for a formula, also one that came in with the data."""


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that begin with `= + - @`, TAB or CR get a leading apostrophe."""
    starts = frame.select(cs.string().str.contains(_FORMULA).any())
    unsafe = [name for name in starts.columns if starts.item(0, name)]  # most columns have none: to look is cheaper
    return frame.with_columns(pl.col(unsafe).str.replace(_FORMULA, "'$1"))


def write_csv(batches: Iterable[pl.DataFrame], path: Path) -> None:
    """Writes frames of the same columns, one below the other, to `path`; at least one, which may be empty.

    UTF-8, a header, lines ended by LF, null = empty; the folder is made with mode 0700, the file with 0600.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for number, batch in enumerate(batches):
            spreadsheet_safe(batch).write_csv(file, include_header=number == 0)
