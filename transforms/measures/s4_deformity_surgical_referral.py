"""S4: surgical referral for significant deformity or progressive kyphosis.

Guideline line 40: "significant spinal deformity or progressive kyphosis".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import ANY, Measure, Rule, Trigger, Untriggered, holds_any
from ..facts import Facts
from ..vocabulary import DEFORMITY_CODES, Seen, X, contact, declined, from_day, unknown_specialty, wrong_specialty


def add_what_was_measured(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
    rows = holds_any(rows, facts.measurements, ANY, "is_measured")
    return holds_any(rows, facts.kyphosis, ANY, "has_kyphosis")


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    in_window = from_day(X, -d.surgical_lookback_days)
    return Measure(
        id="S4",
        trigger=Trigger(
            events=lambda f: f.known_not_before_dx(f.significant_deformity),
            order=("known_at", "known_is_minute", "event"),
        ),
        deadline_days=d.surgical_days,
        prepare=add_what_was_measured,
        untriggered=Untriggered(
            unknown=(
                Rule("feed_absent", where=seen.lacks(*DEFORMITY_CODES) & ~pl.col("has_kyphosis")),
                Rule("unmeasured_deformity", lambda f: f.kyphosis, ~pl.col("is_measured"), until=None),
                Rule("posture_mismatch", lambda f: f.posture_mismatch, until=None),
            ),
            otherwise=(Rule("no_significant_deformity"),),
        ),
        met=contact("surgical_contact", in_window),
        exceptions=(declined(p, "surgery"),),
        cannot_tell=(unknown_specialty(in_window),),
        deviations=(wrong_specialty(in_window), Rule("missing")),
    )
