"""The quality gate: the warehouse file is judged before it is published, by a process of its own.

That process alone imports Great Expectations, which takes seconds and memory, and holds the file under a configuration of
its own. It is started early, to import beside other work, and checks while the lists are written. It works in a private
folder that is removed; what it says is words and numbers, no value of a patient's row.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from flows.errors import StageError
from flows.private import WORK_PREFIX
from flows.quality.checks import BOUNDS, KINDS
from schemas.local_codes import LOCAL_CODES
from schemas.parameters import Section

ANSWER = "answer.json"
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class GateResult:
    """What the gate says of a night, in plain words."""

    blocked: tuple[str, ...]
    """Why it may not be published; empty: it may."""
    warnings: tuple[str, ...]
    import_seconds: float
    """What importing Great Expectations took."""
    seconds: float
    """What the checks and their pages took."""


class QualityGate:
    """The gate's process: `start`ed once, `ask`ed once, its `answer` awaited. It ends with the `with` block, whatever it is at."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._open = ExitStack()
        self._project: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(self) -> None:
        """Lets the process begin to import; nothing where it is at it. One that has died meanwhile is followed by another."""
        if self._process is not None and self._process.poll() is None:
            return
        folder = tempfile.TemporaryDirectory(prefix=f"{WORK_PREFIX}gate-", dir=self._work, ignore_cleanup_errors=True)
        home = self._open.enter_context(folder)
        self._project = Path(home).resolve()  # the process starts there
        self._process = self._open.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "flows.quality", str(self._project / ANSWER)],
                cwd=self._project,
                env=os.environ
                | {"HOME": str(self._project), "TMPDIR": str(self._project), "PYTHONPATH": _python_path()},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        self._open.callback(self._process.kill)

    def ask(self, merged: Path, before: Path | None, gate: Section, as_of: date, site: Path) -> None:
        """Has the whole warehouse file `merged`, not yet published, judged, and the new folder `site` filled with the pages.

        before: last night's audit.duckdb, where there is one. gate: parameters.gate. Until the answer is there nobody may
        write to either file.
        """
        self.start()
        assert self._project is not None
        assert self._process is not None
        assert self._process.stdin is not None
        site.mkdir(mode=0o700, exist_ok=True)
        request = json.dumps(asked(merged, before, gate, as_of, site, self._project))
        with suppress(BrokenPipeError), self._process.stdin as stream:  # of a dead one the answer will tell
            stream.write(request.encode())

    def answer(self) -> GateResult:
        """What the gate says. StageError (exit 1) where the checks could not be made."""
        assert self._project is not None
        assert self._process is not None
        ended, file = self._process.wait(), self._project / ANSWER
        said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        if "blocked" not in said:
            why = said.get("failed", f"its process ended with {ended}: killed, or out of memory")
            raise StageError(
                f"quality gate failed: {why}; nothing was published. Run `spine-audit doctor`; if it finds nothing, report"
                " this line."
            )
        return GateResult(tuple(said["blocked"]), tuple(said["warnings"]), said["import_seconds"], said["seconds"])


def asked(merged: Path, before: Path | None, gate: Section, as_of: date, site: Path, project: Path) -> dict[str, Any]:
    """What the gate's process is told: paths, a date, switches and bounds."""
    bounds = {name: gate[name] for name in BOUNDS}
    return {
        "merged": str(merged.resolve()),
        "before": str(before.resolve()) if before is not None else None,
        "as_of": as_of.isoformat(),
        "site": str(site.resolve()),
        "project": str(project.resolve()),
        "blocking": {kind: gate[f"block_{kind}"] for kind in KINDS},
        "variables": {"as_of": as_of.isoformat(), "local_codes": list(LOCAL_CODES), **bounds},
    }


def _python_path() -> str:
    """Where the process finds this package, whatever folder it starts in."""
    return os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
