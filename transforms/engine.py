"""The one place where states are decided (specification, section 2 "The eight states").

A measure declares: what triggers it, by when, what counts, what excuses, what can't be told. `judge` reads the declaration and
decides one state for every row, in the specified order, for all measures alike.

A *row* is a case and an instance of one measure. Its columns: the case's clocks (t0, dx_*, m3_date, end_date, cons_date, tx_date),
`trigger_*` (the moment that starts it), `base_*` (the moment from which its deadline is counted: never before DX), `due_date`
and `due_at`. A *rule* joins rows to events of their case; in it `at, date, is_minute, known_*` are the event's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil
from typing import Literal

import polars as pl

from schemas.catalogue import MeasureInfo

from .clock import BASE, DX, EVENT, TRIGGER, Moment, days_after, later_of, local_midnight
from .facts import NO_ROWS, Facts

EventFrame = Callable[[Facts], pl.DataFrame]
# Every row. (A bare literal as predicate trips over frames of several chunks in Polars 2.1.)
ANY = pl.col("case").is_not_null()
Prepare = Callable[[Facts, pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Rule:
    """A reason, and what makes it hold: some event of `events` for which `where` is true, or `where` alone on the row.

    until: the deadline, unless a rule says otherwise. Only the first event in time decides (evidence and action_at).
    after_end: events after the case's end count too. late: the same event after the deadline is a late action.
    dated: a row's column that dates the action in place of the event (the day on which enough was done).
    flag: stands on the finding where this rule alone made it met. order: what "first" means among several events.
    """

    reason: str
    events: EventFrame | None = None
    where: pl.Expr = ANY
    until: pl.Expr | Literal["by_deadline"] | None = "by_deadline"
    after_end: bool = False
    late: bool = True
    flag: str | None = None
    order: tuple[str, ...] = ("event",)
    dated: str | None = None


@dataclass(frozen=True)
class Trigger:
    """What starts the clock. `anchor` is a moment of the case (dx, t0, tx) or None where events do; each: one row an event."""

    anchor: Literal["dx", "t0", "tx"] | None = None
    events: EventFrame | None = None
    where: pl.Expr = ANY
    each: bool = False
    carry: tuple[str, ...] = ()
    order: tuple[str, ...] = ("event",)


@dataclass(frozen=True)
class Untriggered:
    """What a row without a trigger is.

    otherwise: the reasons of `not_applicable`. opens, closes: the first and last day on which the trigger can happen;
    until_closed: wait for that last day. waits_until: the day on which `waiting` rows stop waiting for a record.
    unknown: rules of step 3; unknown_at_once: they go before any waiting.
    """

    otherwise: tuple[Rule, ...] = ()
    opens: pl.Expr | None = None
    waits_until: pl.Expr | None = None
    waiting: pl.Expr = ANY
    closes: pl.Expr | None = None
    until_closed: bool = False
    unknown: tuple[Rule, ...] = ()
    unknown_at_once: bool = False

    def until(self, waits_until: pl.Expr) -> "Untriggered":
        """The same with another day on which waiting for a record ends."""
        return replace(self, waits_until=waits_until)


@dataclass(frozen=True)
class Measure:
    """One auditable statement of the guideline. It declares; `judge` decides.

    deadline_*: counted from `deadline_from` (base: never before DX). never: not applicable whatever else is recorded.
    not_applicable, undecidable: of a triggered row, steps 2 and 3. met, exceptions, cannot_tell, deviations: steps 4, 5, 8, 9;
    before_late: can't be told although something late is on record. late_actions: late by more than a later `met`.
    commission: justified by what was known, no deadline (but has_deadline); grace: waits for charting until judged_from.
    window_closes: waits before anything else is judged. trigger_unsettled: what triggers may still come in.
    prepare: adds columns to the rows that the rules speak of.
    """

    id: str
    trigger: Trigger
    deadline_days: int | None = None
    deadline_hours: float | None = None
    deadline: pl.Expr | None = None
    deadline_from: Literal["base", "trigger"] = "base"
    late_counted_from: pl.Expr | None = None
    trigger_unsettled: pl.Expr | None = None
    window_closes: pl.Expr | None = None
    commission: bool = False
    grace: bool = False
    judged_from: pl.Expr | None = None
    pending_if: pl.Expr | None = None
    not_yet_due_if: pl.Expr | None = None
    has_deadline: bool = False
    never: tuple[Rule, ...] = ()
    untriggered: Untriggered = field(default_factory=Untriggered)
    not_applicable: tuple[Rule, ...] = ()
    undecidable: tuple[Rule, ...] = ()
    met: tuple[Rule, ...] = ()
    exceptions: tuple[Rule, ...] = ()
    before_late: tuple[Rule, ...] = ()
    late_actions: tuple[Rule, ...] = ()
    cannot_tell: tuple[Rule, ...] = ()
    deviations: tuple[Rule, ...] = (Rule("missing"),)
    has_late: bool = True
    goals_of_care: bool = True
    prepare: Prepare | None = None
    severity: pl.Expr | None = None


@dataclass(frozen=True)
class Horizons:
    """Through which day the feeds of a measure are complete, and whether any is absent."""

    as_of: date
    trigger: date
    action: date
    trigger_absent: bool
    action_absent: bool
    justification_absent: bool


def beside(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Every row with every event of its case; of a column that both have, the row's."""
    if "also" not in events.columns:
        events = events.with_columns(also=NO_ROWS)
    return rows.join(events.drop(c for c in events.columns if c in rows.columns and c != "case"), on="case")


