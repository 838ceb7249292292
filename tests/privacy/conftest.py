"""Nights of the marked sample, through a real Prefect server and without it, and all that was said and left of them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.worklist_password import PASSWORD_VARIABLE
from tests.alerts.sink import sink
from tests.flow.conftest import started

from .marked import MARK, encoded_marks, marked_sample, marks

RUN_SECONDS = 600
PAGE = 200
LOUD = {
    "PREFECT_LOGGING_LEVEL": "DEBUG",
    "PREFECT_LOGGING_ROOT_LEVEL": "DEBUG",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "DEBUG",
    "PREFECT_SERVER_LOGGING_LEVEL": "DEBUG",
    "PREFECT_LOGGING_LOG_PRINTS": "true",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
    "PREFECT_TASKS_DEFAULT_PERSIST_RESULT": "true",
    "PREFECT_FLOWS_DEFAULT_PERSIST_RESULT": "true",
}
"""What a site may have set, and what makes Prefect tell and keep the most."""
_LENIENT = "[input]\nmax_quarantined_share = 0.9\n"


@dataclass(frozen=True)
class Extracts:
    """The marked sample, the one of the night after, and settings that accept so many broken rows."""

    first: Path
    second: Path
    settings: Path

    def night(self, extract: Path, *options: str, breaks: str | None = None, lenient: bool = True) -> dict[str, Any]:
        """A command of a plan (nights.py), but for --out."""
        settings = ["--settings", str(self.settings)] if lenient else []
        return {"arguments": ["run", "--extract", str(extract), *settings, *options], "breaks": breaks}


@pytest.fixture(scope="session")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Extracts:
    folder = tmp_path_factory.mktemp("marked")
    (folder / "site.toml").write_text(_LENIENT, encoding="utf-8")
    first, second = marked_sample(folder / "first"), marked_sample(folder / "second", is_second=True)
    return Extracts(first, second, folder / "site.toml")


@dataclass
class Left:
    """What a plan left. out: the folder of the results. open: all that may hold no mark; identified output is not in it."""

    out: Path
    folder: Path
    answer: dict[str, Any]
    stdout: str
    stderr: str
    heard: list[dict[str, Any]]
    mails: list[str] = field(default_factory=list)

    def open(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of everything that may hold no mark."""
        yield "standard output", self.stdout.encode()
        yield "standard error", self.stderr.encode()
        for number, mail in enumerate(self.mails):
            yield f"mail {number}", mail.encode()
        for place in ("kept", "home", "server", "temporary", "api"):
            yield from _files(self.folder / place)
        for place in ("quality", "runs", ".prefect"):
            yield from _files(self.out / place)
        yield ".lock", (self.out / ".lock").read_bytes()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder.parent))
            yield f"the name of {name}", name.encode()
            yield name, path.read_bytes()


def found(content: bytes) -> list[str]:
    """The marks in a content, with what stands around the first place of each."""
    lower = content.lower()
    hits = [(name, lower.find(mark)) for name, mark in marks().items()]
    unbroken = content.replace(b"\n", b"")
    hits += [(name, unbroken.find(mark)) for name, mark in encoded_marks().items()]
    return [f"{name}: {content[max(0, at - 60) : at + 90]!r}" for name, at in hits if at >= 0]


def run_plan(folder: Path, commands: Sequence[dict[str, Any]], *, url: str | None = None) -> Left:
    """Runs a plan in a process of its own; url: the API of the Prefect server."""
    out, here = folder / "out", Path(__file__).resolve().parent
    for name in ("kept", "home", "temporary"):
        (folder / name).mkdir(exist_ok=True)
    plan = {
        "commands": [{**c, "arguments": [*c["arguments"], "--out", str(out)]} for c in commands],
        "out": str(out),
        "kept": str(folder / "kept"),
        "answer": str(folder / "answer.json"),
    }
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (folder / "heard.jsonl").touch()
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "GX_", "DO_NOT"))}
    given |= {**LOUD, "HEARD": str(folder / "heard.jsonl"), "TMPDIR": str(folder / "temporary")}
    given |= {PASSWORD_VARIABLE: f"{MARK}-password"}  # a secret of a run, to be found nowhere like the patients'
    given["PYTHONPATH"] = os.pathsep.join([str(here / "heard"), str(here.parents[1])])
    if url:
        given |= {"PREFECT_API_URL": url, "PREFECT_HOME": str(folder / "home")}
    with sink() as mail:
        ended = subprocess.run(
            [sys.executable, "-m", "tests.privacy.nights", str(folder / "plan.json")],
            env=given | {"SPINE_AUDIT_NOTIFY_URLS": mail.address},
            capture_output=True, text=True, timeout=RUN_SECONDS, check=False, umask=0o022,
        )  # fmt: skip
        mails = [*mail.texts, *(raw.decode("utf-8", "replace") for raw in mail.raw)]
    assert ended.returncode == 0, ended.stderr
    heard = [json.loads(line) for line in (folder / "heard.jsonl").read_text(encoding="utf-8").splitlines()]
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    return Left(out, folder, answer, ended.stdout, ended.stderr, heard, mails)


@contextmanager
def prefect_server(folder: Path) -> Iterator[str]:
    """A real server whose home is `folder`/server; its answers to all questions are in `folder`/api at the end."""
    (folder / "server").mkdir()
    with started(folder / "server", PREFECT_SERVER_LOGGING_LEVEL="DEBUG", PREFECT_LOGGING_LEVEL="DEBUG") as url:
        yield url
        time.sleep(2)  # the last events and logs are on their way
        (folder / "api").mkdir()
        for what in ("flows", "flow_runs", "task_runs", "logs", "artifacts", "deployments", "variables", "events"):
            (folder / "api" / f"{what}.json").write_text(json.dumps(list(_asked(url, what))), encoding="utf-8")


def _asked(url: str, what: str) -> Iterator[Any]:
    if what == "events":
        yield httpx.post(f"{url}/events/filter", json={"limit": 50}, timeout=60).json()
        return
    for offset in range(0, 100 * PAGE, PAGE):
        answer = httpx.post(f"{url}/{what}/filter", json={"limit": PAGE, "offset": offset}, timeout=60)
        rows = answer.raise_for_status().json()
        yield from rows
        if len(rows) < PAGE:
            return
