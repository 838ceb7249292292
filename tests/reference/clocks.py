"""Moments, deadlines and calendar arithmetic (2-evaluation.md, "Clocks and days")."""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(Z|z|[+-]\d{2}:?\d{2})?)?"
)
_COARSE = re.compile(r"\d{4}(-\d{2})?")


class CoarseTimeError(ValueError):
    """A year or a month: a time that cannot be placed in a window."""


@dataclass(frozen=True)
class Moment:
    """An instant (UTC; local midnight where only the day is known), its local date and its precision."""

    instant: datetime
    day: date
    minute: bool
    zone: str = "UTC"

    @property
    def order(self) -> tuple[datetime, bool]:
        """At one instant the minute-precise time is the later one."""
        return (self.instant, self.minute)

    def text(self) -> str:
        """ISO form: a date, or a local time with its offset, fractions cut."""
        if not self.minute:
            return self.day.isoformat()
        return self.instant.astimezone(ZoneInfo(self.zone)).replace(microsecond=0).isoformat()


def local_to_utc(naive: datetime, zone: str) -> datetime:
    """A local time twice on the clock is its first occurrence; one skipped is shifted by the gap."""
    return naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def at_day(day: date, zone: str) -> Moment:
    return Moment(local_to_utc(datetime.combine(day, time()), zone), day, False, zone)


def at_instant(instant: datetime, zone: str) -> Moment:
    return Moment(instant, instant.astimezone(ZoneInfo(zone)).date(), True, zone)


def parse_moment(text: str, zone: str) -> Moment:
    """A time of the contract. Raises CoarseTimeError for a year or month, ValueError for anything else."""
    match = _TIME.fullmatch(text)
    if not match:
        if _COARSE.fullmatch(text):
            raise CoarseTimeError(text)
        raise ValueError(text)
    year, month, dom, hour, minute, second, fraction, offset = match.groups()
    day = date(int(year), int(month), int(dom))
    if hour is None:
        return at_day(day, zone)
    micro = int(((fraction or "") + "000000")[:6])
    naive = datetime(day.year, day.month, day.day, int(hour), int(minute), int(second or 0), micro)
    if offset is None:
        return at_instant(local_to_utc(naive, zone), zone)
    if offset in ("Z", "z"):
        return at_instant(naive.replace(tzinfo=UTC), zone)
    sign = -1 if offset[0] == "-" else 1
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return at_instant((naive - sign * shift).replace(tzinfo=UTC), zone)


def days(count: int) -> timedelta:
    return timedelta(days=int(count))


def add_three_months(day: date, rule: str) -> date:
    """`calendar`: three months, clipped to the month's end; `90d`, `84d`: so many days."""
    if rule != "calendar":
        return day + timedelta(days=int(rule.rstrip("d")))
    month = day.month + 3
    year = day.year + (month - 1) // 12
    month = (month - 1) % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def age_on(birth: date, day: date) -> int:
    """Whole years; a birthday on 29 February is on 1 March in other years (so it compares as a tuple)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def later(a: Moment, b: Moment | None) -> Moment:
    return a if b is None or a.order >= b.order else b


def not_before(a: Moment, b: Moment) -> bool:
    """a at or after b: instants where both have minutes, else local days."""
    return a.instant >= b.instant if a.minute and b.minute else a.day >= b.day


def not_after(a: Moment, b: Moment) -> bool:
    return not_before(b, a)


def hours_as_days(hours: int) -> int:
    """24 h are the same or the next calendar day, 72 h three days."""
    return math.ceil(hours / 24)


def within_hours_after(moment: Moment, start: Moment, hours: int) -> bool:
    """moment <= start + hours, as for an hour deadline."""
    if moment.minute and start.minute:
        return moment.instant <= start.instant + timedelta(hours=int(hours))
    return moment.day <= start.day + days(hours_as_days(hours))


def within_hours_before(moment: Moment, start: Moment, hours: int) -> bool:
    """moment >= start - hours, as for an hour deadline."""
    if moment.minute and start.minute:
        return moment.instant >= start.instant - timedelta(hours=int(hours))
    return moment.day >= start.day - days(hours_as_days(hours))


def hours_between(a: Moment, b: Moment, hours: int) -> bool:
    """b is at least `hours` after a."""
    if a.minute and b.minute:
        return b.instant - a.instant >= timedelta(hours=int(hours))
    return (b.day - a.day).days >= hours_as_days(hours)


@dataclass(frozen=True)
class Deadline:
    """A local day, or an instant counted in hours (`last_day`: what a day-precision action is held against)."""

    day: date
    instant: datetime | None = None
    last_day: date | None = None
    hourly: bool = False
    zone: str = "UTC"

    def allows(self, moment: Moment) -> bool:
        if self.instant is None:
            return moment.day <= self.day
        if moment.minute:
            return moment.instant <= self.instant
        return moment.day <= (self.last_day or self.day)

    def text(self) -> str:
        if self.instant is None:
            return self.day.isoformat()
        return at_instant(self.instant, self.zone).text()


def due_on(day: date) -> Deadline:
    return Deadline(day)


def due_after_hours(start: Moment, hours: int) -> Deadline:
    last_day = start.day + days(hours_as_days(hours))
    if not start.minute:
        return Deadline(last_day, hourly=True, zone=start.zone)
    instant = start.instant + timedelta(hours=int(hours))
    return Deadline(at_instant(instant, start.zone).day, instant, last_day, True, start.zone)
