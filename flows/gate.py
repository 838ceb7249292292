"""The quality gate: the warehouse file is judged before it is published, by a process of its own.

That process alone imports Great Expectations, which takes seconds and memory, and holds the file under a configuration of
its own. It works in a private folder that is removed; what it says is words and numbers, no value of a patient's row.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.errors import StageError
from flows.private import WORK_PREFIX
from flows.quality.checks import BOUNDS, KINDS
from schemas.local_codes import LOCAL_CODES
from schemas.parameters import Section

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


def quality_gate(merged: Path, before: Path | None, gate: Section, as_of: date, site: Path) -> GateResult:
    """Judges the whole warehouse file `merged`, not yet published, and fills the new folder `site` with its pages.

    before: last night's audit.duckdb, where there is one. gate: parameters.gate. Raises StageError (exit 1) where the
    checks could not be made.
    """
    site.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{WORK_PREFIX}gate-", dir=site.parent) as name:
        project = Path(name).resolve()  # the process starts there
        request, answer = project / "request.json", project / "answer.json"
        request.write_text(json.dumps(asked(merged, before, gate, as_of, site, project, answer)), encoding="utf-8")
        ended = subprocess.run(
            [sys.executable, "-m", "flows.quality", str(request)],
            cwd=project,
            env=os.environ | {"HOME": str(project), "TMPDIR": str(project), "PYTHONPATH": _python_path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8")) if answer.is_file() else {}
    if "blocked" not in said:
        why = said.get("failed", f"its process ended with {ended}: killed, or out of memory")
        raise StageError(
            f"quality gate failed: {why}; nothing was published. Run `spine-audit doctor`; if it finds nothing, report"
            " this line."
        )
    return GateResult(tuple(said["blocked"]), tuple(said["warnings"]), said["import_seconds"], said["seconds"])


def asked(
    merged: Path, before: Path | None, gate: Section, as_of: date, site: Path, project: Path, answer: Path
) -> dict[str, Any]:
    """What the gate's process is told: paths, a date, switches and bounds."""
    bounds = {name: gate[name] for name in BOUNDS}
    return {
        "merged": str(merged.resolve()),
        "before": str(before.resolve()) if before is not None else None,
        "as_of": as_of.isoformat(),
        "site": str(site.resolve()),
        "project": str(project.resolve()),
        "answer": str(answer.resolve()),
        "blocking": {kind: gate[f"block_{kind}"] for kind in KINDS},
        "variables": {"as_of": as_of.isoformat(), "local_codes": list(LOCAL_CODES), **bounds},
    }


def _python_path() -> str:
    """Where the process finds this package, whatever folder it starts in."""
    return os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
