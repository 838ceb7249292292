"""What a user sees when something goes wrong: one line, an exit code, no traceback and nothing of a record."""

from pathlib import Path

import pytest

from flows import run
from flows.errors import StageError, failed, place

from .conftest import TABLES, Cli, write

SECRET = "pat-secret"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nonsense"], 2, "No such command"),
        (["run", "--nonsense"], 2, "No such option"),
        (["run", "--direct", "--as-of", "31.12.2024"], 10, "write it as YYYY-MM-DD"),
        (["run", "--direct", "--settings", "nowhere.toml"], 10, "no such settings file"),
        (["run", "--direct", "--format", "omop"], 10, "isn't supported yet"),
        (["run", "--direct", "--extract", "nowhere"], 11, "no such folder"),
        (["check", "--extract", "nowhere"], 11, "no such folder"),
        (["explain", "x", "--out", "nowhere"], 10, "spine-audit run"),
        (["sql", "SELECT 1", "--out", "nowhere"], 10, "spine-audit run"),
        (["measures", "Z9"], 10, "no measure is named 'Z9'"),
    ],
)
def test_a_users_error_is_one_line_with_its_code(cli: Cli, arguments: list[str], code: int, says: str) -> None:
    answer = cli(*arguments)
    assert answer.code == code
    assert says in answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("conditions", None, 11, "conditions"),
        ("conditions", "condition_id,patient_id\n", 11, "code_system"),
        ("manifest", "{", 11, "manifest.json"),
        ("patients", TABLES["patients.csv"] + f"{SECRET},,,\n", 12, "patients"),
    ],
)
def test_a_bad_extract_stops_before_anything_is_published(
    cli: Cli, tmp_path: Path, name: str, text: str | None, code: int, says: str
) -> None:
    extract = write(tmp_path / "extract", **{name: text or ""})
    if text is None:
        (extract / f"{name}.csv").unlink()
    answer = cli("run", "--direct", "--extract", extract, "--out", tmp_path / "out")
    assert answer.code == code
    assert says in answer.err
    assert SECRET not in answer.err
    assert not (tmp_path / "out" / "audit.duckdb").exists()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".lock"]


def test_an_error_of_ours_shows_class_file_and_line_only(
    cli: Cli, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"could not convert {SECRET!r}")

    monkeypatch.setattr(run, "apply_contract", broken)
    answer = cli("run", "--direct", "--extract", extract, "--out", tmp_path / "out")
    assert answer.code == 1
    assert "contract failed: ValueError at flows/run.py:" in answer.err
    assert SECRET not in answer.err
    assert "Traceback" not in answer.err


def test_an_error_outside_of_a_stage(cli: Cli, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(run, "remove_leftovers", broken)
    answer = cli("run", "--direct", "--extract", extract, "--out", tmp_path / "out")
    assert (answer.code, SECRET in answer.err) == (1, False)
    assert "run failed: RuntimeError at flows/run.py:" in answer.err


def test_an_interrupted_run_says_so(cli: Cli, extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "apply_contract", interrupted)
    answer = cli("run", "--direct", "--extract", extract, "--out", tmp_path / "out")
    assert answer.code == 130
    assert "interrupted" in answer.err
    assert not list((tmp_path / "out").glob(".work-*"))


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_an_error_without_our_code_names_the_last_file() -> None:
    assert place(raised(ValueError(SECRET))).startswith("ValueError at test_errors.py:")
    assert place(ValueError(SECRET)) == "ValueError"


@pytest.mark.parametrize(("error", "transient"), [(OSError(SECRET), True), (ValueError(SECRET), False)])
def test_only_what_may_pass_is_worth_another_try(error: Exception, transient: bool) -> None:
    shown = failed(error, "land")
    assert isinstance(shown, StageError)
    assert shown.transient is transient
    assert SECRET not in str(shown)
