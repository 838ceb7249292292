"""Opening the published warehouse for reading: the one way in for reports, checks, `explain` and `sql`."""

import time
from collections.abc import Mapping
from pathlib import Path

import duckdb

from flows.exactly import literal
from flows.foreign_logs import in_use, is_in_use
from schemas.errors import SettingsError

_SWAP_SECONDS = 0.2

WAREHOUSE_FILE = "audit.duckdb"

CATALOG = "warehouse"
"""The name under which the file is attached. Opened directly, `audit.duckdb` is a catalog `audit` with a schema
`audit`, and DuckDB refuses `audit.findings` as ambiguous (docs/decisions/021-names-in-sql.md)."""


def open_published(path: Path, **config: str) -> duckdb.DuckDBPyConnection:
    """A connection that reads `path` (audit.duckdb) and in which `findings` and `audit.findings` both name the table.

    The file is attached read-only and stays the night that it was, also when a later one is published. `config`:
    DuckDB settings; a caller may take away file access afterwards. Raises SettingsError (exit 10) where there is no
    such file or it is not a warehouse.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no warehouse there; run `spine-audit run` first, or name its folder with --out")
    try:
        return _attached(path, config)
    except duckdb.IOException:  # DuckDB opens a file in several steps, and a new night may come between two of them
        time.sleep(_SWAP_SECONDS)
    except duckdb.Error as error:
        raise _unreadable(path, error) from None
    try:
        return _attached(path, config)
    except duckdb.Error as error:
        raise _unreadable(path, error) from None


def _attached(path: Path, config: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config=dict(config))
    try:
        con.execute(f"ATTACH {literal(path)} AS {CATALOG} (READ_ONLY)")
        con.execute(f"USE {CATALOG}.audit")
        con.execute("SET enable_progress_bar = false")  # standard output is for the result
    except duckdb.Error:
        con.close()
        raise
    return con


def _unreadable(path: Path, error: duckdb.Error) -> SettingsError:
    if is_in_use(error):
        return in_use(path)
    return SettingsError(
        f"{path}: not a readable warehouse ({type(error).__name__}); move the file away and run `spine-audit run` again"
    )
