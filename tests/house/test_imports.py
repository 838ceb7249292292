"""The house rules of README.md, held to the code: who may import whom, who may do I/O, where SQL lives."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT: dict[str, set[str]] = {
    "schemas": set(),
    "sql": set(),
    "transforms": {"schemas"},
    "reports": {"schemas", "transforms"},
    "flows": {"schemas", "transforms", "reports", "sql"},
}
"""Room → the other rooms that it may import."""

NO_CLOCK_NO_IO = {"transforms"}
FORBIDDEN_MODULES = {
    "duckdb", "datetime.now", "glob", "http", "io", "logging", "open", "os", "pathlib", "prefect", "random", "shutil",
    "socket", "subprocess", "sys", "tempfile", "time", "urllib",
}  # fmt: skip
FORBIDDEN_CALLS = {
    "open", "print", "input", "now", "today", "utcnow", "read_csv", "read_parquet", "scan_csv", "scan_parquet",
    "read_text", "read_bytes", "write_text", "write_bytes", "write_csv", "write_parquet", "sink_parquet", "sink_csv",
    "map_elements", "iter_rows", "map_rows",
}  # fmt: skip


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


FILES = [path for room in MAY_IMPORT for path in sources(room)]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, *, only_top_level: bool = False) -> Iterator[str]:
    """The absolute names of the modules that a file imports; of `from a import b` both a and a.b."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module_name(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    nodes = _runtime_nodes(tree) if only_top_level else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def _runtime_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """The statements that run when the module is imported: neither inside functions nor for type checkers only."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_room_imports_only_whom_it_may_know(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    rooms = {name.partition(".")[0] for name in imported(path)} & set(MAY_IMPORT)
    assert rooms - {room} <= MAY_IMPORT[room]


def test_no_module_imports_itself_by_way_of_others() -> None:
    modules = {module_name(path): path for path in FILES}
    edges = {
        name: {other for other in imported(path, only_top_level=True) if other in modules and other != name}
        for name, path in modules.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
        if name not in done:
            for other in sorted(edges[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(edges):
        visit(name, ())


@pytest.mark.parametrize("path", [p for room in NO_CLOCK_NO_IO for p in sources(room)], ids=module_name)
def test_transforms_does_no_io_reads_no_clock_and_loops_over_no_rows(path: Path) -> None:
    names = {name.partition(".")[0] for name in imported(path)}
    assert names & FORBIDDEN_MODULES == set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert calls & FORBIDDEN_CALLS == set()


def test_the_readme_shows_the_same_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{room}/` |" in readme for room in MAY_IMPORT)


@pytest.mark.parametrize("path", sorted((ROOT / "sql").rglob("*.sql")), ids=lambda path: path.stem)
def test_every_sql_file_begins_with_its_title(path: Path) -> None:
    assert path.read_text(encoding="utf-8").lower().startswith("-- title:")


def test_the_locks_name_no_index_and_hash_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if line.startswith("-") or "://" in line]
        pins = [n for n, line in enumerate(lines) if line and not line.startswith(" ")]
        assert all(end - start > 1 for start, end in pairwise([*pins, len(lines)])), "a pin without a hash"
