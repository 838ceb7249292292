"""Old reports and receipts go when a site wants it (`[retention] keep_days`)."""

import shutil
from datetime import date
from pathlib import Path

from flows.published import WAREHOUSE_FILE, open_published
from flows.receipt import RUN_NAME
from schemas.parameters import Section

_FOLDERS = ("reports", "runs")


def remove_old(out: Path, retention: Section, as_of: date) -> int:
    """Removes reports/RUN and runs/RUN of the runs whose as-of lies more than `keep_days` before `as_of`.

    Never those of the published run, and nothing that is not named like a run; nothing at all where keep_days is 0.
    The caller holds the run lock. Returns how many runs went.
    """
    if not retention.keep_days:
        return 0
    kept = _published(out)
    gone: set[str] = set()
    for name in _FOLDERS:
        for folder in sorted((out / name).glob("*")):
            day = _as_of(folder.name)
            if day is None or (as_of - day).days <= retention.keep_days or folder.name in kept:
                continue
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)  # what can't be removed tonight is tried again tomorrow
                if not folder.exists():
                    gone.add(folder.name)
    return len(gone)


def _as_of(name: str) -> date | None:
    """The day that a run's name begins with, None where it is no run's name."""
    match = RUN_NAME.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _published(out: Path) -> set[str]:
    """The run of the warehouse, and the one that the link to the newest reports names."""
    runs: set[str] = set()
    latest = out / "reports" / "latest"
    if latest.is_symlink():
        runs.add(latest.readlink().name)
    if (out / WAREHOUSE_FILE).exists():
        with open_published(out / WAREHOUSE_FILE) as con:
            runs.update(run for (run,) in con.execute("SELECT run_id FROM runs").fetchall())
    return runs
