"""The contest at one size: who takes part, in which turns, and what every turn cost."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.extracts import data_bytes, extract
from benchmarks.measure import FailedError, run_measured
from benchmarks.prepare import limited
from benchmarks.whole import Run, whole_run

PEERS = ("floor", "spine_audit", "polars_plain", "duckdb_sql", "pandas_vectorised")
ROWS = "pandas_rows"
ROW_CASES = 1_000
"""Row by row it is the same work for each case: so many are enough to tell how many a second."""
ENOUGH_SECONDS = 180.0
"""What has taken so long, in all its turns, isn't repeated."""

Say = Callable[[str], None]


@dataclass
class Turn:
    """One turn of one contestant. stages: of the audit, seconds and peak MiB by stage."""

    who: str
    seconds: float
    cpu_seconds: float
    peak_mib: int
    stages: dict[str, tuple[float, int]] = field(default_factory=dict)


@dataclass
class Size:
    """Everything that was measured at one size. failed: contestants that didn't come to an end, and why."""

    cases: int
    rows: int = 0
    findings: int = 0
    extract_bytes: dict[str, int] = field(default_factory=dict)
    warehouse_bytes: int = 0
    turns: list[Turn] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def compete(cases: int, repeat: int, work: Path, say: Say, *, csv: bool, row_by_row: bool) -> Size:
    """Makes the extract, runs the audit and the contest `repeat` times in turns. Raises AssertionError where counts differ."""
    size = Size(cases)
    formats = ("parquet", "csv") if csv else ("parquet",)
    folders = {}
    for fmt in formats:
        say(f"extract of {cases:,} cases as {fmt}")
        folders[fmt] = extract(work, f"{cases}-{fmt}", ["--cases", str(cases), "--format", fmt])
        size.extract_bytes[fmt] = data_bytes(folders[fmt])

    first = _whole(size, folders["parquet"], work / f"out-{cases}-parquet", "run parquet", say)
    size.rows, size.findings, size.warehouse_bytes = first.rows_read, first.findings, first.warehouse.stat().st_size
    size.truth = _truth(folders["parquet"], first.warehouse)
    say("clean tables and cases for the contest")
    common = work / f"contest-{cases}"
    run_measured([sys.executable, "-m", "benchmarks.prepare", folders["parquet"], first.warehouse, common])
    audited = json.loads((common / "truth.json").read_text())
    if row_by_row:
        _row_by_row(size, common, work / f"contest-{cases}-rows", say)

    def take(who: str) -> None:
        if who in PEERS:
            _peer(size, who, common, audited, say)
        else:
            fmt = who.removeprefix("run ")
            _whole(size, folders[fmt], work / f"out-{cases}-{fmt}", who, say)

    everyone = [*(f"run {fmt}" for fmt in formats), *PEERS]
    for turn in range(repeat):
        for who in everyone[turn % len(everyone) :] + everyone[: turn % len(everyone)]:  # nobody is always the first
            done = [t.seconds for t in size.turns if t.who == who]
            if len(done) <= turn and sum(done) < ENOUGH_SECONDS and who not in size.failed:
                take(who)
    for fmt in formats:
        shutil.rmtree(work / f"out-{cases}-{fmt}", ignore_errors=True)
    shutil.rmtree(common)
    return size


def _whole(size: Size, folder: Path, out: Path, who: str, say: Say) -> Run:
    run = whole_run(folder, out)
    size.turns.append(Turn(who, run.cost.seconds, run.cost.cpu_seconds, run.cost.peak_mib, run.stages))
    say(f"  {who}: {run.cost.seconds:.1f} s, {run.cost.peak_mib:,} MiB")
    return run


def _peer(size: Size, who: str, folder: Path, expected: list[Any], say: Say) -> None:
    try:
        cost, text = run_measured([sys.executable, "-m", "benchmarks.peers", who, folder])
    except FailedError as error:
        size.failed[who] = str(error)
        say(f"  {who} failed: {error}\n{error.said[-2000:]}")
        return
    told = json.loads(text)
    assert who == "floor" or told["counts"] == expected, f"{who} counts otherwise than the audit: {told['counts']}"
    peak_mib = max(told["peak_mib"], cost.peak_mib)  # its own to the page, that of the processes it starts sampled
    size.turns.append(Turn(who, told["seconds"], told["cpu_seconds"], peak_mib, told["stages"]))
    say(f"  {who}: {told['seconds']:.2f} s, {peak_mib:,} MiB")


def _row_by_row(size: Size, common: Path, folder: Path, say: Say) -> None:
    """Once, on the first cases and their patients only; the counts must be those of the SQL on the same cases."""
    limited(common, folder, ROW_CASES)
    _, text = run_measured([sys.executable, "-m", "benchmarks.peers", "duckdb_sql", folder])
    _peer(size, ROWS, folder, json.loads(text)["counts"], say)
    shutil.rmtree(folder)


def _truth(folder: Path, warehouse: Path) -> dict[str, Any]:
    """Recall and precision of the findings, where the extract came with its truth."""
    truth = folder.with_name(folder.name + ".truth.parquet")
    if not truth.exists():
        return {}
    from benchmarks.truth import recall_precision

    n_truth, n_found, n_both = recall_precision(truth, warehouse).select("n_truth", "n_found", "n_both").sum().row(0)
    return {"n_truth": n_truth, "n_found": n_found, "recall": n_both / n_truth, "precision": n_both / n_found}
