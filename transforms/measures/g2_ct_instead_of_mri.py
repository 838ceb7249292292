"""G2: CT in place of MRI without a contraindication.

Guideline line 25: "CT spine without contrast if MRI is contraindicated".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger, Untriggered
from ..vocabulary import DATE, DX_DATE, END, Seen, X, declined


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    window_opens = days_after(DX_DATE, -d.imaging_lookback_days)
    window_closes = days_after(DX_DATE, d.imaging_days)
    by_three_days_after = DATE <= days_after(X, d.contraindication_after_ct_days)
    about_the_ct = DATE.is_between(
        days_after(X, -d.contraindication_after_ct_days), days_after(X, d.contraindication_after_ct_days)
    )
    return Measure(
        id="G2",
        trigger=Trigger(events=lambda f: f.initial_ct),
        commission=True,
        goals_of_care=False,
        has_late=False,
        # An MRI may still come in; after that the 3 days take the place of the grace for charting.
        window_closes=pl.min_horizontal(window_closes, END),
        grace=True,
        judged_from=days_after(X, d.contraindication_after_ct_days),
        never=(Rule("mri_done", lambda f: f.initial_mri, until=None),),
        untriggered=Untriggered(closes=window_closes, until_closed=True, otherwise=(Rule("no_ct"),)),
        met=(
            Rule("alternative", lambda f: f.mri_contraindication, by_three_days_after, until=None, after_end=True),
            Rule("alternative", lambda f: f.statements("mri-unavailable"), about_the_ct, until=None, after_end=True),
        ),
        exceptions=(declined(p, "mri", since=window_opens, until=X),),
        cannot_tell=(
            Rule(
                "unknown_device",
                lambda f: f.statements("mri-contraindication", "unknown-device"),
                by_three_days_after,
                until=None,
                after_end=True,
            ),
        ),
        deviations=(Rule("wrong_modality"),),
    )
