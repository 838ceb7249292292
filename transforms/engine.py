"""The one place where states are decided (specification, section 2 "The eight states").

A measure declares: what triggers it, by when, what counts, what excuses, what can't be told. `judge` reads the declaration and
decides one state for every row, in the specified order, for all measures alike.

A *row* is a case and an instance of one measure. Its columns: the case's clocks (t0, dx_*, m3_date, end_date, cons_date, tx_date),
`trigger_*` (the moment that starts it), `base_*` (the moment from which its deadline is counted: never before DX), `due_date`
and `due_at`. A *rule* joins rows to events of their case; in it `at, date, is_minute, known_*` are the event's.

Rows keep their place while they are judged: row number n stands at position n, so that what is found for some of them is put
back by position and no frame is filtered, sorted or joined as a whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil
from typing import Literal

import polars as pl

from schemas.catalogue import FLAGS, REASON_WORDS, STATES, MeasureInfo

from .cases import UNSPECIFIED
from .clock import BASE, DX, EVENT, TRIGGER, Moment, days_after, later_of, local_midnight
from .facts import Facts
from .places import all_of, first_of_each, marked, named, nothing, pairs_of, placed, spread

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
    prepare: adds columns to the rows that the rules speak of. flags: words that stand on a finding where they hold.
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
    flags: tuple[tuple[str, pl.Expr], ...] = ()
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


# -- rows, their triggers and deadlines -------------------------------------------------------------------------------


def triggered_rows(measure: Measure, facts: Facts) -> pl.DataFrame:
    """One row a case, or one an instance: trigger_*, trigger_event; null where nothing triggered.

    trigger_proof is the event that shows the trigger (of DX its code), trigger_also further ones.
    """
    trigger, cases = measure.trigger, facts.clocks
    if trigger.anchor:
        anchors = {"dx": DX.columns(), "t0": (None, "t0", None), "tx": (None, "tx_date", None)}
        at, day, is_minute = anchors[trigger.anchor]
        return cases.with_columns(
            trigger_at=pl.col(at) if at else local_midnight(pl.col(day), facts.timezone),
            trigger_date=pl.col(day),
            trigger_is_minute=pl.col(is_minute) if is_minute else pl.lit(False),
            trigger_event=pl.lit(None, pl.UInt32),
            trigger_proof=pl.col("dx_event"),
            instance=pl.lit(1, pl.Int32),
        ).with_row_index("row")
    assert trigger.events is not None
    events = trigger.events(facts)
    rows = cases.with_row_index("row")
    names = named(*_MOMENT, "also", *trigger.carry, *trigger.order, trigger.where)
    found = pairs_of(rows, events, names).filter(ANY & trigger.where.fill_null(False))
    found = found.sort("case", *trigger.order) if trigger.each else first_of_each(found, "case", trigger.order)
    found = found.select(
        "case",
        *EVENT.renamed("trigger_"),
        *[pl.col(c).alias(f"trigger_{c}") for c in trigger.carry],
        *(["also"] if "also" in found.columns else []),
        trigger_event="event",
        trigger_proof="event",
        instance=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("case") if trigger.each else pl.lit(1, pl.Int32),
    ).rename({"also": "trigger_also"}, strict=False)
    if trigger.each and found.height and found["instance"].max() != 1:
        rows = cases.join(found, on="case", how="left", maintain_order="left_right").with_row_index("row")
    else:
        rows = placed(rows, found, "case")
    return rows.with_columns(pl.col("instance").fill_null(1))


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


# -- which rule holds -------------------------------------------------------------------------------------------------

_MOMENT = ("event", "at", "date", "is_minute")
_HIT = ("row", "event", "also", "at", "date", "is_minute")


@dataclass(frozen=True)
class Held:
    """number: for each row the place of the rule that holds (null: none). hits: of those rows that an event decided: row,
    event, also, at, date, is_minute."""

    number: pl.Series
    hits: pl.DataFrame

    def is_any(self) -> pl.Series:
        return self.number.is_not_null()


def pick(
    rows: pl.DataFrame,
    rule: Rule,
    facts: Facts,
    until: pl.Expr | None,
    extra: pl.Expr = ANY,
    among: pl.Series | None = None,
) -> pl.DataFrame:
    """row, event, also, at, date, is_minute of the first event that makes a rule hold, sorted by row."""
    assert rule.events is not None
    events = rule.events(facts)
    if events.is_empty():
        return _NO_HITS
    where = rule.where if rule.after_end else rule.where & (pl.col("date") <= pl.col("end_date"))
    if until is not None:
        where = where & until
    names = named(*_MOMENT, "also", *rule.order, where, extra, rule.dated)
    pairs = pairs_of(rows, events, names, among)
    if pairs.is_empty():
        return _NO_HITS
    found = pairs.filter(ANY & where & extra)
    if found.is_empty():
        return _NO_HITS
    if rule.dated is not None:
        day = pl.col(rule.dated)
        found = found.with_columns(date=day, at=local_midnight(day, facts.timezone), is_minute=pl.lit(False))
    if "also" not in found.columns:
        found = found.with_columns(also=pl.lit(None, pl.List(pl.UInt32)))
    return first_of_each(found, "row", rule.order).select(_HIT)


def _by_deadline(rule: Rule) -> pl.Expr | None:
    return in_time() if isinstance(rule.until, str) else rule.until


def _without_deadline(rule: Rule) -> pl.Expr | None:
    return None if isinstance(rule.until, str) else rule.until


def settle(
    rows: pl.DataFrame,
    rules: tuple[Rule, ...],
    facts: Facts,
    among: pl.Series,
    limits: Callable[[Rule], pl.Expr | None] = _by_deadline,
) -> Held:
    """The first rule that holds for each of the rows marked in `among`."""
    number = nothing(rows.height)
    hits = []
    for place, rule in enumerate(rules):
        if not among.any():
            break
        if rule.events is None:
            holds = among & rows.select((ANY & rule.where).fill_null(False)).to_series()
        else:
            found = pick(rows, rule, facts, limits(rule), among=among)
            if found.is_empty():
                continue
            hits.append(found)
            holds = marked(found["row"], rows.height)
        number = all_of(place, rows.height, pl.UInt8).zip_with(holds, number)
        among = among & ~holds
    return Held(number, pl.concat(hits) if hits else _NO_HITS)


def settle_earliest(
    rows: pl.DataFrame, rules: tuple[Rule, ...], facts: Facts, among: pl.Series, where: pl.Expr
) -> Held:
    """Like `settle` with one rule only: the earliest event of all rules."""
    found = [pick(rows, rule, facts, None, where, among) for rule in rules if among.any()]
    hits = first_of_each(pl.concat(found), "row", ("at", "is_minute", "event")) if found else _NO_HITS
    number = nothing(rows.height)
    return Held(number.scatter(hits["row"], 0) if hits.height else number, hits)


def holds_any(rows: pl.DataFrame, events: pl.DataFrame, where: pl.Expr, name: str) -> pl.DataFrame:
    """Adds a Boolean column: whether some event of the row's case satisfies `where`."""
    if events.is_empty():
        return rows.with_columns(pl.lit(False).alias(name))
    found = pairs_of(rows, events, named("event", where)).filter(ANY & where)
    return rows.with_columns(marked(found["row"], rows.height).alias(name))


