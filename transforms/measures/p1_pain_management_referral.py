"""P1: pain management considered for persistent pain despite analgesics.

Guideline line 49: "persistent pain despite initial analgesic therapy".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger
from ..facts import Facts
from ..vocabulary import DATE, T0, Seen, add_pain_records, contact, declined, from_day, pain_decides

ANALGESIC = pl.col("analgesic_date")


def other_specialist(f: Facts) -> pl.DataFrame:
    return pl.concat([f.ir_contact, f.surgical_contact], how="diagonal_relaxed")


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    first_day = days_after(ANALGESIC, d.pain_referral_min_days_after_analgesic)
    return Measure(
        id="P1",
        trigger=Trigger(events=lambda f: f.persistent_pain, where=DATE >= first_day),
        deadline_days=d.pain_referral_days,
        prepare=add_pain_records(first_day),
        untriggered=pain_decides(
            p, first_day, first_day, applies=ANALGESIC.is_not_null(),
            otherwise=(Rule("no_analgesic_record", where=ANALGESIC.is_null()),),
        ),
        met=(
            *contact("pain_contact", from_day(T0)),
            Rule("alternative", other_specialist, from_day(T0), order=("at", "is_minute", "event")),
            Rule("considered", lambda f: f.considered("pain-management"), from_day(T0), late=False),
        ),
        exceptions=(declined(p, "pain-management"),),
    )
