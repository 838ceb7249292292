"""`spine-audit sql`: read-only SQL on the published warehouse, from the command line or a small shell."""

import csv
import difflib
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from flows.sql_files import saved_queries, sql_file
from schemas.errors import AuditError, SettingsError
from schemas.warehouse import VIEWS

FORMATS: tuple[str, ...] = ("table", "csv", "json")
TABLE_ROWS = 500
"""Rows that the table form shows; csv and json give all."""
_CELL_WIDTH = 60
_FORMULA = re.compile(r"[=+\-@\t\r]")
_ABOUT_THE_STATEMENT = (
    "ParserException",
    "BinderException",
    "CatalogException",
    "PermissionException",
    "SyntaxException",
)
"""DuckDB errors that speak of the statement alone. Texts of all others may quote a record and are withheld."""

_SHELL_HELP = (
    "SQL ends with a semicolon. .list shows the saved queries, .run NAME runs one, .tables the tables, .quit ends."
)


@dataclass(frozen=True)
class Result:
    """The rows of one statement."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def find_query(text: str) -> str:
    """The SQL that an argument means: a file, the name of a saved query, or the text itself.

    SettingsError (exit 10) where a file can't be read or a single word names no saved query.
    """
    text = text.encode(errors="backslashreplace").decode()  # an argument's bytes need not be UTF-8
    if text.lower().endswith(".sql"):
        path = Path(text)
        try:
            if path.is_file():
                return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise SettingsError(f"{path}: not UTF-8; save the SQL file again as UTF-8") from None
        except OSError as error:
            raise SettingsError(f"{path}: the SQL file can't be read ({error.strerror})") from None
        raise SettingsError(f"{path}: no such SQL file; `spine-audit sql --list` names the saved queries")
    if re.fullmatch(r"[\w/-]+", text):
        known = saved_queries()
        if text in known:
            return known[text].text
        from schemas.warehouse import VIEWS, WAREHOUSE

        if text in {*VIEWS, *WAREHOUSE}:
            return f"FROM audit.{text}"
        near = difflib.get_close_matches(text, [*known, *VIEWS, *WAREHOUSE], n=1, cutoff=0.0)[0]
        raise SettingsError(f"no saved query, view or table is named {text!r}: the nearest is {near!r}; see --list")
    return text


def listing() -> str:
    """The saved queries and the views: name, title, what a row is, and the parameters that --set takes."""
    lines = []
    for name, query in saved_queries().items():
        lines.append(f"{name}\n    {query.title}\n    one row: {query.grain}")
        lines += [f"    --set {word}=...  {meaning}" for word, meaning in query.parameters.items()]
    for name in VIEWS:
        view = sql_file(f"warehouse/views/{name}")
        lines.append(f"{name} (a view)\n    {view.title}\n    one row: {view.grain}")
    return "\n".join(lines)


def set_variables(con: duckdb.DuckDBPyConnection, assignments: Iterable[str], query: str | None = None) -> None:
    """NAME=VALUE pairs as variables that a query reads with getvariable. SettingsError (exit 10) for another form, and for a
    name that the saved query of that name doesn't read."""
    saved = saved_queries().get(query or "")
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise SettingsError(f"--set {assignment!r}: write it as NAME=VALUE")
        if saved and name not in saved.parameters:
            known = ", ".join(saved.parameters) or "none"
            raise SettingsError(f"--set {name}: {query} has no such parameter; it takes {known}")
        con.execute(f'SET VARIABLE "{name}" = $value', {"value": _typed(value)})


def execute(con: duckdb.DuckDBPyConnection, text: str) -> Result:
    """Runs the statements of `text`; the rows of the last.

    SettingsError (exit 10) with DuckDB's words where those speak of the statement, without them where they may quote a
    record.
    """
    problem = None
    try:
        result = Result((), [])
        for statement in con.extract_statements(text):
            done = con.execute(statement)
            names = tuple(column[0] for column in done.description or ())
            result = Result(names, done.fetchall() if names else [])
        return result
    except duckdb.Error as error:
        name = type(error).__name__
        if name in _ABOUT_THE_STATEMENT:
            problem = f"the query was refused: {str(error).strip()}"
        elif "read-only mode" in str(error):
            problem = "the warehouse can be asked (SELECT, FROM, DESCRIBE, SUMMARIZE), not changed"
        else:
            problem = f"the query failed with {name} (its message is withheld, it may quote a record)"
    raise SettingsError(problem)


