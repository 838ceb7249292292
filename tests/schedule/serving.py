"""`spine-audit serve` in a process of its own, and its Prefect server asked through the API, as an operator would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 300
RUN_SECONDS = 300
STOP_SECONDS = 90
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


@dataclass
class Served:
    """One that serves. log: its standard error."""

    out: Path
    process: subprocess.Popen[bytes]
    log: Path
    url: str
    secret: str

    def ask(self, what: str, **content: Any) -> Any:
        """The answer to a question that needs the secret: a list of what there is, or one thing made."""
        return self._answer("POST", what, json=content)

    def get(self, what: str) -> Any:
        return self._answer("GET", what)

    def _answer(self, method: str, what: str, **content: Any) -> Any:
        """Asked again while the server is busy (503), as Prefect's own clients do."""
        user, _, password = self.secret.partition(":")

        def answer() -> httpx.Response | None:
            got = httpx.request(method, f"{self.url}/{what}", auth=(user, password), timeout=30, **content)
            return None if got.status_code == 503 else got

        return wait_for(lambda: [got] if (got := answer()) is not None else None)[0].raise_for_status().json()

    def begin(self) -> str:
        """Asks for a run now; its id."""
        deployment = self.get("deployments/name/nightly-audit/nightly")
        made = self.ask(f"deployments/{deployment['id']}/create_flow_run", state={"type": "SCHEDULED"})
        return made["id"]

    def ended(self, run: str) -> dict[str, Any]:
        """A run once it has ended."""
        return wait_for(lambda: next((r for r in [self.get(f"flow_runs/{run}")] if r["state_type"] in ENDED), None))

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def is_answering(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        except httpx.TransportError:
            return False


def wait_for(look: Callable[[], Any], seconds: float = RUN_SECONDS) -> Any:
    """What `look` gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.5)
    raise TimeoutError("waited in vain")


def environment() -> dict[str, str]:
    """This process's environment without what would lead Prefect elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from flows.cli import script; script()", *map(str, arguments)]


@contextmanager
def serving(out: Path, *options: object) -> Iterator[Served]:
    """Serves the sample into `out` while inside."""
    log = out.with_name("serve.log")
    with log.open("wb") as file:
        process = subprocess.Popen(
            command("serve", "--out", out, *options), env=environment(), stdout=file, stderr=file, cwd=Path.cwd()
        )
    try:
        wait_for(lambda: process.poll() is not None or b"schedule: " in log.read_bytes(), START_SECONDS)
        assert process.poll() is None, log.read_text()
        access = dict(line.split("=", 1) for line in (out / ".prefect" / "server.env").read_text().splitlines())
        served = Served(out, process, log, access["PREFECT_API_URL"], access["PREFECT_API_AUTH_STRING"])
        wait_for(lambda: httpx.get(f"{served.url}/health", timeout=5).is_success)
        wait_for(lambda: served.ask("deployments/filter"))
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_SECONDS)
