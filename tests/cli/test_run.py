"""A whole run without Prefect: what it leaves, for whose eyes, and what the next run does with it."""

import csv
import io
import json
import stat
from pathlib import Path

import duckdb
import pytest

from flows import run as stages
from flows.published import open_published
from schemas.errors import AuditError

from .conftest import TABLES, Cli, write


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results" / "out"


def go(cli: Cli, extract: Path, out: Path, *more: object) -> str:
    """Runs the audit; its run_id."""
    answer = cli("run", "--direct", "--extract", extract, "--out", out, *more)
    assert answer.code == 0, answer.err
    return (out / "reports" / "latest").readlink().name


def test_what_a_run_leaves(cli: Cli, extract: Path, out: Path) -> None:
    run_id = go(cli, extract, out)
    found = sorted(
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() and not path.is_symlink()
    )
    kept = [name for name in found if name.startswith(f".state/{run_id}/")]
    assert kept
    assert [name for name in found if name not in kept] == [
        ".lock",
        "audit.duckdb",
        "history.duckdb",
        "quality/index.html",
        f"reports/{run_id}/identified/deviations.csv",
        f"reports/{run_id}/identified/measures.csv",
        f"reports/{run_id}/identified/worklist.xlsx",
        f"runs/{run_id}/receipt.json",
    ]
    assert run_id.startswith("2024-12-30-")


