"""Small pieces that several measures use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from types import SimpleNamespace

from tests.reference.chart import in_order
from tests.reference.clocks import Deadline, add_three_months, days, due_on
from tests.reference.engine import Context, Row


def window(rows: Iterable[SimpleNamespace], first: date, due: Deadline) -> list[SimpleNamespace]:
    """Rows from the day `first` to the deadline, in order."""
    return in_order(row for row in rows if row.at.day >= first and due.allows(row.at))


def set_late(ctx: Context, row: Row, rows: Iterable[SimpleNamespace]) -> None:
    """The first of the rows after the deadline, by min(as_of, end)."""
    assert row.due is not None
    after = [r for r in rows if not row.due.allows(r.at) and r.at.day <= ctx.facts.seen_end]
    if after:
        row.late = in_order(after)[0].at


def set_met(row: Row, reason: str, rows: list[SimpleNamespace]) -> None:
    """The first word that has a row wins."""
    if rows and row.met is None:
        row.met, row.action = reason, rows[0].at


def day_trigger(ctx: Context, day: date, wait: int) -> Row:
    """Triggered on a day; no deadline is counted from before DX."""
    return Row(trigger=ctx.case.moment(day), due=due_on(max(day, ctx.case.dx.day) + days(wait)))


def first_day_with(ctx: Context, first: date, test: Callable[[date], bool]) -> date | None:
    return next((day for day in ctx.facts.pain_days(first) if test(day)), None)


def without_record(ctx: Context, row: Row, first: date, wait: int) -> Row:
    """No score or statement from `first` on: pending for `wait` days, then resolved or not to be told."""
    row.first_day = first + days(wait)
    if ctx.facts.resolved():
        row.not_seen = "resolved"
    else:
        row.unknown_trigger = "no_pain_record"
    return row


def after_conservative_care(
    ctx: Context, test: Callable[[date], bool], unsaid: tuple[str, ...], wait: int
) -> tuple[Row, date | None]:
    """The common trigger of S3, S7 and I1: the first such day, three months or more after CONS."""
    facts, case = ctx.facts, ctx.case
    if case.conservative_start is None:
        if first_day_with(ctx, case.m3, test) is not None:
            return Row(unknown_trigger="no_conservative_care_record"), None
        return Row(not_seen="no_conservative_care"), None
    start = add_three_months(case.conservative_start, ctx.p.clocks.three_months)
    day = first_day_with(ctx, start, test)
    if day is not None:
        return day_trigger(ctx, day, wait), day
    row = Row(first_day=start, not_seen="not_triggered")
    near = ctx.p.pain.severity_near_days
    for statement in facts.statements:
        if statement.at.day < start or statement.value_code not in unsaid:
            continue
        if not any(abs((s.at.day - statement.at.day).days) <= near for s in facts.scores):
            row.unknown_trigger = "severity_not_recorded"
    if not facts.records(start):
        without_record(ctx, row, start, ctx.p.clocks.pain_record_wait_days)
    return row, None
