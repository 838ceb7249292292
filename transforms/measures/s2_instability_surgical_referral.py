"""S2: surgical referral for spinal instability. Guideline line 38: "Patients with evidence of spinal instability"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import EVENT, Moment, days_after, earlier_than, not_after, not_before
from ..engine import Measure, Rule, Trigger, Untriggered
from ..facts import Facts
from ..vocabulary import DATE, T0, Seen, already_under_surgeon, contact, declined, unknown_specialty, wrong_specialty

FIRST = Moment("trigger_first_")


def known_instability(f: Facts) -> pl.DataFrame:
    """Instability events when known, not before DX; first_* is the earliest event time of the case."""
    rows = f.known_not_before_dx(f.instability)
    return rows.with_columns(
        pl.col(f"event_{c}").sort_by("event_at", "event_is_minute", "event").first().over("case").alias(f"first_{c}")
        for c in ("at", "date", "is_minute")
    )


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    from_first_event = not_before(EVENT, FIRST)
    on_time, alternative = contact("surgical_contact", from_first_event)
    return Measure(
        id="S2",
        trigger=Trigger(
            events=known_instability,
            order=("known_at", "known_is_minute", "event"),
            carry=("first_at", "first_date", "first_is_minute"),
        ),
        deadline_hours=d.instability_hours,
        untriggered=Untriggered(otherwise=(Rule("no_instability_recorded"),)),
        met=(on_time, *already_under_surgeon(p), alternative),
        exceptions=(
            declined(p, "surgery"),
            Rule(
                "treated_before_arrival",
                lambda f: f.spine_operations,
                (DATE >= days_after(T0, -d.treated_before_days)) & not_after(EVENT, FIRST),
                until=None,
            ),
            Rule(
                "ruled_out", lambda f: f.statements("stability", "stable"), earlier_than(FIRST, EVENT), after_end=True
            ),
        ),
        cannot_tell=(unknown_specialty(from_first_event),),
        deviations=(wrong_specialty(from_first_event), Rule("missing")),
    )
