"""G1-G4, X1, X2, C1, C2, B1, B2: imaging and cause."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from tests.reference.chart import by_known, in_order
from tests.reference.clocks import Deadline, Moment, days, due_after_hours, due_on, later, within_hours_before
from tests.reference.engine import Context, Row, declined, grace_days, known_at_decision
from tests.reference.facts import Facts, event
from tests.reference.measures.common import day_trigger, first_day_with, set_late, set_met, window, without_record

WITHOUT = ("without", "both")
SPINE = {"cervical", "thoracic", "lumbar", "sacrum"}
WHOLE = {"cervical", "thoracic", "lumbar"}


def g_window(ctx: Context) -> tuple[date, date]:
    dx, p = ctx.case.dx.day, ctx.p.deadlines
    return dx - days(p.imaging_lookback_days), dx + days(p.imaging_days)


def contraindicated(ctx: Context, ct: SimpleNamespace) -> bool:
    """An MRI contraindication dated no later than three days after the CT."""
    last = ct.at.day + days(ctx.p.deadlines.contraindication_after_ct_days)
    return any(row.at.day <= last for row in ctx.facts.contraindications())


def unknown_device(ctx: Context, ct: SimpleNamespace) -> bool:
    last = ct.at.day + days(ctx.p.deadlines.contraindication_after_ct_days)
    return any(row.at.day <= last for row in ctx.facts.chart.local("mri-contraindication", "unknown-device"))


def covering(facts: Facts, modality: str) -> list[SimpleNamespace]:
    return [s for s in facts.studies if s.modality == modality and facts.covers(s)]


def mri_orders(ctx: Context, first: date, due: Deadline) -> list[SimpleNamespace]:
    """MRI rows ordered or cancelled, ordered in the window."""
    rows = [r for r in ctx.facts.chart.imaging if r.status in ("ordered", "cancelled") and r.modality == "mri"]
    rows = [SimpleNamespace(id=r.id, at=r.ordered_at, regions=r.regions) for r in rows if r.ordered_at]
    return window(ctx.facts.until_end(rows), first, due)


def initial_mri(ctx: Context) -> list[Row]:
    facts, dx = ctx.facts, ctx.case.dx
    first, last = g_window(ctx)
    due = due_on(last)
    row = Row(trigger=dx, shown_trigger=dx.day.isoformat(), due=due)
    mris = [s for s in covering(facts, "mri") if s.contrast in WITHOUT]
    cts = [s for s in covering(facts, "ct") if s.contrast in WITHOUT and contraindicated(ctx, s)]
    done = window(mris, first, due)
    alarms = facts.suspicions + facts.infections
    before_mri = done and any(a.known.order < done[0].at.order for a in alarms)
    by_deadline = not done and any(a.known.day <= last for a in alarms)
    if before_mri or by_deadline:
        row.not_applicable = "suspicion_or_infection_known"
    set_met(row, "on_time", done)
    set_met(row, "alternative", window(cts, first, due))
    if declined(ctx, ("mri", "imaging"), first, due):
        row.exceptions.append("patient_declined")
    set_late(ctx, row, mris + cts)
    inside = window([s for s in facts.studies if s.modality == "mri"], first, due)
    covered = [s for s in inside if facts.covers(s)]
    ct_inside = window(covering(facts, "ct"), first, due)
    if any(s.regions is None for s in inside):
        row.unknown = "unknown_regions"
    elif any(s.contrast is None for s in covered):
        row.unknown = "unknown_contrast"
    elif any(unknown_device(ctx, s) for s in ct_inside):
        row.unknown = "unknown_device"
    if [s for s in covered if s.contrast == "with"]:
        row.deviation = "wrong_contrast"
        row.action = row.action or covered[0].at
    elif ct_inside:
        row.deviation = "wrong_modality"
        row.action = row.action or ct_inside[0].at
        row.absent_code = ctx.extract.absent(["observations"])
    elif mri_orders(ctx, first, due):
        row.deviation = "ordered_not_done"
    return [row]


def ct_instead_of_mri(ctx: Context) -> list[Row]:
    facts = ctx.facts
    first, last = g_window(ctx)
    due = due_on(last)
    if window(covering(facts, "mri"), first, due):
        return [Row(not_applicable="mri_done")]
    cts = window(covering(facts, "ct"), first, due)
    if not cts:
        return [Row(not_seen="no_ct", first_day=last, last_day=last, censorable=False)]
    ct = cts[0]
    p = ctx.p.deadlines
    row = Row(trigger=ct.at, waiting=min(last, ctx.case.end), waiting_feeds=["imaging"], action=ct.at)
    row.grace_day = ct.at.day + days(p.contraindication_after_ct_days)
    unavailable = any(
        abs((o.at.day - ct.at.day).days) <= p.contraindication_after_ct_days
        for o in facts.chart.local("mri-unavailable")
    )
    if contraindicated(ctx, ct) or unavailable:
        row.met = "alternative"
    if declined(ctx, ("mri",), first, due_on(ct.at.day)):
        row.exceptions.append("patient_declined")
    if unknown_device(ctx, ct):
        row.unknown = "unknown_device"
    row.deviation = "wrong_modality"
    return [row]


def contrast_not_indicated(ctx: Context) -> list[Row]:
    facts = ctx.facts
    first, last = g_window(ctx)
    mris = window(covering(facts, "mri"), first, due_on(last))
    if not mris:
        return [Row(not_seen="no_mri", first_day=last, last_day=last, censorable=False)]
    mri = mris[0]
    row = Row(trigger=mri.at, grace_day=mri.at.day + days(grace_days(ctx)), action=mri.at)
    if mri.contrast == "without":
        row.met = "on_time"
    elif known_at_decision(ctx, mri.at, facts.suspicions + facts.infections):
        row.met = "indicated"
    if mri.contrast is None:
        row.unknown = "unknown_contrast"
    row.deviation = "not_indicated"
    return [row]


def biopsies(facts: Facts) -> list[SimpleNamespace]:
    rows = facts.chart.coded(facts.chart.procedures, "biopsy")
    rows += facts.chart.coded([r for r in facts.chart.imaging if r.status == "completed"], "biopsy")
    return facts.until_end(in_order(rows))


def pathological_cause_assessed(ctx: Context) -> list[Row]:
    facts, dx, p = ctx.facts, ctx.case.dx, ctx.p.deadlines
    row = Row(trigger=dx, shown_trigger=dx.day.isoformat(), due=due_on(dx.day + days(p.pathology_days)))
    first = dx.day - days(p.pathology_before_days)
    rows = facts.until_end(
        facts.chart.local("pathology-assessment") + facts.chart.conditions_in("spine_malignancy")
    ) + biopsies(facts)
    set_met(row, "on_time", window(rows, first, row.due))
    set_late(ctx, row, rows)
    if window(covering(facts, "mri") + covering(facts, "ct"), first, row.due):
        row.unknown = "report_not_available"
    row.absent_code = "pathology-assessment" not in ctx.extract.local_codes
    return [row]


def x1_deadline(ctx: Context, t: Moment) -> tuple[Deadline, bool]:
    """(deadline, is there a deficit known by t + 7 d)."""
    p = ctx.p.deadlines
    last = t.day + days(p.malignancy_mri_days)
    known = [d for d in by_known(ctx.facts.deficits) if d.known.day <= last]
    if not known:
        return due_on(last), False
    due = due_after_hours(later(t, known[0].known), p.malignancy_mri_hours_with_deficit)
    return (due_on(last) if due.day > last else due), True


def bundles(ctx: Context, studies: list[SimpleNamespace]) -> list[Moment]:
    """The moment at which each bundle of at most seven days is complete, first to last."""
    limit = days(ctx.p.deadlines.whole_spine_bundle_days)
    ends = []
    for study in in_order(studies):
        bundle = [s for s in studies if s.at.order <= study.at.order and study.at.day - s.at.day <= limit]
        if set().union(*(s.regions for s in bundle)) >= WHOLE:
            ends.append(study.at)
    return ends


def whole_spine_mri(ctx: Context) -> list[Row]:
    facts, case, p = ctx.facts, ctx.case, ctx.p.deadlines
    if not facts.suspicions:
        return [without_suspicion(ctx)]
    source = by_known(facts.suspicions)[0]
    t = later(source.known, case.dx)
    due, deficit = x1_deadline(ctx, t)
    row = Row(trigger=t, due=due)
    if deficit:
        row.flags.add("with_deficit")
    if not due.hourly:
        row.shown_trigger = t.day.isoformat()
    first = t.day - days(p.malignancy_mri_lookback_days)
    mris = [s for s in facts.studies if s.modality == "mri" and s.at.day >= first]
    known_regions = [s for s in mris if s.regions]
    both = bundles(ctx, [s for s in known_regions if s.contrast == "both"])
    plain: list[Moment] = []
    if any(due.allows(o.at) for o in facts.chart.local("gadolinium-contraindication", "present")):
        plain = bundles(ctx, [s for s in known_regions if s.contrast in WITHOUT])
    for word, ends in (("on_time", both), ("alternative", plain)):
        set_met(row, word, [SimpleNamespace(id="", at=at) for at in ends if due.allows(at)])
    set_late(ctx, row, [SimpleNamespace(id="", at=at) for at in both + plain])
    if any(due.allows(c.at) for c in facts.contraindications()):
        row.exceptions.append("contraindicated")
    if declined(ctx, ("mri", "imaging"), t.day, due):
        row.exceptions.append("patient_declined")
    if any(
        o.at.order > source.at.order and due.allows(o.at) for o in facts.chart.local("pathology-assessment", "benign")
    ):
        row.exceptions.append("ruled_out")
    inside = [s for s in mris if due.allows(s.at)]
    spine = [s for s in inside if s.regions and s.regions & SPINE]
    if any(s.regions is None for s in inside):
        row.unknown = "unknown_regions"
    elif any(s.contrast is None for s in spine):
        row.unknown = "unknown_contrast"
    orders = [o for o in mri_orders(ctx, first, due) if o.regions is None or o.regions & SPINE]
    if spine:
        row.deviation = "wrong_contrast" if bundles(ctx, spine) else "incomplete_extent"
    elif orders:
        row.deviation = "ordered_not_done"
    return [row]


def without_suspicion(ctx: Context) -> Row:
    facts, dx, p = ctx.facts, ctx.case.dx.day, ctx.p.deadlines
    last = dx + days(p.pathology_days)
    row = Row(not_seen="no_suspicion")
    if any(h.at.day <= last for h in facts.histories):
        benign = facts.until_end(facts.chart.local("pathology-assessment", "benign"))
        if facts.between(benign, dx - days(p.pathology_before_days), last):
            row.not_seen = "assessed_benign"
        else:
            row.first_day = last
            row.unknown_trigger = "history_not_assessed"
            row.code_absent = "pathology-assessment" not in ctx.extract.local_codes
    return row


def biopsy_considered(ctx: Context) -> list[Row]:
    facts, dx, p = ctx.facts, ctx.case.dx, ctx.p.deadlines
    said = [event(o) for o in facts.chart.local("pathology-assessment", "suspicious")]
    said = facts.between(said, facts.day(-ctx.p.malignancy.lookback_days), ctx.case.end)
    if not said:
        return [Row(not_seen="no_suspicion", code_absent="pathology-assessment" not in ctx.extract.local_codes)]
    source = by_known(said)[0]
    t = later(source.known, dx)
    row = day_trigger(ctx, t.day, p.biopsy_days)
    if any(c.known.order < t.order for c in facts.chart.conditions_in("spine_malignancy")):
        row.not_applicable = "known_malignancy"
    assert row.due is not None
    first = t.day - days(p.biopsy_before_days)
    rows = biopsies(facts)
    set_met(row, "on_time", window(rows, first, row.due))
    set_met(row, "considered", window(facts.considered("biopsy"), first, row.due))
    set_late(ctx, row, rows)
    if declined(ctx, ("biopsy",), t.day, row.due):
        row.exceptions.append("patient_declined")
    benign = facts.chart.local("pathology-assessment", "benign")
    if any(o.at.order > source.at.order and row.due.allows(o.at) for o in benign):
        row.exceptions.append("ruled_out")
    if window(facts.augmentations, first, row.due):
        row.unknown = "biopsy_may_be_bundled"
    return [row]


def other_levels_assessed(ctx: Context) -> list[Row]:
    facts, case, p = ctx.facts, ctx.case, ctx.p.deadlines
    dx = case.dx
    row = Row(trigger=dx, shown_trigger=dx.day.isoformat(), due=due_on(dx.day + days(p.other_levels_days)))
    first = dx.day - days(p.other_levels_lookback_days)
    others = SPINE - {case.region}
    rows = [s for s in facts.studies if s.regions and s.regions & others]
    rows += facts.until_end(facts.chart.local("other-levels-reviewed"))
    rows += facts.until_end([c for c in facts.chart.fractures if c.code_level not in (None, case.level)])
    set_met(row, "on_time", window(rows, first, row.due))
    set_late(ctx, row, rows)
    if window([s for s in facts.studies if facts.covers(s)], first, row.due):
        row.unknown = "report_not_available"
    return [row]


def sacrum_assessed(ctx: Context) -> list[Row]:
    facts, p = ctx.facts, ctx.p.deadlines
    start = facts.day(p.sacrum_trigger_day)
    day = first_day_with(ctx, start, facts.persistent)
    if day is None:
        row = Row(first_day=start, not_seen="not_triggered")
        if not facts.records(start):
            without_record(ctx, row, start, ctx.p.clocks.pain_record_wait_days)
        return [row]
    row = day_trigger(ctx, day, p.sacrum_days)
    assert row.due is not None
    rows = [s for s in facts.studies if s.regions and s.regions & {"sacrum", "pelvis"}]
    rows += facts.until_end(facts.chart.local("sacrum-reviewed"))
    set_met(row, "on_time", window(rows, facts.t0, row.due))
    set_late(ctx, row, rows)
    lumbar = [s for s in facts.studies if s.modality == "mri" and s.regions and "lumbar" in s.regions]
    if window(lumbar, facts.t0, row.due):
        row.unknown = "report_not_available"
    return [row]


def bedside_sign(ctx: Context, sign: str) -> list[Row]:
    facts, dx, p = ctx.facts, ctx.case.dx, ctx.p
    hours = p.clocks.mri_immediate_hours
    due = due_after_hours(dx, hours)
    first = dx.day - days(p.deadlines.imaging_lookback_days)
    mris = window([s for s in facts.studies if s.modality == "mri"], first, due)
    row = Row(trigger=dx, due=due)
    if not window(facts.until_end(facts.chart.local("mri-unavailable")), first, due):
        if any(facts.covers(s) for s in mris):
            return [Row(not_applicable="mri_immediately_available")]
        row.unknown_before_waiting = True
        if ctx.extract.absent(["imaging"]) or any(s.regions is None for s in mris):
            row.trigger, row.unknown_trigger = None, "unknown_regions"
            row.first_day = due.day
        elif ctx.case.end < due.day or ctx.trigger_horizon() < due.day:
            row.trigger, row.first_day = None, due.day
            row.not_seen = "mri_immediately_available"
    if any(due.allows(d.at) for d in facts.deficits):
        row.not_applicable = "deficit"
    rows = facts.until_end(facts.chart.local(sign))
    rows = [o for o in rows if within_hours_before(o.at, dx, hours)]
    set_met(row, "on_time", in_order(o for o in rows if due.allows(o.at)))
    set_late(ctx, row, rows)
    row.absent_code = sign not in ctx.extract.local_codes
    return [row]
