"""Parquet files in, views of them out: nothing is copied where a table is there in Parquet files alone."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from flows.exactly import NO_PARTITIONS, exactly, literal
from flows.landing import require_columns, trimmed, unopened
from schemas.columns import Table
from schemas.errors import ExtractError

_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)
_MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "TIMESTAMP WITH TIME ZONE")
_VALUES: dict[str, tuple[str, ...]] = {
    "time": _MOMENTS,
    "date": _MOMENTS,
    "number": ("DOUBLE", "BIGINT", "INTEGER", "SMALLINT"),
    "flag": ("BOOLEAN",),
}
"""Kind of a column → the types whose values say the same as their texts: the contract takes them as they are."""

_FILE, _ROW = "_source_path", "file_row_number"


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file of a table. `types`: its columns and their DuckDB types, in order."""

    path: Path
    name: str
    sha256: str
    size: int
    types: Mapping[str, str]

    def texts(self, table: Table) -> tuple[str, ...]:
        """SQL of every column of the table as the contract's text; ExtractError for a type that has none."""
        return tuple(
            as_text(column.name, self.types[column.name], self.name) if column.name in self.types else "NULL::VARCHAR"
            for column in table
        )

    def values(self, table: Table) -> tuple[str | None, ...]:
        """SQL of every column of the table that may keep its value, None for the others."""
        return tuple(_as_value(c.name, c.kind, self.types.get(c.name, "")) for c in table)


