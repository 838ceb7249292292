"""The patients whose clean rows are kept, put into parts, and the Parquet files that hold these rows.

A part has all rows of its patients, so that one part after the other can be audited within bounded memory.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl
import pyarrow.parquet as pq

import sql
from schemas.columns import Table
from schemas.value_sets import ValueSets, apply_concept_map
from transforms.concepts import matches
from transforms.contract import empty_clean

PART_ROWS = 1_600_000
"""About so many clean rows make a part: what the audit holds in memory at a time."""

MAX_PARTS = 500
"""A file of each part is open while a table is judged, and a process may have a thousand or so."""

_ROW_GROUP_ROWS = 125_000
_VIEWS = pl.CompatLevel.newest()
"""Texts go to the writer in the form that they have in Polars, without being copied."""
_WAITING_ROWS = 1_000_000
"""So many rows of a table wait for others of their parts, because small row groups are slow to write and to read."""


class Keep(Enum):
    """Whose clean rows are kept. Everybody's rows are judged and counted."""

    FRACTURED = "patients with a code of a vertebral fracture: nobody else can have a case"
    EVERYONE = "every patient"
    NOBODY = "nobody"


def find_parts(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[str],
    value_sets: ValueSets,
    folder: Path,
    keep: Keep,
    part_rows: int,
    parts_before: int | None = None,
) -> tuple[Path, ...]:
    """The folders of the parts, at least one; fills contract.patients with the patients who are kept and their part.

    parts_before: how many there were the night before; what was kept of them can be used where there are as many again.

    Decided before a row is judged, by the codes of the landed conditions: a patient is kept too whose only fracture
    code is in a row that turns out bad. The part is a hash of the id, so neither the order of rows nor their files
    matter.
    """
    if keep is Keep.EVERYONE:
        con.execute(sql.read("contract/everyone"))
    else:
        codes = fracture_codes(con, value_sets)
        con.register("fracture_codes", (codes if keep is Keep.FRACTURED else codes.clear()).to_arrow())
        con.execute(sql.read("contract/fractured"))
        con.unregister("fracture_codes")
    ((share,),) = con.execute(sql.read("contract/kept_share")).fetchall()
    rows = sum(con.execute(f'SELECT count(*) FROM raw."{name}"').fetchall()[0][0] for name in tables)
    ((patients,),) = con.execute("SELECT count(*) FROM contract.kept").fetchall()
    number = max(1, min(-(-round(rows * share) // part_rows), patients, MAX_PARTS))
    if parts_before and number / 2 <= parts_before <= number * 2:
        number = parts_before
    con.execute(sql.read("contract/parts"), {"parts": number})
    parts = tuple(folder / f"{part:04}" for part in range(number))
    for part in parts:
        part.mkdir(parents=True, exist_ok=True)
    return parts


def fracture_codes(con: duckdb.DuckDBPyConnection, value_sets: ValueSets) -> pl.DataFrame:
    """Those codes of the landed conditions (code_system, code, as landed) that mean a vertebral fracture."""
    landed = pl.from_arrow(con.sql("SELECT DISTINCT code_system, code FROM raw.conditions").to_arrow_table())
    assert isinstance(landed, pl.DataFrame)
    canonical = apply_concept_map(landed, value_sets.concept_map)
    key = ["code_system", "code_key"]
    fractures = matches(canonical.select(key).unique(), value_sets.fractures.select(*key, "match"))
    of_fractures = canonical.with_row_index("n").join(fractures, on=key, how="semi").get_column("n")
    return landed.with_row_index("n").filter(pl.col("n").is_in(of_fractures.implode())).drop("n")


class Parts:
    """The files of one clean table, one in each part's folder."""

    def __init__(self, folders: Sequence[Path], table: Table) -> None:
        empty = empty_clean(table.name)
        self.sinks = [Sink(folder / f"{table.name}.parquet", empty) for folder in folders]
        self.waiting: dict[int, list[pl.DataFrame]] = {}

    def write(self, frame: pl.DataFrame) -> None:
        """Write each row of a clean frame into the part that its `_part` says; a row without a part is left out.

        Rows of one part stand together, as `clean` puts them, and what waits is a slice of the frame.
        """
        kept = frame.drop_nulls("_part")
        if kept.height < frame.height // 2:
            kept = _alone(kept)
        rows, start = kept.drop("_part"), 0
        for length, number in kept.get_column("_part").rle().struct.unnest().iter_rows():
            self.waiting.setdefault(number, []).append(rows.slice(start, length))
            start += length
        if sum(rows.height for part in self.waiting.values() for rows in part) >= _WAITING_ROWS:
            self._write_waiting()

    def _write_waiting(self) -> None:
        for number, rows in self.waiting.items():
            self.sinks[number].write(pl.concat(rows))
        self.waiting = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._write_waiting()
        with ExitStack() as stack:
            for sink in self.sinks:
                stack.push(sink)


def _alone(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows without the texts of those that stood beside them: a few that wait would keep all of these in memory."""
    alone = pl.from_arrow(rows.to_arrow(compat_level=pl.CompatLevel.oldest()))
    assert isinstance(alone, pl.DataFrame)
    return alone


class Sink:
    """A Parquet file that is written frame by frame; it exists, with its columns, also where nothing was written."""

    def __init__(self, path: Path, empty: pl.DataFrame) -> None:
        self.empty = empty
        # A dictionary of ids that hardly repeat costs more than the rest of the writing.
        texts = [name for name, kind in empty.schema.items() if kind == pl.String]
        repeating = [name for name in texts if name == "patient_id" or not name.endswith("_id")]
        self.writer = pq.ParquetWriter(
            path,
            empty.to_arrow(compat_level=_VIEWS).schema,
            compression="snappy",
            use_dictionary=repeating or False,
            write_statistics=False,  # of unsorted rows they tell nothing
        )

    def write(self, frame: pl.DataFrame) -> None:
        """Write the rows of a frame."""
        if not frame.is_empty():
            self.writer.write_table(
                frame.match_to_schema(self.empty.schema).to_arrow(compat_level=_VIEWS), row_group_size=_ROW_GROUP_ROWS
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()
