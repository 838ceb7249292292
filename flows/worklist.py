"""The worklist of a night: what is asked of the warehouse file, and handed to reports/worklist.py as sheets.

The steps of sql/warehouse/worklist/steps make narrow tables of numbers first, and words of the listed rows only.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.closing_words import closing_words, fact_words
from flows.sql_files import SqlFile, sql_file
from reports.worklist import About, Page, workbook

MAX_ROWS = 5_000
"""So many rows of a sheet are listed: what nobody reads to its end need not be searched, printed or carried about."""
_STEPS = (
    "day_in_words", "tonight", "gaps", "folds", "roots", "listed", "folded_words", "evidence_words", "feed_words",
    "stays", "gap_rows", "closed",
)  # fmt: skip
_CLOSED = "closed_since_last_run"
"""The one sheet in which nothing is to be filled in."""
_PAGES = ("act_now", "coming_due", "review", "advice", _CLOSED, "cannot_tell")
"""The sheets that list gaps, in their order."""


def worklist(con: duckdb.DuckDBPyConnection, run: pl.DataFrame, max_rows: int = MAX_ROWS) -> bytes:
    """The workbook of the night that `con` reads. run: its row of `runs`; tables of its own are left in `con`."""
    about = _prepare(con, run, max_rows)
    pages = [_page(con, sql_file(f"warehouse/worklist/{name}"), is_worked=name != _CLOSED) for name in _PAGES]
    counts = _rows(con, sql_file("warehouse/worklist/how_to").text)
    return workbook(pages, counts, _rows(con, sql_file("warehouse/worklist/provenance").text), about)


def _prepare(con: duckdb.DuckDBPyConnection, run: pl.DataFrame, max_rows: int) -> About:
    as_of, timezone = run.item(0, "as_of"), run.item(0, "timezone")
    cut = datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(timezone)).astimezone(UTC).replace(tzinfo=None)
    facts = con.execute("SELECT DISTINCT missing_facts FROM stored.verdicts WHERE missing_facts IS NOT NULL").fetchall()
    con.register("this_run", run.drop("receipt", strict=False).with_columns(cut_utc=pl.lit(cut)))
    con.register("closing_words", closing_words())
    con.register("fact_words", fact_words(fact for (fact,) in facts))
    con.execute("SET VARIABLE cap = $value", {"value": max_rows})
    for name in _STEPS:
        con.execute(sql_file(f"warehouse/worklist/steps/{name}").text)
    return About(run.item(0, "run_id"), as_of, run.item(0, "review_status"))


def _page(con: duckdb.DuckDBPyConnection, query: SqlFile, *, is_worked: bool) -> Page:
    grain = f"{query.grain[0].upper()}{query.grain[1:]}."
    return Page(
        query.title, f"One row: {grain[0].lower()}{grain[1:]}", _rows(con, query.text), query.columns, is_worked
    )


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    frame = pl.from_arrow(con.sql(query.rstrip().removesuffix(";")).to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame
