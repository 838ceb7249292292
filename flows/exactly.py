"""Paths as DuckDB takes them: as that one file and no other."""

from pathlib import Path

NO_PARTITIONS = "hive_partitioning = false"
"""Else a folder of the name `column=value`, anywhere above a file, would overwrite the file's column."""


def literal(text: Path | str) -> str:
    """A text or path as an SQL literal, for statements that take no bound parameter: ATTACH, and all that define."""
    return "'" + str(text).replace("'", "''") + "'"


def exactly(path: Path | str) -> str:
    """A path as a pattern that it alone fits: `*`, `?` and `[` are mere characters of its name."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
