"""After the commit, and after a crash: everything beside the published warehouse follows it.

The rename of `audit.duckdb` decides which night is published. Lists, receipt, history, the kept parts and the quality site
of a run are put in place, under its name, before that; what is left to do after it can be done at any time, by the run
itself or by the next one, and again without harm.
"""

import json
import shutil
from pathlib import Path

from flows.kept import STATE, forget
from flows.nights import HISTORY_FILE
from flows.private import replace_folder, replace_link, sync, write_text
from flows.receipt import RUN_NAME, pretty

QUALITY = "quality"
"""The folder of the quality site."""


def staged_history(out: Path, run: str) -> Path:
    """Where the history waits for the commit of a run."""
    return out / f".history-{run}.duckdb"


def staged_quality(out: Path, run: str) -> Path:
    """Where the quality site waits for the commit of a run."""
    return out / f".{QUALITY}-{run}"


def staged(out: Path) -> list[Path]:
    """What waits in `out` for the commit of a run, or for `settle` after it."""
    return [*out.glob(".history-*"), *out.glob(f".{QUALITY}-*")]


def settle(out: Path, run: str | None) -> None:
    """Makes everything in `out` follow the published run (None: nothing is published). Only while the lock is held."""
    if run is not None:
        history, quality = staged_history(out, run), staged_quality(out, run)
        if history.exists():
            history.replace(out / HISTORY_FILE)
            sync(out)
        if quality.exists():
            replace_folder(quality, out / QUALITY)
        if (out / "reports" / run).is_dir():
            replace_link(out / "reports" / "latest", run)
        _say_published(out / "runs" / run / "receipt.json")
    for path in staged(out):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if (out / STATE).is_dir():
        forget(out, run)
    for papers in (out / "runs").glob("*"):
        if papers.name != run and RUN_NAME.fullmatch(papers.name) and not _was_published(papers / "receipt.json"):
            shutil.rmtree(out / "reports" / papers.name, ignore_errors=True)
            shutil.rmtree(papers, ignore_errors=True)
    for reports in (out / "reports").glob("*"):  # a run that was killed before it had a receipt
        if reports.name != run and RUN_NAME.fullmatch(reports.name) and not (out / "runs" / reports.name).exists():
            shutil.rmtree(reports, ignore_errors=True)


def _was_published(receipt: Path) -> bool:
    try:
        return json.loads(receipt.read_text(encoding="utf-8"))["published"] is True
    except (OSError, ValueError, KeyError):
        return False


def _say_published(receipt: Path) -> None:
    try:
        content = json.loads(receipt.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if content.get("published") is False:
        write_text(receipt, pretty(content | {"published": True}))
