"""Compares with the acceptance vignettes: `python -m tests.reference.vignettes [FOLDER ...]`."""

from __future__ import annotations

import csv
import sys
import tomllib
from pathlib import Path

from tests.reference.extract import read_extract
from tests.reference.judge import judge

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT / "tests" / "vignettes", ROOT.parent / "shared" / "vignettes")


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def compare(folder: Path) -> list[str]:
    """One line for every expected row that does not hold."""
    settings = tomllib.loads((folder / "settings.toml").read_text(encoding="utf-8"))
    extract = read_extract(folder, settings)
    patients = {p["patient_id"]: p for p in judge(extract)}
    problems: list[str] = []
    listed: dict[tuple[str, str], set[str]] = {}
    instances: dict[tuple[str, str, str, str], set[int]] = {}
    for row in _read(folder / "expected.csv"):
        patient = patients.get(row["patient_id"], {"cases": [], "lines": {}})
        place = f"{folder.name}: {row['patient_id']} {row['level']} {row['t0']} {row['measure_id']} {row['instance']}"
        cases = [
            c for c in patient["cases"] if c["level"] == row["level"] and c["line"] in ("audited", "unspecified_level")
        ]
        if row["state"] == "no_case":
            if cases:
                problems.append(f"{place}: a case, expected none ({row['why']})")
            elif row["reason"] and patient["lines"].get(row["level"]) != row["reason"]:
                problems.append(f"{place}: line {patient['lines'].get(row['level'])}, expected {row['reason']}")
            continue
        listed.setdefault((row["patient_id"], row["level"]), set()).add(row["t0"])
        key = (row["patient_id"], row["level"], row["t0"], row["measure_id"])
        instances.setdefault(key, set()).add(int(row["instance"]))
        found = [
            f
            for c in cases
            if c["t0"] == row["t0"]
            for f in c["findings"]
            if f["measure_id"] == row["measure_id"] and f["instance"] == int(row["instance"])
        ]
        have = f"{found[0]['state']}/{found[0]['reason']}" if found else "nothing"
        right = found and found[0]["state"] == row["state"] and row["reason"] in ("", found[0]["reason"])
        if not right:
            problems.append(f"{place}: {have}, expected {row['state']}/{row['reason']} ({row['why']})")
    for (patient_id, level), expected in listed.items():
        have_t0 = {
            c["t0"]
            for c in patients[patient_id]["cases"]
            if c["level"] == level and c["line"] in ("audited", "unspecified_level")
        }
        if have_t0 != expected:
            problems.append(
                f"{folder.name}: {patient_id} {level}: cases {sorted(have_t0)}, expected {sorted(expected)}"
            )
    for (patient_id, level, t0, measure), numbers in instances.items():
        have_numbers = {
            f["instance"]
            for c in patients[patient_id]["cases"]
            if (c["level"], c["t0"]) == (level, t0)
            for f in c["findings"]
            if f["measure_id"] == measure
        }
        if have_numbers != numbers:
            problems.append(f"{folder.name}: {patient_id} {t0} {measure}: instances {have_numbers}, expected {numbers}")
    if (folder / "expected_quarantine.csv").exists():
        problems += compare_quarantine(folder, extract.quarantine)
    return problems


def compare_quarantine(folder: Path, quarantine: list[dict]) -> list[str]:
    names = ("table_name", "row_id", "column", "reason", "severity")
    expected = sorted(tuple(row[n] for n in names) for row in _read(folder / "expected_quarantine.csv"))
    have = sorted(tuple(row[n] for n in names) for row in quarantine)
    return [f"{folder.name}: quarantine {row} missing" for row in expected if row not in have] + [
        f"{folder.name}: quarantine {row} not expected" for row in have if row not in expected
    ]


def main(arguments: list[str]) -> int:
    folders = [Path(a) for a in arguments] or [
        folder for place in PLACES if place.is_dir() for folder in sorted(place.iterdir()) if folder.is_dir()
    ]
    failed = total = 0
    for folder in folders:
        problems = compare(folder)
        total += len(_read(folder / "expected.csv"))
        failed += len(problems)
        print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{total} expected rows in {len(folders)} folders, {failed} mismatches")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
