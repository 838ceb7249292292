"""What must be the same bytes whoever made it: every audit table but runs, and every export."""

from pathlib import Path

from flows.published import open_published
from schemas.warehouse import RUNS, WAREHOUSE


def content(out: Path) -> dict[str, bytes]:
    """Every audit table but runs as CSV in key order, and every export."""
    found = {}
    with open_published(out / "audit.duckdb") as con:
        for name, table in WAREHOUSE.items():
            if name != RUNS.name:
                target = out.parent / f"{name}.csv"
                con.execute(f"COPY (FROM {name} ORDER BY {', '.join(table.key)}) TO '{target}' (HEADER)")
                found[name] = target.read_bytes()
    for path in sorted((out / "reports").rglob("*.*")):
        if path.is_file() and "latest" not in path.parts:
            found[str(path.relative_to(out))] = path.read_bytes()
    return found


def different(one: Path, other: Path) -> list[str]:
    """The names of what two out folders have of different content, or one alone."""
    mine, theirs = content(one), content(other)
    assert len(mine) == len(WAREHOUSE) - 1 + 3
    return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