def open_parquet(con: duckdb.DuckDBPyConnection, table: Table, path: Path, name: str) -> ParquetFile:
    """Hash a file and read what its footer says. ExtractError where that isn't what the table needs."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError:
        raise unopened(name) from None
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {_reading([path])}").fetchall()
    except duckdb.Error:
        raise _taken_name(con, path, name) or _damaged(name) from None
    file = ParquetFile(
        path.absolute(), name, digest, size, {c: kind for c, kind, *_ in described if c not in (_FILE, _ROW)}
    )
    require_columns(table, tuple(file.types), name)
    file.texts(table)
    return file


def view_parquet(con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[ParquetFile]) -> None:
    """raw.<table> and typed.<table> as views of all files of the table."""
    _require_readable(con, table, files)
    texts = [file.texts(table) for file in files]
    # A column keeps its values only where every file has them in one type; else all of it are texts.
    values = [
        column[0] if len(set(column)) == 1 else None
        for column in zip(*(file.values(table) for file in files), strict=True)
    ]
    typed = [tuple(value or text for value, text in zip(values, file, strict=True)) for file in texts]
    con.execute(f'DROP TABLE raw."{table.name}"')
    con.execute(f'CREATE VIEW raw."{table.name}" AS {_selecting(table, files, texts)}')
    con.execute(f'CREATE VIEW typed."{table.name}" AS {_selecting(table, files, typed)}')


def insert_parquet(con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[ParquetFile]) -> None:
    """Copy the files into raw.<table>, beside the rows of files of another form."""
    _require_readable(con, table, files)
    con.execute(f'INSERT INTO raw."{table.name}" {_selecting(table, files, [file.texts(table) for file in files])}')


def _selecting(table: Table, files: Sequence[ParquetFile], columns: Sequence[tuple[str, ...]]) -> str:
    """SQL of all rows of the files, with source_file and row_number; files of the same types are read together."""
    parts: list[str] = []
    for _, group in groupby(zip(files, columns, strict=True), key=lambda pair: tuple(pair[0].types.items())):
        alike = list(group)
        named = ", ".join(f'{sql} AS "{name}"' for name, sql in zip(table.names, alike[0][1], strict=True))
        reading = _reading([file.path for file, _ in alike])
        parts.append(f"SELECT {named}, {_name(files)} AS source_file, {_ROW} + 1 AS row_number FROM {reading}")
    return " UNION ALL ".join(parts)


def _name(files: Sequence[ParquetFile]) -> str:
    """SQL of a file's name relative to the extract: what its path has behind the extract's."""
    before = len(str(files[0].path)) - len(files[0].name)
    return f"substr({_FILE}, {before + 1})"


def _reading(paths: Sequence[Path]) -> str:
    files = ", ".join(literal(exactly(path)) for path in paths)
    return f"read_parquet([{files}], {_ROW} = true, filename = '{_FILE}', binary_as_string = true, {NO_PARTITIONS})"


def _require_readable(con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[ParquetFile]) -> None:
    """Read every value once: ExtractError names the file that is damaged, before a row of any is judged."""
    for group in (files, *([file] for file in files)):
        try:
            for types, alike in groupby(group, key=lambda file: tuple(file.types.items())):
                hashes = ", ".join(f'bit_xor(hash("{name}"))' for name, _ in types if name in table.names)
                con.execute(f"SELECT {hashes} FROM {_reading([file.path for file in alike])}").fetchall()
        except duckdb.Error:
            if len(group) == 1:
                raise _damaged(group[0].name) from None
        else:
            if group is files:
                return


_WHOLE_FLOATS = 2**53
"""Up to here every whole number has a float of its own."""


def _damaged(name: str) -> ExtractError:
    return ExtractError(f"{name}: not a Parquet file, or a damaged one; copy or export it again")


def _taken_name(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> ExtractError | None:
    """What to say of a file that has a column by which its rows are told apart here."""
    try:
        described = con.execute(f"DESCRIBE FROM read_parquet([{literal(exactly(path))}], {NO_PARTITIONS})").fetchall()
    except duckdb.Error:
        return None
    taken = [column for column, *_ in described if column in (_FILE, _ROW)]
    return ExtractError(f"{name}: leave out or rename column {taken[0]}: the name is needed here") if taken else None


def _as_value(column: str, kind: str, type_name: str) -> str | None:
    if type_name not in _VALUES.get(kind, ()):
        return None
    return _moment(column, type_name) if type_name.startswith("TIMESTAMP_") else f'"{column}"::{type_name}'


def _moment(column: str, type_name: str) -> str:
    """SQL of a timestamp in microseconds, what is finer cut as it is of a text: rounded, a day's end would be the next day."""
    value = f'"{column}"'
    if type_name != "TIMESTAMP_NS":
        return f"{value}::TIMESTAMP"
    cut = f"(epoch_ns({value}) - ((epoch_ns({value}) % 1000) + 1000) % 1000) // 1000"
    return f"CASE WHEN isfinite({value}) THEN make_timestamp({cut}) ELSE {value}::TIMESTAMP END"


def as_text(column: str, kind: str, name: str) -> str:
    """SQL that renders a value of the DuckDB type `kind` in the contract's text form; `name`: the file it is from."""
    quoted = f'"{column}"'
    if kind.startswith(("VARCHAR", "ENUM")) and not kind.endswith("[]"):
        return trimmed(f"({quoted}::VARCHAR)")
    if kind in (*_WHOLE, "BOOLEAN", "DATE", "UUID") or kind.startswith("DECIMAL"):
        return f"{quoted}::VARCHAR"
    if kind in ("FLOAT", "DOUBLE"):
        # Whole numbers without a decimal point: ids and codes often become floats on the way through other tools.
        return (
            f"CASE WHEN abs({quoted}) <= {_WHOLE_FLOATS} AND {quoted} = trunc({quoted})"
            f" THEN {quoted}::BIGINT::VARCHAR ELSE {quoted}::VARCHAR END"
        )
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {quoted}), '%Y-%m-%d %H:%M:%S.%f') || '+00:00'"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({_moment(column, kind)}, '%Y-%m-%d %H:%M:%S.%f')"
    if kind == "VARCHAR[]":
        return f"nullif(array_to_string({quoted}, '|'), '')"
    if kind in ('"NULL"', "NULL", "INTEGER[]"):
        return "NULL::VARCHAR"
    raise ExtractError(f"{name}: column {column} has a type that the contract can't take; export it as text")
