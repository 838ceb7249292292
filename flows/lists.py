"""The identified lists of a run: what is read from the file that will be published, and written below one folder."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from flows.ahead import ahead
from flows.encrypted import encrypted
from flows.private import write_bytes
from flows.published import open_published
from flows.sql_files import SqlFile, sql_files
from flows.worklist import worklist
from flows.worklist_password import worklist_password
from reports.exports import write_csv

WORKLIST_FILE = "worklist.xlsx"

_QUOTED = "warehouse/exports/deviations"
"""The list whose rows end with what the guideline says of their measure."""
_QUOTES = "SELECT measure_id, title, quote, cited_line FROM measure_catalogue"

_BATCH_ROWS = 100_000
_MEMORY = "2GB"
"""What sorting a list takes before it spills: rows of deviations are wide, and there may be millions."""


def write_lists(merged: Path, folder: Path, run: pl.DataFrame | None = None) -> Path:
    """Writes every list of `sql/warehouse/exports/` as CSV, and the worklist, into `folder`/identified; `folder`.

    run: the row of `runs`, which a file lacks that is not published yet. Where a password is set, the worklist is
    encrypted before any of it reaches the disk. Raises SettingsError (exit 10) where that password can't be used.
    """
    place = folder / "identified"
    password = worklist_password()
    with open_published(merged, temp_directory=str(folder.with_name("spill")), memory_limit=_MEMORY) as con:
        quotes = _frame(con.sql(_QUOTES).to_arrow_table())
        for query in sql_files("warehouse/exports"):
            rows = _rows(con, query)
            if query.name == _QUOTED:
                rows = (batch.join(quotes, on="measure_id", maintain_order="left") for batch in rows)
            write_csv(rows, place / f"{query.name.rpartition('/')[2]}.csv", ahead)
        if run is None:
            run = _frame(con.sql("FROM runs").to_arrow_table())
        workbook = worklist(con, run)
    write_bytes(place / WORKLIST_FILE, encrypted(workbook, password) if password else workbook)
    return folder


def _rows(con: duckdb.DuckDBPyConnection, query: SqlFile) -> Iterator[pl.DataFrame]:
    """The rows of a query in its order, a batch after the other; at least one, which may be empty."""
    reader = con.sql(query.text.rstrip().removesuffix(";")).to_arrow_reader(_BATCH_ROWS)
    yield _frame(reader.schema.empty_table())
    for batch in reader:
        yield _frame(batch)


def _frame(rows: object) -> pl.DataFrame:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame
