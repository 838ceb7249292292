"""One run at a time in an out folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.errors import LockedError
from flows.lock import only_run

from .conftest import Cli


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    with (
        only_run(tmp_path),
        pytest.raises(LockedError, match=f"process {os.getpid()} on ") as error,
        only_run(tmp_path),
    ):
        pass
    assert error.value.exit_code == 15


def test_it_is_free_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with only_run(tmp_path):
            pass


def test_a_run_beside_another_ends_with_15_and_leaves_its_work_alone(cli: Cli, extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / ".work-other").mkdir(parents=True)
    with only_run(out):
        answer = cli("run", "--direct", "--extract", extract, "--out", out)
    assert answer.code == 15
    assert "wait until it is done" in answer.err
    assert (out / ".work-other").exists()


def test_the_kernel_frees_it_when_its_holder_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from flows.lock import only_run\n"
        "with only_run(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {holder.pid} "), only_run(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with only_run(tmp_path):
        pass