def pick(rows: pl.DataFrame, rule: Rule, facts: Facts, until: pl.Expr | None, extra: pl.Expr = ANY) -> pl.DataFrame:
    """row -> event, also, at, date, is_minute of the first event that makes a rule hold."""
    assert rule.events is not None
    where = rule.where if rule.after_end else rule.where & (pl.col("date") <= pl.col("end_date"))
    if until is not None:
        where = where & until
    found = beside(rows, rule.events(facts)).filter(ANY & where & extra)
    if rule.dated is not None:
        day = pl.col(rule.dated)
        found = found.with_columns(date=day, at=local_midnight(day, facts.timezone), is_minute=pl.lit(False))
    return (
        found.sort("row", *rule.order)
        .unique("row", keep="first", maintain_order=True)
        .select("row", "event", "also", "at", "date", "is_minute")
    )


def in_time(event: Moment = EVENT) -> pl.Expr:
    """Event no later than the row's deadline.

    Hour deadlines compare instants where both sides have minute precision; otherwise the calendar day decides (`due_day`).
    """
    by_instant = pl.col("due_at").is_not_null() & event.is_minute
    return (
        pl.when(by_instant)
        .then(event.at <= pl.col("due_at"))
        .otherwise(event.date <= pl.col("due_day"))
        .fill_null(False)
    )


def _by_deadline(rule: Rule) -> pl.Expr | None:
    return in_time() if isinstance(rule.until, str) else rule.until


def _without_deadline(rule: Rule) -> pl.Expr | None:
    return None if isinstance(rule.until, str) else rule.until


def _empty_slot(slot: str) -> list[pl.Expr]:
    """The columns in which `settle` says what held, as long as nothing does."""
    return [
        pl.lit(None, pl.String).alias(f"{slot}_reason"),
        pl.lit(None, pl.UInt32).alias(f"{slot}_event"),
        NO_ROWS.alias(f"{slot}_also"),
        pl.lit(None, pl.Datetime("us", "UTC")).alias(f"{slot}_at"),
        pl.lit(None, pl.Date).alias(f"{slot}_date"),
        pl.lit(None, pl.Boolean).alias(f"{slot}_is_minute"),
        pl.lit(None, pl.String).alias(f"{slot}_flag"),
    ]


