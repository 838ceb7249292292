"""S7: specialist asked when severe pain has not responded to 3 months of conservative care.

Guideline line 20: "failure to respond to conservative treatment".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once, together
from ..vocabulary import CONS_3M, DATE, Seen, X, add_pain_records, declined, from_day, pain_decides, unknown_specialty
from .pain_after_care import NO_CARE, no_conservative_care, said_without_score


@once
def any_specialist(f: Facts) -> pl.DataFrame:
    return together(f.surgical_contact, f.ir_contact, f.pain_contact, keep=("kind",))


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    in_window = from_day(X, -d.surgical_lookback_days)
    discussed = pl.col("kind") == "discussed"
    by_time = ("at", "is_minute", "event")
    unscored = Rule("severity_not_recorded", said_without_score("worsening", "persistent"), DATE >= CONS_3M, until=None)
    return Measure(
        id="S7",
        trigger=Trigger(events=lambda f: f.unresponsive_pain, where=DATE >= CONS_3M),
        deadline_days=d.unresponsive_referral_days,
        prepare=add_pain_records(CONS_3M),
        untriggered=pain_decides(
            p,
            CONS_3M,
            applies=CONS_3M.is_not_null(),
            unknown=(unscored, no_conservative_care(lambda f: f.unresponsive_pain)),
            otherwise=(NO_CARE,),
        ),
        met=(
            Rule("on_time", any_specialist, in_window & ~discussed, order=by_time),
            Rule("alternative", any_specialist, in_window & discussed, order=by_time),
            Rule(
                "considered",
                lambda f: f.considered("surgery", "interventional-radiology", "pain-management"),
                in_window,
                late=False,
            ),
        ),
        exceptions=(declined(p, "surgery"),),
        cannot_tell=(unknown_specialty(in_window),),
    )
