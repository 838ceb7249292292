"""Several command lines in one process, as `python -m tests.privacy.nights PLAN`: some with something broken on purpose.

A plan is a JSON file: `commands`, each with `arguments`, `breaks` (a name of BREAKS, or null); `kept`, a folder to which
the pages of each command are copied, and the projects of its gate; `answer`, the file that tells the exit codes.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import duckdb

from .marked import MARK

QUOTED = f"{MARK}-exception"


class PanicException(BaseException):
    """As Polars names what went wrong within it."""


def _value_error(*_: Any, **__: Any) -> Any:
    error = ValueError(f"could not convert string to float: {QUOTED!r}")
    error.add_note(f"row {QUOTED}")
    raise error from KeyError(QUOTED)


def _database_error(*_: Any, **__: Any) -> Any:
    duckdb.execute("SELECT CAST($value AS INTEGER)", {"value": QUOTED})


def _panic(*_: Any, **__: Any) -> Any:
    raise PanicException(f"called `Option::unwrap()` on {QUOTED}")


def _disk_error(*_: Any, **__: Any) -> Any:
    raise OSError(28, "No space left on device", f"/tmp/{QUOTED}")


def _spoiled(merge: Callable[..., Path]) -> Callable[..., Path]:
    def merged(*args: Any) -> Path:
        path = merge(*args)
        with duckdb.connect() as con:
            con.execute(f"ATTACH '{path}' AS w")
            con.execute("UPDATE w.audit.feeds SET rows_accepted = rows_accepted + 1")
        return path

    return merged


@contextmanager
def broken(name: str | None) -> Iterator[None]:
    """With something broken inside."""
    import flows.run

    if name is None:
        yield
    elif name == "gate":
        with patch.object(flows.run, "merge_parts", _spoiled(flows.run.merge_parts)):
            yield
    else:
        target, error = BREAKS[name]
        with patch(target, error):
            yield


BREAKS: dict[str, tuple[str, Callable[..., Any]]] = {
    "contract": ("flows.run.apply_contract", _database_error),
    "as-of": ("flows.run.as_of_rule.resolve_as_of", _value_error),
    "between stages": ("flows.run.night_of", _database_error),
    "audit": ("flows.engines.processes.judge_part", _panic),
    "merge": ("flows.run.merge_parts", _value_error),
    "gate's answer": ("flows.run.QualityGate.answer", _value_error),
    "exports": ("flows.run.write_lists", _disk_error),
    "history": ("flows.run.remember", _value_error),
    "publish": ("flows.run.publish_warehouse", _value_error),
    "command line": ("flows.detect.detect_format", _value_error),
    "artifact": ("flows.recorded.markdown", _value_error),
    "alert": ("flows.alerts.open_published", _value_error),
}
"""What raises which error that quotes a patient's value."""


@contextmanager
def _gate_project(folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True)
    yield str(folder)


def main(plan_file: Path) -> None:
    """Runs the plan."""
    import flows.gate
    from flows.cli import main as command_line

    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    codes = []
    for number, command in enumerate(plan["commands"]):
        kept = Path(plan["kept"]) / str(number)
        stays = SimpleNamespace(TemporaryDirectory=lambda kept=kept, **_: _gate_project(kept / "gate"))
        with broken(command["breaks"]), patch.object(flows.gate, "tempfile", stays):
            codes.append(command_line([str(argument) for argument in command["arguments"]]))
        pages = Path(plan["out"]) / "quality"
        if pages.is_dir():
            shutil.copytree(pages, kept / "quality")
    answer: dict[str, Any] = {"codes": codes}
    if "prefect" in sys.modules:
        from prefect.settings import get_current_settings

        settings = get_current_settings()
        answer["analytics"] = settings.server.analytics_enabled
        answer["orchestration_telemetry"] = settings.cloud.enable_orchestration_telemetry
    answer["do_not_track"] = os.environ.get("DO_NOT_TRACK")
    Path(plan["answer"]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