def settle(
    rows: pl.DataFrame,
    rules: tuple[Rule, ...],
    facts: Facts,
    slot: str,
    limits: Callable[[Rule], pl.Expr | None] = _by_deadline,
    extra: pl.Expr = ANY,
) -> pl.DataFrame:
    """Adds the first rule that holds: <slot>_reason, <slot>_event, <slot>_also, <slot>_at/_date/_is_minute, <slot>_flag."""
    out = rows.with_columns(_empty_slot(slot))
    open_reason = pl.col(f"{slot}_reason").is_null()
    for rule in rules:
        if rule.events is None:
            holds = open_reason & rule.where.fill_null(False)
            out = out.with_columns(
                pl.when(holds).then(pl.lit(rule.reason)).otherwise(pl.col(f"{slot}_reason")).alias(f"{slot}_reason")
            )
            continue
        waiting = out.filter(open_reason)
        found = pick(waiting, rule, facts, limits(rule), extra)
        if not found.height:
            continue
        found = found.rename({c: f"_{c}" for c in found.columns if c != "row"})
        out = out.join(found, on="row", how="left", maintain_order="left")
        hit = pl.col("_event").is_not_null()
        out = out.with_columns(
            pl.when(hit).then(pl.lit(rule.reason)).otherwise(pl.col(f"{slot}_reason")).alias(f"{slot}_reason"),
            pl.when(hit).then(pl.lit(rule.flag)).otherwise(pl.col(f"{slot}_flag")).alias(f"{slot}_flag"),
            *[
                pl.when(hit).then(pl.col(f"_{c}")).otherwise(pl.col(f"{slot}_{c}")).alias(f"{slot}_{c}")
                for c in ("event", "also", "at", "date", "is_minute")
            ],
        ).drop("_event", "_also", "_at", "_date", "_is_minute")
    return out


def settle_earliest(
    rows: pl.DataFrame, rules: tuple[Rule, ...], facts: Facts, slot: str, where: pl.Expr
) -> pl.DataFrame:
    """Like `settle`, but the earliest event of all rules decides, not the first rule."""
    out = settle(rows, (), facts, slot)
    found = [pick(rows, rule, facts, None, where) for rule in rules]
    if not found:
        return out
    first = pl.concat(found).sort("row", "at", "is_minute", "event").unique("row", keep="first", maintain_order=True)
    columns = ("event", "also", "at", "date", "is_minute")
    out = out.drop(f"{slot}_{c}" for c in columns)
    out = out.join(first.rename({c: f"{slot}_{c}" for c in columns}), on="row", how="left", maintain_order="left")
    return out.with_columns(pl.when(pl.col(f"{slot}_event").is_not_null()).then(pl.lit("late")).alias(f"{slot}_reason"))


def holds_any(rows: pl.DataFrame, events: pl.DataFrame, where: pl.Expr, name: str) -> pl.DataFrame:
    """Adds a Boolean column: whether some event of the row's case satisfies `where`."""
    hits = beside(rows, events).filter(ANY & where)["row"].unique()
    return rows.with_columns(pl.col("row").is_in(hits.implode()).alias(name))


def triggered_rows(measure: Measure, facts: Facts) -> pl.DataFrame:
    """One row a case, or one an instance: trigger_*, trigger_event, trigger_also; null where nothing triggered."""
    trigger, cases = measure.trigger, facts.cases
    if trigger.anchor:
        moments = {
            "dx": ("dx_at", "dx_date", "dx_is_minute"),
            "t0": (None, "t0", None),
            "tx": (None, "tx_date", None),
        }[trigger.anchor]
        at, day, is_minute = moments
        rows = cases.with_columns(
            trigger_at=pl.col(at) if at else local_midnight(pl.col(day), facts.timezone),
            trigger_date=pl.col(day),
            trigger_is_minute=pl.col(is_minute) if is_minute else pl.lit(False),
            trigger_event=pl.lit(None, pl.UInt32),
            trigger_also=pl.concat_list("dx_event"),
        )
        return rows.with_columns(instance=pl.lit(1, pl.Int32)).with_row_index("row")
    assert trigger.events is not None
    found = (
        beside(cases, trigger.events(facts)).filter(ANY & trigger.where.fill_null(False)).sort("case", *trigger.order)
    )
    if not trigger.each:
        found = found.unique("case", keep="first", maintain_order=True)
    found = found.select(
        "case",
        *EVENT.renamed("trigger_"),
        *[pl.col(c).alias(f"trigger_{c}") for c in trigger.carry],
        trigger_event="event",
        trigger_also=pl.concat_list(pl.concat_list("event"), pl.col("also").fill_null([])),
        instance=pl.col("event").cum_count().over("case").cast(pl.Int32),
    )
    return (
        cases.join(found, on="case", how="left", maintain_order="left")
        .with_columns(instance=pl.col("instance").fill_null(1))
        .sort("case", "instance")
        .with_row_index("row")
    )


