"""Moments in time with their precision, and how they compare (specification, section 2 "Clocks and days").

A moment is three columns that share a prefix: `<prefix>at` (instant, UTC), `<prefix>date` (local date of the site) and
`<prefix>is_minute` (the value named a time of day). A moment of day precision stands at local midnight; at the same
instant the minute-precise one comes later.
"""

from dataclasses import dataclass
from math import ceil

import polars as pl


@dataclass(frozen=True)
class Moment:
    """The three columns of one moment; `Moment("due_")` reads `due_at`, `due_date`, `due_is_minute`."""

    prefix: str = ""

    @property
    def at(self) -> pl.Expr:
        return pl.col(f"{self.prefix}at")

    @property
    def date(self) -> pl.Expr:
        return pl.col(f"{self.prefix}date")

    @property
    def is_minute(self) -> pl.Expr:
        return pl.col(f"{self.prefix}is_minute")

    def columns(self) -> tuple[str, str, str]:
        return f"{self.prefix}at", f"{self.prefix}date", f"{self.prefix}is_minute"

    def renamed(self, prefix: str) -> list[pl.Expr]:
        """The same moment under another prefix."""
        return [pl.col(old).alias(new) for old, new in zip(self.columns(), Moment(prefix).columns(), strict=True)]


EVENT = Moment("")
KNOWN = Moment("known_")
TRIGGER = Moment("trigger_")
BASE = Moment("base_")
DX = Moment("dx_")


def both_minute(a: Moment, b: Moment) -> pl.Expr:
    return a.is_minute.fill_null(False) & b.is_minute.fill_null(False)


def at_most_hours_after(event: Moment, anchor: Moment, hours: float) -> pl.Expr:
    """Event no later than `hours` after the anchor: instants where both have minute precision, else whole days."""
    return (
        pl.when(both_minute(event, anchor))
        .then(event.at <= anchor.at + pl.duration(seconds=round(hours * 3600)))
        .otherwise(event.date <= anchor.date + pl.duration(days=ceil(hours / 24)))
    )


def at_most_hours_before(event: Moment, anchor: Moment, hours: float) -> pl.Expr:
    """Event no earlier than `hours` before the anchor, by the same rule."""
    return (
        pl.when(both_minute(event, anchor))
        .then(event.at >= anchor.at - pl.duration(seconds=round(hours * 3600)))
        .otherwise(event.date >= anchor.date - pl.duration(days=ceil(hours / 24)))
    )


def not_before(event: Moment, anchor: Moment) -> pl.Expr:
    """At or after the anchor; the same day counts where either has day precision."""
    return pl.when(both_minute(event, anchor)).then(event.at >= anchor.at).otherwise(event.date >= anchor.date)


def not_after(event: Moment, anchor: Moment) -> pl.Expr:
    """At or before the anchor; the same day counts where either has day precision."""
    return pl.when(both_minute(event, anchor)).then(event.at <= anchor.at).otherwise(event.date <= anchor.date)


def earlier_than(a: Moment, b: Moment) -> pl.Expr:
    """Strictly before in the order of moments: by instant, then day precision before minute precision."""
    return (a.at < b.at) | ((a.at == b.at) & ~a.is_minute & b.is_minute)


def later_of(a: Moment, b: Moment, prefix: str) -> list[pl.Expr]:
    """The later of two moments (a where b is null), under a new prefix."""
    pick_b = earlier_than(a, b).fill_null(False)
    return [
        pl.when(pick_b).then(pl.col(cb)).otherwise(pl.col(ca)).alias(new)
        for ca, cb, new in zip(a.columns(), b.columns(), Moment(prefix).columns(), strict=True)
    ]


def days_after(date: pl.Expr, days: int) -> pl.Expr:
    return date + pl.duration(days=days)


def three_months_after(date: pl.Expr, rule: str) -> pl.Expr:
    """Three months after a date as the parameter `clocks.three_months` says: calendar (clipped), 90d or 84d."""
    return date.dt.offset_by("3mo" if rule == "calendar" else rule)


def earliest(*dates: pl.Expr) -> pl.Expr:
    return pl.min_horizontal(*dates)


def local_midnight(day: pl.Expr, timezone: str) -> pl.Expr:
    """The instant at which a local date begins; where the clocks skip midnight, the first instant after the gap."""
    wall = day.cast(pl.Datetime("us"))
    shifted = (wall - pl.duration(days=1)).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    instant = pl.coalesce(
        wall.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null"), shifted + pl.duration(days=1)
    )
    return instant.dt.convert_time_zone("UTC")


def at_day(anchor: Moment, hours: float, timezone: str) -> pl.Expr:
    """The local day that is `hours` after a moment; of a moment of day precision, whole days after."""
    exact = (anchor.at + pl.duration(seconds=round(hours * 3600))).dt.convert_time_zone(timezone).dt.date()
    return pl.when(anchor.is_minute).then(exact).otherwise(anchor.date + pl.duration(days=ceil(hours / 24)))
