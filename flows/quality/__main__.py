"""The gate's process: `python -m flows.quality REQUEST`, a JSON file that says what to judge; answers with another one.

Nothing is written to a stream that is read: what libraries say may quote a row. A failure is answered with class and
place only.
"""

import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from flows.private import UMASK

ENVIRONMENT = {
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
"""Great Expectations' telemetry is off before it is imported."""


def main(request_file: Path) -> None:
    """Judges, renders, and writes the answer where the request says."""
    os.environ.update(ENVIRONMENT)
    os.umask(UMASK)
    threading.Thread(target=_end_with_the_run, args=(os.getppid(),), daemon=True).start()
    request = json.loads(request_file.read_text(encoding="utf-8"))
    answer_file = Path(request["answer"])
    try:
        answer = answered(request)
    except BaseException as error:
        from flows.errors import place

        answer = {"failed": place(error)}
    answer_file.write_text(json.dumps(answer), encoding="utf-8")


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """The answer: what was found, and the seconds of the import and of the checks."""
    from flows.quality.warehouse import Warehouse

    project, site = Path(request["project"]), Path(request["site"])
    before = Path(request["before"]) if request["before"] else None
    with contextlib.closing(Warehouse(Path(request["merged"]), before, request["variables"], project)) as warehouse:
        began = time.monotonic()
        from flows.quality import checkpoint

        imported = time.monotonic()
        answers = checkpoint.run_checks(warehouse, request["blocking"], project)

    from flows.quality.docs import offline
    from flows.quality.verdict import verdicts
    from reports.quality import page

    found = verdicts(answers, request["blocking"])
    offline(checkpoint.data_docs(project), site / "details")
    (site / "index.html").write_text(
        page(found.groups, request["as_of"], had_before=before is not None, compares=warehouse.compares),
        encoding="utf-8",
    )
    return {
        "blocked": found.blocked,
        "warnings": found.warnings,
        "import_seconds": imported - began,
        "seconds": time.monotonic() - imported,
    }


def _end_with_the_run(run: int) -> None:
    """A run that is killed can't end this process."""
    while os.getppid() == run:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
