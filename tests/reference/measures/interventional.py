"""I1-I3 and A1: interventional radiology and augmentation."""

from __future__ import annotations

from types import SimpleNamespace

from tests.reference.chart import in_order
from tests.reference.clocks import days
from tests.reference.cohort import related
from tests.reference.engine import Context, Row, declined, grace_days, known_at_decision
from tests.reference.measures.common import after_conservative_care, day_trigger, set_late, set_met, window
from tests.reference.measures.surgery import (
    deformity_codes_absent,
    no_referral,
    reason_unknown,
    referrals_within_three_months,
)


def ir_row(ctx: Context, row: Row) -> Row:
    facts = ctx.facts
    assert row.trigger is not None
    assert row.due is not None
    contacts = [c for c in facts.ir_contacts if c.at.day >= facts.t0]
    inside = window(contacts, facts.t0, row.due)
    set_met(row, "on_time", [c for c in inside if c.kind != "discussed"])
    set_met(row, "alternative", [c for c in inside if c.kind == "discussed"])
    set_met(row, "considered", window(facts.considered("interventional-radiology"), facts.t0, row.due))
    set_late(ctx, row, contacts)
    if declined(ctx, ("interventional-radiology",), row.trigger.day, row.due):
        row.exceptions.append("patient_declined")
    if any(row.due.allows(o.at) for o in facts.chart.local("augmentation-candidate", "no")):
        row.exceptions.append("contraindicated")
    return row


def ir_referral_after_three_months(ctx: Context) -> list[Row]:
    row, day = after_conservative_care(ctx, ctx.facts.persistent, (), ctx.p.deadlines.interventional_radiology_days)
    return [ir_row(ctx, row) if day else row]


def ir_referral_when_indicated(ctx: Context) -> list[Row]:
    facts = ctx.facts
    if not ctx.p.switches.ir_indicated_duty:
        return [Row(not_applicable="switched_off")]
    dates = [e.at.day for e in facts.between(facts.any_deformities + facts.pulmonary, facts.t0, facts.end)]
    dates += [day for day in facts.pain_days(facts.t0) if facts.worsening(day)]
    if not dates:
        return [Row(not_seen="not_triggered")]
    if not facts.chart.local("augmentation-candidate"):
        return [Row(unknown_trigger="candidate_not_recorded")]
    return [ir_row(ctx, day_trigger(ctx, min(dates), ctx.p.deadlines.interventional_radiology_days))]


def indication(ctx: Context, at: SimpleNamespace, row: Row) -> None:
    """`indicated`, and whether by measurements of the lower tier alone."""
    facts = ctx.facts
    known = lambda item: bool(known_at_decision(ctx, at.at, [item]))  # noqa: E731
    deformity = [d for d in facts.any_deformities if known(d)]
    other = [e for e in facts.pulmonary + facts.suspicions if known(e)]
    worse = any(facts.worsening(day, known) for day in facts.pain_days(facts.t0, at.at.day))
    if not (deformity or other or worse):
        return
    row.met = "indicated"
    strong = [e for e in facts.significant_deformities + facts.kyphosis if known(e)]
    if not (strong or other or worse):
        row.flags.add("lower_tier_only")


def no_indication_data(ctx: Context, at: SimpleNamespace) -> bool:
    facts = ctx.facts
    return not facts.between(facts.scores + facts.statements + facts.measurements, facts.t0, at.at.day)


def ir_referral_not_indicated(ctx: Context) -> list[Row]:
    facts, rows = ctx.facts, []
    for ref in referrals_within_three_months(ctx, "interventional_radiology"):
        row = Row(trigger=ref.at, action=ref.at, grace_day=ref.at.day + days(grace_days(ctx)))
        if not related(facts.chart, ref):
            row.not_applicable = "unrelated_reason"
        indication(ctx, ref, row)
        if reason_unknown(ctx, ref):
            row.unknown = "unknown_reason"
        elif no_indication_data(ctx, ref):
            row.unknown = "no_indication_data"
        row.absent_code = deformity_codes_absent(ctx)
        row.deviation = "not_indicated"
        rows.append(row)
    return rows or [no_referral(ctx, "no_ir_referral")]


def premature_augmentation(ctx: Context) -> list[Row]:
    facts, case = ctx.facts, ctx.case
    by_day: dict = {}
    for procedure, here in facts.all_augmentations:
        if facts.t0 <= procedure.at.day:
            by_day.setdefault(procedure.at.day, []).append((procedure, here))
    rows = []
    for day in sorted(by_day):
        sure = in_order(procedure for procedure, here in by_day[day] if here)
        of_day = sure or in_order(procedure for procedure, _here in by_day[day])
        first = of_day[0]
        row = Row(trigger=first.at, action=first.at, grace_day=day + days(grace_days(ctx)))
        if not sure:
            row.unknown_trigger = "level_unknown"
        if day >= case.m3:
            row.met = "after_three_months"
        else:
            indication(ctx, first, row)
        if no_indication_data(ctx, first):
            row.unknown = "no_indication_data"
        row.absent_code = deformity_codes_absent(ctx)
        row.deviation = "premature"
        if any(facts.chart.sets.has("vertebroplasty", x.system, x.key) for x in of_day):
            row.flags.add("aaos_vertebroplasty")
        if coverage_like(ctx, first):
            row.flags.add("meets_coverage_like")
        rows.append(row)
    return rows or [no_referral(ctx, "no_augmentation")]


def coverage_like(ctx: Context, procedure: SimpleNamespace) -> bool:
    facts, p = ctx.facts, ctx.p.coverage
    scores = facts.between(facts.scores, facts.t0, procedure.at.day)
    if not scores:
        return False
    enc = facts.chart.encounter.get(procedure.encounter_id)
    least = p.inpatient_nrs if enc is not None and enc.klass == "inpatient" else p.other_nrs
    return scores[-1].value_number >= least
