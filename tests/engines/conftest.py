"""The sample as one part, judged by one process: what every engine must give to the byte."""

from pathlib import Path

import pytest

from flows.run import night
from flows.settings import Engine, load_settings
from tests.flow.conftest import Spine, server, spine

__all__ = ["PARTS", "PART_ROWS", "Spine", "server", "spine"]

PART_ROWS = 900
PARTS = 7
"""So many parts the sample has with parts of that size."""


@pytest.fixture(scope="session")
def one_part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The out folder of the plainest run."""
    out = tmp_path_factory.mktemp("one") / "out"
    night(load_settings(out=out, engine=Engine(workers=1)))
    return out
