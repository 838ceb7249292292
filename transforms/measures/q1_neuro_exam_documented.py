"""Q1: neurological status documented at diagnosis. Guideline line 37: "patients with neurological deficits"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import DX, EVENT, at_most_hours_before
from ..engine import Measure, Rule, Trigger
from ..facts import Facts, together
from ..vocabulary import Seen


def exam_or_deficit(f: Facts) -> pl.DataFrame:
    return together(f.neuro_exams, f.conditions("neuro_deficit"))


def measure(p: Parameters, seen: Seen) -> Measure:
    hours = p.deadlines.neuro_exam_hours
    return Measure(
        id="Q1",
        trigger=Trigger(anchor="dx"),
        deadline_hours=hours,
        met=(Rule("on_time", exam_or_deficit, at_most_hours_before(EVENT, DX, hours)),),
        cannot_tell=(Rule("feed_absent", where=seen.lacks("neuro-exam")),),
    )
