"""The files that the gate looks at, as DuckDB opens them: read-only, the names of the SQL files in force."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from flows.exactly import literal
from flows.quality.checks import CHECKS

MEMORY_LIMIT = "2GiB"


class Warehouse:
    """The file that is judged, and last night's, each read-only in one process."""

    def __init__(self, merged: Path, before: Path | None, variables: Mapping[str, Any], work: Path) -> None:
        config: dict[str, Any] = {
            "temp_directory": str(work / "spill"),
            "threads": min(os.cpu_count() or 1, 4),
            "memory_limit": MEMORY_LIMIT,
        }
        self._con = duckdb.connect(config=config)
        self._con.execute(f"ATTACH {literal(merged)} AS warehouse (READ_ONLY)")
        self._variables = variables
        self.compares = before is not None
        if before is not None:
            try:
                self._con.execute(f"ATTACH {literal(before)} AS before (READ_ONLY)")
                self._understand_before()
            except duckdb.Error:  # of another version, or no warehouse: publishing will say so
                self.compares = False

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own in which the names of the SQL files hold."""
        con = self._con.cursor()
        con.execute("USE warehouse.audit")
        con.execute("SET enable_progress_bar = false")
        for name, value in self._variables.items():
            con.execute(f"SET VARIABLE {name} = $value", {"value": value})
        return con

    def _understand_before(self) -> None:
        with self.cursor() as con:
            for check in CHECKS:
                if check.compares:
                    con.execute(f"EXPLAIN {check.file.text}").fetchall()

    def close(self) -> None:
        """Lets go of both files."""
        self._con.close()
