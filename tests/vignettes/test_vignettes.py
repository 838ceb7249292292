"""Every acceptance vignette through the command line: each folder is audited once, as a site would do it.

A test holds one folder whole, so that any distribution of the tests over processes runs the command once a folder.
How the files are read is said in README.md.
"""

import csv
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

HERE = Path(__file__).resolve().parent
FOLDERS = sorted(path for path in HERE.iterdir() if (path / "expected.csv").is_file())
COMMAND = [sys.executable, "-c", "from flows.cli import script; script()"]  # what is installed as spine-audit
QUARANTINE = ("table_name", "row_id", "column", "reason", "severity")

Place = tuple[str, str]  # patient_id, level
Answer = tuple[str, str]  # state, reason


class Problem(NamedTuple):
    """One line of the message of a failure."""

    patient: str
    measure: str
    expected: str
    got: str
    why: str

    def __str__(self) -> str:
        return f"{self.patient}  {self.measure}\n    expected {self.expected}\n    got      {self.got}\n    {self.why}"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def audited(folder: Path, out: Path) -> duckdb.DuckDBPyConnection:
    """Runs the command line on `folder` and opens what it published."""
    arguments = ["run", "--direct", "--extract", folder, "--settings", folder / "settings.toml", "--out", out]
    ran = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, "POLARS_MAX_THREADS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    con = duckdb.connect()
    con.execute(f"ATTACH '{out / 'audit.duckdb'}' AS published (READ_ONLY)")
    con.execute("USE published.audit")
    return con


def differences(expected: list[dict[str, str]], con: duckdb.DuckDBPyConnection) -> list[Problem]:
    """What of expected.csv does not hold: findings, their number, the cases, the line of who has none."""
    lines: dict[Place, str] = {
        (patient, level): line
        for patient, level, line in con.execute("SELECT patient_id, level, line FROM cohort_lines").fetchall()
    }
    cases: dict[Place, set[str]] = defaultdict(set)
    for patient, level, t0 in con.execute("SELECT patient_id, level, t0::VARCHAR FROM cases").fetchall():
        cases[patient, level].add(t0)
    found: dict[tuple[str, ...], dict[int, Answer]] = defaultdict(dict)
    for *key, instance, state, reason in con.execute(
        "SELECT patient_id, level, t0::VARCHAR, measure_id, instance, state, reason FROM findings"
    ).fetchall():
        found[tuple(key)][instance] = (state, reason)

    problems = []
    listed: dict[Place, set[str]] = defaultdict(set)
    instances: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for row in expected:
        place = (row["patient_id"], row["level"])
        if row["state"] == "no_case":
            got = f"cases of {sorted(cases[place])}" if cases[place] else f"line {lines.get(place)}"
            if cases[place] or (row["reason"] and lines.get(place) != row["reason"]):
                problems.append(Problem(" ".join(place), "-", f"no case, line {row['reason']}", got, row["why"]))
            continue
        key = (*place, row["t0"], row["measure_id"])
        number = int(row["instance"])
        listed[place].add(row["t0"])
        instances[key].add(number)
        state, reason = found[key].get(number, ("no finding", ""))
        if state != row["state"] or row["reason"] not in ("", reason):
            wanted = f"{row['state']}/{row['reason']}"
            problems.append(
                Problem(" ".join(key[:3]), f"{row['measure_id']} {number}", wanted, f"{state}/{reason}", row["why"])
            )
    for place, days in listed.items():
        if cases[place] != days:
            problems.append(Problem(" ".join(place), "-", f"T0 {sorted(days)}", f"T0 {sorted(cases[place])}", ""))
    for key, numbers in instances.items():
        if more := found[key].keys() - numbers:
            got = ", ".join(f"{n} {'/'.join(found[key][n])}" for n in sorted(more))
            problems.append(Problem(" ".join(key[:3]), key[3], f"instances {sorted(numbers)} only", f"also {got}", ""))
    return problems


def quarantine_differences(expected: list[dict[str, str]], con: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Rows set aside and not expected, or the reverse, counted; an empty expected cell fits any word."""
    left = [
        tuple(cell or "" for cell in row)
        for row in con.execute("SELECT table_name, row_id, column_name, reason, severity FROM quarantine").fetchall()
    ]
    problems = []
    wanted = [tuple(row[name] for name in QUARANTINE) for row in expected]
    for want in sorted(wanted, key=lambda cells: cells.count("")):  # the exact ones first
        fits = [have for have in left if all(a in ("", b) for a, b in zip(want, have, strict=True))]
        if fits:
            left.remove(fits[0])
        else:
            problems.append(Problem("quarantine", want[0], " ".join(want), "not set aside", ""))
    problems += [Problem("quarantine", have[0], "nothing", " ".join(have), "") for have in left]
    return problems


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_expected_row_holds(folder: Path, tmp_path: Path) -> None:
    expected = rows_of(folder / "expected.csv")
    assert expected
    with audited(folder, tmp_path / "out") as con:
        problems = differences(expected, con)
        # Only a folder that lists its bad rows says anything about the others.
        if (path := folder / "expected_quarantine.csv").is_file():
            problems += quarantine_differences(rows_of(path), con)
    if problems:
        pytest.fail(f"{len(problems)} of {len(expected)} rows\n" + "\n".join(map(str, problems)), pytrace=False)


def test_all_folders_are_there() -> None:
    said = set(re.findall(r"^\* `([a-z0-9-]+)`:", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {folder.name for folder in FOLDERS} == said
    assert sum(len(rows_of(folder / "expected.csv")) for folder in FOLDERS) > 1000
