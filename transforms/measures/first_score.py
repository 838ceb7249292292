"""What M1 and M2 share: the first pain score about the diagnosis, where it is low."""

import polars as pl

from ..clock import days_after
from ..engine import EventFrame
from ..facts import Facts
from ..vocabulary import DATE


def first_score_at_dx(days_after_dx: int, subsided: float) -> EventFrame:
    """The first pain score of [DX - 1, DX + 7], where it is low."""

    def frame(f: Facts) -> pl.DataFrame:
        window = DATE.is_between(days_after(pl.col("dx_date"), -1), days_after(pl.col("dx_date"), days_after_dx))
        first = f.all_scores.filter(window).unique("case", keep="first", maintain_order=True)
        return first.filter(pl.col("score") <= subsided)

    return frame
