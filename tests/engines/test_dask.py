"""Parts judged by a real Dask cluster, asked for on the command line: the same bytes, whatever happens to a worker."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.flow.conftest import RUN_SECONDS, environment

from .cluster import DaskCluster, dask_cluster
from .conftest import PART_ROWS, PARTS, Spine
from .published import different

pytest.importorskip("distributed")
pytest.importorskip("prefect_dask")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as made:
        yield made


def options(cluster: DaskCluster, out: Path) -> list[str]:
    return ["--engine", "dask", "--scheduler", cluster.address, "--part-rows", str(PART_ROWS), "--out", str(out)]


def test_two_workers_give_the_same_bytes(one_part: Path, cluster: DaskCluster, spine: Spine, tmp_path: Path) -> None:
    done = spine("run", "--direct", *options(cluster, tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert f"audit: part {PARTS} of {PARTS}" in done.stderr
    assert different(one_part, tmp_path / "out") == []


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    one_part: Path, cluster: DaskCluster, tmp_path: Path
) -> None:
    run_and_kill(cluster, tmp_path / "out", ["--direct"], environment())
    assert different(one_part, tmp_path / "out") == []


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_of_a_flow_loses_nothing(
    one_part: Path, cluster: DaskCluster, server: str, tmp_path: Path
) -> None:
    with_server = environment(PREFECT_API_URL=server, PREFECT_HOME=str(tmp_path / "home"))
    run_and_kill(cluster, tmp_path / "out", [], with_server)
    assert different(one_part, tmp_path / "out") == []


def run_and_kill(cluster: DaskCluster, out: Path, more: list[str], environment: dict[str, str]) -> None:
    """A run during which a third worker is killed, as soon as the first part is done."""
    victim = cluster.add_worker()
    cluster.wait_for(3)
    command = [sys.executable, "-c", "from flows.cli import script; script()", "run", *more, *options(cluster, out)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        said = []
        for line in run.stderr:
            said.append(line.strip())
            if line.startswith("audit: part 1 "):
                victim.kill()
        assert run.wait(RUN_SECONDS) == 0, said
    assert victim.wait() != 0
    assert f"audit: part {PARTS} of {PARTS}" in said


@pytest.mark.slow
def test_without_a_server_the_parts_go_to_the_cluster_all_the_same(
    one_part: Path, cluster: DaskCluster, spine: Spine, tmp_path: Path
) -> None:
    done = spine("run", *options(cluster, tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert f"audit: part {PARTS} of {PARTS}" in done.stderr
    assert different(one_part, tmp_path / "out") == []


@pytest.mark.slow
def test_through_prefect_each_part_is_a_task(
    one_part: Path, cluster: DaskCluster, spine: Spine, server: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = spine("run", *options(cluster, out), PREFECT_API_URL=server, PREFECT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    assert different(one_part, out) == []
    (run,) = ask(server, "flow_runs", out)
    tasks = httpx.post(
        f"{server}/task_runs/filter", json={"flow_runs": {"id": {"any_": [run["id"]]}}}, timeout=30
    ).json()
    names = [task["name"].rpartition("-")[0] for task in tasks]
    assert names.count("audit_part") == PARTS
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    assert {*names} == {"land", "contract", "audit_part", "rates", "merge", "gate", "exports", "publish"}


def ask(server: str, what: str, out: Path) -> list[dict[str, object]]:
    found = httpx.post(f"{server}/{what}/filter", json={}, timeout=30).json()
    return [run for run in found if run["parameters"]["out"] == str(out)]
