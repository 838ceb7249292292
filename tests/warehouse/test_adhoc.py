"""The saved queries: each has a header that is true, runs as it is, and answers what its title says."""

import datetime
import re

import duckdb
import pytest

from flows.sql_files import SqlFile, saved_queries
from schemas.warehouse import VIEWS, WAREHOUSE

QUERIES = saved_queries()
Record = dict[str, object]


def answer(con: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> list[Record]:
    """The rows of a saved query with these parameters set."""
    for parameter, value in parameters.items():
        assert parameter in QUERIES[name].parameters
        con.execute(f"SET VARIABLE {parameter} = $value", {"value": value})
    result = con.execute(QUERIES[name].text)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def pick(rows: list[Record], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


# Of every query

every_query = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())


@every_query
def test_it_reads_what_its_header_says(query: SqlFile) -> None:
    statement = re.sub(r"--.*", "", query.text)
    own = set(re.findall(r"(\w+) AS \(\s", statement))
    named = {word for word in re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", statement) if word not in own and word != "unnest"}
    assert named == set(query.reads)
    assert named <= {*WAREHOUSE, *VIEWS}


@every_query
def test_it_uses_exactly_the_parameters_of_its_header_each_with_a_default(query: SqlFile) -> None:
    assert set(re.findall(r"getvariable\('(\w+)'\)", query.text)) == set(query.parameters)
    assert all("default" in meaning for meaning in query.parameters.values())


@every_query
def test_it_is_one_statement_and_has_an_order(query: SqlFile) -> None:
    statement = re.sub(r"--.*|'[^']*'", "", query.text).strip()
    assert statement.count(";") == 1
    assert statement.endswith(";")
    assert re.search(r"ORDER BY [^)]+;$", statement)


@every_query
def test_it_runs_without_any_parameter_and_says_something_of_the_drawn_night(
    query: SqlFile, con: duckdb.DuckDBPyConnection
) -> None:
    rows = con.execute(query.text).fetchall()
    assert rows == con.execute(query.text).fetchall()
    assert rows


# Of each


def test_deadlines_due_soon(con: duckdb.DuckDBPyConnection) -> None:
    assert pick(answer(con, "deadlines_due_soon"), "measure_id", "days_left") == [("S1", 1)]
    wider = answer(con, "deadlines_due_soon", days=30)
    assert pick(wider, "measure_id", "days_left") == [("S1", 1), ("F1", 19)]


def test_missed_urgent_referrals(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "missed_urgent_referrals")
    assert pick(rows, "case_id", "late_by_hours", "judged_actions") == [
        ("late", 10.5, "referrals NUCC 207T00000X urgent 2024-03-03T20:30:00+00:00"),
        ("missing", None, None),
        ("unlevelled", None, None),
    ]
    assert answer(con, "missed_urgent_referrals", days=30) == []


def test_never_examined(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "never_examined")
    assert pick(rows, "site_id", "is_level_unspecified", "n_cases", "n_nothing_recorded") == [
        ("north", False, 2, 1),
        ("north", True, 1, 0),
        ("south", False, 1, 0),
        ("unknown", False, 1, 0),
    ]


def test_what_would_settle_it(con: duckdb.DuckDBPyConnection) -> None:
    assert pick(answer(con, "what_would_settle_it"), "measure_id", "missing_fact", "n_cases") == [
        ("Q1", "observations.neuro-exam", 1),
    ]


def test_deviation_types(con: duckdb.DuckDBPyConnection) -> None:
    rows = pick(answer(con, "deviation_types"), "measure_id", "reason", "n", "share_of_deviations")
    assert ("S1", "late", 1, 0.5) in rows
    assert ("G1", "missing", 2, 1.0) in rows


def test_contested_deviations(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "contested_deviations")
    assert pick(rows, "measure_id", "n_deviations", "n_patients") == [
        ("S1", 3, 3),
        ("G1", 2, 2),
        ("A1", 1, 1),
        ("Q3", 1, 1),
    ]


def test_monthly_trend(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "monthly_trend")
    assert len(rows) == 10
    march, december = rows[0], rows[-1]
    assert pick([march], "month", "denominator", "complete") == [(datetime.date(2024, 3, 1), 2, True)]
    assert pick([december], "n_pending", "rate", "complete") == [(1, None, False)]
    assert answer(con, "monthly_trend", complete_only=True) == rows[:-1]


def test_sites_side_by_side_shows_no_rate_of_a_few(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "sites_side_by_side", measure="G1")
    assert pick(rows, "site_id", "denominator", "rate", "is_too_few") == [
        ("north", 2, None, True),
        ("south", 1, None, True),
        ("unknown", 0, None, True),
    ]
    assert pick(answer(con, "sites_side_by_side", min_denominator=2), "rate") == [(0.5,), (None,), (None,)]


def test_strata_against_the_rest(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "strata_against_the_rest", measure="G1")
    assert pick(rows, "stratum_value", "gap", "is_too_few") == [("female", None, True), ("male", None, True)]
    rows = answer(con, "strata_against_the_rest", min_denominator=1)
    assert pick(rows, "stratum_value", "rate", "rate_of_the_rest", "gap") == [
        ("female", 0.5, 0.0, 0.5),
        ("male", 0.0, 0.5, -0.5),
    ]
    # Wald by hand: 0.5 ± 1.96 √(0.25 / 2 + 0)
    assert rows[0]["gap_low"] == pytest.approx(0.5 - 1.959963984540054 * 0.125**0.5)


def test_hours_to_surgeon(con: duckdb.DuckDBPyConnection) -> None:
    """34.5 hours to the referral; the surgeon's visit is known to the day only, so it has no hours."""
    rows = pick(
        answer(con, "hours_to_surgeon"),
        "site_id", "n_deficit", "n_asked", "n_seen", "median_hours_to_contact", "median_hours_to_seen",
    )  # fmt: skip
    assert rows == [("north", 1, 1, 1, 34.5, None), ("south", 1, 0, 0, None, None)]


def test_premature_augmentations(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "premature_augmentations")
    assert pick(rows, "case_id", "days_from_t0", "is_coverage_like", "is_vertebroplasty") == [("late", 31, True, True)]


def test_feed_freshness(con: duckdb.DuckDBPyConnection) -> None:
    waiting = dict(pick(answer(con, "feed_freshness"), "table_name", "n_waiting"))
    assert {name for name, n in waiting.items() if n} == {"imaging"}


def test_case_evidence_takes_any_name_of_the_case(con: duckdb.DuckDBPyConnection) -> None:
    by_id = answer(con, "case_evidence", who="late")
    assert by_id == answer(con, "case_evidence", who="MRN-1") == answer(con, "case_evidence", who="patient-of-late")
    assert pick(by_id, "measure_id", "role", "row_id") == [
        ("G1", None, None),
        ("S1", "action", "r1"),
        ("S1", "trigger", "c1"),
        ("A1", None, None),
    ]
    assert answer(con, "case_evidence", who="nobody") == []


def test_case_evidence_starts_with_the_gravest_deviation(con: duckdb.DuckDBPyConnection) -> None:
    assert {row["case_id"] for row in answer(con, "case_evidence")} == {"late"}


def test_open_gaps_by_patient(con: duckdb.DuckDBPyConnection) -> None:
    rows = answer(con, "open_gaps_by_patient")
    assert pick(rows, "patient_id", "n_gaps", "n_critical", "longest_open_days") == [
        ("patient-of-missing", 2, 1, 303),
        ("patient-of-unlevelled", 2, 1, 303),
    ]
