"""F1, F2, T1: follow-up."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from tests.reference.clocks import days, due_on
from tests.reference.engine import Context, Row
from tests.reference.facts import day_before
from tests.reference.measures.common import (
    day_trigger,
    first_day_with,
    set_late,
    set_met,
    window,
    without_record,
)


def visits(ctx: Context) -> tuple[list[SimpleNamespace], list[SimpleNamespace]]:
    """(fracture-related encounters, encounters of unknown content), by end."""
    facts = ctx.facts
    told = {
        o.encounter_id
        for o in facts.chart.observations
        if (o.is_score and o.value_number is not None)
        or (o.local in ("neuro-exam", "course") and o.value_code is not None)
    }
    related, unknown = [], []
    for enc in facts.until_end([e for e in facts.chart.encounters if e.counts]):
        if enc.fracture_related is False:
            continue
        (related if enc.fracture_related or enc.id in told else unknown).append(enc)
    return related, unknown


def touches(ctx: Context, enc: SimpleNamespace, first: date, last: date) -> bool:
    """Begun in the days, or an inpatient stay that overlaps them."""
    last = min(last, ctx.case.end)
    if first <= enc.at.day <= last:
        return True
    return enc.klass == "inpatient" and enc.at.day <= last and ctx.facts.chart.runs_until(enc)[1] >= first


def reassessment(ctx: Context) -> list[Row]:
    facts, case, p = ctx.facts, ctx.case, ctx.p.deadlines
    tx = case.treatment_start
    first, last, slack = tx + days(p.reassess_from_day), tx + days(p.reassess_to_day), days(p.reassess_tolerance_days)
    row = Row(trigger=case.moment(tx), due=due_on(last + slack))
    if facts.between(facts.interventions, case.dx.day, day_before(first)):
        row.not_applicable = "intervention_before_reassessment"
    related, unknown = visits(ctx)
    set_met(row, "on_time", [e for e in related if touches(ctx, e, first, last)])
    set_met(row, "tolerance", [e for e in related if touches(ctx, e, first - slack, last + slack)])
    after = [e for e in related if e.at.day > (last + slack)]
    set_late(ctx, row, after)
    row.late_from = last
    if facts.declined(("follow-up",), first - slack, last + slack):
        row.exceptions.append("patient_declined")
    if facts.between(facts.chart.local("outreach", "no-show"), first - slack, last + slack):
        row.exceptions.append("outreach_no_show")
    if any(touches(ctx, e, first - slack, last + slack) for e in unknown):
        row.unknown = "unknown_content"
    elif care_elsewhere(ctx, last + slack):
        row.unknown = "care_elsewhere"
    early = [e for e in related if touches(ctx, e, tx + days(p.reassess_early_from_day), day_before(first - slack))]
    if early:
        row.deviation, row.action = "early", row.action or early[0].at
    return [row]


def care_elsewhere(ctx: Context, last: date) -> bool:
    """The last disposition of [DX - 1, TX + 49] is snf or rehab."""
    found = []
    for enc in ctx.facts.chart.encounters:
        gone = ctx.facts.chart.disposition_at(enc)
        if gone and day_before(ctx.case.dx.day) <= gone.day <= last:
            found.append((gone.order, enc.id, enc.disposition))
    return bool(found) and max(found)[2] in ("snf", "rehab")


def imaging_after_eight_weeks(ctx: Context) -> list[Row]:
    facts, p = ctx.facts, ctx.p.deadlines
    start = facts.day(p.repeat_imaging_after_day + 1)

    def hurts(day: date) -> bool:
        return bool(facts.stated(day, "persistent", "worsening")) or any(
            s.at.day == day and s.value_number >= ctx.p.pain.persistent_nrs for s in facts.scores
        )

    day = first_day_with(ctx, start, hurts)
    if day is None:
        row = Row(first_day=start, not_seen="not_triggered")
        if not facts.records(start):
            without_record(ctx, row, start, ctx.p.clocks.pain_record_wait_days - 1)
        return [row]
    row = day_trigger(ctx, day, p.repeat_imaging_days)
    assert row.due is not None
    first = facts.day(p.repeat_imaging_credit_from_day)
    studies = [s for s in facts.studies if s.modality in ("xray", "ct", "mri", "nm") and facts.covers(s)]
    set_met(row, "on_time", window(studies, first, row.due))
    set_met(row, "alternative", window(facts.augmentations, first, row.due))
    set_met(row, "considered", window(facts.considered("imaging"), first, row.due))
    set_late(ctx, row, studies + facts.augmentations)
    if facts.declined(
        ("imaging",),
        day - days(ctx.p.clocks.declined_before_days),
        row.due.day + days(ctx.p.clocks.declined_after_days),
    ):
        row.exceptions.append("patient_declined")
    return [row]


def physical_therapy_trigger(ctx: Context) -> date | Row:
    """The day x, or the row of a case without one."""
    facts, p = ctx.facts, ctx.p.deadlines
    first, fallback = facts.day(p.physical_therapy_min_day), facts.day(p.physical_therapy_fallback_day)

    def gone(day: date) -> bool:
        return bool(facts.stated(day, "resolved")) or any(
            s.at.day == day and s.value_number <= ctx.p.pain.subsided_nrs for s in facts.scores
        )

    subsided = first_day_with(ctx, first, gone)
    if subsided is not None and subsided <= fallback:
        return subsided
    reached = min(ctx.trigger_horizon(), ctx.case.end) >= fallback
    early = facts.between(facts.scores, first, fallback)
    if reached and early and early[-1].value_number < ctx.p.pain.severe_nrs:
        return fallback
    if subsided is not None:
        return subsided
    row = Row(first_day=fallback)
    if early:
        row.not_seen = "pain_still_severe"
    elif facts.records(first, fallback):
        row.not_seen = "not_triggered"
    else:
        row.unknown_trigger = "no_pain_record"
    return row


def physical_therapy_referral(ctx: Context) -> list[Row]:
    facts, p = ctx.facts, ctx.p.deadlines
    x = physical_therapy_trigger(ctx)
    if isinstance(x, Row):
        # before T0 + 14 it can't be told at all; a horizon in between waits for T0 + 42
        if ctx.case.end < facts.day(p.physical_therapy_min_day):
            x.first_day = facts.day(p.physical_therapy_min_day)
        return [x]
    row = day_trigger(ctx, x, p.physical_therapy_days)
    assert row.due is not None
    contacts = facts.referrals_to("physical_therapy_specialty") + facts.encounters_of("physical_therapy_specialty")
    contacts += facts.chart.coded(facts.chart.procedures, "physical_therapy")
    contacts = [c for c in facts.until_end(contacts) if c.at.day >= facts.t0]
    set_met(row, "on_time", window(contacts, facts.t0, row.due))
    set_met(row, "considered", window(facts.considered("physical-therapy"), facts.t0, row.due))
    set_late(ctx, row, contacts)
    clocks = ctx.p.clocks
    if facts.declined(
        ("physical-therapy",), x - days(clocks.declined_before_days), row.due.day + days(clocks.declined_after_days)
    ):
        row.exceptions.append("patient_declined")
    return [row]
