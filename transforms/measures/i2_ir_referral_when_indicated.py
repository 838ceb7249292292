"""I2: interventional radiology for deformity, worsening symptoms or pulmonary dysfunction.

Guideline line 45: "spinal deformity, worsening symptoms, or pulmonary dysfunction who are candidates".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger, Untriggered
from ..facts import Facts
from ..vocabulary import END, T0, Seen, between_days, declined
from .ir_referral import NO_CANDIDATE, ir_involved


def indications(f: Facts) -> pl.DataFrame:
    return f.augmentation_indications.filter(pl.col("kind") != "suspicion")


def indications_of_asked(f: Facts) -> pl.DataFrame:
    """Indications of patients for whom it was stated whether they are candidates for augmentation."""
    return indications(f).join(f.statements("augmentation-candidate"), on="case", how="semi")


def measure(p: Parameters, seen: Seen) -> Measure:
    is_duty = bool(p.switches.ir_indicated_duty)
    return Measure(
        id="I2",
        trigger=Trigger(events=indications_of_asked, where=between_days(T0, END) & pl.lit(is_duty)),
        deadline_days=p.deadlines.interventional_radiology_days,
        never=(Rule("switched_off", where=pl.lit(not is_duty)),),
        untriggered=Untriggered(
            unknown=(Rule("candidate_not_recorded", indications, between_days(T0, END), until=None),),
            otherwise=(Rule("not_triggered"),),
        ),
        met=ir_involved(p),
        exceptions=(declined(p, "interventional-radiology"), NO_CANDIDATE),
    )
