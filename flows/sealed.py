"""A folder that knows its files by their hashes: what was kept over a day is believed only while they are the same."""

import hashlib
import json
from pathlib import Path

_SEAL = "sha256.json"


def seal(folder: Path) -> None:
    """Writes the SHA-256 of every Parquet file of `folder` beside them."""
    (folder / _SEAL).write_text(json.dumps(_hashes(folder), indent=1), encoding="utf-8")


def is_sealed(folder: Path) -> bool:
    """Whether every Parquet file is there and as it was sealed, and no other one."""
    try:
        return json.loads((folder / _SEAL).read_text(encoding="utf-8")) == _hashes(folder)
    except (OSError, ValueError, RecursionError):
        return False


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: _sha256(path) for path in sorted(folder.glob("*.parquet"))}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
