"""Locked connections to the published warehouse, for people's SQL: no file, network, extension or setting reached."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from flows.exactly import literal
from flows.nights import HISTORY_FILE
from flows.publish import WAREHOUSE_FILE
from flows.published import open_published

HISTORY = "history"
"""The name under which the history is attached."""

_CONFIG: dict[str, str] = {
    "temp_directory": "",  # nothing spills: a temporary folder would be a place that queries can write to
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}


@contextmanager
def open_warehouse(out: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked, read-only connection to `out`/audit.duckdb; SettingsError (exit 10) where it can't be opened.

    Where there is a history that can be read, it is attached as `history`.
    """
    con = open_published(out / WAREHOUSE_FILE, **_CONFIG)
    try:
        if (out / HISTORY_FILE).is_file():
            with suppress(duckdb.Error):  # `doctor` says what is wrong with it
                con.execute(f"ATTACH {literal(out / HISTORY_FILE)} AS {HISTORY} (READ_ONLY)")
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
