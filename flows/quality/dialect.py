"""DuckDB as SQLAlchemy sees it, so that Great Expectations can ask it (docs/decisions/027-quality-gate.md).

Two differences from duckdb-engine's dialect: results are buffered at once, because its cursor is the connection and
loses them when that is closed; and columns are read from duckdb_columns(), not from tables of Postgres that DuckDB lacks.
"""

from typing import Any

from duckdb_engine import Dialect as DuckDBDialect
from sqlalchemy import text
from sqlalchemy import types as sql_types
from sqlalchemy.dialects import registry
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.exc import NoSuchTableError

NAME = "duckdb+gate"

_TYPES: dict[str, type[sql_types.TypeEngine[Any]]] = {
    "BIGINT": sql_types.BigInteger,
    "INTEGER": sql_types.Integer,
    "SMALLINT": sql_types.SmallInteger,
    "TINYINT": sql_types.SmallInteger,
    "UBIGINT": sql_types.Numeric,
    "UINTEGER": sql_types.BigInteger,
    "UTINYINT": sql_types.SmallInteger,
    "DOUBLE": sql_types.Double,
    "BOOLEAN": sql_types.Boolean,
    "DATE": sql_types.Date,
    "TIMESTAMP": sql_types.TIMESTAMP,
}
_COLUMNS = """
    SELECT column_name, data_type, is_nullable, column_default
    FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = :schema AND table_name = :table
    ORDER BY column_index
"""


class _Context(DuckDBDialect.execution_ctx_cls):  # type: ignore[misc, valid-type]
    def post_exec(self) -> None:
        super().post_exec()
        cursor = self.cursor
        if cursor is not None and cursor.description:  # a few rows: they are counts
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=cursor.fetchall())


class Dialect(DuckDBDialect):
    """duckdb-engine's dialect with results that outlive their connection."""

    driver = "gate"
    supports_statement_cache = True
    execution_ctx_cls = _Context

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """name, type and default of each column of a table of the current catalog."""
        rows = connection.execute(text(_COLUMNS), {"table": table_name, "schema": schema or "audit"}).all()
        if not rows:
            raise NoSuchTableError(table_name)
        return [
            {
                "name": name,
                "type": _TYPES.get(kind.split("(")[0], sql_types.String)(),
                "nullable": bool(nullable),
                "default": default,
                "autoincrement": False,
                "comment": None,
            }
            for name, kind, nullable, default in rows
        ]

    def get_multi_columns(
        self,
        connection: Any,
        schema: Any = None,
        filter_names: Any = None,
        scope: Any = None,
        kind: Any = None,
        **kw: Any,
    ) -> Any:
        """The same of several tables."""
        names = filter_names or self.get_table_names(connection, schema)
        return [((schema, name), self.get_columns(connection, name, schema)) for name in names]


registry.register(NAME.replace("+", "."), __name__, "Dialect")
