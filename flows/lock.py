"""One run at a time in an out folder: a lock of the operating system, freed by the kernel when its holder dies."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import LockedError
from schemas.errors import SettingsError


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Holds `out`/.lock; LockedError (15) naming the holder where another run has it, SettingsError (10)."""
    path = out / ".lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(f"{path}: can't be written ({error.strerror}); name another folder with --out") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"{path} is held by {_named(descriptor)}: wait until it is done, or use another --out"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def held_by(out: Path) -> str | None:
    """Who holds `out`/.lock, None where nobody does. For that moment nobody can take it; the file is not touched.

    Raises SettingsError (10) where this user may not look.
    """
    path = out / ".lock"
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({error.strerror}); be the user to whom it belongs") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named(descriptor)
    finally:
        os.close(descriptor)
    return None


def _named(descriptor: int) -> str:
    """The holder, as it wrote itself into the file."""
    return os.read(descriptor, 200).decode("utf-8", "replace").strip() or "another run"