def test_everything_is_for_its_owner_only(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    for path in (out.parent, out, *out.rglob("*")):
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_result_is_on_stdout_and_the_log_on_stderr(cli: Cli, extract: Path, out: Path) -> None:
    answer = cli("run", "--direct", "--extract", extract, "--out", out)
    assert "Fractures audited" in answer.out
    assert "Deviations to review" in answer.out
    assert str(out / "audit.duckdb") in answer.out
    assert answer.err.splitlines() == ["land", "contract", "audit", "rates", "merge", "exports", "gate", "publish"]
    assert "p1" not in answer.out.split() + answer.err.split()


def test_the_receipt_says_what_was_read_judged_and_written(cli: Cli, extract: Path, out: Path) -> None:
    (extract / "notes.txt").write_text("x")
    run_id = go(cli, extract, out)
    receipt = json.loads((out / "runs" / run_id / "receipt.json").read_text())
    assert receipt["run_id"] == run_id
    assert receipt["published"] is True
    assert [file["name"] for file in receipt["extract"]["files"]] == sorted(TABLES)
    assert receipt["extract"]["other_files"] == ["notes.txt"]
    feeds = {feed["table_name"]: feed for feed in receipt["feeds"]}
    assert len(feeds) == 9
    assert (feeds["conditions"]["rows_read"], feeds["conditions"]["rows_accepted"]) == (3, 3)
    assert not feeds["imaging"]["present"]
    assert receipt["settings"]["parameters"]["deadlines"]["imaging_days"] == 14
    pieces = [stage for stage in receipt["stages"] if "." in stage["stage"]]
    stages = [stage for stage in receipt["stages"] if stage not in pieces]
    assert [stage["stage"] for stage in stages] == [
        "land", "contract", "audit", "rates", "merge", "exports", "gate", "publish",
    ]  # fmt: skip
    assert all(stage["seconds"] >= 0 and stage["peak_memory_mib"] > 0 for stage in stages)
    assert {piece["stage"] for piece in pieces} == {
        *(f"audit.{name}" for name in ("content", "events", "cases", "facts", "measures", "written")),
        "gate.import",
        "gate.checks",
    }
    assert receipt["written"]["cases"] == 1


def test_the_warehouse_carries_the_run(cli: Cli, extract: Path, out: Path) -> None:
    run_id = go(cli, extract, out)
    with open_published(out / "audit.duckdb") as con:
        row = con.execute("SELECT run_id, CAST(as_of AS VARCHAR), source, receipt FROM runs").fetchall()[0]
        assert con.execute("SELECT DISTINCT run_id FROM findings").fetchall() == [(run_id,)]
    assert row[:3] == (run_id, "2024-12-30", "test")
    assert json.loads(row[3])["run_id"] == run_id


def test_the_list_of_deviations_is_safe_and_cites(cli: Cli, extract: Path, out: Path) -> None:
    run_id = go(cli, extract, out)
    path = out / "reports" / run_id / "identified" / "deviations.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    urgent = [row for row in rows if row["measure_id"] == "S1"]
    assert [(row["state"], row["reason"], row["cited_line"]) for row in urgent] == [
        ("deviation", "wrong_specialty", "37")
    ]
    assert urgent[0]["title"] == "Immediate surgical referral for a neurological deficit"
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+@\t\r"]


def test_the_same_again_gives_the_same(cli: Cli, extract: Path, out: Path, tmp_path: Path) -> None:
    first = go(cli, extract, out)
    before = {path: path.read_bytes() for path in (out / "reports").rglob("*.csv")}
    assert go(cli, extract, out) == first
    assert {path: path.read_bytes() for path in (out / "reports").rglob("*.csv")} == before
    assert go(cli, extract, tmp_path / "elsewhere") == first


def test_latest_follows(cli: Cli, extract: Path, out: Path) -> None:
    first = go(cli, extract, out)
    second = go(cli, extract, out, "--as-of", "2024-12-31")
    assert first != second
    assert (out / "reports" / "latest" / "identified" / "deviations.csv").exists()
    assert (out / "reports" / first).is_dir()


def test_a_look_back_never_replaces_tonight(cli: Cli, extract: Path, out: Path) -> None:
    run_id = go(cli, extract, out)
    before = (out / "audit.duckdb").read_bytes()
    answer = cli("run", "--direct", "--extract", extract, "--out", out, "--as-of", "2024-06-30")
    assert answer.code == 10
    assert "2024-12-30" in answer.err
    assert "another --out" in answer.err
    assert (out / "audit.duckdb").read_bytes() == before
    assert (out / "reports" / "latest").readlink().name == run_id


def test_an_extract_that_does_not_say_when_it_was_made(cli: Cli, tmp_path: Path, out: Path) -> None:
    extract = write(tmp_path / "extract", manifest="{}")
    answer = cli("run", "--direct", "--extract", extract, "--out", out)
    assert answer.code == 10
    assert "--as-of 2024-03-02" in answer.err
    assert cli("run", "--direct", "--extract", extract, "--out", out, "--as-of", "2024-03-02").code == 0


def test_what_a_killed_run_left_is_removed(cli: Cli, extract: Path, out: Path) -> None:
    (out / ".work-dead").mkdir(parents=True)
    (out / ".work-dead" / "raw.parquet").write_text("x")
    go(cli, extract, out)
    assert not list(out.glob(".work-*"))


def test_a_failed_publish_leaves_last_night_and_nothing_of_its_own(
    cli: Cli, extract: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = go(cli, extract, out)
    before = (out / "audit.duckdb").read_bytes()

    def broken(*_: object) -> None:
        raise AuditError("no space")

    monkeypatch.setattr(stages, "publish_warehouse", broken)
    answer = cli("run", "--direct", "--extract", extract, "--out", out, "--as-of", "2024-12-31")
    assert answer.code == 1
    assert (out / "audit.duckdb").read_bytes() == before
    assert [path.name for path in (out / "runs").iterdir()] == [run_id]
    assert sorted(path.name for path in (out / "reports").iterdir()) == sorted([run_id, "latest"])


def test_a_file_that_is_no_warehouse_is_not_replaced(cli: Cli, extract: Path, out: Path) -> None:
    out.mkdir(parents=True)
    (out / "audit.duckdb").write_text("something else")
    assert cli("run", "--direct", "--extract", extract, "--out", out).code == 10
    assert (out / "audit.duckdb").read_text() == "something else"


def test_other_tools_open_the_warehouse(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{out / 'audit.duckdb'}' AS w (READ_ONLY)")
        assert con.execute("SELECT count(*) FROM w.audit.cases").fetchall() == [(1,)]


def test_check_publishes_nothing_and_counts_every_row(cli: Cli, extract: Path, tmp_path: Path) -> None:
    answer = cli("check", "--extract", extract)
    assert answer.code == 0
    assert "conditions" in answer.out
    assert "No row was set aside." in answer.out
    assert "The audit would be as of 2024-12-30." in answer.out
    assert "absent" in answer.out
    assert [path.name for path in tmp_path.iterdir()] == ["extract"]


def test_check_says_what_a_run_would_ask_for(cli: Cli, tmp_path: Path) -> None:
    answer = cli("check", "--extract", write(tmp_path / "extract", manifest="{}"))
    assert answer.code == 0
    assert "A run needs one more thing" in answer.out


@pytest.mark.parametrize("name", ["p1", "=MRN-1"])
def test_explain_finds_a_patient_by_either_id(cli: Cli, extract: Path, out: Path, name: str) -> None:
    go(cli, extract, out)
    answer = cli("explain", name, "--out", out)
    assert answer.code == 0
    assert "fracture at L2" in answer.out
    for heading in ("Timeline", "Open gaps", "Measures"):
        assert f"\n{heading}\n" in answer.out
    assert "S1 Immediate surgical referral for a neurological deficit" in answer.out
    assert "DEVIATION: wrong specialty" in answer.out
    assert "would be met by a referral to" in answer.out
    assert "on the source: No number in the text" in answer.out
    assert len([line for line in answer.out.splitlines() if line.startswith("G1 ")]) == 1


def test_explain_says_why_a_patient_has_no_case(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    answer = cli("explain", "p2", "--out", out)
    assert answer.code == 0
    assert "no audited case" in answer.out
    assert "a level that is not audited" in answer.out


def test_explain_of_an_unknown_case(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    answer = cli("explain", "p-unknown", "--out", out)
    assert answer.code == 10
    assert "p-unknown" not in answer.err


def test_help_has_examples_everywhere(cli: Cli) -> None:
    for command in ([], ["run"], ["check"], ["measures"], ["explain"], ["sql"], ["doctor"]):
        answer = cli(*command, "--help")
        assert answer.code == 0
        assert "Examples:" in answer.out, command


def test_measures_lists_all_and_tells_one_whole(cli: Cli) -> None:
    assert len(cli("measures").out.splitlines()) == 34 + 2
    whole = cli("measures", "s1", "initial_mri").out
    assert "Patients with neurological deficits (immediate referral)" in whole
    assert "deviation, wrong_modality" in whole
    assert len(json.loads(cli("measures", "--format", "json").out)) == 34