def with_deadline(rows: pl.DataFrame, measure: Measure, timezone: str) -> pl.DataFrame:
    """Adds base_* (the trigger, never before DX), due_date (the deadline's local day), due_at (an instant, only for hours
    from a minute) and due_day (the last day that is in time for an event of day precision)."""
    rows = rows.with_columns(later_of(TRIGGER, DX, "base_"))
    rows = rows.with_columns(
        pl.when(pl.col("trigger_date").is_not_null()).then(pl.col(c)).alias(c) for c in BASE.columns()
    )
    start = BASE if measure.deadline_from == "base" else TRIGGER
    no_instant = pl.lit(None, pl.Datetime("us", "UTC"))
    if measure.deadline_hours is not None:
        due_at = pl.when(start.is_minute).then(start.at + pl.duration(seconds=round(measure.deadline_hours * 3600)))
        due_day = days_after(start.date, ceil(measure.deadline_hours / 24))
        rows = rows.with_columns(due_at=due_at, due_day=due_day)
        local_day = pl.col("due_at").dt.convert_time_zone(timezone).dt.date()
        rows = rows.with_columns(due_date=pl.coalesce(local_day, "due_day"))
    else:
        due_date = pl.lit(None, pl.Date)
        if measure.deadline_days is not None:
            due_date = days_after(start.date, measure.deadline_days)
        elif measure.deadline is not None:
            due_date = measure.deadline
        rows = rows.with_columns(due_at=no_instant, due_date=due_date, due_day=due_date)
    return rows


EXCEPTION_ORDER = (
    "patient_declined",
    "contraindicated",
    "goals_of_care",
    "treated_before_arrival",
    "ruled_out",
    "other_indication",
    "pain_subsided",
    "outreach_no_show",
)


def _excluded(pathway: bool) -> tuple[pl.Expr, pl.Expr]:
    """(reason, deciding event) of step 1."""
    hospice = (pl.col("hospice_date") < pl.col("trigger_date")).fill_null(False)
    tests: list[tuple[pl.Expr, str, str]] = [(pl.col("is_minor"), "age", "patient_event")]
    if pathway:
        tests += [
            (pl.col("aetiology") == "traumatic_high_energy", "high_energy", "aetiology_event"),
            (pl.col("aetiology") == "neoplastic", "neoplastic", "aetiology_event"),
            (pl.col("prevalent_event").is_not_null(), "prevalent", "prevalent_event"),
        ]
    tests.append((hospice, "hospice", "hospice_event"))
    return (
        pl.coalesce(*[pl.when(test).then(pl.lit(word)) for test, word, _ in tests]),
        pl.coalesce(*[pl.when(test).then(pl.col(event)) for test, _, event in tests]),
    )


