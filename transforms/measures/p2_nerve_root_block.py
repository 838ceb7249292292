"""P2: L2 nerve root block considered when pain persists: information, never a deviation.

Guideline line 50: "May be appropriate for consideration of L2 nerve root blocks".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger, Untriggered, holds_any
from ..facts import Facts, together
from ..vocabulary import END, T0, Seen, between_days


def done_or_considered(f: Facts) -> pl.DataFrame:
    return together(f.nerve_root_blocks, f.considered("nerve-root-block"))


def add_block(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
    return holds_any(rows, done_or_considered(facts), between_days(T0, END), "has_block")


def measure(p: Parameters, seen: Seen) -> Measure:
    in_course = between_days(T0, END)
    return Measure(
        id="P2",
        trigger=Trigger(events=lambda f: f.persistent_pain),
        goals_of_care=False,
        has_late=False,
        prepare=add_block,
        untriggered=Untriggered(otherwise=(Rule("no_persistent_pain"),)),
        not_applicable=(Rule("not_done", where=~pl.col("has_block")),),
        met=(
            Rule("on_time", lambda f: f.nerve_root_blocks, in_course, until=None, late=False),
            Rule("considered", lambda f: f.considered("nerve-root-block"), in_course, until=None, late=False),
        ),
    )
