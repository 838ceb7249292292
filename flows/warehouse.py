"""Read-only, locked connections to the published warehouse: no file, network, extension or setting can be reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from flows.publish import WAREHOUSE_FILE
from schemas.errors import SettingsError

_CONFIG: dict[str, str | int] = {
    "temp_directory": "",  # nothing spills: a temporary folder would be a place that queries can write to
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}


@contextmanager
def open_warehouse(out: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection to `out`/audit.duckdb, schema audit first; SettingsError (exit 10) where it can't be opened."""
    path = out / WAREHOUSE_FILE
    if not path.is_file():
        raise SettingsError(f"{path}: nothing is published there yet; run `spine-audit run`, or name its folder with --out")
    try:
        con = duckdb.connect(path, read_only=True, config=_CONFIG)
    except duckdb.Error:
        raise SettingsError(f"{path}: not a warehouse that this version can open; publish it anew") from None
    try:
        con.execute("SET search_path = 'audit'")
        # After connecting: DuckDB refuses these two together with temp_directory at the start.
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
    finally:
        con.close()


def records(con: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a query as dicts; its parameters are bound."""
    result = con.execute(query, parameters) if parameters else con.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
