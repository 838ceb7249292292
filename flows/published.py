"""Opening the published warehouse for reading: the one way in for reports, checks, `explain` and `sql`."""

from pathlib import Path

import duckdb

from schemas.errors import SettingsError

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
    con = duckdb.connect(config=dict(config))
    try:
        # ATTACH takes no bound parameter: the path is quoted.
        con.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {CATALOG} (READ_ONLY)")
        con.execute(f"USE {CATALOG}.audit")
        con.execute("SET enable_progress_bar = false")  # standard output is for the result
    except duckdb.Error as error:
        con.close()
        kind = type(error).__name__
        raise SettingsError(
            f"{path}: not a readable warehouse ({kind}); move the file away and run `spine-audit run` again"
        ) from None
    return con
