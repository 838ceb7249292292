"""Errors at the boundary: which line a user sees, and with which exit code the program ends (specification, section 4).

A message of our own (AuditError) is shown as it is: it holds no value of a patient's row. Of any other exception only
class, file and line are shown, never its text: those of DuckDB, Polars and Pandera quote the record that failed.
"""

import errno
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from schemas.errors import AuditError

_HOME = Path(__file__).resolve().parent.parent
_OURS = ("flows", "transforms", "schemas", "reports", "sql")


class LockedError(AuditError):
    """Another run holds the lock of the out folder."""

    exit_code = 15


class GateError(AuditError):
    """The quality gate holds the night back."""

    exit_code = 14


class StageError(AuditError):
    """A stage broke down for a reason that is not the user's; `transient` says that trying again may help."""

    exit_code = 1

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


def place(error: BaseException) -> str:
    """Where an exception arose: class, file and line of our own code that is nearest to it, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _relative(frame.filename) is not None]
    name = type(error).__name__
    if not frames:
        return name
    frame = (ours or frames)[-1]
    return f"{name} at {_relative(frame.filename) or Path(frame.filename).name}:{frame.lineno}"


def failed(error: BaseException, during: str) -> StageError:
    """The error that may be shown in place of `error`; made anew, so that no handler prints the one behind it."""
    if is_full_disk(error):
        return StageError(
            f"{during} failed: the disk is full; nothing was published. Free room where the out folder lies (`spine-audit"
            " doctor` says how much a run takes), and run again."
        )
    return StageError(
        f"{during} failed: {place(error)} (the message is withheld, it may quote a record); nothing was published."
        " Run `spine-audit doctor`; if it finds nothing, report this line.",
        transient=isinstance(error, OSError) or type(error).__name__ == "IOException",
    )


def is_failure(error: BaseException) -> bool:
    """Whether something went wrong, rather than was asked for: a panic within Polars is no Exception by name."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def is_full_disk(error: BaseException) -> bool:
    """Whether there was no room to write: libraries give the system's words on in errors of their own."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error)


def is_interruption(error: BaseException) -> bool:
    """Whether it is a Ctrl-C that came while DuckDB was at work, which makes an error of its own of it."""
    return type(error) is RuntimeError and str(error) == "Query interrupted"


def directly(stage: Callable[..., Any], /, *args: Any) -> Any:
    """Runs a stage as the plain function that it is; an error that isn't ours comes out without its text."""
    try:
        return stage(*args)
    except AuditError:
        raise
    except BaseException as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        if not is_failure(error):
            raise
        problem = failed(error, stage.__name__.lstrip("_"))
    raise problem  # outside of the handler: nothing that reports it can reach the error behind it


def _relative(filename: str) -> str | None:
    """The file's path below the package root where it is our code, else None."""
    try:
        path = Path(filename).resolve().relative_to(_HOME)
    except ValueError:
        return None
    return str(path) if path.parts[0] in _OURS else None
