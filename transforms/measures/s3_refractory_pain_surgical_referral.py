"""S3: surgical referral for severe, worsening pain after 3 months of conservative care.

Guideline line 39: "severe and worsening pain despite 3 months of conservative management".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once
from ..vocabulary import (
    CONS_3M,
    DATE,
    Seen,
    X,
    add_pain_records,
    contact,
    declined,
    from_day,
    pain_decides,
    unknown_specialty,
    wrong_specialty,
)  # fmt: skip
from .pain_after_care import NO_CARE, no_conservative_care, said_without_score


@once
def severe_and_worsening(f: Facts) -> pl.DataFrame:
    severe = f.scores.filter(pl.col("score") >= f.parameters.pain.severe_nrs)
    rows = pl.concat_list("event", pl.col("also").fill_null([]))
    each = pl.col("rows").list.explode(keep_nulls=False, empty_as_null=False)
    worse = f.worsening.with_columns(rows=rows).group_by("case", "date").agg(also=each.unique().sort())
    return severe.join(worse, on=["case", "date"]).sort("case", "event")


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    in_window = from_day(X, -d.surgical_lookback_days)
    unscored = Rule("severity_not_recorded", said_without_score("worsening"), DATE >= CONS_3M, until=None)
    return Measure(
        id="S3",
        trigger=Trigger(events=severe_and_worsening, where=DATE >= CONS_3M),
        deadline_days=d.surgical_days,
        prepare=add_pain_records(CONS_3M),
        untriggered=pain_decides(
            p,
            CONS_3M,
            applies=CONS_3M.is_not_null(),
            unknown=(unscored, no_conservative_care(severe_and_worsening)),
            otherwise=(NO_CARE,),
        ),
        met=contact("surgical_contact", in_window),
        exceptions=(declined(p, "surgery"),),
        cannot_tell=(unknown_specialty(in_window),),
        deviations=(wrong_specialty(in_window), Rule("missing")),
    )
