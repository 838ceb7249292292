"""The as-of date of a run: given, or the last local day that the extract shows whole (specification, section 4)."""

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from schemas.errors import ExtractError, SettingsError
from schemas.extract import EXTRACT

if TYPE_CHECKING:
    import duckdb

_TIMESTAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?", re.I
)
_PLAUSIBLE_SHARE = 0.95
_PLAUSIBLE_DAYS = 366
"""A day is plausible that lies at most a year after the day by which 95 % of the events have happened."""


def default_as_of(extracted_at: str, timezone: str) -> date:
    """The day before the local date of `extracted_at`; that date itself where it has day precision.

    `timezone`: IANA name, in which a time without an offset is read and the local date is taken. ExtractError
    (exit 11) where the text is no time.
    """
    match = _TIMESTAMP.fullmatch(extracted_at.strip())
    try:
        if match is None:
            raise ValueError
        day, minute, second, offset = match.groups()
        if minute is None:
            return date.fromisoformat(day)
        text = f"{day}T{minute}:{second or '00'}{(offset or '').upper()}"
        moment = datetime.fromisoformat(text)
        local = moment.astimezone(ZoneInfo(timezone)) if moment.tzinfo else moment
        return local.date() - timedelta(days=1)
    except (ValueError, OverflowError):  # the latter: before year 1, or after 9999, in the site's time zone
        raise ExtractError(
            "manifest.json: extracted_at is no time; write it as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS+00:00"
        ) from None


def resolve_as_of(
    given: date | None, extracted_at: str | None, timezone: str, con: "duckdb.DuckDBPyConnection"
) -> date:
    """The as-of date of the run; `con` holds the landed tables, schema raw.

    SettingsError (exit 10) where neither a setting nor the extract tells it; the message names the newest event day
    that looks plausible. Never the computer's clock.
    """
    if given is not None:
        return given
    if extracted_at:
        return default_as_of(extracted_at, timezone)
    newest = newest_plausible_day(con)
    hint = f"; the newest event day that looks plausible is {newest}: --as-of {newest}" if newest else ""
    raise SettingsError(f"the extract doesn't say when it was made (manifest.json, extracted_at): give --as-of{hint}")


def newest_plausible_day(con: "duckdb.DuckDBPyConnection") -> date | None:
    """The newest day of an event in schema raw, leaving out days far after all others; None without any event."""
    import polars as pl

    landed = {
        name
        for (name,) in con.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'"
        ).fetchall()
    }
    frames = []
    for table in EXTRACT.values():
        columns = [column.name for column in table.of_kind("time") if not column.future]
        if table.name not in landed or not columns:
            continue
        texts = con.table(f"raw.{table.name}").select(*columns).pl()
        days = pl.all().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        frames.append(texts.select(days).unpivot(variable_name="column", value_name="day").select("day"))
    if not frames:
        return None
    day = pl.col("day")
    typical = day.to_physical().quantile(_PLAUSIBLE_SHARE, "lower")
    events = pl.concat(frames).drop_nulls()
    return events.filter(day.to_physical() <= typical + _PLAUSIBLE_DAYS).select(day.max()).item()
