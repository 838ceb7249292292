"""P1-P3: pain management."""

from __future__ import annotations

from tests.reference.chart import in_order
from tests.reference.clocks import days
from tests.reference.engine import Context, Row, declined, grace_days, known_at_decision
from tests.reference.measures.common import day_trigger, first_day_with, set_late, set_met, window, without_record


def pain_management_referral(ctx: Context) -> list[Row]:
    facts, p = ctx.facts, ctx.p.deadlines
    if facts.analgesic_start is None:
        return [Row(not_seen="no_analgesic_record")]
    start = facts.analgesic_start + days(p.pain_referral_min_days_after_analgesic)
    day = first_day_with(ctx, start, facts.persistent)
    if day is None:
        row = Row(first_day=start, not_seen="not_triggered")
        if not facts.records(start):
            without_record(ctx, row, start, ctx.p.clocks.pain_record_wait_days)
        return [row]
    row = day_trigger(ctx, day, p.pain_referral_days)
    assert row.due is not None
    pain = [c for c in facts.pain_contacts if c.at.day >= facts.t0]
    other = [c for c in facts.surgical_contacts + facts.ir_contacts if c.at.day >= facts.t0]
    other += [c for c in pain if c.kind == "discussed"]
    set_met(row, "on_time", window([c for c in pain if c.kind != "discussed"], facts.t0, row.due))
    set_met(row, "alternative", window(other, facts.t0, row.due))
    set_met(row, "considered", window(facts.considered("pain-management"), facts.t0, row.due))
    set_late(ctx, row, pain + other)
    if declined(ctx, ("pain-management",), day, row.due):
        row.exceptions.append("patient_declined")
    return [row]


def nerve_root_block(ctx: Context) -> list[Row]:
    facts = ctx.facts
    day = first_day_with(ctx, facts.t0, facts.persistent)
    if day is None:
        return [Row(not_seen="no_persistent_pain")]
    row = Row(trigger=ctx.case.moment(day))
    blocks = facts.chart.coded(facts.chart.procedures, "nerve_root_block")
    set_met(row, "on_time", facts.between(blocks, facts.t0, facts.end))
    set_met(row, "considered", facts.between(facts.considered("nerve-root-block"), facts.t0, facts.end))
    if row.met is None:
        row.not_applicable = "not_done"
    return [row]


def nerve_root_block_not_indicated(ctx: Context) -> list[Row]:
    facts = ctx.facts
    blocks = facts.chart.coded(facts.chart.procedures, "nerve_root_block")
    blocks = facts.between(blocks, facts.t0, facts.end)
    rows = []
    for day in sorted({b.at.day for b in blocks}):
        block = in_order(b for b in blocks if b.at.day == day)[0]
        row = Row(trigger=block.at, action=block.at, grace_day=day + days(grace_days(ctx)))
        first = day - days(ctx.p.deadlines.nerve_root_block_lookback_days)
        scores = facts.between(facts.scores, first, day)
        bad = [s for s in scores if s.value_number >= ctx.p.pain.persistent_nrs]
        if known_at_decision(ctx, block.at, bad):
            row.met = "indicated"
        if not scores:
            row.unknown = "no_pain_record"
        row.deviation = "not_indicated"
        rows.append(row)
    return rows or [Row(not_seen="no_nerve_root_block")]
