"""How often each (measure, state, reason) occurs over generated extracts, and which never do.

`python -m tests.reference.coverage [SEEDS] [PATIENTS]`
"""

from __future__ import annotations

import csv
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from tests.reference.engine import MEASURES
from tests.reference.generate import write_extract
from tests.reference.judge import judge_extract
from tests.reference.values import DATA


def count(seeds: range, patients: int) -> Counter[tuple[str, str, str]]:
    seen: Counter[tuple[str, str, str]] = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_extract(folder, seed, patients)
            settings = tomllib.loads((folder / "settings.toml").read_text(encoding="utf-8"))
            for patient in judge_extract(folder, settings):
                for line in patient["lines"].values():
                    seen[("cohort", line, "")] += 1
                for case in patient["cases"]:
                    seen[("end", str(case["end_reason"]), "")] += 1
                    for row in case["findings"]:
                        seen[(row["measure_id"], row["state"], row["reason"])] += 1
                        for flag in (row["flags"] or "").split("|"):
                            seen[(row["measure_id"], "flag", flag)] += bool(flag)
    return seen


def main(arguments: list[str]) -> int:
    seeds, patients = int(arguments[0]) if arguments else 200, int(arguments[1]) if len(arguments) > 1 else 40
    seen = count(range(seeds), patients)
    with (DATA / "reasons.csv").open(encoding="utf-8-sig", newline="") as file:
        reasons = {(r["measure_id"], r["state"], r["reason"]) for r in csv.DictReader(file)}
    for key, number in sorted(seen.items()):
        if number:
            print(f"{number:8d}  {' '.join(key)}")
    common = {(state, reason) for measure, state, reason in reasons if measure == "*"}
    never = sorted(key for key in reasons if key[0] != "*" and not seen[key])
    never += sorted(("*", *key) for key in common if not any(seen[(m, *key)] for m in MEASURES))
    odd = sorted(
        key
        for key, n in seen.items()
        if n and key[0] in MEASURES and key[1] != "flag" and key not in reasons and key[1:] not in common
    )
    print("never seen:", *(" ".join(key) for key in never), sep="\n  ")
    print("not in reasons.csv:", *(" ".join(key) for key in odd), sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
