"""I2: interventional radiology for deformity, worsening symptoms or pulmonary dysfunction.

Guideline line 45: "spinal deformity, worsening symptoms, or pulmonary dysfunction who are candidates".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger, Untriggered, holds_any
from ..facts import Facts
from ..vocabulary import END, T0, Seen, between_days, declined
from .i1_ir_referral_after_three_months import NO_CANDIDATE, ir_involved


def indications(f: Facts) -> pl.DataFrame:
    return f.augmentation_indications.filter(pl.col("kind") != "suspicion")


def add_candidate(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
    return holds_any(rows, facts.statements("augmentation-candidate"), pl.lit(True), "candidate_recorded")


def measure(p: Parameters, seen: Seen) -> Measure:
    is_duty = bool(p.switches.ir_indicated_duty)
    return Measure(
        id="I2",
        trigger=Trigger(events=indications, where=between_days(T0, END) & pl.lit(is_duty)),
        deadline_days=p.deadlines.interventional_radiology_days,
        prepare=add_candidate,
        never=(Rule("switched_off", where=pl.lit(not is_duty)),),
        untriggered=Untriggered(otherwise=(Rule("not_triggered"),)),
        # A statement about candidacy may still come in while a feed is behind.
        trigger_unsettled=~pl.col("candidate_recorded") & (seen.horizon("conditions", "observations") < pl.min_horizontal(END, pl.lit(seen.as_of))),
        undecidable=(Rule("candidate_not_recorded", where=~pl.col("candidate_recorded")),),
        met=ir_involved(p),
        exceptions=(declined(p, "interventional-radiology"), NO_CANDIDATE),
    )
