"""Paths as DuckDB takes them: as that one file and no other."""

from pathlib import Path

NO_PARTITIONS = "hive_partitioning = false"
"""Else a folder of the name `column=value`, anywhere above a file, would overwrite the file's column."""


def literal(text: Path | str) -> str:
    """A text or path as an SQL literal, for statements that take no bound parameter: ATTACH, and all that define.

    A path is made absolute: a relative one that begins like `s3:` or `~` would mean something else to DuckDB.
    """
    text = text.absolute() if isinstance(text, Path) else text
    return "'" + str(text).replace("'", "''") + "'"


def exactly(path: Path | str) -> str:
    """A path as a pattern that it alone fits: `*`, `?` and `[` are mere characters of its name."""
    text = str(path.absolute() if isinstance(path, Path) else path)
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)
