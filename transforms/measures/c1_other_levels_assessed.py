"""C1: fractures at other levels looked for.

Guideline line 55: "may have concomitant fractures at other levels".
"""

import polars as pl

from schemas.parameters import Parameters

from ..concepts import REGION_BITS
from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once, together
from ..vocabulary import DX_DATE, Seen, from_day

SPINE = REGION_BITS["cervical"] | REGION_BITS["thoracic"] | REGION_BITS["lumbar"] | REGION_BITS["sacrum"]


def another_region(f: Facts) -> pl.DataFrame:
    elsewhere = pl.col("region_mask") & ~pl.col("region") & SPINE
    return f.studies.filter(elsewhere != 0)


def another_level_coded(f: Facts) -> pl.DataFrame:
    coded = f.with_clocks(f.conditions("vertebral_fracture", more=("own_level",)), "level")
    return coded.filter(pl.col("own_level") != pl.col("level"))


@once
def looked_elsewhere(f: Facts) -> pl.DataFrame:
    parts = [another_region(f), f.statements("other-levels-reviewed"), another_level_coded(f)]
    return together(*parts)


def measure(p: Parameters, seen: Seen) -> Measure:
    in_window = from_day(DX_DATE, -p.deadlines.other_levels_lookback_days)
    return Measure(
        id="C1",
        trigger=Trigger(anchor="dx"),
        deadline_days=p.deadlines.other_levels_days,
        met=(Rule("on_time", looked_elsewhere, in_window),),
        cannot_tell=(Rule("report_not_available", lambda f: f.studies.filter("covers"), in_window),),
    )
