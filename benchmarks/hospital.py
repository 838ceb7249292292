"""A hospital's whole extract: one patient in a hundred has a fracture of a vertebra, all others only take time to read."""

import time
from pathlib import Path

import polars as pl

from benchmarks.extracts import extract
from benchmarks.measure import decoded
from benchmarks.whole import whole_run
from schemas.extract import EXTRACT

FRACTURES = 20_000
PATIENTS = 100 * FRACTURES


def measure_hospital(work: Path) -> dict[str, float]:
    """Wall seconds of reading every value once, of the stage contract and of the whole run; rows, peak MiB. Once each."""
    options = ["--cases", str(FRACTURES), "--without-fracture", str(1 - FRACTURES / PATIENTS)]
    folder = extract(work, "hospital", options)
    read = reading(folder)
    run = whole_run(folder, work / "out-hospital")
    return {
        "patients": PATIENTS,
        "rows": run.rows_read,
        "read": read,
        "contract": run.stages["contract"][0],
        "run": run.cost.seconds,
        "peak_mib": run.cost.peak_mib,
    }


def reading(folder: Path) -> float:
    """Wall seconds of reading and decompressing every value of an extract in Parquet once."""
    start = time.perf_counter()
    for name in EXTRACT:
        files = sorted(map(str, [*folder.glob(f"{name}.parquet"), *folder.glob(f"{name}/*.parquet")]))
        if files:
            scan = pl.scan_parquet(files)
            scan.select(decoded(*column) for column in scan.collect_schema().items()).collect(engine="streaming")
    return time.perf_counter() - start
