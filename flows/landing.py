"""What the landing of CSV and of Parquet files share."""

from collections.abc import Sequence

from schemas.columns import Table
from schemas.errors import ExtractError


def unopened(name: str) -> ExtractError:
    """The error for a file that can't be opened."""
    return ExtractError(f"{name}: the file can't be opened; check its permissions")


def require_columns(table: Table, header: Sequence[str], name: str) -> None:
    """ExtractError where the file lacks a required column of the table, or has one of its columns twice."""
    for column in table:
        if header.count(column.name) > 1:
            raise ExtractError(f"{name}: column {column.name} is there twice; keep one of them")
        if column.required and column.name not in header:
            raise ExtractError(f"{name}: required column {column.name} is missing; export it under this name")


def trimmed(column: str) -> str:
    """SQL that trims white space and makes an empty text NULL; the first branches spare most texts the trimming."""
    trimmed = f"nullif(trim({column}, ' ' || chr(9) || chr(10) || chr(13)), '')"
    return (
        f"CASE WHEN {column} IS NULL OR ({column} >= '!' AND {column}[-1] > ' ') THEN {column}"
        f" WHEN {column} = '' THEN NULL ELSE {trimmed} END"
    )
