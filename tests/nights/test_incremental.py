"""Does a night that judges only changed patients publish what a full night does?"""

from pathlib import Path

import pytest

import flows.stored
from flows.published import open_published
from flows.run import night
from flows.settings import load_settings
from tests.agreement.audited import read as tables
from tests.nights.story import Story

FULL = "\n[source]\nincremental = false\n"
AFTER_DAYS = (0, 60, 120, 200, 330, 365, 390)
"""So long after its patients' fractures a story begins: while they are treated, when deadlines pass, when cases end."""


def kept_cases(warehouse: Path) -> int:
    """Cases whose numbers an earlier night gave: they were not judged again."""
    with open_published(warehouse) as con:
        query = "SELECT count(*) FROM stored.cases, stored.night WHERE (case_number >> 32) // 500 < generation"
        return con.execute(query).fetchall()[0][0]


def tell(story: Story, work: Path) -> int:
    """Every night both ways; the number of cases that were kept on the way."""
    kept = 0
    for number, folder in enumerate(story.tell(work)):
        settings = work / f"night{number}.toml"
        full = work / f"full{number}.toml"
        full.write_text(settings.read_text(encoding="utf-8") + FULL, encoding="utf-8")
        one = night(load_settings(extract=folder, out=work / "incremental", settings_file=settings))
        other = night(load_settings(extract=folder, out=work / "full", settings_file=full))
        assert one.run_id == other.run_id
        here, there = tables(one.warehouse), tables(other.warehouse)
        different = [name for name in here if not here[name].equals(there[name])]
        assert not different, f"seed {story.seed}, night {number}"
        lists = {path.name: path.read_bytes() for path in (one.reports / "identified").iterdir()}
        assert lists == {path.name: path.read_bytes() for path in (other.reports / "identified").iterdir()}
        kept += kept_cases(one.warehouse)
        assert kept_cases(other.warehouse) == 0
    return kept


@pytest.mark.parametrize("seed", range(len(AFTER_DAYS)))
def test_a_night_is_the_same_however_many_are_judged_again(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows.stored, "LEAST_KEPT", 0.0)
    kept = tell(Story(seed, patients=15, after=AFTER_DAYS[seed]), tmp_path)
    assert kept > 0 or AFTER_DAYS[seed] < 120


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_many_stories(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows.stored, "LEAST_KEPT", 0.0)
    tell(Story(seed, nights=5, after=AFTER_DAYS[seed % len(AFTER_DAYS)]), tmp_path)
