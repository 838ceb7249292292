"""T1: physical therapy considered once acute pain subsides.

Guideline line 62: "Physical therapy referral should be considered after acute pain subsides".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after, local_midnight
from ..engine import Measure, Rule, Trigger, Untriggered
from ..facts import Facts, last_of_each, once, together
from ..places import first_of_each, marked, placed
from ..vocabulary import DATE, END, T0, Seen, declined, from_day


@once
def therapist(f: Facts) -> pl.DataFrame:
    given = f.coded("physical_therapy", tables=("procedures",))
    return together(f.therapy_contact, given)


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    first_day = days_after(T0, d.physical_therapy_min_day)
    fallback = days_after(T0, d.physical_therapy_fallback_day)
    window = DATE.is_between(first_day, fallback)

    @once
    def last_score(f: Facts) -> pl.DataFrame:
        """The latest score of [T0 + 14, T0 + 42]."""
        return last_of_each(f.scores.filter(window), "case")

    def subsided(f: Facts) -> pl.DataFrame:
        """Pain gone, or not severe any more at six weeks (that day, once it can be seen)."""
        gone = (pl.col("score") <= p.pain.subsided_nrs) | (pl.col("value_code") == "resolved")
        firsts = [
            first_of_each(records.filter(gone & (DATE >= first_day)), "case", ["event"])
            for records in (f.scores, f.course)
        ]
        visible = (fallback <= f.horizons["observations"]) & (fallback <= END)
        moderate = last_score(f).filter((pl.col("score") < p.pain.severe_nrs) & visible)
        moderate = moderate.with_columns(
            date=fallback, at=local_midnight(fallback, f.timezone), is_minute=pl.lit(False), known_date=fallback
        )
        columns = ["case", "event", "at", "date", "is_minute"]
        return pl.concat(frame.select(columns) for frame in (*firsts, moderate))

    def add_what_was_recorded(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        last = last_score(facts).select("case", last_score="score", last_event="event")
        said = facts.pain_records.select(pl.col("case").filter(window)).to_series()
        return placed(rows, last, "case").with_columns(has_record=marked(said, rows.height))

    severe = pl.col("last_score") >= p.pain.severe_nrs
    return Measure(
        id="T1",
        trigger=Trigger(events=subsided, order=("at", "is_minute", "event")),
        deadline_days=d.physical_therapy_days,
        prepare=add_what_was_recorded,
        untriggered=Untriggered(
            opens=first_day,
            waits_until=fallback,
            unknown=(Rule("no_pain_record", where=~pl.col("has_record")),),
            otherwise=(
                Rule(
                    "pain_still_severe",
                    lambda f: f.scores,
                    severe & (pl.col("event") == pl.col("last_event")),
                    until=None,
                ),
                Rule("not_triggered"),
            ),
        ),
        met=(
            Rule("on_time", therapist, from_day(T0)),
            Rule("considered", lambda f: f.considered("physical-therapy"), from_day(T0), late=False),
        ),
        exceptions=(declined(p, "physical-therapy"),),
    )
