"""The SQL files as things with a title: what their header says, beside the statement.

A header is the comment lines before the statement: `-- title:`, `-- grain:`, `-- reads:` (names, comma-separated),
`-- parameter NAME:` (what it is, and its default) and `-- column NAME:` (what a column of the result is). A saved
query reads its parameters with `getvariable`, each with a default in the statement: the file runs as it is in any
DuckDB client, after `SET VARIABLE` with other values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from sql import read

_LINE = re.compile(r"^-- (title|grain|reads|parameter|column)(?: (\w+))?: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class SqlFile:
    """One file under `sql/`: `text` is the whole of it, the rest is its header."""

    name: str
    title: str
    grain: str
    reads: tuple[str, ...]
    parameters: Mapping[str, str]
    columns: Mapping[str, str]
    text: str


def sql_file(name: str) -> SqlFile:
    """The file `sql/<name>.sql`; FileNotFoundError where there is none, KeyError where its header lacks a line."""
    text = read(name)
    lines = _LINE.findall(text)
    single = {key: value for key, word, value in lines if not word}
    return SqlFile(
        name=name,
        title=single["title"],
        grain=single["grain"],
        reads=tuple(table.strip() for table in single["reads"].split(",")),
        parameters={word: value for key, word, value in lines if key == "parameter"},
        columns={word: value for key, word, value in lines if key == "column"},
        text=text,
    )


def sql_files(folder: str) -> tuple[SqlFile, ...]:
    """Every file of `sql/<folder>/`, by name."""
    names = sorted(entry.name for entry in files("sql").joinpath(folder).iterdir() if entry.name.endswith(".sql"))
    return tuple(sql_file(f"{folder}/{name.removesuffix('.sql')}") for name in names)


def saved_queries() -> dict[str, SqlFile]:
    """The saved queries of `sql/adhoc/` by the name that `spine-audit sql` takes."""
    return {query.name.removeprefix("adhoc/"): query for query in sql_files("adhoc")}
