"""Seconds and peak memory of each stage, for the receipt."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"
_KIB_PER_MIB = 1024
_BYTES_PER_MIB = 1024**2


@dataclass(frozen=True)
class Measured:
    """One stage: wall seconds; peak resident memory of the process while it ran, in MiB."""

    name: str
    seconds: float
    peak_memory_mib: int


class Meter:
    """Measures stages, in the order in which they end."""

    def __init__(self) -> None:
        self.stages: list[Measured] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        _reset_peak()
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages.append(Measured(name, round(time.perf_counter() - start, 3), _peak_mib()))


def _reset_peak() -> None:
    """Linux can forget the peak; elsewhere the peak is that of the whole process so far."""
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return


def _peak_mib() -> int:
    try:
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) // _KIB_PER_MIB
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // (_BYTES_PER_MIB if sys.platform == "darwin" else _KIB_PER_MIB)
