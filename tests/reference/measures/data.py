"""Q1-Q3: what the other measures need to be on record."""

from __future__ import annotations

from tests.reference.chart import in_order
from tests.reference.clocks import days, due_after_hours, due_on, within_hours_before
from tests.reference.engine import Context, Row
from tests.reference.measures.common import set_late, set_met, window


def neuro_exam_documented(ctx: Context) -> list[Row]:
    facts, dx, hours = ctx.facts, ctx.case.dx, ctx.p.deadlines.neuro_exam_hours
    row = Row(trigger=dx, due=due_after_hours(dx, hours))
    rows = facts.chart.local("neuro-exam") + facts.chart.conditions_in("neuro_deficit")
    rows = [r for r in in_order(facts.until_end(rows)) if within_hours_before(r.at, dx, hours)]
    set_met(row, "on_time", [r for r in rows if row.due.allows(r.at)])
    set_late(ctx, row, rows)
    row.absent_code = "neuro-exam" not in ctx.extract.local_codes
    return [row]


def pain_score_documented(ctx: Context) -> list[Row]:
    facts, dx, wait = ctx.facts, ctx.case.dx, days(ctx.p.deadlines.pain_score_days)
    row = Row(trigger=dx, shown_trigger=dx.day.isoformat(), due=due_on(dx.day + wait))
    rows = facts.until_end(facts.all_scores)
    set_met(row, "on_time", window(rows, dx.day - wait, row.due))
    set_late(ctx, row, rows)
    return [row]


def level_established(ctx: Context) -> list[Row]:
    dx = ctx.case.dx
    row = Row(trigger=dx, shown_trigger=dx.day.isoformat(), due=due_on(dx.day + days(ctx.p.deadlines.level_days)))
    if ctx.case.level != "unspecified":
        row.met = "on_time"
    return [row]
