"""The gate's process: `python -m flows.quality ANSWER` imports, reads from its standard input what to judge, and answers with
a file. Both are JSON. Where nothing is asked it ends without a word.

Nothing is written to a stream that is read: what libraries say may quote a row. A failure is answered with class and
place only.
"""

import contextlib
import json
import os
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from flows.private import UMASK

ENVIRONMENT = {
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
"""Great Expectations' telemetry is off before it is imported."""


def main(answer_file: Path) -> None:
    """Imports, judges, renders, and writes the answer."""
    os.environ.update(ENVIRONMENT)
    os.umask(UMASK)
    threading.Thread(target=_end_with_the_run, args=(os.getppid(),), daemon=True).start()
    try:
        began = time.monotonic()
        import_module("flows.quality.checkpoint")
        import_seconds = time.monotonic() - began
        request = sys.stdin.read()
        if not request:
            return
        answer = answered(json.loads(request)) | {"import_seconds": import_seconds}
    except BaseException as error:
        from flows.errors import place

        answer = {"failed": place(error)}
    answer_file.write_text(json.dumps(answer), encoding="utf-8")


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """The answer: what was found, and the seconds that it took."""
    from flows.quality import checkpoint
    from flows.quality.docs import offline
    from flows.quality.verdict import verdicts
    from flows.quality.warehouse import Warehouse
    from reports.quality import page

    began = time.monotonic()
    project, site = Path(request["project"]), Path(request["site"])
    before = Path(request["before"]) if request["before"] else None
    with contextlib.closing(Warehouse(Path(request["merged"]), before, request["variables"], project)) as warehouse:
        answers = checkpoint.run_checks(warehouse, request["blocking"], project)
    found = verdicts(answers, request["blocking"])
    offline(checkpoint.data_docs(project), site / "details")
    (site / "index.html").write_text(
        page(found.groups, request["as_of"], had_before=before is not None, compares=warehouse.compares),
        encoding="utf-8",
    )
    return {"blocked": found.blocked, "warnings": found.warnings, "seconds": time.monotonic() - began}


def _end_with_the_run(run: int) -> None:
    """A run that is killed can't end this process."""
    while os.getppid() == run:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # all is written and closed; to take the libraries apart would only keep the run waiting
