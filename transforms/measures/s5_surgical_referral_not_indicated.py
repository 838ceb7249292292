"""S5: surgical referral in an uncomplicated fracture.

Guideline line 32: "No Referral Needed ... without neurological deficits, spinal deformity, or "red flags"".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import DX, TRIGGER, at_most_hours_after, days_after
from ..engine import Measure, Rule, holds_any
from ..facts import Facts
from ..vocabulary import DATE, DX_DATE, Seen, X, grace_ends, known_in_time
from .early_referral import UNKNOWN_REASON, UNRELATED, early_referrals, none_seen


def measure(p: Parameters, seen: Seen) -> Measure:
    at_the_diagnosis = at_most_hours_after(TRIGGER, DX, p.deadlines.emergency_consult_hours) | (X == DX_DATE)
    exam_window = DATE.is_between(days_after(DX_DATE, -1), days_after(X, 2))

    def add_exam(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        return holds_any(rows, facts.neuro_exams, exam_window, "was_examined")

    return Measure(
        id="S5",
        trigger=early_referrals("is_surgical"),
        commission=True,
        grace=True,
        goals_of_care=False,
        has_late=False,
        judged_from=grace_ends(p),
        prepare=add_exam,
        untriggered=none_seen("no_surgical_referral"),
        not_applicable=(UNRELATED,),
        met=(
            Rule("indicated", lambda f: f.red_flags, known_in_time(p), until=None, after_end=True),
            Rule("emergency_consult", where=(pl.col("trigger_of_class") == "emergency") & at_the_diagnosis),
        ),
        cannot_tell=(
            UNKNOWN_REASON,
            Rule("feed_absent", where=seen.lacks("neuro-exam")),
            Rule("no_neuro_exam", where=~pl.col("was_examined")),
            Rule("feed_absent", where=at_the_diagnosis & seen.absent("encounters")),
        ),
        deviations=(Rule("not_indicated"),),
    )
