"""G3: contrast MRI without suspicion of malignancy or infection. Guideline line 25: "MRI of the spine without IV contrast"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger, Untriggered
from ..vocabulary import DX_DATE, Seen, grace_ends, known_in_time


def measure(p: Parameters, seen: Seen) -> Measure:
    contrast = pl.col("trigger_contrast")
    return Measure(
        id="G3",
        trigger=Trigger(events=lambda f: f.initial_mri, carry=("contrast",)),
        commission=True,
        grace=True,
        goals_of_care=False,
        has_late=False,
        judged_from=grace_ends(p),
        untriggered=Untriggered(
            closes=days_after(DX_DATE, p.deadlines.imaging_days), until_closed=True, otherwise=(Rule("no_mri"),)
        ),
        met=(
            Rule("on_time", where=contrast == "without"),
            Rule("indicated", lambda f: f.suspicion_or_infection, known_in_time(p), until=None, after_end=True),
        ),
        cannot_tell=(Rule("unknown_contrast", where=contrast.is_null()),),
        deviations=(Rule("not_indicated"),),
    )
