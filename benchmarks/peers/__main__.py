"""`python -m benchmarks.peers NAME FOLDER`: one contestant once, its counts and what they cost as JSON."""

import importlib
import json
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    contestant = importlib.import_module(f"benchmarks.peers.{name}")  # imports are not what is measured
    cpu, start = _cpu_seconds(), time.perf_counter()  # with the processes that it starts
    found = contestant.counts(folder)
    seconds, cpu_seconds = time.perf_counter() - start, _cpu_seconds() - cpu
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    peak_mib = int(peak.split()[1]) // 1024  # not ru_maxrss: that remembers the process from which this one was started
    cost = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mib": peak_mib}
    json.dump(cost | {"stages": getattr(contestant, "STAGES", {}), "counts": found}, sys.stdout)


def _cpu_seconds() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
