"""S1: immediate surgical referral for a neurological deficit.

Guideline line 37: "Patients with neurological deficits (immediate referral)".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import EVENT, Moment, at_most_hours_after, days_after, not_after, not_before
from ..engine import Measure, Rule, Trigger, Untriggered, settle
from ..facts import Facts
from ..vocabulary import DATE, END, T0, Seen, already_under_surgeon, declined, unknown_specialty, wrong_specialty

FIRST = Moment("trigger_first_")
ORIGIN = Moment("trigger_origin_")
BY_TIME = ("at", "is_minute", "event")


def surgeon(f: Facts) -> pl.DataFrame:
    return f.surgical_contact


def examined(f: Facts) -> pl.DataFrame:
    """An examination that found nothing new."""
    return f.neuro_exams.filter(pl.col("value_code").is_in(["no-deficit", "deficit-known"]))


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    from_first_event = not_before(EVENT, FIRST)
    is_order = pl.col("kind") == "referral"
    discussed = pl.col("kind") == "discussed"
    no_priority = is_order & pl.col("priority").is_null()
    # A routine referral is no answer to a deficit at the time of its order: immediate is what the text asks for.
    counts = from_first_event & ~(is_order & (pl.col("priority") == "routine").fill_null(False))
    # A deficit coded at the end of a stay began at an unknown time: only what came within a day of the stay's start is in time.
    timely = ~pl.col("trigger_is_untimed") | at_most_hours_after(EVENT, ORIGIN, d.urgent_surgical_hours)

    def asked_or_seen(where: pl.Expr, flag: str | None = None) -> Rule:
        return Rule("on_time", surgeon, counts & ~discussed & where, late=False, flag=flag, order=BY_TIME)

    def other_ways(where: pl.Expr) -> tuple[Rule, ...]:
        under_care = tuple(
            Rule(r.reason, r.events, r.where & where, until=None, late=False, order=BY_TIME)
            for r in already_under_surgeon(p)
        )
        return (*under_care, Rule("alternative", surgeon, counts & discussed & where, late=False, order=BY_TIME))

    def add_other_ways(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        """Adds has_other_way: something else than a referral without priority made it met."""
        ways = (asked_or_seen(timely & ~no_priority), *other_ways(timely))
        told = settle(rows, ways, facts, rows["trigger_date"].is_not_null())
        return rows.with_columns(has_other_way=told.is_any())

    every_way = (asked_or_seen(pl.lit(True)), *other_ways(pl.lit(True)))
    return Measure(
        id="S1",
        trigger=Trigger(
            events=lambda f: f.deficit_episodes,
            each=True,
            order=("at", "is_minute", "event"),
            carry=("is_untimed", *[f"{m}_{c}" for m in ("first", "origin") for c in ("at", "date", "is_minute")]),
        ),
        deadline_hours=d.urgent_surgical_hours,
        prepare=add_other_ways,
        untriggered=Untriggered(
            unknown=(Rule("soft_deficit_only", lambda f: f.unexamined_soft_deficits, until=None),),
            otherwise=(Rule("intact", examined, DATE >= T0, until=None), Rule("no_deficit_recorded")),
        ),
        met=(
            asked_or_seen(timely & pl.col("has_other_way")),
            asked_or_seen(timely & ~pl.col("has_other_way"), flag="priority_unknown"),
            *other_ways(timely),
        ),
        exceptions=(
            declined(p, "surgery"),
            Rule(
                "treated_before_arrival",
                lambda f: f.spine_operations,
                (DATE >= days_after(T0, -d.treated_before_days)) & not_after(EVENT, FIRST),
                until=None,
            ),
        ),
        before_late=tuple(
            Rule("deficit_time_unknown", r.events, r.where & pl.col("trigger_is_untimed"), until=r.until, order=r.order)
            for r in every_way
        ),
        late_actions=(Rule("late", surgeon, counts, order=BY_TIME),),
        cannot_tell=(unknown_specialty(from_first_event),),
        deviations=(
            Rule(
                "wrong_priority",
                surgeon,
                from_first_event & is_order & (pl.col("priority") == "routine") & (DATE <= END),
                until=None,
                order=BY_TIME,
            ),
            wrong_specialty(from_first_event),
            Rule("missing"),
        ),
        severity=pl.when(
            (pl.col("reason") == "late") & (pl.col("late_by_hours") < p.severity.slightly_late_hours)
        ).then(pl.lit("high")),
    )
