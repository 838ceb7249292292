"""I1: interventional radiology considered for persistent pain after 3 months.

Guideline line 44: "Consider for patients with persistent pain after 3 months".
"""

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger
from ..vocabulary import CONS_3M, DATE, T0, Seen, add_pain_records, contact, declined, from_day, pain_decides
from .s3_refractory_pain_surgical_referral import NO_CARE, no_conservative_care

NO_CANDIDATE = Rule("contraindicated", lambda f: f.statements("augmentation-candidate", "no"), after_end=True)


def ir_involved(p: Parameters) -> tuple[Rule, ...]:
    """IR contact in [T0, deadline], or considered."""
    return (
        *contact("ir_contact", from_day(T0)),
        Rule("considered", lambda f: f.considered("interventional-radiology"), from_day(T0), late=False),
    )


def measure(p: Parameters, seen: Seen) -> Measure:
    return Measure(
        id="I1",
        trigger=Trigger(events=lambda f: f.persistent_pain, where=DATE >= CONS_3M),
        deadline_days=p.deadlines.interventional_radiology_days,
        prepare=add_pain_records(CONS_3M),
        untriggered=pain_decides(
            p,
            CONS_3M,
            CONS_3M,
            applies=CONS_3M.is_not_null(),
            unknown=(no_conservative_care(lambda f: f.persistent_pain),),
            otherwise=(NO_CARE,),
        ),
        met=ir_involved(p),
        exceptions=(declined(p, "interventional-radiology"), NO_CANDIDATE),
    )
