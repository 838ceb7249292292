"""C2: sacral insufficiency fracture looked for when pain persists.

Guideline line 55: "including sacral insufficiency fractures".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..concepts import REGION_BITS
from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once, together
from ..vocabulary import T0, Seen, add_pain_records, from_day, pain_decides

SACRUM_OR_PELVIS = REGION_BITS["sacrum"] | REGION_BITS["pelvis"]


@once
def sacrum_looked_at(f: Facts) -> pl.DataFrame:
    imaged = f.studies.filter((pl.col("region_mask") & SACRUM_OR_PELVIS) != 0)
    return together(imaged, f.statements("sacrum-reviewed"))


def lumbar_mri(f: Facts) -> pl.DataFrame:
    return f.mri.filter((pl.col("region_mask") & REGION_BITS["lumbar"]) != 0)


def measure(p: Parameters, seen: Seen) -> Measure:
    first_day = days_after(T0, p.deadlines.sacrum_trigger_day)
    return Measure(
        id="C2",
        trigger=Trigger(events=lambda f: f.persistent_pain, where=from_day(T0, p.deadlines.sacrum_trigger_day)),
        deadline_days=p.deadlines.sacrum_days,
        prepare=add_pain_records(first_day),
        untriggered=pain_decides(p, first_day),
        met=(Rule("on_time", sacrum_looked_at, from_day(T0)),),
        cannot_tell=(Rule("report_not_available", lumbar_mri, from_day(T0)),),
    )
