"""One real Prefect server for the session, and the command line in processes of its own, as a site would have it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

START_SECONDS = 240
RUN_SECONDS = 300
Spine = Callable[..., subprocess.CompletedProcess[str]]


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would lead Prefect elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"} | more


@pytest.fixture(scope="session")
def spine() -> Spine:
    """Runs the command line; `PREFECT_...` keywords become its environment."""

    def call(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from flows.cli import script; script()", *map(str, arguments)]
        return subprocess.run(
            command, env=environment(**more), capture_output=True, text=True, timeout=RUN_SECONDS, check=False
        )

    return call


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API address of a real `prefect server start`."""
    with started(tmp_path_factory.mktemp("prefect")) as url:
        yield url


@contextmanager
def started(home: Path, **more: str) -> Iterator[str]:
    """The API address of a real `prefect server start` while inside. more: of its environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    prefect = shutil.which("prefect", path=str(Path(sys.executable).parent)) or "prefect"
    with (
        (home / "server.log").open("w") as log,
        subprocess.Popen(
            [prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=environment(PREFECT_HOME=str(home), PREFECT_SERVER_UI_ENABLED="false", **more),
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait(url, process)
            yield url
        finally:
            process.terminate()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        try:
            if httpx.get(f"{url}/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise TimeoutError("the server did not start")
