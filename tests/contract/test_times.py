"""Which instant, local date and precision does a text mean?"""

from datetime import UTC, date, datetime

import pytest

from transforms.contract import limit_of, parse_time

CHICAGO = "America/Chicago"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "timezone", "at", "day", "is_minute"),
    [
        ("2024-03-12", "UTC", utc(2024, 3, 12), date(2024, 3, 12), False),
        ("2024-03-12", CHICAGO, utc(2024, 3, 12, 5), date(2024, 3, 12), False),
        ("2024-03-12 10:00", "UTC", utc(2024, 3, 12, 10), date(2024, 3, 12), True),
        ("2024-03-12T10:00:59", "UTC", utc(2024, 3, 12, 10, 0, 59), date(2024, 3, 12), True),
        ("2024-03-12T00:00:00", "UTC", utc(2024, 3, 12), date(2024, 3, 12), True),
        ("2024-03-12 10:00:00.5", "UTC", utc(2024, 3, 12, 10, 0, 0, 500_000), date(2024, 3, 12), True),
        ("2024-03-12 10:00:00.123456789", "UTC", utc(2024, 3, 12, 10, 0, 0, 123_456), date(2024, 3, 12), True),
        ("2024-03-12T02:00Z", CHICAGO, utc(2024, 3, 12, 2), date(2024, 3, 11), True),
        ("2024-03-12 02:00+02:00", "UTC", utc(2024, 3, 12, 0), date(2024, 3, 12), True),
        ("2024-03-12 23:00:00-05:30", "UTC", utc(2024, 3, 13, 4, 30), date(2024, 3, 13), True),
        # the hour that doesn't exist (10 March 2024, 2:00 to 3:00) is shifted by the gap
        ("2024-03-10 01:59", CHICAGO, utc(2024, 3, 10, 7, 59), date(2024, 3, 10), True),
        ("2024-03-10 02:30", CHICAGO, utc(2024, 3, 10, 8, 30), date(2024, 3, 10), True),
        ("2024-03-10 03:00", CHICAGO, utc(2024, 3, 10, 8), date(2024, 3, 10), True),
        # the hour that occurs twice (3 November 2024, 1:00 to 2:00) is the first one, unless an offset tells
        ("2024-11-03 01:30", CHICAGO, utc(2024, 11, 3, 6, 30), date(2024, 11, 3), True),
        ("2024-11-03 01:30-06:00", CHICAGO, utc(2024, 11, 3, 7, 30), date(2024, 11, 3), True),
        ("2024-11-03 02:00", CHICAGO, utc(2024, 11, 3, 8), date(2024, 11, 3), True),
        # a midnight that doesn't exist: the day begins an hour later and keeps its date
        ("2018-11-04", "America/Sao_Paulo", utc(2018, 11, 4, 3), date(2018, 11, 4), False),
    ],
)
def test_time(text: str, timezone: str, at: datetime, day: date, is_minute: bool) -> None:
    assert parse_time(text, timezone) == (at, day, is_minute)


@pytest.mark.parametrize(
    "text",
    [
        "2024",
        "2024-03",
        "2024-02-30",
        "2023-02-29",
        "2024-3-12",
        "2024-03-12T",
        "2024-03-12 10",
        "2024-03-12 24:00",
        "2024-03-12 10:60",
        "2024-03-12 10:00:60",
        "2024-03-12 10:00:00.",
        "2024-03-12 10:00+0200",
        "2024-03-12  10:00",
        "2024-03-12Z",
        "20240312",
        "12/03/2024",
        "",
    ],
)
def test_no_time(text: str) -> None:
    assert parse_time(text, "UTC") is None


def test_the_limit_is_a_day_after_the_extraction() -> None:
    limit = limit_of("2024-03-09T20:00:00", CHICAGO)
    assert (limit.at, limit.day, limit.is_minute) == (utc(2024, 3, 11, 2), date(2024, 3, 10), True)
    limit = limit_of("2025-01-01", "UTC")
    assert (limit.at, limit.day, limit.is_minute) == (utc(2025, 1, 2), date(2025, 1, 2), False)
    assert limit_of(None, "UTC").at is None
