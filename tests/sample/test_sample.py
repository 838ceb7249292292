"""Does the sample show what its README promises, in both of its forms?"""

import csv
import importlib
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from flows.published import open_published

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"

# The findings that people will look for first; the README's table is tested whole, below.
KNOWN = [
    ("pat-0001", "G1", "met", "on_time"),  # the control
    ("pat-0002", "S1", "deviation", "missing"),
    ("pat-0003", "S1", "deviation", "late"),
    ("pat-0004", "S1", "deviation", "wrong_priority"),
    ("pat-0005", "S1", "deviation", "wrong_specialty"),
]

Finding = tuple[str, str, str]  # measure, state, reason


def audit(extract: Path, out: Path) -> duckdb.DuckDBPyConnection:
    """Run the command line on `extract` and open what it published."""
    start = "from flows.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", start, "run", "--direct", "--extract", str(extract), "--out", str(out)]
    env = {**os.environ, "POLARS_MAX_THREADS": "2"}
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return open_published(out / "audit.duckdb")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The published warehouse of `data/sample`."""
    return audit(DATA / "sample", tmp_path_factory.mktemp("native"))


def promises() -> list[tuple[str, str, list[Finding]]]:
    """(patient, level, findings) of every row of the README's table of stories."""
    found = []
    for line in (DATA / "sample" / "README.md").read_text(encoding="utf-8").splitlines():
        row = re.fullmatch(r"\| `(pat-\d+)` \|.*\| ([^|]+) \|", line)
        if not row:
            continue
        patient, says = row.groups()
        at = re.search(r" \(level (\w+)\)$", says)
        level = at.group(1) if at else "L2"
        says = says[: at.start()] if at else says
        findings = [] if says.startswith("no case") else [tuple(one.split()) for one in says.split("; ")]
        found.append((patient, level, findings))
    return found  # type: ignore[return-value]


def test_the_script_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(DATA / "make_sample.py"), str(tmp_path)], check=True)
    for form in ("sample", "sample-fhir"):
        made = {path.name: path.read_bytes() for path in (tmp_path / form).iterdir()}
        kept = {path.name: path.read_bytes() for path in (DATA / form).iterdir()}
        assert sorted(made) == sorted(kept)
        assert [name for name in made if made[name] != kept[name]] == []


def test_the_sample_is_small() -> None:
    size = sum(path.stat().st_size for form in ("sample", "sample-fhir") for path in (DATA / form).iterdir())
    assert size < 1_500_000


@pytest.mark.parametrize(("patient", "measure", "state", "reason"), KNOWN)
def test_known_patients(sample: duckdb.DuckDBPyConnection, patient: str, measure: str, state: str, reason: str) -> None:
    rows = sample.execute(
        "select state, reason from audit.findings where patient_id = ? and measure_id = ? and level = 'L2'",
        [patient, measure],
    ).fetchall()
    assert (state, reason) in rows


def test_the_surgeon_is_three_hours_late(sample: duckdb.DuckDBPyConnection) -> None:
    row = sample.execute(
        "select late_by_hours, severity from audit.findings where patient_id = 'pat-0003' and measure_id = 'S1'"
    ).fetchall()
    assert row == [(3.0, "high")]


def broken_promises(rows: Iterable[tuple[str, str, str, str, str]]) -> list[tuple[str, str, object]]:
    """What the README promises and `rows` (patient, level, measure, state, reason) do not hold."""
    said: dict[tuple[str, str], set[Finding]] = defaultdict(set)
    for patient, level, *finding in rows:
        said[patient, level].add(tuple(finding))  # type: ignore[arg-type]
    wrong: list[tuple[str, str, object]] = []
    for patient, level, findings in promises():
        if not findings and said[patient, level]:
            wrong.append((patient, level, "has a case"))
        wrong += [(patient, level, finding) for finding in findings if finding not in said[patient, level]]
    return wrong


def test_the_audit_says_what_the_readme_promises(sample: duckdb.DuckDBPyConnection) -> None:
    assert len(promises()) > 100
    rows = sample.execute("select patient_id, level, measure_id, state, reason from audit.findings").fetchall()
    assert broken_promises(rows) == []


def test_the_reference_says_what_the_readme_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    judge_extract = importlib.import_module("tests.reference.judge").judge_extract
    judged = judge_extract(DATA / "sample", {"as_of": "2026-09-30", "timezone": "UTC"})
    rows = [
        (patient["patient_id"], case["level"], finding["measure_id"], finding["state"], finding["reason"])
        for patient in judged
        for case in patient["cases"]
        for finding in case["findings"]
    ]
    assert broken_promises(rows) == []


def test_every_measure_is_seen_in_every_state(sample: duckdb.DuckDBPyConnection) -> None:
    with (ROOT / "schemas" / "data" / "reasons.csv").open(encoding="utf-8", newline="") as file:
        reasons = {(row["measure_id"], row["state"], row["reason"]) for row in csv.DictReader(file)}
    seen = set(sample.execute("select distinct measure_id, state, reason from audit.findings").fetchall())
    seen |= {("*", state, reason) for _, state, reason in seen}
    states = {(measure, state) for measure, state, _ in seen}
    # I2 is switched off by default, so it says nothing but that.
    missing = sorted({(m, state) for m, state, _ in reasons if m != "I2"} - states)
    assert missing == []
    assert len(reasons & seen) / len(reasons) >= 0.85


def test_the_fhir_form_says_the_same(sample: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    query = """
        select c.display_id, f.level, f.t0, f.measure_id, f.instance, f.state, f.reason
        from audit.findings f join audit.cases c using (case_id)
        order by all
    """
    fhir = audit(DATA / "sample-fhir", tmp_path).execute(query).fetchall()
    patients = {row[0] for row in fhir}
    native = [row for row in sample.execute(query).fetchall() if row[0] in patients]
    assert len(patients) >= 25
    assert fhir == native


def test_few_rows_are_bad(sample: duckdb.DuckDBPyConnection) -> None:
    feeds = sample.execute(
        "select table_name, rows_read, rows_quarantined, rows_duplicate, rows_warned from audit.feeds where present"
    ).fetchall()
    assert len(feeds) == 9
    assert all(quarantined <= read * 0.05 for _, read, quarantined, _, _ in feeds)
    assert sum(row[2] for row in feeds) >= 10
    assert sum(row[3] for row in feeds) == 3
    assert sum(row[4] for row in feeds) >= 4
