"""Each check of the warehouse finds what it is for: a copy of the sample's is spoiled in one way after the other."""

from pathlib import Path

import pytest

from flows.quality.checks import CHECKS, KINDS
from flows.quality.verdict import Answer, verdicts
from flows.sql_files import sql_files
from reports.quality import Asked, Looked
from reports.small_counts import shown, shown_share
from schemas.parameters import load_parameters

from .conftest import opened, spoiled

NOWHERE = "(CAST(99 AS UBIGINT) << 32) + 7"
A_CASE = "(SELECT min(case_number) FROM stored.cases WHERE audited AND level <> 'unspecified')"
SPOILED: dict[str, str] = {
    "cases_twice": f"INSERT INTO stored.cases FROM stored.cases WHERE case_number = {A_CASE}",
    "findings_twice": f"INSERT INTO stored.findings FROM stored.findings WHERE case_number = {A_CASE} LIMIT 1",
    "keys_twice": "UPDATE stored.cases SET key_case_id = (SELECT min(key_case_id) FROM stored.cases)",
    "evidence_twice": "INSERT INTO stored.evidence FROM stored.evidence LIMIT 1",
    "events_twice": "INSERT INTO stored.events FROM stored.events LIMIT 1",
    "cases_without_facts": "DELETE FROM case_facts WHERE case_id = (SELECT min(case_id) FROM case_facts)",
    "findings_without_case": f"UPDATE stored.findings SET case_number = {NOWHERE} WHERE case_number = {A_CASE}",
    "findings_without_verdict": "DELETE FROM stored.verdicts WHERE verdict = (SELECT min(verdict) FROM stored.verdicts)",
    "evidence_without_case": f"UPDATE stored.evidence SET case_number = {NOWHERE} WHERE case_number = {A_CASE}",
    "events_missing": "DELETE FROM stored.events WHERE event_number IN (SELECT event_number FROM stored.evidence)",
    "evidence_without_finding": f"DELETE FROM stored.findings WHERE case_number = {A_CASE.replace('min', 'max')}",
    "evidence_without_measure": "UPDATE stored.evidence SET measure = 200 WHERE measure = 1",
    "events_without_patient": f"UPDATE stored.events SET patient_number = {NOWHERE} WHERE event_number % 9 = 0",
    "feeds_lose_rows": "UPDATE feeds SET rows_read = rows_read + 1 WHERE table_name = 'imaging'",
    "quarantine_adds_up": "UPDATE feeds SET rows_quarantined = rows_quarantined + 2 WHERE table_name = 'imaging'",
    "cases_without_findings": f"DELETE FROM stored.findings WHERE case_number = {A_CASE} AND instance = 1",
    "states_add_up": "UPDATE measures SET n = n + 1 WHERE measure_id = 'G1' AND stratum = 'overall'",
    "strata_add_up": "DELETE FROM measures WHERE measure_id = 'G1' AND stratum = 'sex' AND stratum_value = 'male'",
    "rates_within_bounds": "UPDATE measures SET wilson_high = 1.2, rate = 1.1 WHERE measure_id = 'G1'",
    "measures_match_findings": "UPDATE measures SET rate = rate + 1e-9 WHERE measure_id = 'G1' AND stratum = 'overall'",
}


def wrong(path: Path) -> set[str]:
    with opened(path) as con:
        return {check.name for check in CHECKS if not check.compares and con.execute(check.file.text).fetchall()}


def test_every_file_is_asked_and_every_switch_has_one() -> None:
    files = {file.name for folder in ("checks", "nights") for file in sql_files(f"warehouse/{folder}")}
    assert {check.file.name for check in CHECKS} == files
    assert {check.kind for check in CHECKS} == set(KINDS)
    assert {f"block_{kind}" for kind in KINDS} == {name for name in load_parameters().gate if name.startswith("block_")}


def test_nothing_is_wrong_with_the_sample(merged: Path) -> None:
    assert wrong(merged) == set()


def test_two_findings_of_one_case_with_one_identity_are_seen(merged: Path, tmp_path: Path) -> None:
    same = "UPDATE stored.findings SET trigger_row_id = '17' WHERE trigger_row_id IS NOT NULL"
    with opened(spoiled(merged, tmp_path / "spoiled.duckdb", same)) as con:
        found = con.execute(next(check for check in CHECKS if check.name == "keys_twice").file.text).fetchall()
    assert {measure for _, measure, _ in found} >= {"S1"}


