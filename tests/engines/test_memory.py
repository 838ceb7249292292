"""How many parts are judged at a time, where nobody has said it."""

from pathlib import Path

import polars as pl
import pytest

from flows.engines import memory
from flows.engines.memory import BYTES_A_ROW, BYTES_A_WORKER, fitting_workers, free_bytes, rows_of
from flows.engines.part import Part

ROWS = 1_000
ENOUGH_FOR_ONE = (ROWS * BYTES_A_ROW + BYTES_A_WORKER) / memory.SHARE


@pytest.fixture
def parts(tmp_path: Path) -> list[Part]:
    """Five parts of a thousand rows in two tables, on a machine of four processors."""
    made = [Part(number, tmp_path / f"{number}", tmp_path / "stored" / f"{number}") for number in range(5)]
    for part in made:
        part.clean.mkdir()
        pl.DataFrame({"a": [1] * 400}).write_parquet(part.clean / "patients.parquet")
        pl.DataFrame({"a": [1] * 600}).write_parquet(part.clean / "conditions.parquet")
    return made


@pytest.mark.parametrize(
    ("memory_for", "workers"), [(0.5, 1), (1.5, 1), (1.99, 1), (2.01, 2), (3.5, 3), (100, 4), (None, 4)]
)
def test_as_many_as_memory_and_processors_allow(
    memory_for: float | None, workers: int, parts: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "usable_cpus", lambda: 4)
    monkeypatch.setattr(memory, "free_bytes", lambda: memory_for and int(memory_for * ENOUGH_FOR_ONE))
    assert fitting_workers(parts) == workers


def test_never_more_than_parts(parts: list[Part], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "usable_cpus", lambda: 64)
    monkeypatch.setattr(memory, "free_bytes", lambda: None)
    assert fitting_workers(parts) == 5
    assert fitting_workers(parts[:1]) == 1


def test_the_rows_of_a_part_are_those_of_all_its_tables(parts: list[Part]) -> None:
    assert rows_of(parts[0]) == ROWS


def test_a_container_has_no_more_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_LIMIT", tmp_path / "memory.max")
    assert free_bytes() == 8000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    assert free_bytes() == 8000 * 1024
    (tmp_path / "memory.max").write_text("4096000\n")
    assert free_bytes() == 4_096_000
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "nowhere")
    assert free_bytes() is None
