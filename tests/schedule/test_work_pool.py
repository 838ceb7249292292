"""The deployment of prefect.yaml, run by a worker of a process work pool."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .serving import Served, environment, serving

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 300


def prefect(served: Served, *arguments: object) -> None:
    """Prefect's own command line, against the server of `served`."""
    access = dict(line.split("=", 1) for line in (served.out / ".prefect" / "server.env").read_text().splitlines())
    subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *map(str, arguments)],
        env=environment() | access, cwd=ROOT, check=True, capture_output=True, timeout=WAIT_SECONDS,
    )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """prefect.yaml with the paths of this machine."""
    settings = tmp_path / "site.toml"
    settings.write_text('timezone = "Europe/Berlin"\n')
    text = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
    for written, own in {
        "/srv/spine-audit": ROOT,
        "/data/tonight": ROOT / "data" / "sample",
        "/srv/audit-settings/site.toml": settings,
        "/srv/audit\n": f"{tmp_path / 'deployed'}\n",
    }.items():
        assert written in text
        text = text.replace(written, str(own))
    path = tmp_path / "prefect.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_worker_runs_the_deployment(site: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "out", "--name", "served") as served:
        prefect(served, "work-pool", "create", "spine-audit", "--type", "process")
        prefect(served, "deploy", "--all", "--prefect-file", site)
        run = served.begin()
        prefect(served, "worker", "start", "--pool", "spine-audit", "--limit", "1", "--run-once")
        done: dict[str, Any] = served.ended(run)
        assert done["state_type"] == "COMPLETED"
        assert done["work_pool_name"] == "spine-audit"
        assert (tmp_path / "deployed" / "audit.duckdb").stat().st_mode & 0o077 == 0
        deployment = served.get("deployments/name/nightly-audit/nightly")
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
