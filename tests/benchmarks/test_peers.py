"""Do all contestants of the benchmark count what the audit counts?"""

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.peers import MEASURES, Counts
from benchmarks.prepare import prepare
from flows.run import night
from flows.settings import load_settings, sample_folder


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as the contestants get it."""
    work = tmp_path_factory.mktemp("contest")
    warehouse = night(load_settings(out=work / "out", direct=True)).warehouse
    return prepare(sample_folder(), warehouse, work / "common")


def truth(common: Path) -> Counts:
    return [(measure, state, n) for measure, state, n in json.loads((common / "truth.json").read_text())]


def contestant(name: str) -> Callable[[Path], Counts]:
    if name.startswith("pandas"):
        pytest.importorskip("pandas", reason="only `make bench` installs it")
    return importlib.import_module(f"benchmarks.peers.{name}").counts


@pytest.mark.parametrize("name", ["polars_plain", "duckdb_sql", "pandas_vectorised", "pandas_rows"])
def test_a_contestant_counts_what_the_audit_counts(common: Path, name: str) -> None:
    assert contestant(name)(common) == truth(common)


def test_the_audit_told_to_judge_six_measures_counts_what_it_counts_among_all(
    common: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks.peers import spine_audit
    from transforms import audit

    monkeypatch.setattr(audit, "MEASURES", audit.MEASURES)  # put back afterwards
    assert spine_audit.counts(common) == truth(common)


def test_the_sample_has_every_state_among_the_six_measures(common: Path) -> None:
    states = {"censored", "deviation", "exception", "excluded", "indeterminate", "met", "not_applicable", "pending"}
    found = truth(common)
    assert {state for _, state, _ in found} == states
    assert {measure for measure, _, _ in found} == set(MEASURES)


def test_the_floor_reads_the_columns_that_are_there(common: Path) -> None:
    assert contestant("floor")(common) == []
