"""What another program wrote into a published file and did not bring to its end: DuckDB's write-ahead log beside it.

Beside tonight's file a log of last night's would keep everybody out of it. It is no part of the audit, and never read.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

from schemas.errors import SettingsError

ASIDE = ".set-aside"


def set_aside(file: Path, warn: Callable[[str], None]) -> None:
    """Moves the log of `file` out of the way, and says so. SettingsError (10) where a program has the file open for writing."""
    log = file.with_name(f"{file.name}.wal")
    if not log.exists():
        return
    try:
        duckdb.connect(file.absolute(), read_only=True).close()
    except duckdb.Error as error:
        if is_in_use(error):
            raise in_use(file) from None
    aside = log.with_name(f"{log.name}{ASIDE}")
    log.replace(aside)
    warn(
        f"{log}: another program wrote into {file.name}; what it wrote is no part of the audit and was moved to {aside}"
    )


def is_in_use(error: duckdb.Error) -> bool:
    """Whether a file could not be opened because another program writes to it."""
    return isinstance(error, duckdb.IOException) and "lock" in str(error)


def in_use(file: Path) -> SettingsError:
    """Says so."""
    return SettingsError(
        f"{file}: another program has it open for writing; close it there, and open it read-only (duckdb -readonly)"
    )
