"""The eight states, decided in one order by one function (2-evaluation.md, "The eight states")."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace

from tests.reference.clocks import Deadline, Moment, days, hours_as_days, within_hours_after
from tests.reference.cohort import Case
from tests.reference.extract import Extract
from tests.reference.facts import Facts
from tests.reference.values import DATA

SAFETY = ("S1", "S2", "X1", "X2")
DATA_MEASURES = ("Q1", "Q2", "Q3")


def _feeds(text: str) -> list[str]:
    return [feed for feed in text.split("|") if feed]


def _catalogue() -> dict[str, SimpleNamespace]:
    with (DATA / "measures.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name in ("trigger_feeds", "action_feeds", "justification_feeds"):
            row[name] = _feeds(row[name].replace(",", "|"))
    return {row["id"]: SimpleNamespace(**row) for row in rows}


MEASURES = _catalogue()


@dataclass
class Row:
    """What a measure found out about one instance, before the order of the states is applied."""

    trigger: Moment | None = None
    shown_trigger: str | None = None  # where the written form is not that of `trigger`
    not_applicable: str | None = None  # a rule that is known to put the row out of play
    hospice_counts: bool = True
    # where the trigger was not seen
    not_seen: str | None = None  # the word of `not_applicable`
    code_absent: bool = False  # what would be seen only in a LOCAL code that occurs nowhere
    first_day: date | None = None  # the day from which it can be told
    last_day: date | None = None  # the last day on which the trigger can happen
    censorable: bool = True  # False: min(first_day, end) ends the waiting ("none: pending until d")
    unknown_trigger: str | None = None  # step 3
    unknown_before_waiting: bool = False
    # where it was
    due: Deadline | None = None
    grace_day: date | None = None  # commissions: the horizon that ends the grace
    waiting: date | None = None  # judged only when this horizon of `waiting_feeds` is reached
    waiting_feeds: list[str] = field(default_factory=list)
    not_due_yet: bool = False  # pending although the deadline is not after the horizon
    met: str | None = None
    exceptions: list[str] = field(default_factory=list)  # in order, without goals_of_care
    late: Moment | None = None
    late_from: date | None = None  # days late are counted from here (F1)
    unknown: str | None = None  # a word of the measure's own, step 8
    unknown_before_late: bool = False
    absent_code: bool = False  # the action would be seen only in a code that occurs nowhere
    absent_before_unknown: bool = False
    deviation: str | None = None
    action: Moment | None = None
    flags: set[str] = field(default_factory=set)


@dataclass
class Context:
    """A case, its facts, and the feeds of one measure."""

    extract: Extract
    case: Case
    facts: Facts
    measure: SimpleNamespace

    @property
    def p(self) -> SimpleNamespace:
        return self.case.parameters

    def trigger_horizon(self) -> date:
        return self.extract.horizon(self.measure.trigger_feeds)

    def action_horizon(self) -> date:
        return self.extract.horizon(self.measure.action_feeds + self.measure.justification_feeds)


def decide(ctx: Context, row: Row) -> tuple[str, str]:
    """(state, reason), the first that holds of the nine steps."""
    case, extract, measure = ctx.case, ctx.extract, ctx.measure
    # 1 excluded
    if case.age < ctx.p.cohort.min_age:
        return "excluded", "age"
    if measure.id not in SAFETY + DATA_MEASURES:
        if case.aetiology == "traumatic_high_energy":
            return "excluded", "high_energy"
        if case.aetiology == "neoplastic":
            return "excluded", "neoplastic"
        if case.prevalent:
            return "excluded", "prevalent"
    if row.trigger and row.hospice_counts and any(d < row.trigger.day for d in ctx.facts.hospice_days):
        return "excluded", "hospice"
    # 2 not applicable by a known fact
    if row.not_applicable:
        return "not_applicable", row.not_applicable
    if row.trigger is None:
        return trigger_not_seen(ctx, row)
    # 3 the trigger can't be told
    if row.unknown_trigger:
        return "indeterminate", row.unknown_trigger
    if row.waiting is not None and extract.horizon(row.waiting_feeds) < row.waiting:
        return "pending", "not_yet_due" if extract.as_of < row.waiting else "feed_incomplete"
    # 4 met, 5 exception
    if row.met:
        return "met", row.met
    if word := exception(ctx, row):
        return "exception", word
    # 6 censored, 7 pending
    if row.due is not None:
        if ended_before(case, row.due):
            return "censored", "ended_before_deadline"
        if row.not_due_yet:
            return "pending", "not_yet_due"
        if ctx.action_horizon() < row.due.day:
            return "pending", "not_yet_due" if extract.as_of < row.due.day else "feed_incomplete"
    if row.grace_day is not None and ctx.action_horizon() < row.grace_day:
        return "pending", "charting_grace"
    # 8 indeterminate, 9 deviation: a late action is a deviation before the doubts of step 8
    if row.unknown and row.unknown_before_late:
        return "indeterminate", row.unknown
    if row.late:
        return "deviation", "late"
    if row.absent_before_unknown and row.absent_code:
        return "indeterminate", "feed_absent"
    if row.unknown:
        return "indeterminate", row.unknown
    feeds = measure.action_feeds if row.grace_day is None else measure.justification_feeds
    if row.absent_code or extract.absent(feeds):
        return "indeterminate", "feed_absent"
    return "deviation", row.deviation or "missing"


def trigger_not_seen(ctx: Context, row: Row) -> tuple[str, str]:
    case, extract = ctx.case, ctx.extract
    if row.code_absent or extract.absent(ctx.measure.trigger_feeds):
        return "indeterminate", "feed_absent"
    if row.unknown_trigger and row.unknown_before_waiting:
        return "indeterminate", row.unknown_trigger
    horizon = ctx.trigger_horizon()
    if row.first_day is not None:
        first = row.first_day
        if row.censorable and case.end < first:
            return "censored", "ended_before_trigger"
        if not row.censorable:
            first = min(first, case.end)
        if horizon < first:
            return "pending", "trigger_not_yet_possible" if extract.as_of < first else "feed_incomplete"
    last = row.last_day or date.max
    if horizon < min(extract.as_of, case.end) and horizon < last:
        return "pending", "feed_incomplete"
    if row.unknown_trigger:
        return "indeterminate", row.unknown_trigger
    assert row.not_seen, ctx.measure.id
    return "not_applicable", row.not_seen


def exception(ctx: Context, row: Row) -> str | None:
    order = ["patient_declined", "contraindicated", "goals_of_care", "treated_before_arrival"]
    words = list(row.exceptions)
    if row.due is not None and ctx.measure.force not in ("restrictive", "informational"):
        assert row.trigger is not None
        if any(row.trigger.day <= d <= row.due.day for d in ctx.facts.hospice_days):
            words.append("goals_of_care")
    words.sort(key=lambda word: order.index(word) if word in order else len(order))
    return words[0] if words else None


def ended_before(case: Case, due: Deadline) -> bool:
    """end before the deadline's local day; a death with minutes and an hour deadline by their instants."""
    death = case.chart.death
    if case.end_reason == "death" and death and death.minute and due.instant is not None:
        return death.instant < due.instant
    return case.end < due.day


