"""Names of the out folder that a library below would take for something else than a folder here."""

from pathlib import Path

import pytest

from flows.errors import failed, is_interruption
from tests.cli.conftest import Cli, cli, extract  # noqa: F401

NAMES = ["s3:x", "sqlite:x", "file:x", "~x", "it's 100% [a]* ä"]


@pytest.mark.parametrize("name", NAMES)
def test_a_relative_name_is_a_folder_here(
    cli: Cli,  # noqa: F811
    extract: Path,  # noqa: F811
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        answer = cli("run", "--direct", "--quiet", "--extract", extract, "--out", name)
        assert answer.code == 0, answer.err
    assert (tmp_path / name / "audit.duckdb").is_file()
    for command in (["diff"], ["doctor", "--extract", extract], ["sql", "SELECT 1"]):
        answer = cli(*command, "--out", name)
        assert answer.code == 0, answer.err + answer.out


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("Could not write file: No space left on device")]
)
def test_a_full_disk_is_called_that(error: Exception) -> None:
    assert "the disk is full" in str(failed(error, "merge"))


def test_only_an_interrupted_query_is_an_interruption() -> None:
    assert is_interruption(RuntimeError("Query interrupted"))
    assert not is_interruption(RuntimeError("Query failed"))
    assert not is_interruption(ValueError("Query interrupted"))
