"""Synthetic extracts and their audits, each made once a session."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main
from flows.synth.write import Recipe, truth_path, write


@dataclass(frozen=True)
class Audited:
    """A synthetic extract, its truth, and what the command line published of it."""

    recipe: Recipe
    extract: Path
    truth: Path
    warehouse: Path


Make = Callable[[Recipe], Audited]


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Make:
    made: dict[str, Audited] = {}

    def make(recipe: Recipe) -> Audited:
        if repr(recipe) not in made:
            folder = tmp_path_factory.mktemp("synth")
            extract, out = folder / "extract", folder / "out"
            write(recipe, extract)
            assert main(["run", "--direct", "--quiet", "--extract", str(extract), "--out", str(out)]) == 0
            made[repr(recipe)] = Audited(recipe, extract, truth_path(extract), out / "audit.duckdb")
        return made[repr(recipe)]

    return make
