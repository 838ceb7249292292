"""Reading a workbook as another program does, and making one of a night that was drawn by hand."""

from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import load_workbook

from flows.published import open_published
from flows.worklist import worklist
from tests.warehouse import drawn

SHEETS = [
    "Act now", "Coming due", "Review", "Advice", "Closed since last run", "Cannot tell", "How to", "Provenance",
]  # fmt: skip
LISTS = SHEETS[:6]
Rows = list[dict[str, Any]]


def rows_of(book: bytes | Path, name: str) -> Rows:
    """The rows of one sheet by the headings of its columns; none where it says that there is nothing to list."""
    content = book.read_bytes() if isinstance(book, Path) else book
    sheet = load_workbook(BytesIO(content))[name]
    head, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(head, line, strict=True)) for line in lines if line[0]]


def keys_of(book: bytes | Path, name: str) -> list[str]:
    return [row["Finding key"] for row in rows_of(book, name)]


def counts_of(book: bytes | Path) -> dict[str, tuple[int, int, int, int]]:
    """How to: sheet → listed, folded, not listed, too old."""
    content = book.read_bytes() if isinstance(book, Path) else book
    lines = [row for row in load_workbook(BytesIO(content))["How to"].iter_rows(values_only=True) if row[2] is not None]
    return {line[0]: line[2:6] for line in lines[1:]}


def made(night: drawn.Night, folder: Path, max_rows: int = 5_000, parts: int = 1) -> bytes:
    """The workbook of a drawn night, stored in so many parts."""
    with open_published(drawn.published(night, folder, parts)) as con:
        run = pl.DataFrame(con.sql("FROM runs").to_arrow_table())
        return worklist(con, run, max_rows)
