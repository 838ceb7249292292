"""Which findings count together, and what is made of their counts."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import MEASURES, STATES
from schemas.warehouse import WAREHOUSE
from transforms import rates

from .drawn import case, cases, finding, findings, measured, rated

FORTY_FIVE = [("met", "on_time")] * 3 + [("deviation", "missing")] * 2 + [("indeterminate", "unknown_contrast")] * 4


def row(table: pl.DataFrame, **key: Any) -> dict[str, Any]:
    """The one row with this key."""
    return table.row(by_predicate=pl.all_horizontal(pl.col(k) == v for k, v in key.items()), named=True)


def overall(table: pl.DataFrame, measure_id: str) -> dict[str, Any]:
    return row(table, measure_id=measure_id, stratum="overall", stratum_value="all")


def g1(outcomes: list[tuple[str, str]]) -> dict[str, Any]:
    """The overall row of G1 for cases with these states and reasons."""
    names = [f"case{i}" for i in range(len(outcomes))]
    drawn = [finding(name, "G1", *outcome) for name, outcome in zip(names, outcomes, strict=True)]
    return overall(measured(findings(*drawn), cases(*(case(name) for name in names))), "G1")


# Rates and bounds


def test_the_rate_is_met_by_met_and_deviation() -> None:
    assert g1(FORTY_FIVE)["rate"] == 3 / 5


def test_what_cannot_be_told_widens_the_bounds_and_moves_no_rate() -> None:
    result = g1(FORTY_FIVE)
    assert (result["worst"], result["best"]) == (3 / 9, 7 / 9)


@pytest.mark.parametrize("state", sorted(set(STATES) - {"met", "deviation", "indeterminate"}))
def test_the_other_states_touch_neither_rate_nor_bounds(state: str) -> None:
    result = g1([*FORTY_FIVE, (state, "feed_absent")])
    assert (result["rate"], result["worst"], result["best"]) == (3 / 5, 3 / 9, 7 / 9)
    assert result[f"n_{state}"] == 1
    assert result["n"] == 10


def test_without_a_denominator_there_is_no_rate() -> None:
    result = g1([("excluded", "age"), ("pending", "not_yet_due")])
    assert (result["numerator"], result["denominator"]) == (0, 0)
    assert [result[name] for name in ("rate", "wilson_low", "wilson_high", "worst", "best")] == [None] * 5


def test_with_nothing_but_unknowns_the_bounds_are_0_and_1_and_the_rate_is_null() -> None:
    result = g1([("indeterminate", "feed_absent")])
    assert (result["rate"], result["worst"], result["best"]) == (None, 0.0, 1.0)


def test_none_met_is_a_rate_of_zero() -> None:
    assert g1([("deviation", "missing")])["rate"] == 0.0


@pytest.mark.parametrize(
    ("measure_id", "reason", "unverified"),
    [
        ("S1", "no_deficit_recorded", 1),
        ("S1", "intact", 0),
        ("S2", "no_instability_recorded", 1),
        ("X1", "no_suspicion", 1),
        ("X1", "assessed_benign", 0),
    ],
)
def test_unverified_is_not_applicable_because_nothing_is_recorded(
    measure_id: str, reason: str, unverified: int
) -> None:
    table = measured(findings(finding("a", measure_id, "not_applicable", reason)), cases(case("a")))
    assert overall(table, measure_id)["n_unverified"] == unverified
    assert overall(table, measure_id)["n_not_applicable"] == 1


# Who counts together

ONE_OF_EACH = (
    [case("levelled"), case("unlevelled", level="unspecified", site_id="south")],
    [
        finding("levelled", "S1", "met", "on_time"),
        finding("unlevelled", "S1", "deviation", "missing"),
        finding("levelled", "Q3", "met", "on_time"),
        finding("unlevelled", "Q3", "deviation", "missing"),
    ],
)


@pytest.fixture
def one_of_each() -> pl.DataFrame:
    drawn_cases, drawn_findings = ONE_OF_EACH
    return measured(findings(*drawn_findings), cases(*drawn_cases))


def test_a_case_of_unspecified_level_is_in_no_overall_rate(one_of_each: pl.DataFrame) -> None:
    assert overall(one_of_each, "S1")["rate"] == 1.0
    assert overall(one_of_each, "S1")["n"] == 1


def test_it_has_a_stratum_of_its_own(one_of_each: pl.DataFrame) -> None:
    own = row(one_of_each, measure_id="S1", stratum="level_unspecified", stratum_value="all")
    assert (own["n"], own["n_deviation"], own["rate"]) == (1, 1, 0.0)


def test_it_is_in_no_other_stratum(one_of_each: pl.DataFrame) -> None:
    assert row(one_of_each, measure_id="S1", stratum="site_id", stratum_value="south")["n"] == 0


def test_but_q3_is_about_it(one_of_each: pl.DataFrame) -> None:
    assert overall(one_of_each, "Q3")["rate"] == 0.5
    assert row(one_of_each, measure_id="Q3", stratum="level_unspecified", stratum_value="all")["n"] == 1
    assert row(one_of_each, measure_id="Q3", stratum="site_id", stratum_value="south")["n"] == 1


def test_the_reasons_are_those_of_the_overall_rate() -> None:
    drawn_cases, drawn_findings = ONE_OF_EACH
    assert rates.measure_reasons(rated(findings(*drawn_findings), cases(*drawn_cases))).rows() == [
        ("Q3", "deviation", "missing", 1),
        ("Q3", "met", "on_time", 1),
        ("S1", "met", "on_time", 1),
    ]


def test_two_instances_of_a_case_count_twice() -> None:
    drawn = findings(finding("a", "S1", "met", "on_time"), finding("a", "S1", "deviation", "missing", instance=2))
    assert overall(measured(drawn, cases(case("a"))), "S1")["denominator"] == 2


def test_every_measure_has_every_stratum_also_where_nothing_was_counted() -> None:
    table = measured(findings(finding("a", "S1", "met", "on_time")), cases(case("a"), case("b", sex="male")))
    wanted = {(m.id, s) for m in MEASURES for s in rates.STRATA}
    assert set(table.select("measure_id", "stratum").unique().rows()) == wanted
    assert row(table, measure_id="T1", stratum="sex", stratum_value="male")["n"] == 0


def test_a_night_without_cases_still_has_every_measure() -> None:
    table = measured(findings(), cases())
    assert table.filter(pl.col("stratum") == "overall").height == len(MEASURES)
    assert table["n"].sum() == 0
    assert table["rate"].null_count() == table.height


def test_a_case_without_a_value_is_unknown() -> None:
    table = measured(findings(finding("a", "S1", "met", "on_time")), cases(case("a", race=None)))
    assert row(table, measure_id="S1", stratum="race", stratum_value="unknown")["n"] == 1


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (18, "18-49"), (49, "18-49"), (50, "50-64"), (64, "50-64"), (65, "65-74"), (74, "65-74"),
        (75, "75-84"), (84, "75-84"), (85, "85+"), (104, "85+"), (17, "unknown"), (None, "unknown"),
    ],
)  # fmt: skip
def test_the_bands_of_age(age: int | None, band: str) -> None:
    table = measured(findings(finding("a", "S1", "met", "on_time")), cases(case("a", age_at_t0=age)))
    assert row(table, measure_id="S1", stratum="age_band", stratum_value=band)["n"] == 1


def test_the_columns_are_those_that_are_declared() -> None:
    table = measured(findings(), cases())
    assert tuple(table.columns) == WAREHOUSE["measures"].names
    assert tuple(rates.measure_reasons(rated(findings(), cases())).columns) == WAREHOUSE["measure_reasons"].names


# What holds for any night

OUTCOMES = st.tuples(
    st.sampled_from([m.id for m in MEASURES]),
    st.sampled_from(STATES),
    st.sampled_from(["on_time", "no_suspicion", "missing"]),
    st.integers(0, 5),
)
SITES = ["north", "south", None]
LEVELS = ["L2", "L2", "unspecified"]


@settings(deadline=None)
@given(st.lists(OUTCOMES, max_size=40))
def test_states_add_up_to_rows_and_strata_to_the_whole(outcomes: list[tuple[str, str, str, int]]) -> None:
    people = [case(f"c{i}", site_id=SITES[i % 3], level=LEVELS[i % 3], age_at_t0=40 + 10 * i) for i in range(6)]
    drawn = [
        finding(f"c{i}", measure_id, state, reason, instance=number)
        for number, (measure_id, state, reason, i) in enumerate(outcomes)
    ]
    table = measured(findings(*drawn), cases(*people))
    assert (table["n"] == table.select(pl.sum_horizontal(f"n_{state}" for state in STATES)).to_series()).all()
    whole = table.filter(pl.col("stratum") == "overall").sort("measure_id")["n"].to_list()
    for stratum in rates.CASE_STRATA:
        parts = table.filter(pl.col("stratum") == stratum).group_by("measure_id").agg(pl.col("n").sum())
        assert parts.sort("measure_id")["n"].to_list() == whole
    counted = table.filter(pl.col("denominator") > 0)
    assert (counted["worst"] <= counted["rate"]).all()
    assert (counted["rate"] <= counted["best"]).all()


@settings(deadline=None)
@given(st.permutations(range(9)))
def test_the_order_of_the_findings_changes_nothing(order: list[int]) -> None:
    people = cases(*(case(f"c{i}", site_id=SITES[i % 3]) for i in range(9)))
    drawn = [finding(f"c{i}", "G1", state, reason) for i, (state, reason) in enumerate(FORTY_FIVE)]
    expected = measured(findings(*drawn), people)
    assert measured(findings(*(drawn[i] for i in order)), people).equals(expected)
