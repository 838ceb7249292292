"""S1-S7: surgical referral."""

from __future__ import annotations

from types import SimpleNamespace

from tests.reference.chart import by_known, in_order
from tests.reference.clocks import (
    Deadline,
    Moment,
    days,
    due_after_hours,
    hours_between,
    later,
    not_after,
    not_before,
    within_hours_after,
)
from tests.reference.cohort import related, specialty_of
from tests.reference.engine import Context, Row, declined, grace_days, known_at_decision
from tests.reference.facts import day_before
from tests.reference.measures.common import (
    after_conservative_care,
    day_trigger,
    set_late,
    set_met,
    window,
)
from tests.reference.values import SURGICAL


def episodes(ctx: Context) -> list[list[SimpleNamespace]]:
    """Deficit events of [T0 - 7, end] in the order of known_at, split into episodes."""
    facts, hours = ctx.facts, ctx.p.deficit.new_instance_hours
    events = by_known(facts.between(facts.deficits, facts.day(-ctx.p.deficit.before_days), facts.end))
    clear = facts.chart.local("neuro-exam", "no-deficit")
    first_major = next((e for e in events if e.major), None)
    groups: list[list[SimpleNamespace]] = []
    for n, now in enumerate(events):
        opens = n == 0
        if n and hours_between(events[n - 1].known, now.known, hours):
            between = any(events[n - 1].known.order < c.known.order < now.known.order for c in clear)
            opens = between or now is first_major
        if opens:
            groups.append([])
        groups[-1].append(now)
    return groups


def surgical_row(
    ctx: Context, t: Moment, first: Moment, due: Deadline, urgent: bool, untimed: SimpleNamespace | None
) -> Row:
    """What S1 and S2 have in common: the contact, its lack, and the words for it."""
    facts, p = ctx.facts, ctx.p.deadlines
    row = Row(trigger=t, due=due)
    contacts = [c for c in facts.surgical_contacts if not (urgent and c.kind == "referral" and c.priority == "routine")]
    contacts = [c for c in contacts if not_before(c.at, first)]
    makers = [("alternative" if c.kind == "discussed" else "on_time", c) for c in contacts if due.allows(c.at)]
    for enc in facts.until_end(facts.encounters_of(*SURGICAL)):
        if facts.chart.runs_at(enc, t):
            makers.append(("already_under_care", SimpleNamespace(id=enc.id, at=enc.at, kind="encounter")))
    for ref in facts.until_end(facts.referrals_to(*SURGICAL)):
        if ref.priority in ("urgent", "asap", "stat") and (
            t.day - days(p.pretrigger_credit_days) <= ref.at.day <= t.day
        ):
            makers.append(
                ("already_under_care", SimpleNamespace(id=ref.id, at=ref.at, kind="referral", priority=ref.priority))
            )
    if untimed is not None and makers:
        sure = [m for m in makers if within_hours_after(m[1].at, untimed.at, p.urgent_surgical_hours)]
        if not sure:
            makers = []
            row.unknown, row.unknown_before_late = "deficit_time_unknown", True
    for word in ("on_time", "already_under_care", "alternative"):
        set_met(row, word, in_order(c for w, c in makers if w == word))
    if urgent and makers and all(c.kind == "referral" and c.priority is None for _w, c in makers):
        row.flags.add("priority_unknown")
    if declined(ctx, ("surgery",), t.day, due):
        row.exceptions.append("patient_declined")
    start = facts.day(-p.treated_before_days)
    if any(s.at.day >= start and not_after(s.at, first) for s in facts.surgeries):
        row.exceptions.append("treated_before_arrival")
    set_late(ctx, row, contacts)
    asked = [r for r in facts.until_end(facts.unknown_referrals()) if not_before(r.at, first) and due.allows(r.at)]
    if asked and row.unknown is None:
        row.unknown = "unknown_specialty"
    wrong = [r for r in facts.until_end(facts.wrong_referrals()) if not_before(r.at, first) and due.allows(r.at)]
    routine = [
        r for r in facts.until_end(facts.referrals_to(*SURGICAL)) if r.priority == "routine" and not_before(r.at, first)
    ]
    if urgent and routine:
        row.deviation = "wrong_priority"
    elif wrong:
        row.deviation = "wrong_specialty"
    return row