def render(result: Result, fmt: str) -> str:
    """The rows as aligned text, CSV (spreadsheet-safe) or JSON."""
    if fmt == "csv":
        return _csv(result)
    if fmt == "json":
        rows = [dict(zip(result.names, row, strict=True)) for row in result.rows]
        return json.dumps(rows, ensure_ascii=False, indent=1, default=_plain)
    return as_table(result.names, result.rows[:TABLE_ROWS])


def as_table(names: Sequence[str], rows: Sequence[Sequence[Any]], width: int = _CELL_WIDTH) -> str:
    """Aligned columns, numbers to the right; longer cells are cut."""
    if not names:
        return ""
    cells = [[_cell(value, width) for value in row] for row in rows]
    widths = [max(len(name), *(len(row[n]) for row in cells)) if cells else len(name) for n, name in enumerate(names)]
    numeric = [
        bool(rows) and all(isinstance(row[n], int | float | Decimal | None) for row in rows) for n in range(len(names))
    ]

    def line(values: Sequence[str]) -> str:
        aligned = (
            value.rjust(size) if right else value.ljust(size)
            for value, size, right in zip(values, widths, numeric, strict=True)
        )
        return "  ".join(aligned).rstrip()

    return "\n".join([line(names), line(["─" * size for size in widths]), *map(line, cells)])


def shell(con: duckdb.DuckDBPyConnection, fmt: str, say: Callable[[str], None]) -> None:
    """Reads statements until the end of input."""
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        import readline  # noqa: F401  (its import gives input() line editing and a history)

        print(_SHELL_HELP, file=sys.stderr)
    pending = ""
    while True:
        try:
            line = input(("audit> " if not pending else "  ...> ") if is_terminal else "")
        except EOFError:
            break
        if not pending and line.strip().startswith("."):
            text = _dot_command(line.strip(), say)
            if text is None:
                break
        else:
            pending = f"{pending}\n{line}" if pending else line
            if not pending.rstrip().endswith(";"):
                continue
            text, pending = pending, ""
        if text.strip():
            _say_result(con, text, fmt, say)
    if pending.strip():
        _say_result(con, pending, fmt, say)


def _say_result(con: duckdb.DuckDBPyConnection, text: str, fmt: str, say: Callable[[str], None]) -> None:
    try:
        say(render(execute(con, text), fmt))
    except AuditError as error:
        print(error, file=sys.stderr)


def _dot_command(line: str, say: Callable[[str], None]) -> str | None:
    """The SQL that a dot command stands for, empty where it has answered itself, None to end."""
    word, _, rest = line.partition(" ")
    if word in (".quit", ".exit", ".q"):
        return None
    if word == ".list":
        say(listing())
        return ""
    if word == ".tables":
        return "SELECT table_name, description FROM audit.data_dictionary WHERE column_name = ''"
    if word == ".run" and rest.strip():
        try:
            return find_query(rest.strip())
        except AuditError as error:
            print(error, file=sys.stderr)
            return ""
    print(_SHELL_HELP, file=sys.stderr)
    return ""


def _csv(result: Result) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(result.names)
    writer.writerows([[_csv_cell(value) for value in row] for row in result.rows])
    return buffer.getvalue().rstrip("\n")


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int | float | Decimal | date | None) else json.dumps(value, default=_plain)


def _cell(value: Any, width: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"{value:.4g}" if isinstance(value, float) and not value.is_integer() else str(value)
    text = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return float(value) if isinstance(value, Decimal) else str(value)


def _typed(value: str) -> Any:
    words: dict[str, Any] = {"true": True, "false": False, "null": None}
    if value.lower() in words:
        return words[value.lower()]
    for kind in (int, float, date.fromisoformat):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
