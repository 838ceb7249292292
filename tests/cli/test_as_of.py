"""The last local day that the extract shows whole; never the computer's clock."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from flows.as_of import default_as_of, newest_plausible_day, resolve_as_of
from flows.land import prepare_raw
from schemas.errors import ExtractError, SettingsError


@pytest.mark.parametrize(
    ("extracted_at", "timezone", "as_of"),
    [
        ("2024-12-31T02:00:00Z", "UTC", date(2024, 12, 30)),
        ("2024-12-31", "UTC", date(2024, 12, 31)),  # day precision: that day itself
        ("2024-12-31T02:00:00Z", "America/Chicago", date(2024, 12, 29)),  # there it is still the 30th
        ("2024-12-31T02:00:00+03:00", "UTC", date(2024, 12, 29)),
        ("2024-12-31 02:00", "America/Chicago", date(2024, 12, 30)),  # no offset: local already
        ("2024-12-31T23:59:59.999", "UTC", date(2024, 12, 30)),
    ],
)
def test_the_day_before_the_extraction(extracted_at: str, timezone: str, as_of: date) -> None:
    assert default_as_of(extracted_at, timezone) == as_of


@pytest.mark.parametrize("text", ["yesterday", "2024-12", "2024-02-30", "2024-12-31T25:00:00Z"])
def test_a_text_that_is_no_time(text: str) -> None:
    with pytest.raises(ExtractError, match="extracted_at is no time"):
        default_as_of(text, "UTC")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare_raw(connection)
        yield connection


def record(con: duckdb.DuckDBPyConnection, *days: str) -> None:
    con.executemany("INSERT INTO raw.conditions (recorded_at) VALUES (?)", [[day] for day in days])


def test_what_is_given_is_taken(con: duckdb.DuckDBPyConnection) -> None:
    assert resolve_as_of(date(2024, 1, 1), "2024-12-31", "UTC", con) == date(2024, 1, 1)


def test_without_either_the_newest_plausible_day_is_named(con: duckdb.DuckDBPyConnection) -> None:
    record(con, *(f"2024-03-{day:02} 10:00" for day in range(1, 29)), "2204-03-01")
    with pytest.raises(SettingsError, match=r"--as-of 2024-03-28$") as error:
        resolve_as_of(None, None, "UTC", con)
    assert error.value.exit_code == 10


def test_a_day_soon_after_the_others_is_plausible(con: duckdb.DuckDBPyConnection) -> None:
    record(con, "2024-03-01", "2024-03-02T10:00:00Z", "2024-09-30")
    assert newest_plausible_day(con) == date(2024, 9, 30)


def test_planned_ends_are_no_events(con: duckdb.DuckDBPyConnection) -> None:
    record(con, "2024-03-01")
    con.execute("INSERT INTO raw.followup (started_at, ended_at) VALUES ('2024-01-01', '2024-12-31')")
    assert newest_plausible_day(con) == date(2024, 3, 1)


def test_no_event_at_all(con: duckdb.DuckDBPyConnection) -> None:
    record(con, "not a day")
    assert newest_plausible_day(con) is None
    with pytest.raises(SettingsError, match=r"give --as-of$"):
        resolve_as_of(None, None, "UTC", con)
