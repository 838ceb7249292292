"""A real Prefect server, started by `serve`: the schedule fires, runs are recorded, two never overlap, all ends with it."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from flows.errors import LockedError
from flows.lock import only_run
from flows.published import open_published

from .serving import Served, command, environment, serving, wait_for

STAGES = {"land", "contract", "audit", "rates", "merge", "gate", "exports", "publish"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample served at four o'clock in Berlin."""
    folder = tmp_path_factory.mktemp("served")
    site = folder / "site.toml"
    site.write_text('timezone = "Europe/Berlin"\n')
    with serving(folder / "out", "--settings", site) as one:
        yield one


@pytest.fixture(scope="module")
def held(served: Served) -> dict[str, Any]:
    """A run that began while another one was at work, unknown to Prefect."""
    served.out.mkdir(exist_ok=True)
    with only_run(served.out):
        return served.ended(served.begin())


@pytest.fixture(scope="module")
def two(served: Served, held: dict[str, Any]) -> list[dict[str, Any]]:
    """Two runs that were asked for at the same moment, after one that failed."""
    for _ in range(3):  # unless Prefect looked for work between the two
        runs = [served.ended(run) for run in [served.begin(), served.begin()]]
        if any(run["state_type"] != "COMPLETED" for run in runs):
            break
    return runs


@pytest.fixture(scope="module")
def done(two: list[dict[str, Any]]) -> dict[str, Any]:
    """The one that ran."""
    (one,) = (run for run in two if run["state_type"] == "COMPLETED")
    return one


def artifacts(served: Served, run: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one["data"] for one in served.ask("artifacts/filter") if one["flow_run_id"] == run["id"]}


def test_runs_are_scheduled_in_the_sites_own_time(served: Served) -> None:
    def planned() -> list[str]:
        runs = served.ask("flow_runs/filter", flow_runs={"state": {"type": {"any_": ["SCHEDULED"]}}})
        return [run["expected_start_time"] for run in runs if run["auto_scheduled"]]

    times = [datetime.fromisoformat(time) for time in wait_for(planned)]
    assert {f"{time.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" for time in times} == {"04:00"}


def test_a_run_beside_another_fails_and_names_the_holder(served: Served, held: dict[str, Any]) -> None:
    assert held["state_type"] == "FAILED"
    assert f"is held by process {os.getpid()} on " in held["state"]["message"]
    assert f"is held by process {os.getpid()} on " in served.log.read_text()  # the journal says it too


def test_a_run_that_failed_does_not_stop_the_next(served: Served, two: list[dict[str, Any]]) -> None:
    assert "COMPLETED" in {run["state_type"] for run in two}
    assert "published as run 2026-09-30-" in served.log.read_text()  # the journal says so


def test_prefect_cancels_a_run_that_would_start_beside_another(two: list[dict[str, Any]]) -> None:
    assert sorted(run["state_type"] for run in two) == ["CANCELLED", "COMPLETED"]


def test_the_run_is_recorded_with_its_tasks_their_states_and_times(served: Served, done: dict[str, Any]) -> None:
    tasks = [task for task in served.ask("task_runs/filter") if task["flow_run_id"] == done["id"]]
    assert {task["name"].rpartition("-")[0] for task in tasks} == STAGES
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    assert min(task["total_run_time"] for task in tasks) > 0
    assert done["total_run_time"] > max(task["total_run_time"] for task in tasks)


def test_the_run_leaves_a_summary_and_a_link_to_its_reports(served: Served, done: dict[str, Any]) -> None:
    made = artifacts(served, done)
    assert set(made) == {"nightly-audit", "nightly-audit-reports"}
    assert "| Fractures audited | 230 |" in made["nightly-audit"]
    assert {line.split(" | ")[0].strip("| ") for line in made["nightly-audit"].splitlines()} >= STAGES - {"publish"}
    reports = (served.out / "reports" / "latest").resolve()
    assert reports.as_uri() in made["nightly-audit-reports"]


def test_prefect_knows_no_patient(served: Served, done: dict[str, Any]) -> None:
    with open_published(served.out / "audit.duckdb") as con:
        people = con.execute("SELECT patient_id, display_id, case_id FROM cases").fetchall()
    names = {name for row in people for name in row if name}
    kept = json.dumps([served.ask(f"{what}/filter") for what in ("flow_runs", "task_runs", "artifacts", "logs")])
    assert len(names) > 500
    assert [name for name in names if name in kept] == []