def severity(ctx: Context, row: Row, state: str, reason: str, hours_late: Decimal | None) -> str:
    if ctx.measure.id == "S1":
        slight = reason == "late" and hours_late is not None and hours_late < ctx.p.severity.slightly_late_hours
        return "high" if slight else "critical"
    if ctx.measure.id == "X1":
        return "critical" if "with_deficit" in row.flags else "high"
    if ctx.measure.id == "G1" and (state, reason) in (("deviation", "wrong_modality"), ("deviation", "wrong_contrast")):
        return "moderate"
    return {
        **dict.fromkeys(["S2", "G1", "G4"], "high"),
        **dict.fromkeys(["S3", "S4", "S7", "A1", "M1", "M4", "F1", "F2", "Q1"], "moderate"),
        **dict.fromkeys(["G2", "S5", "S6", "P3", "T1", "Q2", "Q3"], "low"),
    }.get(ctx.measure.id, "advisory")


def finding(ctx: Context, row: Row, instance: int) -> dict:
    """One row of the findings."""
    state, reason = decide(ctx, row)
    late_hours: Decimal | None = None
    late_days: int | None = None
    if (state, reason) == ("deviation", "late"):
        assert row.late is not None
        assert row.due is not None
        row.action = row.late
        if row.due.instant is not None and row.late.minute:
            seconds = Decimal((row.late.instant - row.due.instant).total_seconds())
            late_hours = seconds / 3600
        else:
            late_days = (row.late.day - (row.late_from or row.due.day)).days
    level = severity(ctx, row, state, reason, late_hours)
    if row.due is not None and row.due.hourly and state == "met" and row.action:
        by_day = row.due.instant is None or not row.action.minute
        row.flags |= {"date_only"} if by_day else set()
    row.flags.discard("with_deficit")
    if state != "met":
        row.flags -= {"priority_unknown", "acute", "lower_tier_only"}
    if ctx.case.level == "unspecified" and ctx.measure.id in SAFETY:
        row.flags.add("level_unspecified")
    shown = row.shown_trigger or (row.trigger.text() if row.trigger else None)
    decided = state in ("met", "deviation")
    return {
        "measure_id": ctx.measure.id,
        "instance": instance,
        "state": state,
        "reason": reason,
        "flags": "|".join(sorted(row.flags)) or None,
        "trigger_at": shown,
        "due_at": row.due.text() if row.due and row.trigger else None,
        "action_at": row.action.text() if row.action and decided else None,
        "late_by_hours": float(late_hours.quantize(Decimal("0.01"), ROUND_HALF_UP)) if late_hours is not None else None,
        "late_by_days": late_days,
        "severity": level,
    }


def grace_days(ctx: Context) -> int:
    return hours_as_days(ctx.p.clocks.charting_grace_hours)


def known_at_decision(ctx: Context, at: Moment, rows: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """Rows known by the event + the charting grace."""
    return [row for row in rows if within_hours_after(row.known, at, ctx.p.clocks.charting_grace_hours)]


def declined(ctx: Context, words: tuple[str, ...], first: date, due: Deadline) -> bool:
    """Dated from `first` - 1 to the deadline + 7 days."""
    p = ctx.p.clocks
    return ctx.facts.declined(words, first - days(p.declined_before_days), due.day + days(p.declined_after_days))
