"""How many parts may be judged at a time on this machine, by its processors and its memory."""

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from flows.engines.part import Part

BYTES_A_ROW = 1_000
"""What judging a part takes for each of its clean rows at its peak, measured (docs/scaling.md)."""
BYTES_A_WORKER = 150_000_000
"""A process with Polars, before it has read anything."""
SHARE = 0.8
"""Of what is free: the rest is for the files that everybody reads and writes."""

_MEMINFO = Path("/proc/meminfo")
_LIMIT = Path("/sys/fs/cgroup/memory.max")


def usable_cpus() -> int:
    """The processors that this process may use: fewer than the machine has under `taskset` or in a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fitting_workers(parts: Sequence[Part]) -> int:
    """How many parts at a time this machine can hold and has processors for, at least one."""
    free = free_bytes()
    most = min(usable_cpus(), len(parts))
    if free is None or most < 2:
        return max(1, most)
    largest = max(rows_of(part) for part in parts)
    return max(1, min(most, int(free * SHARE) // (largest * BYTES_A_ROW + BYTES_A_WORKER)))


def rows_of(part: Part) -> int:
    """The clean rows of a part."""
    return sum(pq.read_metadata(path).num_rows for path in part.clean.glob("*.parquet"))


def free_bytes() -> int | None:
    """Memory that can be had without swapping, within the container's limit; None where the system doesn't tell."""
    try:
        lines = (line.split() for line in _MEMINFO.read_text().splitlines())
        free = next(int(words[1]) * 1024 for words in lines if words[0] == "MemAvailable:")
    except (OSError, StopIteration):
        return None
    try:
        return min(free, int(_LIMIT.read_text()))
    except (OSError, ValueError):  # no such limit, or `max`
        return free