def _untriggered(u: Untriggered, h: Horizons) -> pl.Expr:
    """`state:reason` of a row without a trigger, but for the reasons that rules found (never, unknown, otherwise)."""

    def wait(day: pl.Expr) -> pl.Expr:
        return pl.when(h.trigger < day).then(
            pl.when(h.as_of < day)
            .then(pl.lit("pending:trigger_not_yet_possible"))
            .otherwise(pl.lit("pending:feed_incomplete"))
        )

    steps: list[pl.Expr] = []
    if h.trigger_absent:
        steps.append(pl.lit("indeterminate:feed_absent"))
    if u.unknown_at_once:
        steps.append(pl.lit("indeterminate:") + pl.col("unknown_reason"))
    # A LOCAL code that occurs nowhere is an absent feed, too.
    steps.append(pl.when(pl.col("unknown_reason") == "feed_absent").then(pl.lit("indeterminate:feed_absent")))
    if u.opens is not None:
        steps.append(pl.when(pl.col("end_date") < u.opens).then(pl.lit("censored:ended_before_trigger")))
    if u.waits_until is not None:
        steps.append(
            pl.when(u.waiting & (pl.col("end_date") < u.waits_until)).then(pl.lit("censored:ended_before_trigger"))
        )
        steps.append(pl.when(u.waiting).then(wait(u.waits_until)))
    if u.opens is not None:
        steps.append(wait(u.opens))
    if u.until_closed and u.closes is not None:
        steps.append(wait(pl.min_horizontal(u.closes, "end_date")))
    last = [pl.lit(h.as_of), pl.col("end_date"), *([u.closes] if u.closes is not None else [])]
    steps.append(pl.when(h.trigger < pl.min_horizontal(last)).then(pl.lit("pending:feed_incomplete")))
    steps += [
        pl.when(pl.col("unknown_reason").is_not_null()).then(pl.lit("indeterminate:") + pl.col("unknown_reason")),
        pl.lit("not_applicable:") + pl.col("otherwise_reason"),
    ]
    return pl.coalesce(*steps)


