"""Clocks and days on small frames: precision, hour rules, calendar months, and the days on which the clocks change."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from transforms.clock import (
    Moment,
    at_day,
    at_most_hours_after,
    at_most_hours_before,
    earlier_than,
    later_of,
    local_midnight,
    not_after,
    not_before,
    three_months_after,
)

A, B = Moment("a_"), Moment("b_")
CHICAGO = "America/Chicago"


def moment(prefix: str, text: str | None) -> dict[str, object]:
    """The three columns of a moment in UTC: `2024-03-12` has day precision, `2024-03-12 10:00` minute precision."""
    if text is None:
        return {f"{prefix}at": None, f"{prefix}date": None, f"{prefix}is_minute": None}
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return {f"{prefix}at": at, f"{prefix}date": at.date(), f"{prefix}is_minute": ":" in text}


def of(expression: pl.Expr, a: str | None, b: str | None = None) -> object:
    """The value of an expression of the moments a and b."""
    schema = {f"{p}{c}": t for p in "ab" for c, t in _TYPES.items()}
    return pl.DataFrame([moment("a_", a) | moment("b_", b)], schema=schema).select(expression).item()


_TYPES = {"_at": pl.Datetime("us", "UTC"), "_date": pl.Date, "_is_minute": pl.Boolean}


@pytest.mark.parametrize(
    ("event", "anchor", "hours", "in_time"),
    [
        pytest.param("2024-03-13 10:00", "2024-03-12 10:00", 24, True, id="at the last instant"),
        pytest.param("2024-03-13 10:01", "2024-03-12 10:00", 24, False, id="a minute after"),
        pytest.param("2024-03-13", "2024-03-12 10:00", 24, True, id="a day on the next day"),
        pytest.param("2024-03-14", "2024-03-12 10:00", 24, False, id="a day two days later"),
        pytest.param("2024-03-13 23:59", "2024-03-12", 24, True, id="the end of the day after a day"),
        pytest.param("2024-03-14 00:00", "2024-03-12", 24, False, id="midnight after that"),
        pytest.param("2024-03-15 23:59", "2024-03-12", 72, True, id="72 hours of a day are three days"),
        pytest.param("2024-03-16", "2024-03-12", 72, False, id="not four"),
        pytest.param("2024-03-13", "2024-03-12", 6, True, id="a part of a day is a day"),
    ],
)
def test_hours_after(event, anchor, hours, in_time):
    assert of(at_most_hours_after(A, B, hours), event, anchor) is in_time


@pytest.mark.parametrize(
    ("event", "anchor", "in_time"),
    [
        pytest.param("2024-03-11 10:00", "2024-03-12 10:00", True, id="at the first instant"),
        pytest.param("2024-03-11 09:59", "2024-03-12 10:00", False, id="a minute before"),
        pytest.param("2024-03-11", "2024-03-12 10:00", True, id="the day before"),
        pytest.param("2024-03-10", "2024-03-12 10:00", False, id="two days before"),
        pytest.param("2024-03-11 00:00", "2024-03-12", True, id="an instant on the day before a day"),
    ],
)
def test_hours_before(event, anchor, in_time):
    assert of(at_most_hours_before(A, B, 24), event, anchor) is in_time


@pytest.mark.parametrize(
    ("a", "b", "is_not_before", "is_not_after"),
    [
        pytest.param("2024-03-12 10:00", "2024-03-12 10:00", True, True, id="the same instant"),
        pytest.param("2024-03-12 09:59", "2024-03-12 10:00", False, True, id="a minute before"),
        pytest.param("2024-03-12 10:01", "2024-03-12 10:00", True, False, id="a minute after"),
        pytest.param("2024-03-12", "2024-03-12 10:00", True, True, id="the same day, without a time"),
        pytest.param("2024-03-12 23:00", "2024-03-12", True, True, id="a time on the day"),
        pytest.param("2024-03-11 23:59", "2024-03-12", False, True, id="the evening before a day"),
        pytest.param("2024-03-13", "2024-03-12 10:00", True, False, id="the day after"),
    ],
)
def test_order_of_moments_that_may_be_days(a, b, is_not_before, is_not_after):
    assert of(not_before(A, B), a, b) is is_not_before
    assert of(not_after(A, B), a, b) is is_not_after


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param("2024-03-12", "2024-03-12 10:00", True, id="a day stands at midnight"),
        pytest.param("2024-03-12", "2024-03-12 00:00", True, id="at midnight the minute comes later"),
        pytest.param("2024-03-12 00:00", "2024-03-12", False, id="and the day does not"),
        pytest.param("2024-03-12", "2024-03-12", False, id="two days alike"),
        pytest.param("2024-03-12 10:00", "2024-03-12 10:00", False, id="two minutes alike"),
    ],
)
def test_strictly_earlier(a, b, expected):
    assert of(earlier_than(A, B), a, b) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param("2024-03-12", "2024-03-12 10:00", "2024-03-12 10:00", id="the later instant"),
        pytest.param("2024-03-12", "2024-03-12 00:00", "2024-03-12 00:00", id="the minute at the same instant"),
        pytest.param("2024-03-13", None, "2024-03-13", id="the one that there is"),
    ],
)
def test_the_later_of_two(a, b, expected):
    wanted = moment("", expected)
    for column in later_of(A, B, ""):
        assert of(column, a, b) == wanted[column.meta.output_name()]


@pytest.mark.parametrize(
    ("day", "rule", "expected"),
    [
        pytest.param("2024-03-12", "calendar", "2024-06-12", id="the same day of the month"),
        pytest.param("2023-11-30", "calendar", "2024-02-29", id="clipped to a leap day"),
        pytest.param("2024-11-30", "calendar", "2025-02-28", id="clipped to the end of February"),
        pytest.param("2024-02-29", "calendar", "2024-05-29", id="from a leap day"),
        pytest.param("2024-01-31", "calendar", "2024-04-30", id="clipped to a month of 30 days"),
        pytest.param("2024-11-29", "calendar", "2025-02-28", id="a day short"),
        pytest.param("2024-03-12", "90d", "2024-06-10", id="90 days"),
        pytest.param("2024-03-12", "84d", "2024-06-04", id="84 days"),
        pytest.param("2024-02-28", "84d", "2024-05-22", id="84 days over a leap day"),
    ],
)
def test_three_months(day, rule, expected):
    frame = pl.DataFrame({"day": [date.fromisoformat(day)]})
    assert frame.select(three_months_after(pl.col("day"), rule)).item() == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        pytest.param("2024-03-09", CHICAGO, "2024-03-09 06:00", id="winter"),
        pytest.param("2024-03-10", CHICAGO, "2024-03-10 06:00", id="the day of the gap begins before it"),
        pytest.param("2024-03-11", CHICAGO, "2024-03-11 05:00", id="summer"),
        pytest.param("2024-11-03", CHICAGO, "2024-11-03 05:00", id="the day of the overlap begins before it"),
        pytest.param("2024-11-04", CHICAGO, "2024-11-04 06:00", id="winter again"),
        pytest.param("2024-03-31", "Asia/Beirut", "2024-03-30 22:00", id="a gap at midnight is shifted forward"),
        pytest.param("2024-11-03", "America/Havana", "2024-11-03 04:00", id="midnight that occurs twice is the first"),
        pytest.param("2024-03-12", "UTC", "2024-03-12 00:00", id="UTC"),
    ],
)
def test_local_midnight(day, zone, expected):
    frame = pl.DataFrame({"day": [date.fromisoformat(day)]})
    wanted = datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert frame.select(local_midnight(pl.col("day"), zone)).item() == wanted


@pytest.mark.parametrize(
    ("at", "hours", "day"),
    [
        pytest.param("2024-03-12 10:00", 24, "2024-03-13", id="the next day"),
        pytest.param("2024-03-13 04:30", 24, "2024-03-13", id="23:30 in Chicago is still the day before in UTC"),
        pytest.param("2024-03-10 05:30", 24, "2024-03-11", id="24 elapsed hours over the gap pass midnight"),
        pytest.param("2024-11-03 05:30", 24, "2024-11-03", id="over the overlap they don't"),
        pytest.param("2024-03-12", 24, "2024-03-13", id="of a day the day after"),
        pytest.param("2024-03-12", 72, "2024-03-15", id="of a day three days after"),
    ],
)
def test_the_day_of_an_hour_deadline_in_chicago(at, hours, day):
    assert of(at_day(A, hours, CHICAGO), at) == date.fromisoformat(day)


def test_hours_are_elapsed_hours_over_the_gap():
    # 2024-03-09 12:00 in Chicago is 18:00 UTC; 24 elapsed hours later it is 13:00 there.
    assert of(at_most_hours_after(A, B, 24), "2024-03-10 18:00", "2024-03-09 18:00") is True
    assert of(at_most_hours_after(A, B, 24), "2024-03-10 18:01", "2024-03-09 18:00") is False
