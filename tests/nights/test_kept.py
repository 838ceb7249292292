"""What was kept of the night before is damaged: does tonight judge everybody, and publish?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.doctor_folder import folder as look
from flows.run import Outcome, night
from flows.settings import Engine, load_settings
from tests.agreement.audited import read as tables
from tests.nights.test_incremental import kept_cases

Damage = Callable[[Path], Any]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
    """The night before, and tonight as it is where nothing is damaged."""
    work = tmp_path_factory.mktemp("nights")
    first = night(load_settings(out=work / "first", as_of="2026-09-29"))
    shutil.copytree(work / "first", work / "second", symlinks=True)
    second = night(load_settings(out=work / "second", as_of="2026-09-30"))
    assert kept_cases(second.warehouse) > 100
    return first, second


def truncated(state: Path) -> None:
    file = state / "0000" / "findings.parquet"
    file.write_bytes(file.read_bytes()[:1000])


def scratched(state: Path) -> None:
    """One bit of the data is another; the file's end, with what it says of itself, is as it was."""
    file = state / "0000" / "findings.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def emptied(state: Path) -> None:
    file = state / "0000" / "findings.parquet"
    pl.read_parquet(file).clear().write_parquet(file)


def facts(**others: Any) -> Damage:
    def damage(state: Path) -> None:
        file = state / "facts.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | others))

    return damage


def no_folder(state: Path) -> None:
    shutil.rmtree(state.parent)
    state.parent.write_text("x")


DAMAGES: dict[str, Damage] = {
    "a file cut short": truncated,
    "a file of which a bit is another": scratched,
    "a file without its rows": emptied,
    "a file that is another": lambda state: shutil.copy(
        state / "0000" / "cases.parquet", state / "0000" / "patients.parquet"
    ),
    "a file gone": lambda state: (state / "0000" / "patients.parquet").unlink(),
    "a part gone": lambda state: shutil.rmtree(state / "0000"),
    "a part too many": lambda state: (state / "0001").mkdir(),
    "other facts": lambda state: (state / "facts.json").write_text('{"x": 1}'),
    "no facts": lambda state: (state / "facts.json").write_text("x"),
    "facts that are a list": lambda state: (state / "facts.json").write_text("[]"),
    "no horizons": facts(horizons=None),
    "no days": facts(horizons={"patients": None}),
    "a file in place of the folder": no_folder,
    "a run of this name that was never published": facts(generation=7),
    "all gone": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_judged_again(nights: tuple[Outcome, Outcome], damage: str, tmp_path: Path) -> None:
    first, second = nights
    out = tmp_path / "out"
    shutil.copytree(first.warehouse.parent, out, symlinks=True)
    DAMAGES[damage](out / ".state" / first.run_id)
    again = night(load_settings(out=out, as_of="2026-09-30"))
    assert kept_cases(again.warehouse) == 0
    found, expected = tables(again.warehouse), tables(second.warehouse)
    assert [name for name in found if not found[name].equals(expected[name])] == []
    assert [kept.name for kept in (out / ".state").iterdir()] == [again.run_id]


@pytest.mark.parametrize("damage", ["a file of which a bit is another", "a file without its rows", "a file gone"])
def test_doctor_sees_a_part_that_is_not_as_it_was_written(
    nights: tuple[Outcome, Outcome], damage: str, tmp_path: Path
) -> None:
    first, _ = nights
    out = tmp_path / "out"
    shutil.copytree(first.warehouse.parent, out, symlinks=True)
    DAMAGES[damage](out / ".state" / first.run_id)
    found = {finding.what: finding for finding in look(out, is_incremental=True)}
    assert found["night to night"].verdict == "note"
    assert "1 of 1 kept parts" in found["night to night"].detail


def test_only_the_damaged_part_is_judged_again(tmp_path: Path) -> None:
    engine = Engine(part_rows=2_000)
    first = night(load_settings(out=tmp_path / "out", as_of="2026-09-29", engine=engine))
    shutil.copytree(tmp_path / "out", tmp_path / "whole", symlinks=True)
    scratched(tmp_path / "out" / ".state" / first.run_id)
    one, other = (
        night(load_settings(out=tmp_path / name, as_of="2026-09-30", engine=engine)) for name in ("out", "whole")
    )
    assert 0 < kept_cases(one.warehouse) < kept_cases(other.warehouse)
    found, expected = tables(one.warehouse), tables(other.warehouse)
    assert [name for name in found if not found[name].equals(expected[name])] == []
