"""Under which name is a case known from night to night, and is it the only one of that name?"""

import shutil
from pathlib import Path

import pytest

from flows.published import open_published
from flows.run import night
from flows.settings import load_settings, sample_folder
from tests.nights.test_changes import Edit, edited

PATIENT = "pat-0015"
FRACTURE = "con-000033"

Row = dict[str, str]


def publish(work: Path, day: str, **edits: Edit) -> Path:
    """The warehouse of one more night, in which no two cases and no two findings have one name."""
    extract = edited(sample_folder(), work / f"of {day}", day, **edits)
    warehouse = night(load_settings(extract=extract, out=work / "out", as_of=day)).warehouse
    with open_published(warehouse) as con:
        for keys in ("key_case_id FROM stored.cases", "finding_key FROM findings", "finding_key FROM stored.changes"):
            assert con.execute(f"SELECT {keys} GROUP BY ALL HAVING count(*) > 1").fetchall() == []
    return warehouse


def keys(warehouse: Path, patient: str = PATIENT) -> dict[str, str]:
    """Day of T0 -> identity, of the cases of a patient."""
    with open_published(warehouse) as con:
        query = "SELECT left(CAST(t0 AS VARCHAR), 10), key_case_id FROM stored.cases WHERE patient_id = ?"
        return dict(con.execute(query, [patient]).fetchall())


def fractures(**days: str) -> Edit:
    """The patient's only fracture codes: condition id -> day on which it was recorded."""

    def edit(rows: list[Row]) -> None:
        known = next(row for row in rows if row["condition_id"] == FRACTURE)
        rows.remove(known)
        rows += [
            known | {"condition_id": name, "encounter_id": "", "onset_at": "", "recorded_at": f"{day}T09:40"}
            for name, day in days.items()
        ]

    return edit


def test_a_name_that_was_given_is_never_given_again(tmp_path: Path) -> None:
    """A case moves away and another begins in its place; that one moves too, and a third begins there."""
    first = keys(publish(tmp_path, "2027-09-01", conditions=fractures(a="2026-04-24")))
    second = keys(publish(tmp_path, "2027-09-02", conditions=fractures(a="2025-02-28", b="2026-04-24")))
    third = keys(publish(tmp_path, "2027-09-03", conditions=fractures(a="2025-02-28", b="2027-06-18", c="2026-04-24")))
    a, b = first["2026-04-24"], second["2026-04-24"]
    assert second["2025-02-28"] == third["2025-02-28"] == a
    assert third["2027-06-18"] == b
    assert third["2026-04-24"] not in (a, b)


def test_who_shares_a_condition_keeps_a_name_also_when_cases_change_their_codes(tmp_path: Path) -> None:
    """Of two cases the first takes a code of the second; the second is known by its other code."""
    before = keys(publish(tmp_path, "2027-09-01", conditions=fractures(a="2025-06-02", b="2026-04-24", c="2026-05-04")))
    after = keys(publish(tmp_path, "2027-09-02", conditions=fractures(a="2025-06-02", b="2025-06-12", c="2026-05-04")))
    assert len(before) == len(after) == 2
    assert after["2025-06-02"] == before["2025-06-02"]
    assert after["2026-05-04"] == before["2026-04-24"]


def test_a_condition_id_of_another_patient_carries_no_identity(tmp_path: Path) -> None:
    """The hospital numbers its conditions anew: two patients have each other's ids, and their cases are what they were."""
    before = publish(tmp_path, "2026-09-30")
    with open_published(before) as con:
        ((one, of_one), (other, of_other)) = con.execute(
            "SELECT c.patient_id, min(i.condition_id) FROM stored.cases AS c JOIN stored.index_conditions AS i"
            " USING (case_number) GROUP BY c.patient_id HAVING count(*) = 1 ORDER BY c.patient_id LIMIT 2"
        ).fetchall()

    def swapped(rows: list[Row]) -> None:
        for row in rows:
            row["condition_id"] = {of_one: of_other, of_other: of_one}.get(row["condition_id"], row["condition_id"])

    known = {patient: keys(before, patient) for patient in (one, other)}
    after = publish(tmp_path, "2026-10-01", conditions=swapped)
    assert {patient: keys(after, patient) for patient in (one, other)} == known
    with open_published(after) as con:
        assert con.execute("SELECT count(*) FROM stored.case_redated").fetchall() == [(0,)]


TWO_EPISODES = "pat-0016"


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two nights of a patient with two episodes of a deficit, told by rows of two tables that have one id."""
    work = tmp_path_factory.mktemp("twins")

    def renamed(column: str, name: str) -> Edit:
        def edit(rows: list[Row]) -> None:
            next(row for row in rows if row[column] == name)[column] = "17"

        return edit

    edits = {
        "observations": renamed("observation_id", "obs-000148"),
        "conditions": renamed("condition_id", "con-000037"),
    }
    before = shutil.copy(publish(work, "2026-09-30", **edits), work / "before.duckdb")
    return before, publish(work, "2026-10-01", **edits)


def test_rows_of_two_tables_with_one_id_are_two_findings(twins: tuple[Path, Path]) -> None:
    query = (
        "SELECT trigger_table, finding_key FROM findings"
        " WHERE patient_id = ? AND measure_id = 'S1' AND trigger_row_id = '17' ORDER BY instance"
    )
    found = []
    for warehouse in twins:
        with open_published(warehouse) as con:
            found.append(con.execute(query, [TWO_EPISODES]).fetchall())
    before, after = found
    assert {table for table, _ in before} == {"conditions", "observations"}
    assert len({key for _, key in before}) == 2
    assert before == after


def test_where_nothing_differs_nothing_is_said_of_twins(twins: tuple[Path, Path]) -> None:
    _, after = twins
    with open_published(after) as con:
        query = "SELECT count(*) FROM stored.changes JOIN stored.cases USING (case_id) WHERE patient_id = ?"
        assert con.execute(query, [TWO_EPISODES]).fetchall() == [(0,)]
