"""Publishing: the tables of a run become `out/audit.duckdb` in one step, or nothing changes.

The file is written whole beside the old one and renamed over it: the rename is the commit. A reader who has the old
file open keeps it; whoever opens the name next gets the new one. No message here quotes a value of a row.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from flows.private import make_folder, work_folder
from flows.sql_files import SqlFile, sql_file
from schemas.columns import Column, Table
from schemas.errors import AuditError
from schemas.warehouse import DATA_DICTIONARY, VIEWS, WAREHOUSE

WAREHOUSE_FILE = "audit.duckdb"
STORAGE_VERSION = "v1.5.0"
"""The storage format that DuckDB 1.5 and newer read (docs/decisions/020-storage-version.md)."""


class PublishError(AuditError):
    """The tables aren't what the warehouse declares: nothing was published."""

    exit_code = 14


def publish(tables: Mapping[str, pl.DataFrame], out: Path, *, memory_limit: str | None = None) -> Path:
    """Write every declared table, its comments, the data dictionary and the views to `out/audit.duckdb`; the new path.

    tables: a frame for each table of schemas/warehouse.py but data_dictionary, with exactly the declared columns in any
    order; rows in any order. Raises PublishError (exit 14) where a table or a column is missing or too many, a value
    doesn't fit its type, a column that may not be null is, or a key occurs twice; the published file stays as it was.
    The caller holds the run lock.
    """
    _check_names(tables)
    target = make_folder(out) / WAREHOUSE_FILE
    with work_folder(out) as folder:
        new = folder / WAREHOUSE_FILE
        _write(tables, new, memory_limit)
        new.chmod(0o600)
        _sync(new)
        _sync(folder)
        new.replace(target)
        _sync(out)
    return target


