"""Words that measure files share: windows, refusals, and what a case without a trigger is when pain decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.parameters import Parameters

from .clock import EVENT, KNOWN, TRIGGER, Moment, at_most_hours_after, both_minute, days_after, not_after
from .engine import ANY, Prepare, Rule, Untriggered
from .facts import Facts
from .places import marked, placed

T0, M3, END = pl.col("t0"), pl.col("m3_date"), pl.col("end_date")
DX_DATE, TX, CONS_3M = pl.col("dx_date"), pl.col("tx_date"), pl.col("cons_3m_date")
X = pl.col("trigger_date")
DUE = pl.col("due_date")
DATE = pl.col("date")
DEFORMITY_CODES = ("kyphosis-angle", "height-loss")


@dataclass(frozen=True)
class Seen:
    """What the extract as a whole holds: tables, LOCAL codes that occur, whether calcitonin occurs."""

    tables: frozenset[str]
    local_codes: frozenset[str]
    calcitonin: bool
    timezone: str
    horizons: Mapping[str, date]
    as_of: date

    def horizon(self, *tables: str) -> pl.Expr:
        """The day through which all of these feeds are complete."""
        return pl.lit(min(self.horizons[t] for t in tables))

    def absent(self, table: str) -> pl.Expr:
        return pl.lit(table not in self.tables)

    def lacks(self, *codes: str) -> pl.Expr:
        """None of these LOCAL codes occurs anywhere."""
        return pl.lit(not self.local_codes.intersection(codes))


def from_day(start: pl.Expr, days: int = 0) -> pl.Expr:
    """The event lies on or after a day."""
    return DATE >= days_after(start, days)


def between_days(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    return DATE.is_between(first, last)


def days_before(day: pl.Expr, days: int) -> pl.Expr:
    return days_after(day, -days)


def runs_on(day: pl.Expr) -> pl.Expr:
    """A treatment that began before a day and is known to cover it."""
    return (DATE < day) & (pl.col("covered_to") >= day)


def known_in_time(p: Parameters) -> pl.Expr:
    """Known at the decision, with the grace for charting (commissions)."""
    return at_most_hours_after(KNOWN, TRIGGER, p.clocks.charting_grace_hours)


def declined(p: Parameters, *what: str, since: pl.Expr = X, until: pl.Expr = DUE) -> Rule:
    """The patient declined, dated from the day before the trigger to a week after the deadline."""
    c = p.clocks
    window = between_days(days_after(since, -c.declined_before_days), days_after(until, c.declined_after_days))
    return Rule("patient_declined", lambda f: f.declined(*what), window, until=None, after_end=True)


def grace_ends(p: Parameters) -> pl.Expr:
    """The day until which notes may still be charted."""
    return days_after(X, -(-p.clocks.charting_grace_hours // 24))


def contact(fact: str, window: pl.Expr) -> tuple[Rule, ...]:
    """A specialty was involved (`on_time`), or the case was discussed with it (`alternative`)."""

    def frame(f: Facts) -> pl.DataFrame:
        return getattr(f, fact)

    discussed = pl.col("kind") == "discussed"
    order = ("at", "is_minute", "event")
    return (
        Rule("on_time", frame, window & ~discussed, order=order),
        Rule("alternative", frame, window & discussed, order=order),
    )


def unknown_specialty(window: pl.Expr) -> Rule:
    return Rule("unknown_specialty", lambda f: f.unknown_specialty_referrals, window)


def wrong_specialty(window: pl.Expr) -> Rule:
    return Rule("wrong_specialty", lambda f: f.other_specialty_referrals, window)


def runs_at_trigger() -> pl.Expr:
    """An encounter that runs at the trigger."""
    end = Moment("stay_end_")
    begun = not_after(EVENT, TRIGGER)
    not_over = pl.when(both_minute(end, TRIGGER)).then(end.at >= TRIGGER.at).otherwise(end.date >= TRIGGER.date)
    return begun & not_over


def already_under_surgeon(p: Parameters) -> tuple[Rule, ...]:
    """An encounter of a surgical specialty that runs at t, or an urgent referral in the week before it."""
    week = from_day(X, -p.deadlines.pretrigger_credit_days) & not_after(EVENT, TRIGGER)
    urgent = pl.col("priority").is_in(["urgent", "asap", "stat"]).fill_null(False)
    return (
        Rule(
            "already_under_care",
            lambda f: f.surgical_contact,
            (pl.col("kind") == "encounter") & runs_at_trigger(),
            until=None,
            late=False,
        ),
        Rule(
            "already_under_care",
            lambda f: f.surgical_contact,
            (pl.col("kind") == "referral") & urgent & week,
            until=None,
            late=False,
        ),
    )


def add_pain_records(first_day: pl.Expr) -> Prepare:
    """Adds has_record (a pain score or course statement on or after a day of the case) and is_resolved (the last says so)."""

    def prepare(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        rows = placed(rows, facts.last_pain_record.select("case", last_record="date"), "case")
        has_record = (pl.col("last_record") >= first_day).fill_null(False)
        return rows.with_columns(has_record=has_record, is_resolved=marked(facts.resolved["case"], rows.height))

    return prepare


def pain_decides(
    p: Parameters,
    first_day: pl.Expr,
    *,
    unknown: tuple[Rule, ...] = (),
    otherwise: tuple[Rule, ...] = (),
    applies: pl.Expr = ANY,
) -> Untriggered:
    """No pain that triggers: recorded and low (`not_triggered`); not recorded: wait, then resolved, else `no_pain_record`."""
    silent = applies & ~pl.col("has_record")
    resolved = Rule("resolved", lambda f: f.resolved, silent, until=None)
    return Untriggered(
        opens=first_day,
        waits_until=days_after(first_day, p.clocks.pain_record_wait_days),
        waiting=silent.fill_null(False),
        unknown=(*unknown, Rule("no_pain_record", where=silent & ~pl.col("is_resolved"))),
        otherwise=(
            *otherwise,
            resolved,
            Rule("not_triggered", lambda f: f.pain_records, DATE >= first_day, until=None),
            Rule("not_triggered"),
        ),
    )
