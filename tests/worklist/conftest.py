"""The sample's night, and what its workbook holds."""

from pathlib import Path

import pytest

from flows.run import Outcome, night
from flows.settings import load_settings


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The sample audited once."""
    return night(load_settings(out=tmp_path_factory.mktemp("sample") / "out"))


@pytest.fixture(scope="session")
def book(sample: Outcome) -> Path:
    return sample.reports / "identified" / "worklist.xlsx"
