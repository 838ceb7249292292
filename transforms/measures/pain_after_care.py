"""What S3, S7 and I1 share: pain after three months of conservative care, and what is missing where that can't be told."""

import polars as pl

from ..engine import EventFrame, Rule
from ..facts import Facts
from ..vocabulary import CONS_3M, DATE, M3


def said_without_score(*words: str) -> EventFrame:
    """Course statements without a pain score within a week of them."""

    def frame(f: Facts) -> pl.DataFrame:
        said = f.course.filter(pl.col("value_code").is_in(words))
        scores = f.scores.select("case", score_date="date")
        near = (pl.col("score_date") - DATE).dt.total_days().abs() <= f.parameters.pain.severity_near_days
        told = said.join(scores, on="case").filter(near).select("case", "event").unique()
        return said.join(told, on=["case", "event"], how="anti").sort("case", "event")

    return frame


def no_conservative_care(pain: EventFrame) -> Rule:
    """Such pain three months after the fracture although no conservative treatment is recorded."""
    return Rule("no_conservative_care_record", pain, CONS_3M.is_null() & (DATE >= M3), until=None)


NO_CARE = Rule("no_conservative_care", where=CONS_3M.is_null())
