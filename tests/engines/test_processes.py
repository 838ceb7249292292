"""Parts judged by processes of this machine: the same bytes, whatever happens to a worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from multiprocessing import active_children
from pathlib import Path

import polars as pl
import pytest

from flows.engines import processes
from flows.engines.part import Common, Part, judge_from, share
from flows.engines.processes import Processes
from flows.errors import StageError
from flows.meter import Meter
from flows.progress import Quiet
from flows.run import night
from flows.settings import Engine, load_settings
from schemas.errors import AuditError, ContentError
from schemas.parameters import load_parameters
from schemas.value_sets import load_value_sets

from . import workers
from .conftest import PART_ROWS, PARTS
from .published import different

END_SECONDS = 60


class Told(Quiet):
    """Remembers what a run says, and does something at the first part that is done."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.notes: list[str] = []
        self.act = act

    def note(self, text: str) -> None:
        self.notes.append(text)
        if len(self.notes) == 1:
            self.act()


def audit_in_parts(out: Path, count: int | None, progress: Told) -> Path:
    night(load_settings(out=out, engine=Engine(workers=count, part_rows=PART_ROWS)), progress)
    return out


@pytest.fixture
def parts(tmp_path: Path) -> list[Part]:
    """Three parts, whose clean rows are no Parquet files."""
    made = [Part(number, tmp_path / f"clean-{number}", tmp_path / "stored" / f"{number}") for number in range(3)]
    (tmp_path / "stored").mkdir()
    for part in made:
        part.clean.mkdir()
        (part.clean / "conditions.parquet").write_text("pat-secret")
    return made


@pytest.fixture(scope="module")
def common() -> Common:
    feeds = pl.DataFrame(schema={"table_name": pl.String, "present": pl.Boolean, "horizon": pl.Date})
    codes = pl.DataFrame(schema={"table_name": pl.String, "code_system": pl.String, "code_key": pl.String})
    return Common(feeds, codes, load_parameters(), load_value_sets(), date(2024, 12, 31), "UTC")


def test_seven_parts_one_after_the_other_give_the_same_bytes(one_part: Path, tmp_path: Path) -> None:
    told = Told()
    out = audit_in_parts(tmp_path / "out", 1, told)
    assert told.notes == [f"audit: part {number} of {PARTS}" for number in range(1, PARTS + 1)]
    assert different(one_part, out) == []


def test_seven_parts_in_two_processes_give_the_same_bytes(one_part: Path, tmp_path: Path) -> None:
    told = Told()
    out = audit_in_parts(tmp_path / "out", 2, told)
    assert told.notes == [f"audit: part {number} of {PARTS}" for number in range(1, PARTS + 1)]
    assert different(one_part, out) == []
    assert active_children() == []


def test_workers_that_are_killed_in_the_middle_lose_nothing(one_part: Path, tmp_path: Path) -> None:
    def kill() -> None:
        for process in active_children():
            os.kill(process.pid or 0, signal.SIGKILL)

    told = Told(kill)
    out = audit_in_parts(tmp_path / "out", 2, told)
    assert [note for note in told.notes if "a worker process died" in note]
    assert told.notes[-1] == f"audit: part {PARTS} of {PARTS}"
    assert different(one_part, out) == []


def test_a_part_that_kills_its_worker_twice_ends_the_run_and_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "judge_from", workers.dies)
    with pytest.raises(StageError, match="worker process died") as caught:
        audit_in_parts(tmp_path / "out", 2, Told())
    assert caught.value.exit_code == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]


def test_an_error_of_ours_arrives_as_it_is(
    common: Common, parts: list[Part], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "judge_from", workers.refuses)
    with pytest.raises(ContentError, match="parameter x is bad"):
        Processes(2)(common, parts, tmp_path, print)
    assert active_children() == []


def test_of_a_foreign_error_arrive_class_and_place(common: Common, parts: list[Part], tmp_path: Path) -> None:
    with pytest.raises(AuditError) as caught:
        Processes(2)(common, parts, tmp_path, print)
    error = caught.value
    assert "audit failed: ComputeError at transforms/" in str(error)
    assert "pat-secret" not in f"{error} {error.__cause__} {error.__context__}"


def test_what_a_worker_writes_is_private_and_it_keeps_its_own_mask(tmp_path: Path) -> None:
    out, modes = tmp_path / "out", set()

    def judge_again() -> None:
        (work,) = out.glob(".work-*")
        before = os.umask(0o022)
        stored = work / "stored" / "again"
        judge_from(str(work / "common.pickle"), 0, str(work / "clean" / "0000"), str(stored))
        modes.update(path.stat().st_mode & 0o777 for path in stored.iterdir())
        assert os.umask(before) == 0o022

    audit_in_parts(out, 2, Told(judge_again))
    assert modes == {0o600}


def test_a_part_that_is_done_is_not_done_again(common: Common, parts: list[Part], tmp_path: Path) -> None:
    parts[0].stored.mkdir()
    judge_from(*share(common, parts, tmp_path)[0])


def test_a_worker_without_the_shared_folder_says_so(common: Common, parts: list[Part], tmp_path: Path) -> None:
    arguments = share(common, parts, tmp_path)[0]
    (tmp_path / "common.pickle").unlink()
    with pytest.raises(AuditError, match=r"--out must be in a folder that all machines of the cluster share"):
        judge_from(*arguments)


def test_a_worker_of_another_version_says_so(
    common: Common, parts: list[Part], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = share(common, parts, tmp_path)[0]
    monkeypatch.setattr("flows.engines.part.package_version", lambda: "0.0.1")
    with pytest.raises(AuditError, match=r"runs spine-audit 0\.0\.1"):
        judge_from(*arguments)


def test_workers_end_when_the_run_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.engines.workers", str(tmp_path)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL) as run:
        until(lambda: len([path for path in tmp_path.iterdir() if path.read_text()]) == 2)
        found = [int(path.read_text()) for path in tmp_path.iterdir()]
        run.kill()
    until(lambda: not [pid for pid in found if is_alive(pid)])


def test_ctrl_c_ends_run_and_workers_without_a_word_of_theirs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--direct", "--workers", "2", "--part-rows", str(PART_ROWS), "--out", str(out)]
    command = [sys.executable, "-c", "from flows.cli import script; script()", "run", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stderr
        said = []
        for line in run.stderr:  # to its end: every process that could write is gone
            said.append(line.strip())
            if line.startswith("audit: part 1 "):
                os.killpg(run.pid, signal.SIGINT)  # what a terminal does
        assert run.wait(END_SECONDS) == 130
    assert said[-1] == "spine-audit: interrupted; unless this night was published already, last night's results stay"
    assert not [line for line in said if "Traceback" in line]
    assert [path.name for path in out.iterdir()] == [".lock"]


def test_the_receipt_counts_the_memory_of_workers() -> None:
    meter = Meter()
    script = "import time; held = b'x' * (200 << 20); print('held', flush=True); time.sleep(3600)"
    with meter.stage("audit"), subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        worker.stdout.readline()
        time.sleep(0.5)
        worker.kill()
    assert meter.stages[0].peak_memory_mib > 200 + 20


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + END_SECONDS
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def is_alive(pid: int) -> bool:
    """False too for one that has ended and that nobody has asked about yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
