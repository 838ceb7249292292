"""Q3: fracture level established. Guideline line 18: "L2 compression fracture"."""

import polars as pl

from schemas.parameters import Parameters

from ..cases import UNSPECIFIED
from ..engine import Measure, Rule, Trigger
from ..vocabulary import Seen


def measure(p: Parameters, seen: Seen) -> Measure:
    return Measure(
        id="Q3",
        trigger=Trigger(anchor="dx"),
        deadline_days=p.deadlines.level_days,
        met=(Rule("on_time", where=pl.col("level") != UNSPECIFIED),),
    )
