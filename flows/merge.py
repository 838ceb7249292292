"""Merging: what was stored of each part of the patients becomes one database file, by DuckDB alone.

Schema `stored` holds the parts' rows as they are, schema `audit` what people read: tables, and views that put the
stored numbers into words. No message here quotes a value of a row.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

import sql
from flows.exactly import NO_PARTITIONS, exactly, literal
from flows.nights import STORAGE_VERSION, Before, Night, compared, differences, inherit
from flows.sql_files import SqlFile, sql_file, sql_files
from schemas.columns import Column, Table
from schemas.errors import AuditError
from schemas.stored import OF_PARTS, STORED
from schemas.value_sets import ValueSets
from schemas.warehouse import DATA_DICTIONARY, FROM_PARTS, RUNS, VIEWS, WAREHOUSE, WORDED
from transforms.concepts import Concepts
from transforms.stored import measure_numbers, set_names, unpacked, verdict_table

MEMORY_LIMIT = "3GiB"

Whole = Mapping[str, pl.DataFrame | Path]
"""The tables of the whole night by name: frames, or Parquet files."""


class PublishError(AuditError):
    """The tables aren't what the warehouse declares: nothing was published."""

    exit_code = 14


@contextmanager
def attached(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that writes `path` as catalog `warehouse`, schema audit first; at the end the file is whole, without
    a write-ahead log beside it."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(path.parent / "spill"),
        "threads": min(os.cpu_count() or 1, 4),
        "memory_limit": MEMORY_LIMIT,
    }
    with duckdb.connect(config=config) as con:
        con.execute("SET enable_progress_bar = false")  # standard output is for the result
        con.execute(f"ATTACH {literal(path)} AS warehouse (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("CREATE SCHEMA IF NOT EXISTS warehouse.audit")
        # Views name their tables without a catalog: so they work under whatever name the file is opened.
        con.execute("USE warehouse.audit")
        yield con
        con.execute("CHECKPOINT warehouse")
        con.execute("USE memory")
        con.execute("DETACH warehouse")


@contextmanager
def _at_once(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Statements written to the file together: each on its own would wait for the disk."""
    con.begin()
    yield
    con.commit()


def merge(
    parts: Sequence[Path],
    whole: Whole,
    night: Night,
    value_sets: ValueSets,
    path: Path,
    before: Before | None = None,
) -> Path:
    """Write the warehouse file `path`, all but the row of `runs`; `path`. before: the published night, if any.

    parts: folders that hold a Parquet file for each table of OF_PARTS and FROM_PARTS, rows in the order of their numbers.
    whole: every other table of schemas/warehouse.py but runs and data_dictionary, with exactly the declared columns in
    any order. Raises PublishError (exit 14) where a table or a column is missing or too many, a value doesn't fit its
    type, a column that may not be null is, or a key occurs twice.
    """
    _check_names(parts, whole)
    for part in parts:
        _check_part(part)
    with attached(path) as con:
        with _at_once(con):
            con.execute("CREATE SCHEMA warehouse.stored")
            for macro in sql_files("warehouse/macros"):
                con.execute(macro.text)
            for table in STORED.values():
                _create(con, "stored", table)
            for name, table in WAREHOUSE.items():
                if name not in WORDED:
                    _create(con, "audit", table)
        for name in OF_PARTS:
            _fill_from_parts(con, "stored", STORED[name], parts)
        _check_key(con, "stored.cases", "case_number")
        _check_key(con, "stored.cases", "case_id", "audit.cases")
        _fill_words(con, whole, night.run_id, value_sets)
        with compared(con, before) as previous:
            inherit(con, night, previous)
            feeds = whole["feeds"]
            assert isinstance(feeds, pl.DataFrame)
            differences(con, night, previous, feeds.filter("present")["table_name"].to_list())
        for name, table in WAREHOUSE.items():
            if name in FROM_PARTS:
                _fill_from_parts(con, "audit", table, parts, order=True)
            elif name in whole:
                fill(con, "audit", table, whole[name])
        with _at_once(con):
            for name in (*WORDED, *VIEWS):
                _create_view(con, name)
        fill(con, "audit", DATA_DICTIONARY, _data_dictionary(con))
    return path


def _fill_words(con: duckdb.DuckDBPyConnection, whole: Whole, run_id: str, value_sets: ValueSets) -> None:
    """The stored tables that say what the numbers mean."""
    feeds = whole["feeds"]
    assert isinstance(feeds, pl.DataFrame)
    verdicts = _distinct(con, "findings", "verdict")
    words = {
        "verdicts": verdict_table(verdicts, feeds.filter("present")["table_name"]).with_columns(run_id=pl.lit(run_id)),
        "measures": measure_numbers(),
        "set_names": set_names(_distinct(con, "events", "sets"), Concepts.of(value_sets)),
    }
    for name, frame in words.items():
        fill(con, "stored", STORED[name], frame)


def _distinct(con: duckdb.DuckDBPyConnection, table: str, column: str) -> pl.Series:
    frame = pl.from_arrow(con.sql(f"SELECT DISTINCT {column} FROM stored.{table}").to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.get_column(column)


# Tables --------------------------------------------------------------------------------------------------------------


def _check_names(parts: Sequence[Path], whole: Whole) -> None:
    """Exactly the declared tables with exactly the declared columns, before anything is written."""
    made_here = {*WORDED, *FROM_PARTS, DATA_DICTIONARY.name, RUNS.name}
    _check_set("the warehouse", "table", set(WAREHOUSE) - made_here, set(whole))
    for name, rows in whole.items():
        columns = rows.columns if isinstance(rows, pl.DataFrame) else pq.read_schema(rows).names
        _check_set(f"audit.{name}", "column", set(WAREHOUSE[name].names), set(columns))
    brought = [("stored", STORED[name]) for name in OF_PARTS] + [("audit", WAREHOUSE[name]) for name in FROM_PARTS]
    for part in parts:
        for schema, table in brought:
            file = _file(part, table)
            if not file.is_file():
                raise PublishError(f"the warehouse: table {table.name} was not made; nothing was published")
            _check_set(f"{schema}.{table.name}", "column", set(table.names), set(pq.read_schema(file).names))


def _check_set(where: str, what: str, wanted: set[str], given: set[str]) -> None:
    missing, unknown = sorted(wanted - given), sorted(given - wanted)
    if missing:
        raise PublishError(f"{where}: {what} {missing[0]} was not made; nothing was published")
    if unknown:
        raise PublishError(f"{where}: {what} {unknown[0]} is not declared in schemas/; nothing was published")


def _file(part: Path, table: Table) -> Path:
    return part / f"{table.name}.parquet"


def _create(con: duckdb.DuckDBPyConnection, schema: str, table: Table) -> None:
    columns = ", ".join(f"{_name(c.name)} {c.type}{'' if c.nullable else ' NOT NULL'}" for c in table)
    con.execute(f"CREATE TABLE {schema}.{table.name} ({columns})")
    _comment_on(con, "TABLE", schema, table)


def _comment_on(con: duckdb.DuckDBPyConnection, what: str, schema: str, table: Table) -> None:
    con.execute(f"COMMENT ON {what} {schema}.{table.name} IS {literal(table.description)}")
    for column in table:
        con.execute(f"COMMENT ON COLUMN {schema}.{table.name}.{_name(column.name)} IS {literal(_comment(column))}")


def fill(con: duckdb.DuckDBPyConnection, schema: str, table: Table, rows: pl.DataFrame | Path) -> None:
    """The rows, cast to the declared types, in key order; PublishError where a key occurs twice."""
    if isinstance(rows, Path):
        _insert(con, schema, table, f"read_parquet({literal(exactly(rows))}, {NO_PARTITIONS})", order=True)
    else:
        con.register("frame", rows)
        _insert(con, schema, table, "frame", order=True)
        con.unregister("frame")
    _check_key(con, f"{schema}.{table.name}", ", ".join(map(_name, table.key)))


def _fill_from_parts(
    con: duckdb.DuckDBPyConnection, schema: str, table: Table, parts: Sequence[Path], *, order: bool = False
) -> None:
    """The rows of all parts, one part behind the other; where they have no number, in key order."""
    files = ", ".join(literal(exactly(_file(part, table))) for part in parts)
    _insert(con, schema, table, f"read_parquet([{files}], {NO_PARTITIONS})", order=order)
    if order:
        _check_key(con, f"{schema}.{table.name}", ", ".join(map(_name, table.key)))


def _insert(con: duckdb.DuckDBPyConnection, schema: str, table: Table, source: str, *, order: bool) -> None:
    values = ", ".join(f"CAST({_name(c.name)} AS {c.type})" for c in table)
    key = f" ORDER BY {', '.join(map(_name, table.key))}" if order else ""
    try:
        con.execute(f"INSERT INTO {schema}.{table.name} SELECT {values} FROM {source}{key}")
    except duckdb.ConstraintException:
        _refuse_nulls(con, schema, table, source)
        raise PublishError(f"{schema}.{table.name}: a constraint does not hold; nothing was published") from None
    except (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException) as error:
        # DuckDB's own text quotes the value: only its kind is safe to show.
        kind = type(error).__name__
        raise PublishError(
            f"{schema}.{table.name}: a value does not fit its declared type ({kind}); nothing was published"
        ) from None


def _refuse_nulls(con: duckdb.DuckDBPyConnection, schema: str, table: Table, source: str) -> None:
    for column in table:
        query = f"SELECT count(*) FROM {source} WHERE {_name(column.name)} IS NULL"
        nulls = 0 if column.nullable else con.execute(query).fetchall()[0][0]
        if nulls:
            raise PublishError(
                f"{schema}.{table.name}: column {column.name} is null in {nulls} rows and may not be;"
                " nothing was published"
            )


# Keys ----------------------------------------------------------------------------------------------------------------


def _check_key(con: duckdb.DuckDBPyConnection, source: str, key: str, name: str | None = None) -> None:
    twice = f"SELECT count(*) FROM (SELECT 1 FROM {source} GROUP BY {key} HAVING count(*) > 1)"
    count = con.execute(twice).fetchall()[0][0]
    if count:
        raise PublishError(f"{name or source}: {count} keys ({key}) occur more than once; nothing was published")


def _check_part(part: Path) -> None:
    """Every key of a part once, and no number that nothing has.

    A number of another part would be a case or patient of that part too, and so a key of `cases` that occurs twice.
    """
    cases = pl.read_parquet(part / "cases.parquet", glob=False, columns=["case_number"])
    events = pl.read_parquet(part / "events.parquet", glob=False, columns=["event_number", "table_name", "row_id"])
    findings = (
        pl.scan_parquet(part / "findings.parquet", glob=False)
        .select("case_number", unpacked("measure"), "instance")
        .collect()
    )
    evidence = pl.read_parquet(part / "evidence.parquet", glob=False)
    for name, keys in (
        ("events", events.select("event_number")),
        ("events", events.select("table_name", "row_id")),
        ("findings", findings),
        ("evidence", evidence.select(STORED["evidence"].key)),
    ):
        _refuse_twice(f"stored.{name}", keys)
    for name, numbers, known in (
        ("findings", findings["case_number"], cases["case_number"]),
        ("evidence", evidence["case_number"], cases["case_number"]),
        ("evidence", evidence["event_number"], events["event_number"]),
    ):
        unknown = numbers.len() - numbers.is_in(known.implode()).sum()
        if unknown:
            what = numbers.name.removesuffix("_number")
            raise PublishError(f"stored.{name}: {unknown} rows of no {what} that is there; nothing was published")


def _refuse_twice(name: str, keys: pl.DataFrame) -> None:
    # Equal hashes are rare enough to be looked at.
    if keys.hash_rows().n_unique() < keys.height and (twice := keys.height - keys.n_unique()):
        key = ", ".join(keys.columns)
        raise PublishError(f"{name}: {twice} keys ({key}) occur more than once; nothing was published")


# Views, comments and dictionary --------------------------------------------------------------------------------------


def _create_view(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """A view with its comments: of a table in words those of its declaration, else those of its header."""
    if name in WORDED:
        con.execute(sql.read(f"warehouse/tables/{name}"))
        _comment_on(con, "VIEW", "audit", WAREHOUSE[name])
        return
    view = sql_file(f"warehouse/views/{name}")
    con.execute(view.text)
    con.execute(f"COMMENT ON VIEW audit.{name} IS {literal(f'{view.title}. One row: {view.grain}.')}")
    for column, _ in _view_columns(con, name):
        comment = literal(_described(view, column))
        con.execute(f"COMMENT ON COLUMN audit.{name}.{_name(column)} IS {comment}")


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
    kind = "view" if table.name in WORDED else "table"
    head: _Row = (table.name, "", 0, kind, None, None, False, table.description)
    return [
        head,
        *(
            (table.name, c.name, position, kind, c.type, c.unit, c.name in table.key, c.description)
            for position, c in enumerate(table, start=1)
        ),
    ]


def _name(text: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
