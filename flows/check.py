"""`spine-audit check`: reads and validates an extract, publishes nothing."""

import polars as pl

from flows.contract import apply_contract
from flows.land import Landed
from flows.parts import Keep
from flows.private import work_folder
from flows.progress import progress
from flows.run import Plan, at_work, land, landed_as_of, prepare
from flows.settings import Settings
from flows.sql_shell import as_table
from schemas.errors import SettingsError

_COUNTS = ("rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate", "rows_warned")


def check_extract(settings: Settings) -> str:
    """What became of every table's rows, as text. Raises AuditError as a run would (exit 10 to 13)."""
    with work_folder() as work:
        plan = prepare(settings, work, progress())
        with at_work(plan, "land"):
            landed = land(plan)
        as_of = _as_of(plan, landed)
        with at_work(plan, "contract"):
            with plan.connect() as con:
                clean = apply_contract(con, landed, settings, plan.value_sets, work, keep=Keep.NOBODY)
            quarantine = pl.read_parquet(clean.quarantine, glob=False)
    parts = [_feeds(clean.feeds), _quarantine(quarantine), _remarks(landed), as_of]
    return "\n\n".join(part for part in parts if part)


def _as_of(plan: Plan, landed: Landed) -> str:
    try:
        return f"The audit would be as of {landed_as_of(plan, landed)}."
    except SettingsError as error:  # here it is advice: what can be checked is checked without it
        return f"A run needs one more thing: {error}"


def _feeds(feeds: pl.DataFrame) -> str:
    rows = [
        (row["table_name"], *(row[name] for name in _COUNTS), row["loaded_through"] or "")
        if row["present"]
        else (row["table_name"], *[None] * len(_COUNTS), "absent: what it would show is never counted as not done")
        for row in feeds.sort("table_name").iter_rows(named=True)
    ]
    return as_table(("table", "read", "accepted", "set aside", "duplicate", "warned", "loaded through"), rows)


def _quarantine(quarantine: pl.DataFrame) -> str:
    key = ["table_name", "column_name", "reason", "severity"]
    counts = quarantine.group_by(key).agg(n=pl.len()).sort(key)
    if counts.is_empty():
        return "No row was set aside."
    return as_table(("table", "column", "reason", "severity", "rows"), counts.rows())


def _remarks(landed: Landed) -> str:
    lines = [
        f"Unknown columns of {table}, ignored: {', '.join(names)}" for table, names in landed.unknown_columns.items()
    ]
    if landed.other_files:
        lines.append(f"Other files, not read: {', '.join(landed.other_files)}")
    lines += [f"{note}: {n:,}" for note, n in landed.notes.items()]
    return "\n".join(lines)