def urgent_surgical_referral(ctx: Context) -> list[Row]:
    dx = ctx.case.dx
    groups = episodes(ctx)
    if not groups:
        return [without_deficit(ctx)]
    rows = []
    for group in groups:
        giver = by_known(group)[0]
        first = in_order(group)[0].at
        due = due_after_hours(later(giver.known, dx), ctx.p.deadlines.urgent_surgical_hours)
        rows.append(surgical_row(ctx, giver.known, first, due, True, giver if giver.untimed else None))
    return rows


def without_deficit(ctx: Context) -> Row:
    facts = ctx.facts
    exams = facts.chart.local("neuro-exam")
    hours = ctx.p.deficit.soft_exam_hours
    row = Row(not_seen="no_deficit_recorded")
    for soft in facts.soft_deficits:
        if not any(not_before(x.at, soft.at) and within_hours_after(x.at, soft.at, hours) for x in exams):
            row.unknown_trigger = "soft_deficit_only"
    if any(x.value_code in ("no-deficit", "deficit-known") for x in facts.between(exams, facts.t0, facts.end)):
        row.not_seen = "intact"
    return row


def instability_surgical_referral(ctx: Context) -> list[Row]:
    facts, dx = ctx.facts, ctx.case.dx
    if not facts.instabilities:
        return [Row(not_seen="no_instability_recorded")]
    t = later(by_known(facts.instabilities)[0].known, dx)
    first = facts.instabilities[0].at
    due = due_after_hours(t, ctx.p.deadlines.instability_hours)
    row = surgical_row(ctx, t, first, due, False, None)
    stable = facts.chart.local("stability", "stable")
    if any(o.at.order > first.order and due.allows(o.at) for o in stable):
        row.exceptions.append("ruled_out")
    return [row]


def scheduled_row(ctx: Context, row: Row) -> Row:
    """S3, S4: surgical contact from x - 90 to the deadline."""
    facts = ctx.facts
    assert row.trigger is not None
    assert row.due is not None
    first = row.trigger.day - days(ctx.p.deadlines.surgical_lookback_days)
    contacts = facts.surgical_contacts
    inside = window(contacts, first, row.due)
    set_met(row, "on_time", [c for c in inside if c.kind != "discussed"])
    set_met(row, "alternative", [c for c in inside if c.kind == "discussed"])
    set_late(ctx, row, contacts)
    if declined(ctx, ("surgery",), row.trigger.day, row.due):
        row.exceptions.append("patient_declined")
    if window(facts.until_end(facts.unknown_referrals()), first, row.due):
        row.unknown = "unknown_specialty"
    if window(facts.until_end(facts.wrong_referrals()), first, row.due):
        row.deviation = "wrong_specialty"
    return row


def refractory_pain_surgical_referral(ctx: Context) -> list[Row]:
    facts = ctx.facts
    row, day = after_conservative_care(ctx, facts.severe_and_worsening, ("worsening",), ctx.p.deadlines.surgical_days)
    return [scheduled_row(ctx, row) if day else row]


def deformity_surgical_referral(ctx: Context) -> list[Row]:
    facts, case = ctx.facts, ctx.case
    if facts.significant_deformities:
        x = later(by_known(facts.significant_deformities)[0].known, case.dx)
        return [scheduled_row(ctx, day_trigger(ctx, x.day, ctx.p.deadlines.surgical_days))]
    row = Row(not_seen="no_significant_deformity")
    if facts.kyphosis and not facts.measurements:
        row.unknown_trigger = "unmeasured_deformity"
    elif facts.grown_in_another_posture():
        row.unknown_trigger = "posture_mismatch"
    row.code_absent = deformity_codes_absent(ctx)
    return [row]


def deformity_codes_absent(ctx: Context) -> bool:
    """Both deformity codes occur nowhere, and the case has no kyphosis condition."""
    return not {"kyphosis-angle", "height-loss"} & ctx.extract.local_codes and not ctx.facts.kyphosis


def referrals_within_three_months(ctx: Context, *names: str) -> list[SimpleNamespace]:
    facts, case = ctx.facts, ctx.case
    rows = [r for r in facts.chart.referrals if specialty_of(facts.chart, r) in names]
    return facts.between(rows, case.dx.day, min(day_before(case.m3), case.end))


def no_referral(ctx: Context, word: str) -> Row:
    last = day_before(ctx.case.m3)
    return Row(not_seen=word, first_day=last, last_day=last, censorable=False)


