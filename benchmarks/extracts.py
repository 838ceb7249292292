"""The extracts that are measured: synthetic, made by `spine-audit synth`, kept in the work folder from run to run."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import run_measured

PROGRAM = Path(sys.executable).with_name("spine-audit")
SEED = 1
_DONE = "manifest.json"


def extract(work: Path, name: str, options: Sequence[str]) -> Path:
    """The folder of one extract, made where it isn't there yet."""
    folder = work / f"extract-{name}"
    if not (folder / _DONE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        run_measured([PROGRAM, "synth", *options, "--seed", str(SEED), "--out", folder])
    return folder


def data_bytes(folder: Path) -> int:
    """The size of the tables of an extract."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.suffix in (".parquet", ".csv", ".gz"))
