"""Seconds and peak memory of each stage, for the receipt."""

import os
import resource
import sys
import threading
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
_SAMPLE_EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """One stage: wall seconds; peak resident memory while it ran, in MiB.

    Memory is that of this process and of all that it started on this machine, which is sampled; pages that two of them
    share count twice. Workers of a cluster are not in it. A piece of a stage (`audit.events`) has the seconds that all
    parts of the patients spent on it, summed, also where they were judged side by side, and no memory of its own. The gate
    works beside other stages: `gate` is what was still waited for it after the lists, `gate.import` and `gate.checks` what
    its process took.
    """

    name: str
    seconds: float
    peak_memory_mib: int | None


class Meter:
    """Measures stages, in the order in which they end."""

    def __init__(self) -> None:
        self.stages: list[Measured] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        _reset_peak()
        start = time.perf_counter()
        with _watched_tree() as tree:
            try:
                yield
            finally:
                seconds = round(time.perf_counter() - start, 3)
                self.stages.append(Measured(name, seconds, max(_peak_mib(), tree.peak_bytes // _BYTES_PER_MIB)))


class Pieces:
    """Measures pieces of work that may lie within one another: each gets the seconds that none within it has."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def watch(self, name: str) -> Iterator[None]:
        self._pass_on()
        self._open.append(name)
        try:
            yield
        finally:
            self._pass_on()
            self._open.pop()

    def _pass_on(self) -> None:
        now = time.perf_counter()
        if self._open:
            name = self._open[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


class _Tree(threading.Thread):
    """Samples the memory of this process and its descendants until it is told to stop. Linux only, else it sees 0."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(_SAMPLE_EVERY_SECONDS):
            self.peak_bytes = max(self.peak_bytes, tree_bytes(os.getpid()))


@contextmanager
def _watched_tree() -> Iterator[_Tree]:
    tree = _Tree()
    tree.start()
    try:
        yield tree
    finally:
        tree.over.set()


def tree_bytes(root: int) -> int:
    """Resident bytes of a process and all its descendants; 0 for one that has ended."""
    total, waiting = 0, [root]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            total += int((process / "statm").read_text().split()[1]) * resource.getpagesize()
            for task in (process / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total


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
