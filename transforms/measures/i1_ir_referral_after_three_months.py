"""I1: interventional radiology considered for persistent pain after 3 months.

Guideline line 44: "Consider for patients with persistent pain after 3 months".
"""

from schemas.parameters import Parameters

from ..engine import Measure, Trigger
from ..vocabulary import CONS_3M, DATE, Seen, add_pain_records, declined, pain_decides
from .ir_referral import NO_CANDIDATE, ir_involved
from .pain_after_care import NO_CARE, no_conservative_care


def measure(p: Parameters, seen: Seen) -> Measure:
    return Measure(
        id="I1",
        trigger=Trigger(events=lambda f: f.persistent_pain, where=DATE >= CONS_3M),
        deadline_days=p.deadlines.interventional_radiology_days,
        prepare=add_pain_records(CONS_3M),
        untriggered=pain_decides(
            p,
            CONS_3M,
            applies=CONS_3M.is_not_null(),
            unknown=(no_conservative_care(lambda f: f.persistent_pain),),
            otherwise=(NO_CARE,),
        ),
        met=ir_involved(p),
        exceptions=(declined(p, "interventional-radiology"), NO_CANDIDATE),
    )
