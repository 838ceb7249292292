"""S6: surgical referral within 3 months while improving.

Guideline line 33: "in the first 3 months post-fracture with improving symptoms".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule
from ..facts import Facts, last_of_each
from ..places import pairs_of, placed
from ..vocabulary import DATE, Seen, X, days_before, grace_ends, known_in_time
from .early_referral import UNKNOWN_REASON, UNRELATED, early_referrals, none_seen


def add_course_before_order(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds improving (true, false, null: can't be told) on the day before the order, with the record that says so."""
    records = pairs_of(rows, facts.improvement, ("event", "date", "improving", "trigger_date"))
    last = last_of_each(records.filter(DATE <= days_before(X, 1)), "row")
    return placed(rows, last.select("row", "improving", said_event="event"), "row")


def measure(p: Parameters, seen: Seen) -> Measure:
    improving = pl.col("improving")
    related = pl.col("trigger_related").fill_null(True)
    return Measure(
        id="S6",
        trigger=early_referrals("is_surgical"),
        commission=True,
        grace=True,
        goals_of_care=False,
        has_late=False,
        judged_from=grace_ends(p),
        prepare=add_course_before_order,
        untriggered=none_seen("no_surgical_referral"),
        # The course before the order is part of what triggers: not seen yet is not the same as not improving.
        trigger_unsettled=related
        & ~improving.fill_null(False)
        & (seen.horizon("referrals", "observations") < days_before(X, 1)),
        not_applicable=(
            UNRELATED,
            Rule(
                "not_improving",
                lambda f: f.improvement,
                ~improving & (pl.col("event") == pl.col("said_event")),
                until=None,
            ),
        ),
        undecidable=(
            Rule("feed_absent", where=improving.is_null() & seen.absent("observations")),
            Rule("pain_course_unknown", where=improving.is_null()),
        ),
        met=(Rule("red_flag", lambda f: f.red_flags, known_in_time(p), until=None, after_end=True),),
        cannot_tell=(UNKNOWN_REASON,),
        deviations=(Rule("not_indicated"),),
    )
