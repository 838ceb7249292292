"""What a command costs: wall and processor seconds, and the peak memory of its whole process tree. Linux only (/proc)."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

import polars as pl

_SAMPLE_EVERY_SECONDS = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024**2


@dataclass(frozen=True)
class Cost:
    """seconds: wall. cpu_seconds: user and system, of the command and all that it started. peak_mib: resident memory of
    the tree, sampled; pages that two processes share count twice."""

    seconds: float
    cpu_seconds: float
    peak_mib: int


class FailedError(Exception):
    """A command that didn't end well. The text is its exit code alone: what it said may name paths."""

    def __init__(self, exit_code: int, said: str) -> None:
        super().__init__(f"exit {exit_code}")
        self.said = said


def run_measured(command: Sequence[str | Path]) -> tuple[Cost, str]:
    """Runs a command to its end: what it cost, and what it wrote to stdout. Raises FailedError where it fails."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=errors, text=True)
        peak = 0
        while True:
            peak = max(peak, tree_bytes(process.pid))
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(_SAMPLE_EVERY_SECONDS)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise FailedError(process.returncode, errors.read())
        return Cost(seconds, usage.ru_utime + usage.ru_stime, peak // _MIB), out.read()


def tree_bytes(root: int) -> int:
    """Resident bytes of a process and all its descendants; 0 for one that has ended."""
    total, waiting = 0, [root]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            total += int((process / "statm").read_text().split()[1]) * _PAGE_BYTES
            for task in (process / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing: the median, and the extremes."""

    n: int
    median: float
    low: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> "Spread":
        return Spread(len(values), median(values), min(values), max(values))


def decoded(column: str, dtype: pl.DataType) -> pl.Expr:
    """A number that can't be told without decoding every value of a column."""
    values = pl.col(column)
    if dtype == pl.Null:
        return values.len().cast(pl.Float64)
    numbers = values.str.len_bytes() if dtype == pl.String else values.to_physical()
    return numbers.cast(pl.Float64).sum()
