"""What `spine-audit doctor` looks at in the out folder. Nothing is changed there, and no patient's row is read."""

import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb

from flows.exactly import literal
from flows.finding import Finding
from flows.kept import kept_of
from flows.lock import held_by
from flows.nights import HISTORY_FILE, Before, published_before
from flows.prefect_settings import HOME_NAME
from flows.private import leftovers
from flows.publish import WAREHOUSE_FILE
from flows.sealed import is_sealed
from flows.settle import QUALITY, staged, staged_history
from flows.warehouse import open_warehouse, records
from schemas.errors import AuditError
from sql import read

_HELD_BACK = 'class="lead bad"'
"""Of the quality page of a night that was held back (reports/templates/quality.html)."""


def folder(out: Path, *, is_incremental: bool) -> Iterator[Finding]:
    """Locks, leftovers, the published night and all that belongs to it, who may read it."""
    holder = held_by(out)
    yield _lock(out, holder)
    if holder is None:
        yield _leftovers(out)
    if (out / HOME_NAME).is_dir():
        yield _schedule(out)
    published = _warehouse(out)
    yield published
    if published.verdict == "ok" and (before := published_before(out / WAREHOUSE_FILE)):
        yield _reports(out, before.run_id)
        yield _history(out, before.run_id)
        yield _kept(out, before, is_incremental)
    yield _quality(out)
    if out.exists():
        yield _privacy(out)


def _lock(out: Path, holder: str | None) -> Finding:
    if holder is None:
        return Finding("lock", "ok", f"no run is at work in {out}/")
    return Finding(
        "lock", "note", f"held by {holder}", "wait until it is done; a second run would end with exit code 15"
    )


def _leftovers(out: Path) -> Finding:
    """Only while no run is at work: what it has made until now looks the same."""
    found = [*leftovers(out), *staged(out)]
    if not found:
        return Finding("leftovers", "ok", "none of runs that were killed")
    return Finding(
        "leftovers",
        "note",
        f"{len(found)} of runs that were killed, e.g. {found[0].name}",
        "nothing to do: the next run puts in place what was published, and removes the rest",
    )


def _schedule(out: Path) -> Finding:
    holder = held_by(out / HOME_NAME)
    return Finding(
        "schedule", "ok", f"`serve` is at work, {holder}" if holder else f"no `serve` with {out}/{HOME_NAME}"
    )


def _warehouse(out: Path) -> Finding:
    if not (out / WAREHOUSE_FILE).exists():
        return _unpublished(out)
    remedy = "restore it from the backup, or move the file away and run again"
    try:
        with open_warehouse(out) as con:
            run = records(con, "SELECT run_id, as_of, package_version FROM runs")[0]
    except AuditError as error:
        return Finding("warehouse", "broken", str(error), remedy)
    except (duckdb.Error, IndexError) as error:
        return Finding("warehouse", "broken", f"opens, but is no audit ({type(error).__name__})", remedy)
    return Finding("warehouse", "ok", f"run {run['run_id']}, as of {run['as_of']}, by version {run['package_version']}")


def _unpublished(out: Path) -> Finding:
    if (out / HISTORY_FILE).exists():
        remedy = (
            f"restore both from one backup, or move {HISTORY_FILE} away too: it can't be told what differs from now on"
        )
        return Finding("warehouse", "note", f"{WAREHOUSE_FILE} is missing beside {HISTORY_FILE}", remedy)
    return Finding("warehouse", "note", f"nothing is published in {out}/ yet", "spine-audit run")


def _reports(out: Path, run: str) -> Finding:
    link = out / "reports" / "latest"
    name = link.readlink().name if link.is_symlink() else "missing"
    if name == run and link.is_dir():
        return Finding("reports", "ok", f"latest is {name}")
    if name == run:
        return Finding("reports", "note", f"latest is {name}, which is not there", "restore it, or run again")
    return Finding(
        "reports",
        "note",
        f"latest is {name}",
        "a run was stopped just after publishing, or a backup was put in place; the next run mends it",
    )


def _history(out: Path, run: str) -> Finding:
    """Readable, and of the night that is published."""
    path = out / HISTORY_FILE
    if staged_history(out, run).exists():
        return Finding("history", "note", "tonight's waits for its place", "nothing to do: the next run puts it there")
    if not path.exists():
        remedy = "restore it from the backup of this night; else the next run begins a new one, without earlier nights"
        return Finding("history", "note", f"{path} is missing", remedy)
    try:
        with duckdb.connect() as con:
            con.execute(f"ATTACH {literal(path)} AS history (READ_ONLY)")
            nights = con.execute("SELECT run_id FROM history.nights ORDER BY night").fetchall()
            gaps = con.execute(read("warehouse/history/gap"), {"a": 1}).fetchall()
    except duckdb.Error as error:
        remedy = "restore it from the backup of this night, or move it away: the next run begins a new one"
        return Finding("history", "broken", f"{path} can't be read ({type(error).__name__})", remedy)
    last = nights[-1][0] if nights else "none"
    if last != run:
        remedy = f"restore {WAREHOUSE_FILE} and {HISTORY_FILE} from one and the same backup"
        return Finding("history", "note", f"its last night is {last}, the published one is {run}", remedy)
    since = f"; diff compares from {gaps[-1][0]} on" if gaps else ""
    return Finding("history", "ok", f"nights: {len(nights)}, the last is the published one{since}")


def _kept(out: Path, published: Before, is_incremental: bool) -> Finding:
    what = "night to night"
    if not is_incremental:
        return Finding(what, "ok", "everybody is judged every night ([source] incremental = false)")
    if kept := kept_of(out, published.run_id, published.token):
        damaged = sum(not is_sealed(part) for part in kept.parts)
        if not damaged:
            return Finding(what, "ok", f"kept for the next run, parts: {len(kept.parts)}")
        return Finding(
            what,
            "note",
            f"{damaged} of {len(kept.parts)} kept parts are not as they were written",
            "nothing to do: the next run judges their patients again; look at the disk if it happens twice",
        )
    return Finding(
        what,
        "note",
        "nothing is kept of the published run: the next one judges everybody",
        "nothing to do: it takes as long as a first night, and keeps what the one after it needs",
    )


def _quality(out: Path) -> Finding:
    page = out / QUALITY / "index.html"
    if not page.exists():
        return Finding("quality gate", "ok", f"no pages in {out}/{QUALITY} yet; a night makes them")
    if _HELD_BACK in page.read_text(encoding="utf-8"):
        remedy = f"read {page}; docs/operations.md says what to do about each reason"
        return Finding("quality gate", "note", "the last night was held back (exit code 14)", remedy)
    return Finding("quality gate", "ok", f"the last night passed, {page}")


def _privacy(out: Path) -> Finding:
    open_to_others = [path for path in (out, *sorted(out.rglob("*"))) if not path.is_symlink() and _mode(path) & 0o077]
    if not open_to_others:
        return Finding("privacy", "ok", f"{out}/ is for its owner only")
    first = open_to_others[0]
    return Finding(
        "privacy",
        "note",
        f"{len(open_to_others)} files or folders in {out}/ are open to others, e.g. {first} ({_mode(first):o})",
        f"chmod -R go= {out}",
    )


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:  # of a run at work, and done with since it was listed
        return 0
