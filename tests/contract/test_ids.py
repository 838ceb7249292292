"""What happens where an id occurs more than once?"""

from collections.abc import Callable
from pathlib import Path

from contract.drawn import DEFAULTS, Outcome, Row, draw, judge_folder, write_csv
from schemas.extract import EXTRACT

Judge = Callable[..., Outcome]
CONFLICT = ("observation_id", "conflicting_id", "rejected")


def parts(tmp_path: Path, **files: list[Row]) -> Outcome:
    """Observations in several files, named by the keywords."""
    extract = draw(tmp_path / "extract")
    for name, rows in files.items():
        path = extract / "observations" / f"{name}.csv"
        write_csv(path, EXTRACT["observations"].names, [DEFAULTS["observations"] | row for row in rows])
    return judge_folder(extract, tmp_path / "work")


def test_the_same_row_twice_is_one(judge: Judge) -> None:
    outcome = judge(observations=[{}, {}, {}])
    assert outcome.marks("observations") == []
    assert outcome.clean["observations"].height == 1
    assert outcome.feed("observations")["rows_duplicate"] == 2


def test_bad_rows_that_are_equal_are_collapsed_first(judge: Judge) -> None:
    outcome = judge(observations=[{"status": "done"}, {"status": "done"}])
    assert outcome.marks("observations") == [("status", "unknown_enum", "rejected")]
    assert outcome.feed("observations")["rows_duplicate"] == 1


def test_equal_rows_without_an_id_are_each_a_bad_row(judge: Judge) -> None:
    outcome = judge(observations=[{"observation_id": ""}, {"observation_id": ""}])
    assert outcome.feed("observations")["rows_quarantined"] == 2


def test_followup_has_no_ids(judge: Judge) -> None:
    outcome = judge(followup=[{}, {}])
    assert outcome.clean["followup"].height == 2
    assert outcome.feed("followup")["rows_duplicate"] == 0


def test_ids_are_compared_with_their_case(judge: Judge) -> None:
    assert judge(observations=[{}, {"observation_id": "O"}]).clean["observations"].height == 2


def test_the_newest_recorded_at_wins(judge: Judge) -> None:
    outcome = judge(
        observations=[
            {"recorded_at": "2024-03-21 10:00", "value_number": "1"},
            {"recorded_at": "2024-03-20 15:00", "value_number": "2"},
            {"recorded_at": "", "value_number": "3"},
        ]
    )
    assert outcome.clean["observations"]["value_number"].to_list() == [1]
    assert outcome.marks("observations") == [CONFLICT, CONFLICT]


def test_newest_means_the_instant_not_the_text(judge: Judge) -> None:
    outcome = judge(
        observations=[
            {"recorded_at": "2024-03-21T10:00:00+02:00", "value_number": "1"},
            {"recorded_at": "2024-03-21T09:00:00Z", "value_number": "2"},
        ]
    )
    assert outcome.clean["observations"]["value_number"].to_list() == [2]


def test_at_the_same_instant_the_minute_comes_after_the_day(judge: Judge) -> None:
    outcome = judge(
        observations=[
            {"recorded_at": "2024-03-21", "value_number": "1"},
            {"recorded_at": "2024-03-21 00:00", "value_number": "2"},
        ]
    )
    assert outcome.clean["observations"]["value_number"].to_list() == [2]


def test_a_conflict_that_nothing_decides_costs_all(judge: Judge) -> None:
    outcome = judge(observations=[{"value_number": "1"}, {"value_number": "2"}])
    assert outcome.clean["observations"].height == 0
    assert outcome.marks("observations") == [CONFLICT, CONFLICT]


def test_the_only_row_in_the_last_file_wins(tmp_path: Path) -> None:
    outcome = parts(tmp_path, b=[{"value_number": "2"}], a=[{"value_number": "1"}])
    assert outcome.clean["observations"]["value_number"].to_list() == [2]


def test_two_rows_in_the_last_file_decide_nothing(tmp_path: Path) -> None:
    outcome = parts(tmp_path, a=[{"value_number": "1"}], b=[{"value_number": "2"}, {"value_number": "3"}])
    assert outcome.clean["observations"].height == 0


def test_recorded_at_goes_before_the_file(tmp_path: Path) -> None:
    newer, older = "2024-03-22", "2024-03-21"
    outcome = parts(
        tmp_path, a=[{"recorded_at": newer, "value_number": "1"}], b=[{"recorded_at": older, "value_number": "2"}]
    )
    assert outcome.clean["observations"]["value_number"].to_list() == [1]


def test_a_bad_row_is_no_party_to_a_conflict(judge: Judge) -> None:
    outcome = judge(observations=[{"value_number": "1"}, {"value_number": "72"}])
    assert outcome.clean["observations"]["value_number"].to_list() == [1]
    assert outcome.marks("observations") == [("value_number", "out_of_range", "rejected")]


def test_the_loser_of_a_conflict_has_no_warnings(judge: Judge) -> None:
    outcome = judge(
        observations=[{"recorded_at": "2024-03-21", "level": "X"}, {"recorded_at": "2024-03-22", "level": "L2"}]
    )
    assert outcome.marks("observations") == [CONFLICT]


def test_patients_in_conflict_are_out_and_their_rows_orphans(judge: Judge) -> None:
    outcome = judge(patients=[{"birth_date": "1948-06-14"}, {"birth_date": "1949-06-14"}])
    assert outcome.clean["patients"].height == 0
    assert outcome.marks("conditions") == [("patient_id", "orphan", "rejected")]


def test_an_absent_table_is_an_absent_feed(judge: Judge) -> None:
    outcome = judge()
    assert set(outcome.clean) == {"patients", "conditions"}
    assert outcome.feed("imaging") == {
        "table_name": "imaging",
        "present": False,
        "rows_read": 0,
        "rows_accepted": 0,
        "rows_quarantined": 0,
        "rows_duplicate": 0,
        "rows_warned": 0,
        "loaded_through": None,
    }
