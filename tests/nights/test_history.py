"""Does `diff` tell what became of the findings between any two nights, and refuse where it can't?

Nights are compared with their own warehouses, of which a copy is kept here.
"""

import shutil
from collections.abc import Callable
from copy import copy
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from flows.doctor_folder import folder as look
from flows.nights import HISTORY_FILE, diff
from flows.progress import Quiet
from flows.published import WAREHOUSE_FILE, open_published
from flows.run import Outcome, night
from flows.settings import load_settings, sample_folder
from schemas.errors import SettingsError
from tests.agreement.audited import read as tables
from tests.nights.test_changes import edited

DAYS = ("2026-09-30", "2026-10-03", "2026-10-10", "2026-11-20")
Before = Callable[["Hospital", int], None]


def some_withdrawn(rows: list[dict[str, str]]) -> None:
    for row in rows[::3]:
        row["status"] = "entered-in-error"


class Hospital:
    """Four nights, of which the second and the third lack a third of the medications; a copy of each is kept."""

    def __init__(self, work: Path, settings: str = "", before: Before | None = None) -> None:
        self.work, self.out, self.copies = work, work / "out", work / "copies"
        self.runs: list[str] = []
        (work / "settings.toml").write_text(settings)
        for n, day in enumerate(DAYS):
            if before:
                before(self, n)
            edits = {"medications": some_withdrawn} if n in (1, 2) else {}
            edited(sample_folder(), work / day, day, **edits)
            said = Said()
            self.runs.append(self.audited(n, self.out, said).run_id)
            self.warnings = said.warnings
            shutil.copytree(self.out, self.copies / str(n), symlinks=True)

    def audited(self, n: int, out: Path, said: Quiet | None = None) -> Outcome:
        """One of the nights, audited into `out`."""
        settings = self.work / "settings.toml"
        return night(load_settings(extract=self.work / DAYS[n], out=out, as_of=DAYS[n], settings_file=settings), said)

    def copied(self, work: Path) -> "Hospital":
        """The same with an out folder of its own, which a test may change."""
        other = copy(self)
        other.out = Path(shutil.copytree(self.out, work / "out", symlinks=True))
        return other

    def restore(self, name: str, n: int) -> None:
        """Puts one file of a night's backup in place."""
        shutil.copy(self.copies / str(n) / name, self.out / name)

    def deviations(self, n: int) -> set[str]:
        with open_published(self.copies / str(n) / WAREHOUSE_FILE) as con:
            rows = con.execute("SELECT finding_key FROM findings WHERE state = 'deviation'").fetchall()
        return {key for (key,) in rows}

    def told(self) -> set[tuple[int, int]]:
        """Pairs of nights of which `diff` told, and told what is so."""
        pairs = set()
        for a, b in combinations_with_replacement(range(len(DAYS)), 2):
            try:
                found = diff(self.out, self.runs[a], self.runs[b])
            except SettingsError:
                continue
            change, key = found.names.index("change"), found.names.index("finding_key")
            said = {
                kind: {row[key] for row in found.rows if row[change] == kind}
                for kind in ("new", "resolved", "persisting")
            }
            before, now = self.deviations(a), self.deviations(b)
            assert said == {"new": now - before, "resolved": before - now, "persisting": before & now}, (a, b)
            pairs.add((a, b))
        return pairs


class Said(Quiet):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


ALL = set(combinations_with_replacement(range(len(DAYS)), 2))
FROM_THE_LAST = {(3, 3)}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    return Hospital(tmp_path_factory.mktemp("undisturbed"))


def test_every_two_nights_are_compared(undisturbed: Hospital) -> None:
    assert undisturbed.told() == ALL
    assert undisturbed.warnings == []


