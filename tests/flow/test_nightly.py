"""The same night through Prefect and without it: recorded, private, equal to the byte."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engines.published import different

from .conftest import Spine

STAGES = {"land", "contract", "audit", "rates", "merge", "exports", "gate", "publish"}


@pytest.fixture(scope="session")
def directly(spine: Spine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample audited without Prefect."""
    out = tmp_path_factory.mktemp("direct") / "out"
    done = spine("run", "--direct", "--out", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def recorded(spine: Spine, server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample audited through the server."""
    out = tmp_path_factory.mktemp("recorded") / "out"
    done = spine("run", "--out", out, PREFECT_API_URL=server, PREFECT_HOME=str(out.parent / "home"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == [*("land", "contract", "audit", "rates", "merge", "exports", "gate", "publish")]
    return out


def ask(server: str, what: str) -> list[dict[str, Any]]:
    return httpx.post(f"{server}/{what}/filter", json={"sort": "EXPECTED_START_TIME_DESC"}, timeout=30).json()


def test_both_ways_give_the_same_bytes(directly: Path, recorded: Path) -> None:
    assert different(directly, recorded) == []


def test_the_run_and_its_tasks_are_recorded(server: str, recorded: Path) -> None:
    runs = [run for run in ask(server, "flow_runs") if run["parameters"]["out"] == str(recorded)]
    assert [run["state_type"] for run in runs] == ["COMPLETED"]
    tasks = [task for task in ask(server, "task_runs") if task["flow_run_id"] == runs[0]["id"]]
    assert {task["name"].rpartition("-")[0] for task in tasks} == STAGES
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}


def test_parameters_are_paths_dates_and_the_engine(server: str, recorded: Path) -> None:
    run = next(run for run in ask(server, "flow_runs") if run["parameters"]["out"] == str(recorded))
    engine = {"engine", "scheduler", "workers", "part_rows"}
    assert set(run["parameters"]) == {"extract", "out", "fmt", "as_of", "settings_file", "quiet"} | engine


def test_a_failure_is_recorded_without_a_record_of_a_patient(spine: Spine, server: str, tmp_path: Path) -> None:
    secret = "pat-secret"
    extract, out = tmp_path / "extract", tmp_path / "out"
    extract.mkdir()
    (extract / "patients.csv").write_text(f"patient_id,birth_date\n{secret},not-a-day\n")
    (extract / "conditions.csv").write_text("condition_id,patient_id,code_system,code,recorded_at\n")
    (extract / "manifest.json").write_text('{"extracted_at": "2024-12-31"}')
    done = spine("run", "--extract", extract, "--out", out, PREFECT_API_URL=server, PREFECT_HOME=str(tmp_path / "home"))
    assert done.returncode == 12
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    run = next(run for run in ask(server, "flow_runs") if run["parameters"]["out"] == str(out))
    assert run["state_type"] == "FAILED"
    logs = httpx.post(f"{server}/logs/filter", json={}, timeout=30).text
    assert secret not in done.stderr + str(run) + str(ask(server, "task_runs")) + logs


def test_a_server_that_is_not_there(spine: Spine, tmp_path: Path) -> None:
    nowhere = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path / "home")}
    done = spine("run", "--out", tmp_path / "out", **nowhere)
    assert done.returncode == 1
    assert "Prefect could not run the flow" in done.stderr
    assert "--direct" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_server_prefect_starts_one_and_is_quiet(spine: Spine, directly: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = spine("run", "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == ["land", "contract", "audit", "rates", "merge", "exports", "gate", "publish"]
    assert (out / ".prefect").stat().st_mode & 0o077 == 0
    assert (out / "reports" / "latest").readlink() == (directly / "reports" / "latest").readlink()
