"""F2: additional imaging considered when symptoms persist beyond 8 weeks.

Guideline line 61: "If symptoms persist beyond 8 weeks, consider additional imaging".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once, together
from ..vocabulary import DATE, T0, Seen, add_pain_records, declined, from_day, pain_decides


def still_painful(f: Facts) -> pl.DataFrame:
    scores = f.scores.filter(pl.col("score") >= f.parameters.pain.persistent_nrs)
    said = f.course.filter(pl.col("value_code").is_in(["persistent", "worsening"]))
    return together(scores, said)


@once
def level_imaged(f: Facts) -> pl.DataFrame:
    return f.studies.filter(pl.col("covers") & pl.col("modality").is_in(["xray", "ct", "mri", "nm"]))


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    first_day = days_after(T0, d.repeat_imaging_after_day + 1)
    in_window = from_day(T0, d.repeat_imaging_credit_from_day)
    decided = pain_decides(p, first_day)
    waits = days_after(T0, d.repeat_imaging_after_day + p.clocks.pain_record_wait_days)
    return Measure(
        id="F2",
        trigger=Trigger(events=still_painful, where=DATE >= first_day),
        deadline_days=d.repeat_imaging_days,
        prepare=add_pain_records(first_day),
        untriggered=decided.until(waits),
        met=(
            Rule("on_time", level_imaged, in_window),
            Rule("alternative", lambda f: f.augmentations.filter("at_case"), in_window),
            Rule("considered", lambda f: f.considered("imaging"), in_window, late=False),
        ),
        exceptions=(declined(p, "imaging"),),
    )