def judge(measure: Measure, facts: Facts, h: Horizons, info: MeasureInfo) -> pl.DataFrame:
    """The rows of one measure with state, reason, flags, times and the events that decided, one row a case and instance."""
    rows = triggered_rows(measure, facts)
    rows = with_deadline(rows, measure, facts.timezone)
    if measure.prepare is not None:
        rows = measure.prepare(facts, rows)
    has_trigger = pl.col("trigger_date").is_not_null()
    pathway = info.force != "data" and info.id not in SAFETY
    excluded, excluded_event = _excluded(pathway)
    rows = rows.with_columns(excluded_reason=excluded, excluded_event=excluded_event)

    # Without a trigger.
    nothing = rows.filter(~has_trigger)
    u = measure.untriggered
    nothing = settle(nothing, measure.never, facts, "never")
    nothing = settle(nothing, u.unknown, facts, "unknown")
    nothing = settle(nothing, u.otherwise, facts, "otherwise")
    verdict = pl.coalesce(
        pl.lit("excluded:") + pl.col("excluded_reason"),
        pl.lit("not_applicable:") + pl.col("never_reason"),
        _untriggered(u, h),
    )
    nothing = nothing.with_columns(verdict=verdict)

    # With one.
    some = rows.filter(has_trigger)
    some = settle(some, measure.not_applicable, facts, "na", _without_deadline)
    some = settle(some, measure.undecidable, facts, "cant", _without_deadline)
    some = settle(some, measure.met, facts, "met")
    exceptions = measure.exceptions
    if measure.goals_of_care:
        in_care = pl.col("date").is_between("trigger_date", "due_date")
        exceptions = (*exceptions, Rule("goals_of_care", lambda f: f.hospice, in_care, until=None, after_end=True))
    exceptions = tuple(sorted(exceptions, key=lambda rule: EXCEPTION_ORDER.index(rule.reason)))
    some = settle(some, exceptions, facts, "exception")
    some = settle(some, measure.before_late, facts, "hidden")
    seen_late = (pl.col("date") <= pl.lit(h.as_of)) & ~in_time()
    late_rules = (
        tuple(rule for rule in measure.met if rule.late and rule.events is not None) if measure.has_late else ()
    )
    late_rules += measure.late_actions
    some = settle_earliest(some, late_rules, facts, "late", seen_late)
    some = settle(some, measure.cannot_tell, facts, "blind")
    some = settle(some, measure.deviations, facts, "deviation")

    death_before = (
        (pl.col("end_reason") == "death") & pl.col("death_is_minute") & pl.col("due_at").is_not_null()
    ).fill_null(False)
    ended = (
        pl.when(death_before)
        .then(pl.col("death_at") < pl.col("due_at"))
        .otherwise(pl.col("end_date") < pl.col("due_date"))
    )
    judged = measure.judged_from if measure.judged_from is not None else pl.col("due_date")
    waiting = (pl.lit(h.action) < judged).fill_null(False)
    not_yet = pl.when(pl.lit(h.as_of) < judged).then(pl.lit("not_yet_due")).otherwise(pl.lit("feed_incomplete"))
    if measure.not_yet_due_if is not None:
        not_yet = pl.when(measure.not_yet_due_if).then(pl.lit("not_yet_due")).otherwise(not_yet)
    if measure.commission and measure.grace:
        not_yet = pl.lit("charting_grace")
    absent = h.justification_absent if measure.commission else h.action_absent
    steps: list[pl.Expr] = [pl.lit("excluded:") + pl.col("excluded_reason")]
    if measure.trigger_unsettled is not None:
        steps.append(pl.when(measure.trigger_unsettled).then(pl.lit("pending:feed_incomplete")))
    if measure.window_closes is not None:
        closes = measure.window_closes
        soon = (
            pl.when(pl.lit(h.as_of) < closes)
            .then(pl.lit("pending:not_yet_due"))
            .otherwise(pl.lit("pending:feed_incomplete"))
        )
        steps.append(pl.when(pl.lit(h.trigger) < closes).then(soon))
    steps += [
        pl.lit("not_applicable:") + pl.col("na_reason"),
        pl.lit("indeterminate:") + pl.col("cant_reason"),
        pl.lit("met:") + pl.col("met_reason"),
        pl.lit("exception:") + pl.col("exception_reason"),
    ]
    if not measure.commission or measure.has_deadline:
        steps.append(pl.when(ended).then(pl.lit("censored:ended_before_deadline")))
    if measure.pending_if is not None:
        waiting = waiting & measure.pending_if
    steps += [
        pl.when(waiting).then(pl.lit("pending:") + not_yet),
        pl.lit("indeterminate:") + pl.col("hidden_reason"),
        pl.when(pl.col("late_reason").is_not_null()).then(pl.lit("deviation:late")),
        pl.lit("indeterminate:") + pl.col("blind_reason"),
    ]
    if absent:
        steps.append(pl.lit("indeterminate:feed_absent"))
    steps.append(pl.lit("deviation:") + pl.col("deviation_reason"))
    some = some.with_columns(verdict=pl.coalesce(*steps))
    out = pl.concat([nothing, some], how="diagonal_relaxed").sort("row")
    out = out.with_columns(
        measure_id=pl.lit(info.id),
        state=pl.col("verdict").str.split(":").list.get(0),
        reason=pl.col("verdict").str.split(":").list.get(1),
    )
    return _decided(out, measure)