_NO_HITS = pl.DataFrame(
    schema={
        "row": pl.UInt32(),
        "event": pl.UInt32(),
        "also": pl.List(pl.UInt32),
        "at": pl.Datetime("us", "UTC"),
        "date": pl.Date(),
        "is_minute": pl.Boolean(),
    }
)


# -- step by step to a state ------------------------------------------------------------------------------------------

STATE, REASON = pl.Enum(STATES), pl.Enum(REASON_WORDS)
Role = Literal["action", "exception", "exclusion", "justification"]


@dataclass(frozen=True)
class _Outcome:
    """What a step makes of the rows that it decides. role: what its events are as evidence."""

    state: str
    reason: str
    role: Role
    flag: str | None = None
    is_late: bool = False


class _Docket:
    """The rows of one measure on their way to a state: each step decides some of those that are still open.

    A row that a step has decided is closed to every later one: the order of the steps is the order of the specification.
    open: the rows under consideration (`consider`) that no step has decided yet.
    """

    def __init__(self, rows: pl.DataFrame, facts: Facts) -> None:
        self.rows = rows
        self.facts = facts
        self.outcomes: list[_Outcome] = []
        self.number = nothing(rows.height)
        self._hits: list[pl.DataFrame] = []
        self.open = all_of(True, rows.height)

    def consider(self, among: pl.Series) -> None:
        """From here on the steps speak of these rows."""
        self.open = among & self.number.is_null()

    def decide(self, state: str, reason: str, where: pl.Expr = ANY) -> None:
        """Decides the open rows for which `where` is true."""
        if self.open.any():
            holds = self.rows.select((ANY & where).fill_null(False)).to_series()
            self._close(self.open & holds, [_Outcome(state, reason, "exclusion")])

    def decide_held(self, state: str, held: Held, rules: tuple[Rule, ...], role: Role, only: str | None = None) -> None:
        """Decides the open rows for which a rule holds, by that rule's reason (only: rules of one reason)."""
        outcomes = [_Outcome(state, rule.reason, role, rule.flag) for rule in rules]
        which = self.open & held.is_any()
        if only is not None:
            wanted = pl.Series([rule.reason == only for rule in rules], dtype=pl.Boolean)
            which = which & wanted.gather(held.number).fill_null(False)
        self._close(which, outcomes, held)

    def decide_by(
        self,
        state: str,
        rules: tuple[Rule, ...],
        role: Role,
        limits: Callable[[Rule], pl.Expr | None] = _by_deadline,
    ) -> None:
        """Decides the open rows for which one of the rules holds."""
        self.decide_held(state, settle(self.rows, rules, self.facts, self.open, limits), rules, role)

    def decide_late(self, held: Held, role: Role) -> None:
        self._close(self.open & held.is_any(), [_Outcome("deviation", "late", role, is_late=True)], held)

    def _close(self, which: pl.Series, outcomes: list[_Outcome], held: Held | None = None) -> None:
        if not which.any():
            return
        first = all_of(len(self.outcomes), self.rows.height, pl.UInt8)
        self.outcomes += outcomes
        number = first if held is None else first + held.number
        self.number = number.zip_with(which, self.number)
        self.open = self.open & ~which
        if held is not None and held.hits.height:
            mine = held.hits.filter(which.gather(held.hits["row"]))
            self._hits.append(mine.with_columns(self.number.gather(mine["row"]).alias("outcome")))

    def of_outcome(self, values: Sequence[str | bool | int], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
        """For each row what `values` says of its outcome; null for an open row."""
        return pl.Series(values, dtype=dtype).gather(self.number)

    def hits(self) -> pl.DataFrame:
        """The events that decided: row, event, also, at, date, is_minute, outcome; at most one for a row."""
        return pl.concat(self._hits) if self._hits else _NO_HITS.with_columns(outcome=pl.lit(0, pl.UInt8))


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


def _excluded(pathway: bool) -> list[tuple[pl.Expr, str, str]]:
    """(test, reason, deciding event) of step 1."""
    hospice = (pl.col("hospice_date") < pl.col("trigger_date")).fill_null(False)
    tests: list[tuple[pl.Expr, str, str]] = [(pl.col("is_minor"), "age", "patient_event")]
    if pathway:
        tests += [
            (pl.col("aetiology") == "traumatic_high_energy", "high_energy", "aetiology_event"),
            (pl.col("aetiology") == "neoplastic", "neoplastic", "aetiology_event"),
            (pl.col("prevalent_event").is_not_null(), "prevalent", "prevalent_event"),
        ]
    return [*tests, (hospice, "hospice", "hospice_event")]


def _judge_untriggered(docket: _Docket, measure: Measure, h: Horizons) -> None:
    """The rows without a trigger."""
    u, end = measure.untriggered, pl.col("end_date")

    def wait(day: pl.Expr, where: pl.Expr = ANY) -> None:
        """Until a day the trigger may still happen, or come in."""
        unseen = where & (pl.lit(h.trigger) < day)
        docket.decide("pending", "trigger_not_yet_possible", unseen & (pl.lit(h.as_of) < day))
        docket.decide("pending", "feed_incomplete", unseen)

    docket.decide_by("not_applicable", measure.never, "exclusion")
    if h.trigger_absent:
        docket.decide("indeterminate", "feed_absent")
    unknown = settle(docket.rows, u.unknown, docket.facts, docket.open)
    if u.unknown_at_once:
        docket.decide_held("indeterminate", unknown, u.unknown, "action")
    # A LOCAL code that occurs nowhere is an absent feed, too.
    docket.decide_held("indeterminate", unknown, u.unknown, "action", only="feed_absent")
    if u.opens is not None:
        docket.decide("censored", "ended_before_trigger", end < u.opens)
    if u.waits_until is not None:
        docket.decide("censored", "ended_before_trigger", u.waiting & (end < u.waits_until))
        wait(u.waits_until, u.waiting)
    if u.opens is not None:
        wait(u.opens)
    if u.until_closed and u.closes is not None:
        wait(pl.min_horizontal(u.closes, end))
    last = [pl.lit(h.as_of), end, *([u.closes] if u.closes is not None else [])]
    docket.decide("pending", "feed_incomplete", pl.lit(h.trigger) < pl.min_horizontal(last))
    docket.decide_held("indeterminate", unknown, u.unknown, "action")
    docket.decide_by("not_applicable", u.otherwise, "exclusion")


def _judge_triggered(docket: _Docket, measure: Measure, h: Horizons) -> None:
    """The rows with a trigger."""
    what_was_done: Role = "action"
    if measure.trigger_unsettled is not None:
        docket.decide("pending", "feed_incomplete", measure.trigger_unsettled)
    if measure.window_closes is not None:
        unseen = pl.lit(h.trigger) < measure.window_closes
        docket.decide("pending", "not_yet_due", unseen & (pl.lit(h.as_of) < measure.window_closes))
        docket.decide("pending", "feed_incomplete", unseen)
    docket.decide_by("not_applicable", measure.not_applicable, "exclusion", _without_deadline)
    docket.decide_by("indeterminate", measure.undecidable, what_was_done, _without_deadline)
    docket.decide_by("met", measure.met, "justification" if measure.commission else "action")
    exceptions = measure.exceptions
    if measure.goals_of_care:
        in_care = pl.col("date").is_between("trigger_date", "due_date")
        exceptions = (*exceptions, Rule("goals_of_care", lambda f: f.hospice, in_care, until=None, after_end=True))
    docket.decide_by(
        "exception", tuple(sorted(exceptions, key=lambda rule: EXCEPTION_ORDER.index(rule.reason))), "exception"
    )
    if not measure.commission or measure.has_deadline:
        died_at_a_minute = (
            (pl.col("end_reason") == "death") & pl.col("death_is_minute") & pl.col("due_at").is_not_null()
        ).fill_null(False)
        ended = (
            pl.when(died_at_a_minute)
            .then(pl.col("death_at") < pl.col("due_at"))
            .otherwise(pl.col("end_date") < pl.col("due_date"))
        )
        docket.decide("censored", "ended_before_deadline", ended)
    _wait_for_deadline(docket, measure, h)
    docket.decide_by("indeterminate", measure.before_late, what_was_done)
    late_rules = tuple(r for r in measure.met if r.late and r.events is not None) if measure.has_late else ()
    seen_late = (pl.col("date") <= pl.lit(h.as_of)) & ~in_time()
    late = settle_earliest(docket.rows, late_rules + measure.late_actions, docket.facts, docket.open, seen_late)
    docket.decide_late(late, what_was_done)
    docket.decide_by("indeterminate", measure.cannot_tell, what_was_done)
    if h.justification_absent if measure.commission else h.action_absent:
        docket.decide("indeterminate", "feed_absent")
    docket.decide_by("deviation", measure.deviations, what_was_done)


def _wait_for_deadline(docket: _Docket, measure: Measure, h: Horizons) -> None:
    judged = measure.judged_from if measure.judged_from is not None else pl.col("due_date")
    waiting = (pl.lit(h.action) < judged).fill_null(False)
    if measure.pending_if is not None:
        waiting = waiting & measure.pending_if
    if measure.commission and measure.grace:
        docket.decide("pending", "charting_grace", waiting)
        return
    if measure.not_yet_due_if is not None:
        docket.decide("pending", "not_yet_due", waiting & measure.not_yet_due_if)
    docket.decide("pending", "not_yet_due", waiting & (pl.lit(h.as_of) < judged))
    docket.decide("pending", "feed_incomplete", waiting)


# -- the verdict ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """rows: one a case and instance, with state (STATE), reason (REASON), flags (bits in the order of FLAGS), times.
    proofs: the deciding events: row, role, event."""

    rows: pl.DataFrame
    proofs: pl.DataFrame


def judge(measure: Measure, facts: Facts, h: Horizons, info: MeasureInfo) -> Judged:
    """What becomes of every case and instance of one measure, and the events that decided."""
    rows = with_deadline(triggered_rows(measure, facts), measure, facts.timezone)
    if measure.prepare is not None:
        rows = measure.prepare(facts, rows)
    docket = _Docket(rows, facts)
    exclusions = _excluded(pathway=info.force != "data" and info.id not in SAFETY)
    for test, reason, _ in exclusions:
        docket.decide("excluded", reason, test)
    has_trigger = rows["trigger_date"].is_not_null()
    docket.consider(~has_trigger)
    _judge_untriggered(docket, measure, h)
    docket.consider(has_trigger)
    _judge_triggered(docket, measure, h)
    decided = _with_times(docket, measure, info)
    return Judged(decided, _proofs(docket, decided, exclusions))


def _with_times(docket: _Docket, measure: Measure, info: MeasureInfo) -> pl.DataFrame:
    """Adds measure_id, state, reason, flags, action_*, late_by_*."""
    outcomes = docket.outcomes
    rows = docket.rows.with_columns(
        docket.of_outcome([o.state for o in outcomes], STATE).alias("state"),
        docket.of_outcome([o.reason for o in outcomes], REASON).alias("reason"),
        docket.of_outcome([o.is_late for o in outcomes], pl.Boolean).alias("_is_late"),
        measure_id=pl.lit(info.id),
    )
    state, is_late = pl.col("state"), pl.col("_is_late")
    if measure.commission and not measure.has_deadline:
        done = state.is_in(["met", "deviation"])
        acted = [pl.when(done).then(pl.col(f"trigger_{c}")).alias(f"action_{c}") for c in EVENT.columns()]
        rows = rows.with_columns(acted)
    else:
        shown = pl.Series([o.state in ("met", "deviation") for o in outcomes], dtype=pl.Boolean)
        hits = docket.hits()
        hits = hits.filter(shown.gather(hits["outcome"])) if hits.height else hits
        rows = rows.hstack(spread(hits.select("row", *EVENT.renamed("action_")), "row", rows.height))
    hours = (pl.col("action_at") - pl.col("due_at")).dt.total_microseconds() / 3_600_000_000
    exact = is_late & pl.col("due_at").is_not_null() & pl.col("action_is_minute").fill_null(False)
    late_from = pl.col("due_day") if measure.late_counted_from is None else measure.late_counted_from
    return rows.with_columns(
        late_by_hours=pl.when(exact).then((hours * 100 + 0.5).floor() / 100).round(2),
        late_by_days=pl.when(is_late & ~exact).then((pl.col("action_date") - late_from).dt.total_days()).cast(pl.Int32),
        flags=_flags(docket, measure, info, rows.columns),
    )


def _flags(docket: _Docket, measure: Measure, info: MeasureInfo, columns: list[str]) -> pl.Expr:
    """The words that stand on a finding, as bits in the order of FLAGS."""
    state, in_hours = pl.col("state"), pl.lit(measure.deadline_hours is not None)
    if "is_in_hours" in columns:
        in_hours = in_hours | pl.col("is_in_hours")
    by_day = ~pl.col("action_is_minute").fill_null(True) | pl.col("due_at").is_null()
    tests = [("date_only", in_hours & (state == "met") & by_day & pl.col("action_date").is_not_null()), *measure.flags]
    if info.id in SAFETY:
        tests.append(("level_unspecified", pl.col("level") == UNSPECIFIED))
    bits = [pl.when(test.fill_null(False)).then(_bit(word)).otherwise(0).cast(pl.UInt16) for word, test in tests]
    own = [_bit(o.flag) if o.flag is not None and o.state == "met" else 0 for o in docket.outcomes]
    together = pl.lit(docket.of_outcome(own, pl.UInt16)).fill_null(0)
    for bit in bits:
        together = together | bit
    return together


def _bit(word: str) -> int:
    return 1 << FLAGS.index(word)


def _proofs(docket: _Docket, rows: pl.DataFrame, exclusions: list[tuple[pl.Expr, str, str]]) -> pl.DataFrame:
    """row, role, event of every event that decided, each once."""
    state, reason = pl.col("state"), pl.col("reason")
    put_out = pl.coalesce(
        *[pl.when((state == "excluded") & (reason == word)).then(pl.col(event)) for _, word, event in exclusions],
        pl.when(state == "censored").then("end_event"),
    )
    own = rows.select("row", trigger="trigger_proof", exclusion=put_out)
    roles = pl.Series([outcome.role for outcome in docket.outcomes], dtype=ROLE)
    hits = docket.hits()
    hits = hits.with_columns(roles.gather(hits["outcome"]).alias("role"))
    parts = [
        hits.select("row", "role", "event"),
        *[own.select("row", role=pl.lit(word, ROLE), event=word).drop_nulls("event") for word in own.columns[1:]],
    ]
    further = [hits.select("row", "role", "also", "event").drop_nulls("also")]
    if "trigger_also" in rows.columns:
        of_trigger = rows.select(
            "row", pl.lit("trigger", ROLE).alias("role"), also="trigger_also", event="trigger_proof"
        )
        further.append(of_trigger.drop_nulls("also"))
    several = pl.concat(further)
    if not several.is_empty():
        each = several.explode("also").drop_nulls("also").filter(pl.col("also").ne_missing(pl.col("event")))
        parts.append(each.select("row", "role", event="also").unique())
    return pl.concat(parts)


# -- what time alone may change ------------------------------------------------------------------------------------------


def unsettled(rows: pl.DataFrame, measure: Measure, since: date) -> pl.Series:
    """A mask of the rows (of `judge`) whose verdict may change without a new or corrected row, as days pass.

    Those that wait, and those with a day still to come, after `since`, with which as-of or a feed's horizon is compared:
    a deadline, the first or last day of a trigger. A case's own end is not among them (`turns_on` of the case).
    """
    u = measure.untriggered
    days = [u.opens, u.waits_until, u.closes, measure.window_closes, measure.judged_from, pl.col("due_date")]
    to_come = [(day > since).fill_null(False) for day in days if day is not None]
    return rows.select(pl.any_horizontal(pl.col("state") == "pending", *to_come)).to_series()


ROLE = pl.Enum(["action", "exception", "exclusion", "justification", "trigger"])
SAFETY = ("S1", "S2", "X1", "X2")
