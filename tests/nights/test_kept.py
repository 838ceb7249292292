"""What was kept of the night before is damaged: does tonight judge everybody, and publish?"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.run import Outcome, night
from flows.settings import load_settings
from tests.agreement.audited import read as tables
from tests.nights.test_incremental import kept_cases


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


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a file cut short": truncated,
    "a file gone": lambda state: (state / "0000" / "patients.parquet").unlink(),
    "a part gone": lambda state: shutil.rmtree(state / "0000"),
    "other facts": lambda state: (state / "facts.json").write_text('{"x": 1}') and None,
    "no facts": lambda state: (state / "facts.json").write_text("x") and None,
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