def test_a_history_that_is_kept_for_some_days_begins_later(tmp_path: Path) -> None:
    """As of the last night, the nights before 10 November are long ago; the last of them stays to be compared with."""
    hospital = Hospital(tmp_path, "[retention]\nkeep_history_days = 10\n")
    assert hospital.told() == {(2, 2), (2, 3), (3, 3)}
    with pytest.raises(SettingsError, match="no run"):
        diff(hospital.out, hospital.runs[0], None)


@pytest.mark.parametrize("name", [HISTORY_FILE, WAREHOUSE_FILE])
def test_a_file_that_came_back_alone_is_seen(name: str, tmp_path: Path) -> None:
    """From a backup of the first night, before the last one."""

    def restore(hospital: Hospital, n: int) -> None:
        if n == 3:
            hospital.restore(name, 0)
            with pytest.raises(SettingsError, match="one and the same backup"):
                diff(hospital.out, None, None)
            found = {finding.what: finding for finding in look(hospital.out, is_incremental=True)}
            assert "one and the same backup" in found["history"].remedy

    hospital = Hospital(tmp_path, before=restore)
    assert "one and the same backup" in " ".join(hospital.warnings)
    found = {finding.what: finding for finding in look(hospital.out, is_incremental=True)}
    assert f"diff compares from {hospital.runs[3]} on" in found["history"].detail
    # Only what the two files tell together.
    assert hospital.told() == FROM_THE_LAST
    with pytest.raises(SettingsError, match="can't be compared any more"):
        diff(hospital.out, hospital.runs[0], None)


def test_both_files_of_one_backup_are_the_night_before(tmp_path: Path) -> None:
    def restore(hospital: Hospital, n: int) -> None:
        if n == 3:
            for name in (HISTORY_FILE, WAREHOUSE_FILE):
                hospital.restore(name, 0)

    hospital = Hospital(tmp_path, before=restore)
    assert hospital.warnings == []
    assert hospital.told() == {(0, 0), (0, 3), (3, 3)}


def test_a_night_that_was_published_twice_goes_with_its_own_parts(tmp_path: Path) -> None:
    """The second night is run again from the first one's backup; then its own backup comes back. The parts that lie there
    are those of the other publication, with other numbers."""

    def restore(hospital: Hospital, n: int) -> None:
        if n == 2:
            for name in (HISTORY_FILE, WAREHOUSE_FILE):
                hospital.restore(name, 0)
            hospital.audited(1, hospital.out)
            for name in (HISTORY_FILE, WAREHOUSE_FILE):
                hospital.restore(name, 1)

    hospital = Hospital(tmp_path, before=restore)
    assert hospital.told() == ALL
    with open_published(hospital.copies / "2" / WAREHOUSE_FILE) as con:
        said = dict(con.execute("SELECT finding_key, change FROM finding_changes").fetchall())
    before, now = hospital.deviations(1), hospital.deviations(2)
    assert {key for key, change in said.items() if change == "new"} == now - before
    assert {key for key, change in said.items() if change == "resolved"} == before - now


def test_the_last_night_again_on_an_older_warehouse_is_another_night(undisturbed: Hospital, tmp_path: Path) -> None:
    """Only the warehouse came back, of the first night; the last extract is run again and is compared with that one."""
    hospital = undisturbed.copied(tmp_path)
    hospital.restore(WAREHOUSE_FILE, 0)
    hospital.audited(3, hospital.out)
    assert hospital.told() == FROM_THE_LAST


@pytest.mark.parametrize("n", [0, 2])
def test_a_look_back_is_that_night_again(n: int, undisturbed: Hospital, tmp_path: Path) -> None:
    """From the extract of then, into a folder of its own: what it said beside what differed from its night before."""
    back = undisturbed.audited(n, tmp_path / "back")
    assert back.run_id == undisturbed.runs[n]
    then, again = tables(undisturbed.copies / str(n) / WAREHOUSE_FILE), tables(back.warehouse)
    different = [name for name in then if not then[name].equals(again[name])]
    assert set(different) <= {"finding_changes"}
    assert then["findings"].height > 1_000
