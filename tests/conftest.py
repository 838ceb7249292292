"""What all tests share: the quality gate, which takes seconds to start, stands aside where it is not what a test is about."""

from collections.abc import Iterator

import pytest

import flows.run
from tests.gate_aside import GateAside

REAL_GATE = flows.run.QualityGate


@pytest.fixture(scope="session", autouse=True)
def _gate_stands_aside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows.run, "QualityGate", GateAside)
        yield


@pytest.fixture
def real_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of whole runs in this process: the gate as it is. (Runs in processes of their own always have it.)"""
    monkeypatch.setattr(flows.run, "QualityGate", REAL_GATE)
