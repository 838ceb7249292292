"""What the views say of the drawn night, and that the published rates are those of a second, independent way."""

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.sql_files import SqlFile, sql_files
from schemas.catalogue import MEASURES, STATES
from schemas.warehouse import VIEWS, WAREHOUSE, WORDED

from .drawn import case, cases, finding, findings, frame, in_words, measured, night

Rows = list[tuple[object, ...]]


def ask(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    return con.execute(query).fetchall()


# Deviations


def test_open_deviations_are_all_deviations(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, "SELECT case_id, measure_id FROM open_deviations ORDER BY ALL") == [
        ("dead", "G1"),
        ("late", "A1"),
        ("late", "S1"),
        ("missing", "G1"),
        ("missing", "S1"),
        ("unlevelled", "Q3"),
        ("unlevelled", "S1"),
    ]


@pytest.mark.parametrize(
    ("case_id", "measure_id", "can", "why"),
    [
        ("missing", "G1", True, "nothing was done, the case is followed"),
        ("late", "S1", False, "a late action has happened"),
        ("late", "A1", False, "a procedure can't be undone"),
        ("dead", "G1", False, "the case has ended"),
    ],
)
def test_what_can_still_be_done(
    con: duckdb.DuckDBPyConnection, case_id: str, measure_id: str, can: bool, why: str
) -> None:
    where = f"case_id = '{case_id}' AND measure_id = '{measure_id}'"
    assert ask(con, f"SELECT can_still_be_done FROM open_deviations WHERE {where}") == [(can,)], why


def test_days_open_count_from_the_deadline_and_only_where_nothing_was_done(con: duckdb.DuckDBPyConnection) -> None:
    days = dict(ask(con, "SELECT case_id, days_open FROM open_deviations WHERE measure_id = 'S1'"))
    assert days == {"missing": 303, "unlevelled": 303, "late": None}


def test_urgent_deviations_hold_the_cases_of_unspecified_level_too(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, "SELECT case_id, surgical_contact_at FROM urgent_deviations ORDER BY ALL") == [
        ("late", "2024-03-03T20:30:00+00:00"),
        ("missing", None),
        ("unlevelled", None),
    ]


# Deadlines


def test_an_open_window_has_a_trigger(con: duckdb.DuckDBPyConnection) -> None:
    """X1 of the same case waits for its trigger: nobody can do anything yet."""
    assert ask(con, "SELECT case_id, measure_id, days_left FROM open_windows") == [("waiting", "S1", 1)]


def test_pending_deadlines_are_all_that_run(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, "SELECT measure_id, days_left FROM pending_deadlines ORDER BY days_left") == [
        ("G1", -291),
        ("S1", 1),
        ("F1", 19),
    ]


# Summaries


def test_the_summary_is_the_overall_stratum_in_the_catalogue_s_order(con: duckdb.DuckDBPyConnection) -> None:
    names = [name for name in WAREHOUSE["measures"].names if name not in ("stratum", "stratum_value")]
    summary = ask(con, f"SELECT {', '.join(names)} FROM measure_summary ORDER BY position")
    table = measured(night()["findings"], night()["cases"]).filter(pl.col("stratum") == "overall")
    by_id = {row[0]: row for row in table.select(names).iter_rows()}
    assert summary == [by_id[measure.id] for measure in MEASURES]


def test_the_summary_does_not_hide_the_cases_without_a_level(con: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT n_deviation, n_level_unspecified_deviation FROM measure_summary WHERE measure_id = 'S1'"
    assert ask(con, query) == [(2, 1)]


def test_the_site_summary_has_every_site_and_says_when_there_are_too_few(con: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT site_id, denominator, rate, is_too_few FROM site_summary WHERE measure_id = 'G1' ORDER BY site_id"
    assert ask(con, query) == [("north", 2, 0.5, True), ("south", 1, 0.0, True), ("unknown", 0, None, True)]


def test_the_quarantine_summary_counts_and_shows_no_cell(con: duckdb.DuckDBPyConnection) -> None:
    assert ask(con, "SELECT * FROM quarantine_summary ORDER BY ALL NULLS FIRST") == [
        ("observations", None, "malformed_record", "rejected", 1, 0.25),
        ("observations", "observed_at", "bad_value", "rejected", 1, 0.25),
        ("observations", "value_number", "bad_value", "warning", 1, 0.25),
    ]
    assert "row" not in [name for name, *_ in ask(con, "DESCRIBE quarantine_summary")]


def test_the_timeline_tells_the_case_in_order(con: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT day, kind, what FROM case_timeline WHERE case_id = 'late' ORDER BY day, event_at, kind, what"
    assert ask(con, query) == [
        (0, "milestone", "DX"),
        (0, "milestone", "T0"),
        (1, "event", "conditions"),
        (2, "due", "S1"),
        (2, "action", "S1"),
        (2, "event", "referrals"),
        (4, "action", "G1"),
        (14, "due", "G1"),
    ]


def test_a_milestone_is_no_measure_even_where_it_has_a_measure_s_name(con: duckdb.DuckDBPyConnection) -> None:
    """M3 is three months, and also the calcitonin course."""
    assert ask(con, "SELECT DISTINCT title FROM case_timeline WHERE kind = 'milestone'") == [(None,)]


# Files


@pytest.mark.parametrize(("folder", "names"), [("views", VIEWS), ("tables", WORDED)])
def test_every_view_file_is_declared(folder: str, names: tuple[str, ...]) -> None:
    assert {file.name for file in sql_files(f"warehouse/{folder}")} == {f"warehouse/{folder}/{name}" for name in names}


@pytest.mark.parametrize("check", sql_files("warehouse/checks"), ids=lambda check: check.name)
def test_every_check_finds_nothing_wrong_in_good_tables(check: SqlFile, con: duckdb.DuckDBPyConnection) -> None:
    rows = ask(con, check.text)
    # The drawn night says only what the tests are about: most measures say nothing of its cases, and few have facts.
    drawn_so = ("cases_without_findings", "cases_without_facts", "quarantine_adds_up")
    assert rows == [] or check.name.endswith(drawn_so)


# A second way to the same numbers

OUTCOMES = st.tuples(
    st.sampled_from([measure.id for measure in MEASURES]),
    st.sampled_from(STATES),
    st.sampled_from(["on_time", "no_suspicion", "no_deficit_recorded", "missing"]),
    st.integers(0, 3),
)
CHECK = {file.name.rpartition("/")[2]: file.text for file in sql_files("warehouse/checks")}


def _disagreements(verdicts: pl.DataFrame, people: pl.DataFrame, published: pl.DataFrame) -> Rows:
    with duckdb.connect() as con:
        con.register("findings", in_words(verdicts, people))
        con.register("measures", published)
        con.execute("CREATE SCHEMA stored")
        con.execute("CREATE TEMP TABLE said AS SELECT *, hash(measure_id, state, reason) AS verdict FROM findings")
        con.execute("CREATE TABLE stored.cases AS SELECT DISTINCT hash(case_id) AS case_number, level FROM said")
        con.execute("CREATE TABLE stored.verdicts AS SELECT DISTINCT verdict, measure_id, state, reason FROM said")
        con.execute("CREATE TABLE stored.findings AS SELECT hash(case_id) AS case_number, verdict FROM said")
        return ask(con, CHECK["measures_match_findings"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OUTCOMES, max_size=60))
def test_sql_over_the_findings_gives_the_rates_of_transforms(outcomes: list[tuple[str, str, str, int]]) -> None:
    levels = ["L2", "unspecified", "L2", "unspecified"]
    people = cases(*(case(f"c{i}", level=levels[i]) for i in range(4)))
    verdicts = findings(
        *(
            finding(f"c{i}", measure_id, state, reason, instance=number)
            for number, (measure_id, state, reason, i) in enumerate(outcomes)
        )
    )
    assert _disagreements(verdicts, people, measured(verdicts, people)) == []


@pytest.mark.parametrize("column", ["n", "n_met", "n_unverified", "denominator", "rate", "wilson_low", "best"])
def test_and_notices_when_one_number_is_off(column: str) -> None:
    people = cases(case("a"), case("b"))
    verdicts = findings(finding("a", "G1", "met", "on_time"), finding("b", "G1", "deviation", "missing"))
    published = measured(verdicts, people)
    is_g1 = (pl.col("measure_id") == "G1") & (pl.col("stratum") == "overall")
    wrong = published.with_columns(pl.when(is_g1).then(pl.col(column) + 1).otherwise(pl.col(column)).alias(column))
    assert [row[:2] for row in _disagreements(verdicts, people, wrong)] == [("G1", "overall")]


@pytest.mark.parametrize(
    ("name", "table", "row", "change"),
    [
        ("states_add_up", "measures", {"n": 2, "n_met": 1}, {"n": 1}),
        (
            "feeds_lose_rows",
            "feeds",
            {"rows_read": 5, "rows_accepted": 3, "rows_quarantined": 1},
            {"rows_duplicate": 1},
        ),
    ],
)
def test_a_check_finds_what_it_is_for(name: str, table: str, row: dict[str, int], change: dict[str, int]) -> None:
    declared = WAREHOUSE[table]
    for given_row, count in ((row, 1), (row | change, 0)):
        with duckdb.connect() as con:
            con.register(table, frame(declared, [given_row]))
            assert len(ask(con, CHECK[name])) == count


def test_a_stratum_that_loses_a_row_is_found() -> None:
    people = cases(case("a"), case("b", sex="male"))
    verdicts = findings(finding("a", "G1", "met", "on_time"), finding("b", "G1", "met", "on_time"))
    is_male = (pl.col("stratum") == "sex") & (pl.col("stratum_value") == "male")
    with duckdb.connect() as con:
        con.register("measures", measured(verdicts, people).filter(~is_male))
        assert [row[:2] for row in ask(con, CHECK["strata_add_up"])] == [("G1", "sex")]


def test_a_case_that_a_measure_forgot_is_found(con: duckdb.DuckDBPyConnection) -> None:
    forgotten = {row[1] for row in ask(con, CHECK["cases_without_findings"]) if row[0] == "late"}
    assert forgotten == {measure.id for measure in MEASURES} - {"S1", "G1", "A1"}


def test_evidence_of_no_finding_is_found(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TEMP TABLE kept AS FROM stored.findings")
    con.execute("DELETE FROM kept WHERE verdict IN (SELECT verdict FROM stored.verdicts WHERE measure_id = 'S1')")
    rows = ask(con, CHECK["evidence_without_finding"].replace("FROM stored.findings", "FROM kept"))
    assert {row[:2] for row in rows} == {("late", "S1")}
