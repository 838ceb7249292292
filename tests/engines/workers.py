"""What a worker process may run into. Found by its name in a process that is started anew."""

import os
import signal
import sys
import time
from pathlib import Path

from flows.engines import processes
from schemas.errors import ContentError


def dies(file: str, number: int, clean: str, stored: str, before: str | None) -> None:
    """Killed, as for want of memory, whenever it is tried."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuses(file: str, number: int, clean: str, stored: str, before: str | None) -> None:
    """Ends with an error of ours."""
    raise ContentError("parameter x is bad")


def waits(file: str, number: int, clean: str, stored: str, before: str | None) -> None:
    """Leaves its process id in the part's folder, and is at work for ever."""
    Path(stored).write_text(str(os.getpid()))
    time.sleep(3600)


def run_for_ever(folder: Path) -> None:
    """A run whose two workers are at work for ever."""
    processes.judge_from = waits
    parts = [("", number, "", str(folder / f"{number}"), None) for number in range(3)]
    processes._judge(parts, 2, lambda: None, print)


if __name__ == "__main__":
    run_for_ever(Path(sys.argv[1]))
