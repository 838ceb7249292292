"""Q2: pain intensity recorded at diagnosis. Guideline line 39: "severe and worsening pain"."""

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger
from ..vocabulary import DX_DATE, Seen, from_day


def measure(p: Parameters, seen: Seen) -> Measure:
    days = p.deadlines.pain_score_days
    return Measure(
        id="Q2",
        trigger=Trigger(anchor="dx"),
        deadline_days=days,
        met=(Rule("on_time", lambda f: f.all_scores, from_day(DX_DATE, -days)),),
    )
