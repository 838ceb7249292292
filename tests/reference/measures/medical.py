"""M1-M4: medical management."""

from __future__ import annotations

from datetime import date, timedelta

from tests.reference.chart import in_order
from tests.reference.clocks import days, due_on
from tests.reference.engine import Context, Row, declined
from tests.reference.facts import Facts
from tests.reference.measures.common import set_late, set_met, window

DAY = timedelta(days=1)


def medical_management_first(ctx: Context) -> list[Row]:
    facts, case = ctx.facts, ctx.case
    dx = case.dx
    due = due_on(dx.day + days(ctx.p.deadlines.medical_first_days))
    row = Row(trigger=dx, shown_trigger=dx.day.isoformat(), due=due)
    if any(e.known.day <= due.day for e in facts.deficits + facts.instabilities):
        row.not_applicable = "deficit_or_instability"
    elif facts.little_pain():
        row.not_applicable = "little_pain"
    interventions = window(facts.interventions, dx.day, due)
    started = facts.until_end(case.treatments)
    if interventions:
        started = [t for t in started if t.at.order <= interventions[0].at.order]
    running = [t for t in started if t.at.day < dx.day and t.span and t.span[0] <= dx.day <= t.span[1]]
    set_met(row, "on_time", window(started, dx.day - DAY, due))
    if row.met is None and running and dx.day <= case.end:
        row.met, row.action = "already_under_care", running[0].at
    if interventions:
        row.deviation, row.action = "early", row.action or interventions[0].at
    else:
        set_late(ctx, row, started)
    return [row]


def starts(facts: Facts) -> list:
    return in_order(facts.between(facts.calcitonin, facts.t0, facts.end))


def calcitonin_started(ctx: Context) -> list[Row]:
    facts, case, p = ctx.facts, ctx.case, ctx.p.deadlines
    t0 = facts.t0
    due = due_on(facts.day(p.calcitonin_start_days))
    row = Row(trigger=case.moment(t0), due=due)
    if not ctx.p.switches.calcitonin_start:
        row.not_applicable = "switched_off"
    elif case.dx.day > due.day:
        row.not_applicable = "presented_late"
    elif any(d.at.day <= due.day for d in facts.deficits):
        row.not_applicable = "deficit"
    elif facts.little_pain():
        row.not_applicable = "little_pain"
    begun = starts(facts)
    set_met(row, "on_time", window(begun, t0, due))
    if row.met and row.action and row.action.day <= facts.day(p.calcitonin_acute_start_days):
        row.flags.add("acute")
    running = [c for c in facts.calcitonin if c.at.day < t0 and c.span and c.span[0] <= t0 <= c.span[1]]
    if row.met is None and running and t0 <= case.end:
        row.met, row.action = "already_under_care", running[0].at
    if declined(ctx, ("medication",), t0, due):
        row.exceptions.append("patient_declined")
    reasons = ("calcitonin_contraindication", "malignancy_suspicion", "malignancy_history", "spine_malignancy")
    if any(c.at.day <= due.day for c in facts.chart.conditions_in(*reasons)):
        row.exceptions.append("contraindicated")
    set_late(ctx, row, begun)
    row.absent_code = not ctx.extract.has_calcitonin
    return [row]


def covered(facts: Facts, first: date, last: date) -> list[date]:
    """Days of [first, last] on which a calcitonin row of known duration covers."""
    found: set[date] = set()
    for row in facts.calcitonin:
        if row.span:
            day = max(first, row.span[0])
            while day <= min(last, row.span[1]):
                found.add(day)
                day += DAY
    return sorted(found)


def calcitonin_course(ctx: Context) -> list[Row]:
    facts, case, p = ctx.facts, ctx.case, ctx.p.deadlines
    if not ctx.p.switches.calcitonin_start:
        return [Row(not_applicable="switched_off")]
    last_start = facts.day(p.calcitonin_start_days)
    begun = [c for c in starts(facts) if c.at.day <= last_start]
    if not begun:
        return [Row(not_seen="no_calcitonin", last_day=last_start)]
    start = begun[0].at.day
    last = start + days(p.calcitonin_course_days - 1)
    row = Row(trigger=case.moment(start), due=due_on(start + days(p.calcitonin_course_days)))
    shown = min(last, ctx.trigger_horizon(), case.end)
    taken = covered(facts, start, shown)
    need = p.calcitonin_min_covered_days
    if len(taken) >= need:
        row.met, row.action = "on_time", case.moment(taken[need - 1])
    if facts.between(facts.chart.conditions_in("calcitonin_contraindication"), start, last):
        row.exceptions.append("contraindicated")
    subsided = [s for s in facts.scores if s.value_number <= ctx.p.pain.subsided_nrs]
    if taken and any(s.at.day <= taken[-1] for s in subsided):
        row.exceptions.append("pain_subsided")
    possible = set(taken)
    for c in facts.calcitonin:
        if c.span is None:
            day = max(c.at.day, start)
            while day <= shown:
                possible.add(day)
                day += DAY
    if len(possible) >= need > len(taken):
        row.unknown = "unknown_duration"
    row.deviation = "early"
    return [row]


def calcitonin_continued(ctx: Context) -> list[Row]:
    facts, case, p = ctx.facts, ctx.case, ctx.p.deadlines
    begun = starts(facts)
    if not begun:
        return [Row(not_seen="no_calcitonin")]
    start = begun[0].at.day
    stop = start + days(p.calcitonin_stop_days)
    row = Row(trigger=case.moment(start), due=due_on(stop))
    horizon = ctx.trigger_horizon()
    planned = max((c.span[1] for c in facts.calcitonin if c.span and c.span[1] >= c.span[0]), default=date.min)
    last_known = min(planned, case.end)
    going_on = covered(facts, stop + DAY, min(horizon, case.end)) or [
        c.at.day for c in facts.calcitonin if stop < c.at.day <= case.end
    ]
    unknown = any(c.span is None for c in facts.calcitonin)
    open_end = horizon <= stop and last_known > horizon
    cut_off = case.end < stop and planned > stop
    if not going_on and not unknown and not open_end and not cut_off:
        row.met = "on_time"
    row.not_due_yet = open_end
    before = facts.t0 - DAY
    if any(c.at.day <= horizon for c in facts.chart.conditions_in("calcitonin_other_indication")) or any(
        c.span and c.span[0] <= before <= c.span[1] for c in facts.calcitonin
    ):
        row.exceptions.append("other_indication")
    if unknown and not going_on:
        row.unknown = "unknown_duration"
    row.deviation = "continued"
    if going_on:
        row.action = case.moment(going_on[0])
    return [row]