def _sync(path: Path) -> None:
    """Have the system write a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(tables: Mapping[str, pl.DataFrame], path: Path, memory_limit: str | None) -> None:
    """The whole database file, closed, without a write-ahead log beside it."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(path.parent / "spill"),
        "threads": min(os.cpu_count() or 1, 4),
    }
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    with duckdb.connect(config=config) as con:
        con.execute(f"ATTACH {_quoted(str(path))} AS warehouse (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("CREATE SCHEMA warehouse.audit")
        # Views name their tables without a schema: so they work under whatever name the file is opened.
        con.execute("USE warehouse.audit")
        for name, table in WAREHOUSE.items():
            if table is not DATA_DICTIONARY:
                _create(con, table)
                _fill(con, table, tables[name])
        _create(con, DATA_DICTIONARY)
        views = [sql_file(f"warehouse/views/{name}") for name in VIEWS]
        for view in views:
            con.execute(view.text)
            _comment_view(con, view)
        _fill(con, DATA_DICTIONARY, _data_dictionary(con))
        con.execute("CHECKPOINT warehouse")
        con.execute("USE memory")
        con.execute("DETACH warehouse")


# Tables --------------------------------------------------------------------------------------------------------------


def _check_names(tables: Mapping[str, pl.DataFrame]) -> None:
    """Exactly the declared tables with exactly the declared columns, before anything is written."""
    wanted = set(WAREHOUSE) - {DATA_DICTIONARY.name}
    _check_set("the warehouse", "table", wanted, set(tables))
    for name, frame in tables.items():
        _check_set(f"audit.{name}", "column", set(WAREHOUSE[name].names), set(frame.columns))


def _check_set(where: str, what: str, wanted: set[str], given: set[str]) -> None:
    missing, unknown = sorted(wanted - given), sorted(given - wanted)
    if missing:
        raise PublishError(f"{where}: {what} {missing[0]} was not made; nothing was published")
    if unknown:
        raise PublishError(f"{where}: {what} {unknown[0]} is not declared in schemas/; nothing was published")


def _create(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f"{_name(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in table)
    con.execute(f"CREATE TABLE audit.{table.name} ({columns})")
    con.execute(f"COMMENT ON TABLE audit.{table.name} IS {_quoted(table.description)}")
    for column in table:
        con.execute(f"COMMENT ON COLUMN audit.{table.name}.{_name(column.name)} IS {_quoted(_comment(column))}")


def _fill(con: duckdb.DuckDBPyConnection, table: Table, frame: pl.DataFrame) -> None:
    """The frame's rows, cast to the declared types, in key order."""
    _check_nulls(table, frame)
    values = ", ".join(f"CAST({_name(c.name)} AS {c.type})" for c in table)
    key = ", ".join(_name(name) for name in table.key)
    con.register("frame", frame)
    try:
        con.execute(f"INSERT INTO audit.{table.name} SELECT {values} FROM frame ORDER BY {key}")
    except duckdb.Error as error:
        # DuckDB's own text quotes the value: only its kind is safe to show.
        kind = type(error).__name__
        raise PublishError(
            f"audit.{table.name}: a value does not fit its declared type ({kind}); nothing was published"
        ) from None
    finally:
        con.unregister("frame")
    twice = f"SELECT count(*) FROM (SELECT 1 FROM audit.{table.name} GROUP BY {key} HAVING count(*) > 1)"
    count = con.execute(twice).fetchall()[0][0]
    if count:
        raise PublishError(f"audit.{table.name}: {count} keys ({key}) occur more than once; nothing was published")


def _check_nulls(table: Table, frame: pl.DataFrame) -> None:
    for column in table:
        nulls = 0 if column.nullable else frame[column.name].null_count()
        if nulls:
            raise PublishError(
                f"audit.{table.name}: column {column.name} is null in {nulls} rows and may not be;"
                " nothing was published"
            )


# Comments and dictionary ---------------------------------------------------------------------------------------------


def _comment(column: Column) -> str:
    return column.description if column.unit is None else f"{column.description} [{column.unit}]"


def _view_columns(con: duckdb.DuckDBPyConnection, view: str) -> list[tuple[str, str]]:
    """(name, DuckDB type) of a view's columns, in order."""
    rows = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = 'warehouse' AND schema_name = 'audit' AND table_name = $view ORDER BY column_index",
        {"view": view},
    ).fetchall()
    return [(name, kind) for name, kind in rows]


def _comment_view(con: duckdb.DuckDBPyConnection, view: SqlFile) -> None:
    name = view.name.rpartition("/")[2]
    con.execute(f"COMMENT ON VIEW audit.{name} IS {_quoted(f'{view.title}. One row: {view.grain}.')}")
    for column, _ in _view_columns(con, name):
        comment = _quoted(_described(view, column))
        con.execute(f"COMMENT ON COLUMN audit.{name}.{_name(column)} IS {comment}")


def _described(view: SqlFile, column: str) -> str:
    """What a view's column is: its own header says so, else the column of that name in what the view reads."""
    if column in view.columns:
        return view.columns[column]
    for source in view.reads:
        if source in WAREHOUSE and column in WAREHOUSE[source].names:
            return _comment(WAREHOUSE[source][column])
        if source in VIEWS:
            inner = sql_file(f"warehouse/views/{source}")
            if column in inner.columns or any(column in WAREHOUSE[table].names for table in inner.reads):
                return _described(inner, column)
    raise KeyError(f"sql/{view.name}.sql: column {column} has no description; add a line `-- column {column}: ...`")


def _data_dictionary(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row a table, view and column: what `audit.data_dictionary` holds."""
    rows = [row for table in WAREHOUSE.values() for row in _table_rows(table)]
    for name in VIEWS:
        view = sql_file(f"warehouse/views/{name}")
        rows.append((name, "", 0, "view", None, None, False, f"{view.title}. One row: {view.grain}."))
        rows += [
            (name, column, position, "view", kind, None, False, _described(view, column))
            for position, (column, kind) in enumerate(_view_columns(con, name), start=1)
        ]
    schema = {
        "table_name": pl.String,
        "column_name": pl.String,
        "position": pl.Int32,
        "kind": pl.String,
        "type": pl.String,
        "unit": pl.String,
        "is_key": pl.Boolean,
        "description": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


_Row = tuple[str, str, int, str, str | None, str | None, bool, str]


def _table_rows(table: Table) -> list[_Row]:
    head: _Row = (table.name, "", 0, "table", None, None, False, table.description)
    return [
        head,
        *(
            (table.name, c.name, position, "table", c.type, c.unit, c.name in table.key, c.description)
            for position, c in enumerate(table, start=1)
        ),
    ]


def _quoted(text: str) -> str:
    """A text as an SQL literal: DDL takes no bound parameters."""
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