def _decided(rows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Adds flags, action_*, late_by_* and the lists of events by role (trigger_rows, action_rows, ...)."""
    for slot in (
        "never",
        "unknown",
        "otherwise",
        "na",
        "cant",
        "met",
        "exception",
        "hidden",
        "late",
        "blind",
        "deviation",
    ):
        if f"{slot}_event" not in rows.columns:
            rows = rows.with_columns(_empty_slot(slot))
    state, reason = pl.col("state"), pl.col("reason")
    is_late = (state == "deviation") & (reason == "late") & pl.col("late_reason").is_not_null()
    has_trigger = pl.col("trigger_date").is_not_null()

    def of(slot: str) -> pl.Expr:
        return pl.concat_list(
            pl.when(pl.col(f"{slot}_event").is_not_null())
            .then(pl.concat_list(f"{slot}_event"))
            .otherwise(pl.lit([], pl.List(pl.UInt32))),
            pl.col(f"{slot}_also").fill_null([]),
        )

    empty = pl.lit([], pl.List(pl.UInt32))

    def same(slot: str) -> pl.Expr:
        return reason == pl.col(f"{slot}_reason")

    action = (
        pl.when(state == "met")
        .then(of("met"))
        .when(is_late)
        .then(of("late"))
        .when(state == "deviation")
        .then(of("deviation"))
        .when((state == "indeterminate") & has_trigger & same("cant"))
        .then(of("cant"))
        .when((state == "indeterminate") & has_trigger & same("hidden"))
        .then(of("hidden"))
        .when((state == "indeterminate") & has_trigger & same("blind"))
        .then(of("blind"))
        .when((state == "indeterminate") & ~has_trigger & same("unknown"))
        .then(of("unknown"))
        .otherwise(empty)
    )
    exclusion = (
        pl.when(state == "excluded")
        .then(pl.concat_list("excluded_event"))
        .when((state == "not_applicable") & has_trigger)
        .then(of("na"))
        .when((state == "not_applicable") & same("never"))
        .then(of("never"))
        .when(state == "not_applicable")
        .then(of("otherwise"))
        .when((state == "censored") & pl.col("end_event").is_not_null())
        .then(pl.concat_list("end_event"))
        .otherwise(empty)
    )
    exception = pl.when(state == "exception").then(of("exception")).otherwise(empty)

    def acted(part: str) -> pl.Expr:
        """When what decided was done; of a commission that is the event itself."""
        decided = pl.when(state == "met").then(pl.col(f"met_{part}")).when(is_late).then(pl.col(f"late_{part}"))
        decided = decided.when(state == "deviation").then(pl.col(f"deviation_{part}"))
        if not measure.commission or measure.has_deadline:
            return decided
        return pl.when(state.is_in(["met", "deviation"])).then(pl.col(f"trigger_{part}"))

    rows = rows.with_columns(
        action_at=acted("at"),
        action_date=acted("date"),
        action_is_minute=acted("is_minute"),
        trigger_rows=pl.when(has_trigger).then(pl.col("trigger_also").fill_null([])).otherwise(empty),
        action_rows=action if not measure.commission else pl.when(state == "met").then(empty).otherwise(action),
        justification_rows=pl.when(state == "met").then(of("met")).otherwise(empty) if measure.commission else empty,
        exclusion_rows=exclusion,
        exception_rows=exception,
    )
    hours = (pl.col("action_at") - pl.col("due_at")).dt.total_microseconds() / 3_600_000_000
    exact = is_late & pl.col("due_at").is_not_null() & pl.col("action_is_minute").fill_null(False)
    only_days = (
        (
            pl.lit(measure.deadline_hours is not None)
            | (pl.col("is_in_hours") if "is_in_hours" in rows.columns else False)
        )
        & (state == "met")
        & (~pl.col("action_is_minute").fill_null(True) | pl.col("due_at").is_null())
    )
    flag_columns: list[pl.Expr] = [
        pl.when(only_days & pl.col("action_date").is_not_null()).then(pl.lit("date_only")),
        pl.when(state == "met").then(pl.col("met_flag")),
        pl.when((pl.col("level") == "unspecified") & pl.lit(measure.id in SAFETY)).then(pl.lit("level_unspecified")),
    ]
    if "extra_flags" in rows.columns:
        flag_columns.append(pl.col("extra_flags"))
    flags = (
        pl.concat_str(flag_columns, separator="|", ignore_nulls=True)
        .str.split("|")
        .list.unique()
        .list.sort()
        .list.join("|")
    )
    late_from = pl.col("due_day") if measure.late_counted_from is None else measure.late_counted_from
    return rows.with_columns(
        late_by_hours=pl.when(exact).then((hours * 100 + 0.5).floor() / 100).round(2),
        late_by_days=pl.when(is_late & ~exact).then((pl.col("action_date") - late_from).dt.total_days()).cast(pl.Int32),
        flags=pl.when(flags != "").then(flags),
    )


SAFETY = ("S1", "S2", "X1", "X2")
