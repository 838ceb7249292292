"""P3: nerve root block without persistent pain. Guideline line 50: "if pain persists"."""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger, Untriggered, holds_any
from ..facts import Facts
from ..vocabulary import DATE, END, T0, Seen, X, between_days, days_before, grace_ends, known_in_time


def block_dates(f: Facts) -> pl.DataFrame:
    return f.nerve_root_blocks.sort("case", "event").unique(["case", "date"], keep="first", maintain_order=True)


def measure(p: Parameters, seen: Seen) -> Measure:
    just_before = between_days(days_before(X, p.deadlines.nerve_root_block_lookback_days), X)

    def add_score(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        return holds_any(rows, facts.scores, just_before, "has_score")

    return Measure(
        id="P3",
        trigger=Trigger(events=block_dates, where=DATE.is_between(T0, END), each=True),
        commission=True,
        grace=True,
        goals_of_care=False,
        has_late=False,
        judged_from=grace_ends(p),
        prepare=add_score,
        untriggered=Untriggered(otherwise=(Rule("no_nerve_root_block"),)),
        met=(
            Rule(
                "indicated",
                lambda f: f.scores,
                (pl.col("score") >= p.pain.persistent_nrs) & just_before & known_in_time(p),
                until=None,
            ),
        ),
        cannot_tell=(Rule("no_pain_record", where=~pl.col("has_score")),),
        deviations=(Rule("not_indicated"),),
    )
