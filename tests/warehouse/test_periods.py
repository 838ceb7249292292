"""Which month a finding lies in, and when a month is complete."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from schemas.catalogue import MEASURES
from schemas.warehouse import WAREHOUSE
from transforms import rates

from .drawn import AS_OF, case, cases, feeds, finding, findings, rated


def periods(people: list[dict[str, Any]], verdicts: list[dict[str, Any]], **given: Any) -> pl.DataFrame:
    arguments = {"feeds": feeds(), "as_of": AS_OF} | given
    return rates.measure_periods(rated(findings(*verdicts), cases(*people)), **arguments)


def months(table: pl.DataFrame, measure_id: str) -> dict[date, int]:
    """month → n of one measure."""
    return dict(table.filter(pl.col("measure_id") == measure_id).select("month", "n").iter_rows())


# Anchors


def test_a_dx_measure_lies_in_the_month_of_the_diagnosis() -> None:
    table = periods(
        [case("a", t0=date(2024, 2, 20), dx_at="2024-03-01T23:30:00-06:00")],
        [finding("a", "G1", "met", "on_time", trigger_at="2024-03-01T23:30:00-06:00")],
    )
    assert months(table, "G1") == {date(2024, 3, 1): 1}


def test_a_t0_measure_lies_in_the_month_of_onset() -> None:
    table = periods([case("a", t0=date(2024, 2, 20), dx_at="2024-03-01")], [finding("a", "M2", "met", "on_time")])
    assert months(table, "M2") == {date(2024, 2, 1): 1}


@pytest.mark.parametrize(("treated", "month"), [(date(2024, 4, 2), 4), (None, 3)])
def test_a_tx_measure_lies_in_the_month_of_treatment_else_of_the_diagnosis(treated: date | None, month: int) -> None:
    table = periods([case("a", treatment_start=treated)], [finding("a", "F1", "met", "on_time")])
    assert months(table, "F1") == {date(2024, month, 1): 1}


def test_a_trigger_measure_lies_in_the_month_of_its_own_trigger() -> None:
    table = periods(
        [case("a")],
        [
            finding("a", "S1", "met", "on_time", trigger_at="2024-05-31T23:59:00+00:00"),
            finding("a", "S1", "deviation", "missing", trigger_at="2024-06-01", instance=2),
        ],
    )
    assert months(table, "S1") == {date(2024, 5, 1): 1, date(2024, 6, 1): 1}


def test_what_was_never_triggered_lies_in_no_month() -> None:
    table = periods([case("a")], [finding("a", "S1", "not_applicable", "no_deficit_recorded")])
    assert table.is_empty()
    assert tuple(table.columns) == WAREHOUSE["measure_periods"].names


def test_every_measure_has_every_month_from_the_first_to_the_last() -> None:
    table = periods(
        [case("a", dx_at="2024-01-31"), case("b", dx_at="2024-04-01")],
        [finding("a", "G1", "met", "on_time"), finding("b", "Q1", "met", "on_time")],
    )
    first_to_last = [date(2024, month, 1) for month in (1, 2, 3, 4)]
    assert months(table, "G1") == dict(zip(first_to_last, [1, 0, 0, 0], strict=True))
    assert months(table, "Q1") == dict(zip(first_to_last, [0, 0, 0, 1], strict=True))
    assert table.height == 4 * len(MEASURES)


def test_a_case_of_unspecified_level_counts_for_q3_only() -> None:
    table = periods(
        [case("a", level="unspecified")],
        [
            finding("a", "Q3", "deviation", "missing"),
            finding("a", "S1", "met", "on_time", trigger_at="2024-03-02"),
        ],
    )
    assert months(table, "Q3") == {date(2024, 3, 1): 1}
    assert months(table, "S1") == {date(2024, 3, 1): 0}


# Complete


def is_complete(*verdicts: dict[str, Any], measure_id: str = "G1", **given: Any) -> bool:
    """Whether March 2024 is complete for a measure."""
    table = periods([case("a"), case("b")], list(verdicts), **given)
    return table.filter(measure_id=measure_id, month=date(2024, 3, 1))["complete"].item()


MET = finding("a", "G1", "met", "on_time")


@pytest.mark.parametrize(("as_of", "complete"), [(date(2024, 3, 30), False), (date(2024, 3, 31), True)])
def test_a_month_is_over_when_its_last_day_is_known(as_of: date, complete: bool) -> None:
    assert is_complete(MET, as_of=as_of) is complete


@pytest.mark.parametrize(("horizon", "complete"), [(date(2024, 3, 30), False), (date(2024, 3, 31), True)])
def test_each_feed_concerned_must_reach_the_month_s_end(horizon: date, complete: bool) -> None:
    assert is_complete(MET, feeds=feeds({"imaging": horizon})) is complete


def test_the_horizon_of_another_feed_does_not_matter() -> None:
    assert is_complete(MET, feeds=feeds({"medications": date(2024, 1, 1)}))


def test_the_feeds_of_a_justification_matter_too() -> None:
    verdict = finding("a", "A1", "met", "indicated", trigger_at="2024-03-20")
    assert not is_complete(verdict, measure_id="A1", feeds=feeds({"conditions": date(2024, 3, 30)}))


def test_an_absent_feed_is_not_waited_for() -> None:
    assert is_complete(MET, feeds=feeds({"imaging": None}))


def test_a_month_with_a_pending_row_can_still_change() -> None:
    assert not is_complete(MET, finding("b", "G1", "pending", "not_yet_due"))


def test_a_pending_row_of_another_measure_does_not_matter() -> None:
    assert is_complete(MET, finding("b", "Q1", "pending", "not_yet_due"))
