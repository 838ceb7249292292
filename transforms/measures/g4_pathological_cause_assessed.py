"""G4: pathological cause assessed. Guideline line 54: "Always rule out pathologic fractures"."""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once, together
from ..vocabulary import DX_DATE, Seen, from_day


@once
def assessment(f: Facts) -> pl.DataFrame:
    parts = [f.statements("pathology-assessment"), f.conditions("spine_malignancy"), f.biopsies]
    return together(*parts)


def covering_mri_or_ct(f: Facts) -> pl.DataFrame:
    return together(f.covering_mri, f.covering_ct)


def measure(p: Parameters, seen: Seen) -> Measure:
    in_window = from_day(DX_DATE, -p.deadlines.pathology_before_days)
    return Measure(
        id="G4",
        trigger=Trigger(anchor="dx"),
        deadline_days=p.deadlines.pathology_days,
        met=(Rule("on_time", assessment, in_window),),
        cannot_tell=(
            Rule("report_not_available", covering_mri_or_ct, in_window),
            Rule("feed_absent", where=seen.lacks("pathology-assessment")),
        ),
    )
