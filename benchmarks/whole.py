"""The whole run, as a user starts it: `spine-audit run --direct` in a process of its own, and what its receipt says."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.extracts import PROGRAM
from benchmarks.measure import Cost, run_measured


@dataclass(frozen=True)
class Run:
    """One run. stages: seconds and peak memory (MiB) of each stage, as the receipt names them, in its order."""

    cost: Cost
    stages: dict[str, tuple[float, int]]
    rows_read: int
    cases: int
    findings: int
    warehouse: Path


def whole_run(extract: Path, out: Path, *, direct: bool = True) -> Run:
    """Audits an extract into a fresh folder."""
    shutil.rmtree(out, ignore_errors=True)
    options = ["--direct"] if direct else []
    cost, _ = run_measured([PROGRAM, "run", *options, "--extract", extract, "--out", out])
    receipt: dict[str, Any] = json.loads(next((out / "runs").glob("*/receipt.json")).read_text())
    return Run(
        cost=cost,
        stages={stage["stage"]: (stage["seconds"], stage["peak_memory_mib"] or 0) for stage in receipt["stages"]},
        rows_read=sum(feed["rows_read"] for feed in receipt["feeds"]),
        cases=receipt["written"]["cases"],
        findings=receipt["written"]["findings"],
        warehouse=out / "audit.duckdb",
    )