def test_a_trigger_that_is_not_there_is_seen(merged: Path, tmp_path: Path) -> None:
    gone = f"UPDATE stored.findings SET trigger_event = {NOWHERE} WHERE trigger_event IS NOT NULL"
    assert wrong(spoiled(merged, tmp_path / "spoiled.duckdb", gone)) == {"events_missing"}


def test_every_check_is_spoiled_below() -> None:
    assert set(SPOILED) == {check.name for check in CHECKS if not check.compares}


@pytest.mark.parametrize("name", SPOILED)
def test_a_check_finds_what_it_is_for(name: str, merged: Path, tmp_path: Path) -> None:
    assert name in wrong(spoiled(merged, tmp_path / "spoiled.duckdb", SPOILED[name]))


# Codes that were used otherwise the night before


@pytest.mark.parametrize(
    ("patients", "what"), [(10, "procedures: codes that are not shown"), (11, "procedures: CPT 22511")]
)
def test_a_code_is_shown_where_more_than_ten_patients_share_it(
    patients: int, what: str, merged: Path, tmp_path: Path
) -> None:
    of_them = f"(SELECT DISTINCT patient_number FROM stored.events WHERE table_name = 'procedures' ORDER BY 1 LIMIT {patients})"
    many = (
        "INSERT INTO stored.events SELECT e.* REPLACE (event_number + n AS event_number, 'CPT' AS code_system, '22511' AS code)"
        " FROM stored.events AS e, range(1, 6) AS r(n)"
        f" WHERE table_name = 'procedures' AND patient_number IN {of_them}"
    )
    none = "DELETE FROM stored.events WHERE code = '22511'"
    before = spoiled(merged, tmp_path / "before.duckdb", none)
    tonight = spoiled(merged, tmp_path / "tonight.duckdb", none, many)
    (check,) = [check for check in CHECKS if check.name == "codes_as_before"]
    for now, then in ((tonight, before), (before, tonight)):
        with opened(now) as con:
            con.execute(f"ATTACH '{then}' AS before (READ_ONLY)")
            con.execute("SET VARIABLE local_codes = CAST([] AS VARCHAR[])")
            told = [row[0] for row in con.execute(check.file.text).fetchall()]
        assert what in told
        assert ("procedures: CPT 22511" in told) == (patients > 10)


# What is said


def test_a_switch_says_whether_it_holds_back_the_night() -> None:
    lines = (Looked("imaging", "4,000", "12", True), Looked("patients", "300", "301", False))
    answers = [
        Answer("rows", Asked("Rows of each table against the night before", False, "1", lines)),
        Answer("states", Asked("Strata whose values don't add up", False, "1–10", ())),
    ]
    only = dict.fromkeys(KINDS, False)
    loud = verdicts(answers, only | {"states": True})
    assert loud.blocked == ("states: Strata whose values don't add up: 1–10",)
    assert loud.warnings == ("rows: Rows of each table against the night before: imaging 12 (before: 4,000)",)
    turned = verdicts(answers, only | {"rows": True})
    assert (turned.blocked, turned.warnings) == (loud.warnings, loud.blocked)


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, "1–10"), (10, "1–10"), (11, "11"), (12345, "12,345")])
def test_small_counts_are_a_range(count: int, words: str) -> None:
    assert shown(count) == words


@pytest.mark.parametrize(
    ("count", "whole", "words"),
    [
        (0, 0, "none"),
        (0, 90, "0.0 % of 90"),
        (10, 90, "1–10 of 90"),
        (11, 90, "12.2 % of 90"),
        (79, 90, "87.8 % of 90"),
        (80, 90, "nearly all of 90"),
        (90, 90, "100.0 % of 90"),
        (0, 9, "0 of 1–10"),
        (9, 9, "all of 1–10"),
        (4, 9, "1–10 of 1–10"),
    ],
)
def test_a_share_tells_neither_a_small_count_nor_a_small_rest(count: int, whole: int, words: str) -> None:
    assert shown_share(count, whole) == words
