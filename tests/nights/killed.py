"""A night that kills itself: `python -m tests.nights.killed EXTRACT SETTINGS OUT WHEN`.

WHEN: `stage N` kills before the Nth stage, `step N` at the Nth time that a file or folder below OUT is made, renamed or
removed, `after S` S seconds after the start; `full N` kills nothing, but no file may grow beyond N bytes, as if the disk
were full.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

_STEPS = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink", "shutil.rmtree", "shutil.copyfile")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    extract, settings_file, out, how, when = sys.argv[1:]
    import flows.run
    from flows.errors import directly
    from flows.settings import load_settings
    from schemas.errors import AuditError
    from tests.gate_aside import GateAside

    patch.object(
        flows.run, "QualityGate", GateAside
    ).start()  # it takes longer than all the rest, and writes nothing of the night

    settings = load_settings(extract=Path(extract), out=Path(out), settings_file=Path(settings_file))
    call: Callable[..., Any] = directly
    if how == "full":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(when), int(when)))
    elif how == "after":
        timer = threading.Timer(float(when), die)
        timer.daemon = True
        timer.start()
    elif how == "stage":
        stages = iter(range(1, 1000))

        def call(stage: Callable[..., Any], /, *args: Any) -> Any:
            if next(stages) == int(when):
                die()
            return directly(stage, *args)
    else:
        steps = iter(range(1, 100_000))

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event in _STEPS and args and str(args[0]).startswith(out) and next(steps) == int(when):
                die()

        sys.addaudithook(hook)
    try:
        flows.run.night(settings, call=call)
    except AuditError as error:
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
