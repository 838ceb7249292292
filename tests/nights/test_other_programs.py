"""Another program opens the published files, writes into them, or dies while it does: do the nights go on?"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from flows.nights import HISTORY_FILE
from flows.published import WAREHOUSE_FILE
from flows.run import Outcome, night
from flows.settings import load_settings
from schemas.errors import SettingsError
from tests.agreement.audited import read as tables

FILES = [WAREHOUSE_FILE, HISTORY_FILE]
WRITES = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("SET checkpoint_threshold = '1GB'")
con.execute("CREATE TABLE notes AS SELECT 'mine' AS note")
print("written", flush=True)
sys.stdin.readline()
"""


@contextmanager
def writer(file: Path) -> Iterator[None]:
    """A program that has `file` open and has written into it; it is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "written\n"
        try:
            yield
        finally:
            program.kill()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return night(load_settings(out=tmp_path_factory.mktemp("first") / "out", as_of="2026-09-29"))


@pytest.fixture
def out(first: Outcome, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first.warehouse.parent, tmp_path / "out", symlinks=True))


@pytest.mark.parametrize("name", FILES)
def test_what_a_killed_program_wrote_is_set_aside(
    out: Path, name: str, first: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    with writer(out / name):
        pass
    assert (out / f"{name}.wal").exists()
    for day in ("2026-09-30", "2026-10-01"):
        told = night(load_settings(out=out, as_of=day))
        with duckdb.connect(out / HISTORY_FILE, read_only=True) as con:
            assert con.execute("SELECT arg_max(run_id, night) FROM nights").fetchall() == [(told.run_id,)]
    assert "finding_changes" in tables(out / WAREHOUSE_FILE)
    assert not (out / f"{name}.wal").exists()
    assert (out / f"{name}.wal.set-aside").exists()
    assert "was moved to" in capsys.readouterr().err


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_open_for_writing_is_not_called_damaged(out: Path, name: str) -> None:
    with writer(out / name), pytest.raises(SettingsError, match="another program has it open for writing"):
        night(load_settings(out=out, as_of="2026-09-30"))
    night(load_settings(out=out, as_of="2026-09-30"))
