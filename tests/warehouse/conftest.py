from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.published import open_published

from . import drawn


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn night, published."""
    return drawn.published(drawn.night(), tmp_path_factory.mktemp("out"))


@pytest.fixture
def con(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(published) as connection:
        yield connection
