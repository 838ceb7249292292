"""M2: calcitonin started in the first 4 weeks.

Guideline line 26: "Pain management should include calcitonin for the first 4 weeks".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger
from ..vocabulary import DATE, DUE, DX_DATE, END, T0, Seen, declined, from_day, runs_on

CONTRAINDICATIONS = ("calcitonin_contraindication", "malignancy_suspicion", "malignancy_history", "spine_malignancy")


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    acute = DATE <= days_after(T0, d.calcitonin_acute_start_days)
    return Measure(
        id="M2",
        trigger=Trigger(anchor="t0"),
        deadline=days_after(T0, d.calcitonin_start_days),
        not_applicable=(
            Rule("switched_off", where=pl.lit(not p.switches.calcitonin_start)),
            Rule("presented_late", where=days_after(T0, d.calcitonin_start_days) < DX_DATE),
            Rule("deficit", lambda f: f.deficits, DATE <= DUE, until=None),
            Rule("little_pain", lambda f: f.low_first_score, until=None),
        ),
        met=(
            Rule("on_time", lambda f: f.calcitonin, from_day(T0) & acute, flag="acute", late=False),
            Rule("on_time", lambda f: f.calcitonin, from_day(T0)),
            Rule("already_under_care", lambda f: f.calcitonin, runs_on(T0) & (T0 <= END), until=None, late=False),
        ),
        exceptions=(
            Rule(
                "contraindicated", lambda f: f.conditions(*CONTRAINDICATIONS), DATE <= DUE, until=None, after_end=True
            ),
            declined(p, "medication"),
        ),
        cannot_tell=(Rule("feed_absent", where=pl.lit(not seen.calcitonin)),),
    )
