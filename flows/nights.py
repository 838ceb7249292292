"""From night to night: what was published before, which identities go on, and what differs now.

The night before is the published warehouse itself; `out/history.duckdb` keeps what differed on every night since the
first, so that the state of a finding on any night can be told from the newest one backwards.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import duckdb

import sql
from flows.exactly import literal
from flows.foreign_logs import in_use, is_in_use
from flows.private import sync
from flows.published import WAREHOUSE_FILE, open_published
from flows.receipt import canonical, package_version
from schemas.errors import SettingsError

HISTORY_FILE = "history.duckdb"
STORAGE_VERSION = "v1.5.0"
"""The storage format that DuckDB 1.5 and newer read (docs/decisions/020-storage-version.md)."""


@dataclass(frozen=True)
class Night:
    """One run as its warehouse names it. rules, value_sets, parameters: versions of what judges; a changed one is the
    cause of every difference. token: of this one publication; a run that is repeated has another one each time."""

    run_id: str
    generation: int
    rules: str
    value_sets: str
    parameters: str
    token: str = field(default_factory=lambda: token_hex(8))


@dataclass(frozen=True)
class Before:
    """The published night. generation: None where it was published by a version that kept no account of nights."""

    path: Path
    run_id: str
    as_of: date
    generation: int | None
    token: str | None = None

    @property
    def is_comparable(self) -> bool:
        """Whether tonight can be told from it."""
        return self.generation is not None


def published_before(path: Path) -> Before | None:
    """What `path` (audit.duckdb) holds; None where nothing was published. SettingsError (10) where it is unreadable."""
    if not path.exists():
        return None
    with open_published(path) as con:
        ((run, as_of),) = con.execute("SELECT max(run_id), max(as_of) FROM runs").fetchall()
        known = "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'stored' AND column_name = 'token'"
        has_night = con.execute(known).fetchall()[0][0]
        generation, token = None, None
        if has_night:
            ((generation, token),) = con.execute("SELECT generation, token FROM stored.night").fetchall()
    return Before(path, run, as_of, generation, token)


def night_of(run: str, effective: Mapping[str, Any], before: Before | None) -> Night:
    """Tonight, after what is published."""

    def digest(*names: str) -> str:
        return hashlib.sha256(canonical([effective[name] for name in names]).encode()).hexdigest()

    earlier = before.generation if before else None
    return Night(
        run_id=run,
        generation=0 if earlier is None else earlier + 1,
        rules=package_version(),
        value_sets=digest("value_sets"),
        parameters=digest("parameters", "timezone"),
    )


@contextmanager
def compared(con: duckdb.DuckDBPyConnection, before: Before | None) -> Iterator[str | None]:
    """While the night before is attached as `before`; its run_id, None where there is none that can be compared."""
    if before is None or not before.is_comparable:
        yield None
        return
    con.execute(f"ATTACH {literal(before.path)} AS before (READ_ONLY)")
    try:
        yield before.run_id
    finally:
        con.execute("DETACH before")


def inherit(con: duckdb.DuckDBPyConnection, night: Night, previous: str | None) -> None:
    """Gives the cases in stored.cases the identity that they had the night before, and numbers findings that would share
    one."""
    if previous is not None:
        con.execute(sql.read("warehouse/history/shared"))
        while con.execute(sql.read("warehouse/history/keys")).fetchall() != [(0,)]:
            pass
        con.execute(sql.read("warehouse/history/inherit"), {"generation": night.generation})
    con.execute(sql.read("warehouse/history/twins"))


def differences(con: duckdb.DuckDBPyConnection, night: Night, previous: str | None, present: Sequence[str]) -> None:
    """Fills stored.night and stored.changes. The same run again tells what it told the first time.

    present: the tables of tonight's extract.
    """
    is_again, lost = previous == night.run_id, None
    if is_again:
        ((previous, lost),) = con.execute("SELECT previous_run_id, lost_feeds FROM before.stored.night").fetchall()
    elif previous is not None:
        ((lost,),) = con.execute(sql.read("warehouse/history/lost_feeds"), {"present": list(present)}).fetchall()
    versions = [night.rules, night.value_sets, night.parameters]
    row = [night.run_id, previous, night.generation, night.token, lost, *versions]
    con.execute("INSERT INTO stored.night VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    if is_again:
        for table in ("changes", "case_redated"):
            con.execute(f"INSERT INTO stored.{table} SELECT * FROM before.stored.{table}")
    elif previous is not None:
        con.execute(sql.read("warehouse/history/changes"))
        con.execute(sql.read("warehouse/history/case_redated"))


# The history ---------------------------------------------------------------------------------------------------------


def remember(merged: Path, as_of: date, history: Path, staged: Path, keep_days: int = 0) -> None:
    """Writes `history` with the night of the merged file behind it to `staged`, whole and for its owner only.

    Where that night is the last one there already, nothing is written: to run it again changes nothing. keep_days: the
    history begins with the last night that is so many days before as-of; 0: with the first one.
    """
    staged.unlink(missing_ok=True)
    if history.exists():
        shutil.copyfile(history, staged)
    with _opened(merged, staged) as con:
        con.begin()
        con.execute(sql.read("warehouse/history/tables"))
        last = con.execute("SELECT run_id, previous_run_id FROM nights ORDER BY night DESC LIMIT 1").fetchall()
        is_there = last == con.execute("SELECT run_id, previous_run_id FROM merged.stored.night").fetchall()
        if not is_there:
            con.execute(sql.read("warehouse/history/night"), {"as_of": as_of})
            con.execute(sql.read("warehouse/history/remembered"))
            con.execute(sql.read("warehouse/history/redated"))
        if keep_days:
            day = as_of - timedelta(days=keep_days)
            ((first,),) = con.execute("SELECT max(night) FROM nights WHERE as_of < $day", {"day": day}).fetchall()
            # That night stays, as the one with which the later ones can be compared.
            con.execute("DELETE FROM nights WHERE night < $first", {"first": first})
            for table in ("changes", "case_redated"):
                con.execute(f"DELETE FROM {table} WHERE night <= $first", {"first": first})
        con.commit()
    if is_there:
        staged.unlink()
        return
    staged.chmod(0o600)
    sync(staged)


def last_night(history: Path) -> str | None:
    """The run of the last night that the history tells of; None where there is no history.

    SettingsError (10) where it can't be read: said before the work, not after it.
    """
    if not history.exists():
        return None
    try:
        with duckdb.connect() as con:
            con.execute(f"ATTACH {literal(history)} AS history (READ_ONLY)")
            ((run,),) = con.execute("SELECT arg_max(run_id, night) FROM history.nights").fetchall()
    except duckdb.Error as error:
        if is_in_use(error):
            raise in_use(history) from None
        raise SettingsError(
            f"{history}: not a readable history ({type(error).__name__}); put {history.name} and {WAREHOUSE_FILE} of one and"
            " the same backup in place, or move it away to begin a new one"
        ) from None
    return run


@contextmanager
def _opened(merged: Path, history: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"temp_directory": str(merged.parent / "spill")}) as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(f"ATTACH {literal(merged)} AS merged (READ_ONLY)")
        form = f"STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE 16384"  # small blocks: most nights have little to add
        con.execute(f"ATTACH {literal(history)} AS history ({form})")
        con.execute("USE history")
        yield con
        con.execute("CHECKPOINT history")
        con.execute("USE memory")
        con.execute("DETACH history")


def diff(out: Path, run_a: str | None, run_b: str | None) -> "Diff":
    """What differs between two nights of `out`, the standing deviations included; by default the two newest.

    SettingsError (10) for a run that the history doesn't know, or where the second is the older one.
    """
    history = out / HISTORY_FILE
    if not history.exists():
        raise SettingsError(f"{history}: no history there; run `spine-audit run` first, or name its folder with --out")
    last_night(history)  # says what is wrong with it
    with open_published(out / WAREHOUSE_FILE) as con:
        con.execute(f"ATTACH {literal(history)} AS history (READ_ONLY)")
        # A run that was published again after another one is the newer of its nights.
        known = "SELECT run_id, max(night) FROM history.nights GROUP BY run_id ORDER BY max(night)"
        nights = dict(con.execute(known).fetchall())
        newest = list(nights)[-2:]
        run_a, run_b = run_a or newest[0], run_b or newest[-1]
        for run in (run_a, run_b):
            if run not in nights:
                raise SettingsError(f"no run {run} in {history}; the newest are {', '.join(list(nights)[-5:])}")
        if nights[run_a] > nights[run_b]:
            raise SettingsError(f"{run_a} is the later one: spine-audit diff {run_b} {run_a}")
        published = con.execute("SELECT run_id, previous_run_id FROM stored.night").fetchall()
        last = con.execute("SELECT run_id, previous_run_id FROM history.nights ORDER BY night DESC LIMIT 1").fetchall()
        if published != last:
            raise SettingsError(
                f"{history} ends with the night {_told(last)}, but {WAREHOUSE_FILE} is that of {_told(published)}: put both"
                " files of one and the same backup in place"
            )
        if broken := con.execute(sql.read("warehouse/history/gap"), {"a": nights[run_a]}).fetchall():
            raise SettingsError(
                f"{run_a} can't be compared any more: {broken[0][0]} was not compared with the night that stands before it in"
                f" {history}"
            )
        found = con.execute(sql.read("warehouse/history/diff"), {"a": nights[run_a], "b": nights[run_b]})
        names = tuple(name for name, *_ in found.description or ())
        return Diff(run_a, run_b, names, found.fetchall())


def _told(nights: list[tuple[str, str | None]]) -> str:
    return " ".join(f"{run} (after {previous or 'none'})" for run, previous in nights) or "none"


@dataclass(frozen=True)
class Diff:
    """names, rows: one finding that is or was a deviation on one of the two nights, or whose state or reason is another."""

    run_a: str
    run_b: str
    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]
