"""What broke the command line once: each ends with the exit code of the specification and one plain line."""

import os
from pathlib import Path

import pytest

from flows.as_of import default_as_of
from flows.cli import main
from flows.land import read_manifest
from flows.lock import only_run
from flows.private import remove_leftovers, work_folder
from flows.published import open_published
from flows.sql_shell import find_query
from schemas.errors import ContentError, ExtractError, SettingsError
from schemas.parameters import load_parameters


@pytest.mark.parametrize("counts", [[0, 0, 0, 0], [42, 6, 0, 27], [10**12, 6, 3, 27]])
def test_counts_without_a_likelihood_ratio_are_out_of_range(counts: list[int]) -> None:
    with pytest.raises(ContentError, match=r"bedside_counts\.percussion"):
        load_parameters({"bedside_counts": {"percussion": counts}})


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00"])
@pytest.mark.parametrize("timezone", ["UTC", "America/Santiago", "Asia/Tokyo"])
def test_an_extract_made_at_the_edge_of_the_calendar_is_no_time(text: str, timezone: str) -> None:
    with pytest.raises(ExtractError, match="extracted_at is no time"):
        default_as_of(text, timezone)


@pytest.mark.parametrize("data", [b'{"source": "\\ud800"}', b'{"source": ' + b"9" * 5000 + b"}"])
def test_a_manifest_that_python_can_not_hold_is_no_manifest(data: bytes) -> None:
    with pytest.raises(ExtractError, match="not JSON in UTF-8"):
        read_manifest(data)


def test_a_manifest_of_the_last_year_has_no_day_after_it() -> None:
    with pytest.raises(ExtractError, match="extracted_at is not a time"):
        read_manifest(b'{"extracted_at": "9999-12-31"}')


def test_an_out_folder_that_can_not_be_written_is_an_option_to_correct(tmp_path: Path) -> None:
    (tmp_path / ".lock").mkdir()  # works for root too, whom no mode of a folder keeps out
    with pytest.raises(SettingsError, match="--out"), only_run(tmp_path):
        pass
    with pytest.raises(SettingsError, match="--out"), work_folder(tmp_path / "gone"):
        pass


def test_leftovers_of_a_killed_receipt_go(tmp_path: Path) -> None:
    papers = tmp_path / "runs" / "r"
    papers.mkdir(parents=True)
    (papers / "receipt.json").write_text("{}")
    (papers / ".receipt.json.abcd").write_text("{")
    assert remove_leftovers(tmp_path) == 1
    assert [path.name for path in papers.iterdir()] == ["receipt.json"]


def test_a_file_that_is_no_warehouse_is_to_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb"
    path.write_text("garbage")
    with pytest.raises(SettingsError, match="move the file away"):  # a run refuses to go over it
        open_published(path)


def test_an_sql_file_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.sql").write_bytes(b"SELECT '\xe9'")
    with pytest.raises(SettingsError, match="not UTF-8"):
        find_query(str(tmp_path / "latin.sql"))
    with pytest.raises(SettingsError):
        find_query("a" * 5000 + ".sql")


def test_arguments_that_are_not_utf_8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract, out = tmp_path / "extract", tmp_path / "out"
    extract.mkdir()
    (extract / "patients.csv").write_text("patient_id,birth_date\n")
    (extract / "conditions.csv").write_text("condition_id,patient_id,code_system,code,recorded_at\n")
    assert main(["run", "--direct", "--extract", str(extract), "--out", str(out), "--as-of", "2024-01-01"]) == 0
    capsys.readouterr()
    assert main(["explain", "\udce9", "--out", str(out)]) == 10
    assert main(["sql", "SELECT '\udce9' !", "--out", str(out)]) == 10
    assert "unexpected" not in capsys.readouterr().err


def test_a_pipe_is_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "patients.csv")
    assert main(["check", "--extract", str(tmp_path)]) == 11
    assert "patients.csv: not a regular file" in capsys.readouterr().err


def test_a_folder_in_the_place_of_the_latest_link_stops_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reports" / "latest").mkdir(parents=True)
    assert main(["run", "--direct", "--out", str(tmp_path)]) == 10
    assert "latest: a folder" in capsys.readouterr().err
    assert not (tmp_path / "audit.duckdb").exists()