def test_parameters_are_paths_a_format_a_date_and_the_engine(done: dict[str, Any]) -> None:
    engine = {"engine", "scheduler", "workers", "part_rows"}
    assert set(done["parameters"]) == {"extract", "out", "fmt", "as_of", "settings_file", "quiet"} | engine


def test_the_server_keeps_its_things_private(served: Served, done: dict[str, Any]) -> None:
    home = served.out / ".prefect"
    modes = {path.name: path.stat().st_mode & 0o777 for path in [home, *home.rglob("*")] if not path.is_symlink()}
    assert {"prefect.db", "server.log", "server.env"} < set(modes)
    assert [name for name, mode in modes.items() if mode & 0o077] == []


def test_the_server_listens_on_this_machine_only(served: Served) -> None:
    port = httpx.URL(served.url).port
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {line[1] for line in lines if line[3] == "0A" and line[1].endswith(f":{port:04X}")}
    assert listening == {f"0100007F:{port:04X}"}


def test_another_user_of_this_machine_is_not_answered(served: Served) -> None:
    assert httpx.post(f"{served.url}/flow_runs/filter", json={}, timeout=30).status_code == 401


def test_a_second_one_for_the_same_out_folder_is_told_who_serves_it(served: Served) -> None:
    second = subprocess.run(
        command("serve", "--out", served.out),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 15
    assert f"is held by process {served.process.pid} on " in second.stderr


def test_it_ends_when_it_is_told_to_and_its_server_with_it(served: Served, done: dict[str, Any]) -> None:
    assert served.stop() == 0
    assert not served.is_answering()
    assert not (served.out / ".prefect" / "server.env").exists()
    said = served.log.read_text()
    assert said.endswith("spine-audit serve: the schedule has ended\n")
    assert "Traceback" not in said


def test_what_is_no_cron_line_ends_it_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        command("serve", "--out", tmp_path / "out", "--cron", "nightly"),
        env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 10
    assert "--cron: 'nightly' is no cron line" in done.stderr


@pytest.mark.slow
def test_the_schedule_fires_every_minute_and_the_server_ends_also_when_its_parent_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path / "out", "--cron", "* * * * *") as one:

        def fired() -> list[dict[str, Any]]:
            runs = one.ask("flow_runs/filter", flow_runs={"state": {"type": {"any_": ["COMPLETED"]}}})
            return runs if len(runs) > 1 else []

        runs = wait_for(fired)
        assert all(run["auto_scheduled"] for run in runs)
        assert {datetime.fromisoformat(run["expected_start_time"]).second for run in runs} == {0}
        assert one.stop(signal.SIGKILL) == -signal.SIGKILL
        wait_for(lambda: not one.is_answering(), 60)


@pytest.mark.slow
def test_a_lost_server_ends_it_so_that_a_service_manager_starts_both_anew(tmp_path: Path) -> None:
    with serving(tmp_path / "out") as one:
        port = str(httpx.URL(one.url).port)
        commands = {int(path.parent.name): path for path in Path("/proc").glob("[0-9]*/cmdline")}
        (server,) = (number for number, path in commands.items() if words(path)[-2:] == ["flows.prefect_server", port])
        os.kill(server, signal.SIGKILL)
        assert one.process.wait(90) == 1
        assert "Prefect's server ended by itself" in one.log.read_text()


@pytest.mark.slow
def test_a_crash_in_the_midst_of_a_run_cancels_no_later_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with serving(out) as one:
        broken_off = one.begin()
        wait_for(lambda: one.get(f"flow_runs/{broken_off}")["state_type"] == "RUNNING")
        one.stop(signal.SIGKILL)
        wait_for(lambda: not one.is_answering(), 60)
    wait_for(lambda: is_free(out))  # what was at work ends by itself
    with serving(out) as again:
        assert again.get(f"flow_runs/{broken_off}")["state_type"] == "CRASHED"
        assert again.ended(again.begin())["state_type"] == "COMPLETED"


def is_free(out: Path) -> bool:
    try:
        with only_run(out):
            return True
    except LockedError:
        return False


def words(path: Path) -> list[str]:
    """The command line of a process; empty once it is gone."""
    try:
        return path.read_text().strip("\0").split("\0")
    except OSError:
        return []