def reason_unknown(ctx: Context, ref: SimpleNamespace) -> bool:
    """No reason, not in the encounter of an index diagnosis, and its encounter not fracture related."""
    if ref.reason_key is not None:
        return False
    case = ctx.case
    if ref.encounter_id and ref.encounter_id in {c.encounter_id for c in case.codes + case.absorbed}:
        return False
    enc = ctx.facts.chart.encounter.get(ref.encounter_id)
    return enc is None or enc.fracture_related is not True


def soon_after_dx(ctx: Context, at: Moment) -> bool:
    dx = ctx.case.dx
    if at.day == dx.day:
        return True
    return not_before(at, dx) and within_hours_after(at, dx, ctx.p.deadlines.emergency_consult_hours)


def surgical_referral_not_indicated(ctx: Context) -> list[Row]:
    facts, case = ctx.facts, ctx.case
    rows = []
    for ref in referrals_within_three_months(ctx, *SURGICAL):
        row = Row(trigger=ref.at, action=ref.at, grace_day=ref.at.day + days(grace_days(ctx)))
        if not related(facts.chart, ref):
            row.not_applicable = "unrelated_reason"
        enc = facts.chart.encounter.get(ref.encounter_id)
        soon = soon_after_dx(ctx, ref.at)
        if known_at_decision(ctx, ref.at, facts.red_flags) or case.aetiology == "traumatic_high_energy":
            row.met = "indicated"
        elif soon and enc is not None and enc.klass == "emergency":
            row.met = "emergency_consult"
        exams = facts.between(
            facts.chart.local("neuro-exam"), day_before(case.dx.day), ref.at.day + days(grace_days(ctx))
        )
        if reason_unknown(ctx, ref):
            row.unknown = "unknown_reason"
        elif not exams:
            row.unknown = "feed_absent" if "neuro-exam" not in ctx.extract.local_codes else "no_neuro_exam"
        elif soon and ctx.extract.absent(["encounters"]):
            row.unknown = "feed_absent"
        row.deviation = "not_indicated"
        rows.append(row)
    return rows or [no_referral(ctx, "no_surgical_referral")]


def surgical_referral_while_improving(ctx: Context) -> list[Row]:
    facts, case = ctx.facts, ctx.case
    rows = []
    for ref in referrals_within_three_months(ctx, *SURGICAL):
        row = Row(trigger=ref.at, action=ref.at, grace_day=ref.at.day + days(grace_days(ctx)))
        day = day_before(ref.at.day)
        improving = facts.improving(day)
        if not related(facts.chart, ref):
            row.not_applicable = "unrelated_reason"
        elif not improving:
            if ctx.extract.absent(ctx.measure.trigger_feeds):
                row.unknown_trigger = "feed_absent"
            elif ctx.trigger_horizon() < min(day, ctx.extract.as_of, case.end):
                row.waiting, row.waiting_feeds = min(day, case.end), ctx.measure.trigger_feeds
            elif improving is None:
                row.unknown_trigger = "pain_course_unknown"
            else:
                row.not_applicable = "not_improving"
        if known_at_decision(ctx, ref.at, facts.red_flags) or case.aetiology == "traumatic_high_energy":
            row.met = "red_flag"
        if reason_unknown(ctx, ref):
            row.unknown = "unknown_reason"
        row.deviation = "not_indicated"
        rows.append(row)
    return rows or [no_referral(ctx, "no_surgical_referral")]


def unresponsive_pain_specialist_referral(ctx: Context) -> list[Row]:
    facts, p = ctx.facts, ctx.p.deadlines
    row, day = after_conservative_care(
        ctx, facts.unresponsive, ("worsening", "persistent"), p.unresponsive_referral_days
    )
    if not day:
        return [row]
    assert row.due is not None
    first = day - days(p.surgical_lookback_days)
    contacts = in_order(facts.surgical_contacts + facts.ir_contacts + facts.pain_contacts)
    inside = window(contacts, first, row.due)
    set_met(row, "on_time", [c for c in inside if c.kind != "discussed"])
    set_met(row, "alternative", [c for c in inside if c.kind == "discussed"])
    thought = facts.considered("surgery", "interventional-radiology", "pain-management")
    set_met(row, "considered", window(thought, first, row.due))
    set_late(ctx, row, contacts)
    if declined(ctx, ("surgery",), day, row.due):
        row.exceptions.append("patient_declined")
    if window(facts.until_end(facts.unknown_referrals()), first, row.due):
        row.unknown = "unknown_specialty"
    return [row]
