"""Private files: folders 0700, files 0600, replaced in one step, temporary work removed."""

import ctypes
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import SettingsError

UMASK = 0o077
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Of Linux's renameat2."""
WORK_PREFIX = ".work-"


@contextmanager
def private_umask() -> Iterator[None]:
    """Everything created inside is for the owner only, also what libraries create."""
    before = os.umask(UMASK)
    try:
        yield
    finally:
        os.umask(before)


def make_folder(path: Path) -> Path:
    """`path` as a folder of mode 0700, with its parents; one that is there keeps its mode. SettingsError (10)."""
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700)
        if not path.is_dir():
            raise SettingsError(f"{path}: not a folder; name another one with --out")
    except OSError as error:
        raise SettingsError(
            f"{path}: the folder can't be made ({error.strerror}); name another one with --out"
        ) from None
    return path


@contextmanager
def work_folder(parent: Path | None = None) -> Iterator[Path]:
    """A private folder for one run's work, removed at the end; in `parent`, or in the system's temporary folder.

    SettingsError (exit 10) where it can't be made.
    """
    prefix = WORK_PREFIX if parent else "spine-audit-"
    try:
        # Absolute: DuckDB and Arrow take a relative path such as `s3:x` for an address.
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent and parent.absolute()))
    except OSError as error:
        place = parent or tempfile.gettempdir()
        remedy = "name another folder with --out" if parent else "set TMPDIR"
        raise SettingsError(f"{place}: can't be written to ({error.strerror}); {remedy}") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_private(path: Path, what: str, hint: str = "") -> Path:
    """A file that holds secrets; SettingsError (exit 10) where it is not there, or not for its owner only. Nothing is read.

    what: the setting that names it; hint: what more to say where there is no such file.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        mode = 0
    if not stat.S_ISREG(mode):
        raise SettingsError(f"{what}: {path}: no such file{hint}")
    if mode & 0o077:
        raise SettingsError(f"{what}: {path} is open to others, and may hold passwords: chmod 600 {path}")
    if not os.access(path, os.R_OK):
        raise SettingsError(f"{what}: {path} can't be read by this user; it belongs to the one who runs the audit")
    return path


def leftovers(out: Path) -> list[Path]:
    """What killed runs left in `out`; while a run holds the lock, also what it is working on."""
    patterns = (f"{WORK_PREFIX}*", ".audit.duckdb*", "reports/.latest-*", "runs/*/.receipt.json.*")
    return [path for pattern in patterns for path in out.glob(pattern)]


def remove_leftovers(out: Path) -> int:
    """Removes what killed runs left in `out`; only while the lock is held. Returns how many folders and files went."""
    found = leftovers(out)
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(found)


def write_text(path: Path, text: str) -> Path:
    """Writes a file of mode 0600 in one step: a reader sees the old or the new content, never a part."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp makes it 0600
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
    return path


def write_bytes(path: Path, content: bytes) -> Path:
    """Writes a new file of mode 0600, in a folder that is published only later."""
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def replace_link(link: Path, target: str) -> None:
    """Points the symbolic link `link` at `target` (relative to it) in one step."""
    temporary = link.with_name(f".{link.name}-{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


def replace_folder(folder: Path, final: Path) -> None:
    """Moves `folder` to `final`, in one step also where that exists: a reader finds the old or the new one, never none.

    What was there is removed.
    """
    try:
        folder.rename(final)
        return
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    if not _exchange(folder, final):  # elsewhere than on Linux: for a moment it is gone
        old = folder.with_name(f"{folder.name}.old")
        final.rename(old)
        folder.rename(final)
        folder = old
    shutil.rmtree(folder, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Lets two names change places in one step; False where the system has no such call."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    return call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0


def sync(path: Path) -> None:
    """Has the system write a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Has the system write a folder and all that is in it to the disk."""
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
