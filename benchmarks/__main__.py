"""`python -m benchmarks`: measures the audit and its contestants, and writes docs/benchmarks.md and docs/benchmarks.json."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from benchmarks import machine
from benchmarks.contest import Size, compete
from benchmarks.figures import targets
from benchmarks.hospital import measure_hospital
from benchmarks.measure import FailedError
from benchmarks.report import page
from benchmarks.startup import startup

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEN_MILLION = 10_000_000


def main() -> None:
    options = _options()
    start = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {text}", file=sys.stderr, flush=True)

    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "machine": machine.machine(),
        "versions": machine.versions(),
        "load": machine.load(),
        "hospital": {},
    }
    say("the sample, and what comes before the work")
    results["startup"] = startup(work, options.repeat)
    sizes: list[Size] = []
    for cases in options.sizes + ([TEN_MILLION] if options.ten_million else []):
        say(f"{cases:,} cases")
        turns = options.repeat if cases < TEN_MILLION else 1
        sizes.append(compete(cases, turns, work, say, csv=options.csv, row_by_row=not sizes))
        _write(results, sizes, options.docs)  # what is done stays, whatever comes next
    if options.hospital:
        say("a hospital's extract")
        results["hospital"] = measure_hospital(work)
        _write(results, sizes, options.docs)
    say(f"done: {options.docs / 'benchmarks.md'}")


def _write(results: dict[str, Any], sizes: list[Size], docs: Path) -> None:
    reached = targets(sizes, results["startup"], results["hospital"])
    content = results | {"sizes": [size.as_dict() for size in sizes], "targets": [asdict(target) for target in reached]}
    docs.mkdir(exist_ok=True)
    (docs / "benchmarks.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (docs / "benchmarks.md").write_text(page(results, sizes, reached), encoding="utf-8")


def _sizes(text: str) -> list[int]:
    """`10k,100k,1m` -> numbers of cases, the smallest first."""
    units = {"k": 1_000, "m": 1_000_000}
    words = [word.strip().lower() for word in text.split(",")]
    return sorted(int(word.rstrip("km")) * units.get(word[-1], 1) for word in words)


def _positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default="10k,100k,1m", help="numbers of cases (default: 10k,100k,1m)")
    parser.add_argument("--repeat", type=_positive, default=3, help="turns of each contestant (default: 3)")
    parser.add_argument("--ten-million", action="store_true", help="one turn on ten million cases, too")
    parser.add_argument("--hospital", action="store_true", help="2 M patients of whom 1 in 100 has a fracture, too")
    parser.add_argument("--no-csv", dest="csv", action="store_false", help="leave out the runs on CSV")
    default = Path(gettempdir()) / "spine-audit-bench"
    parser.add_argument(
        "--work", type=Path, default=default, help="extracts are kept here (default: in the temporary folder)"
    )
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page goes (default: docs)")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except FailedError as error:
        print(error.said, file=sys.stderr)
        raise
