"""P1: pain management considered for persistent pain despite analgesics.

Guideline line 49: "persistent pain despite initial analgesic therapy".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger
from ..facts import Facts, once, together
from ..vocabulary import DATE, T0, Seen, add_pain_records, declined, from_day, pain_decides

ANALGESIC = pl.col("analgesic_date")


@once
def another_way(f: Facts) -> pl.DataFrame:
    """Discussed with pain management, or another specialist involved."""
    talked = f.pain_contact.filter(pl.col("kind") == "discussed")
    return together(talked, f.ir_contact, f.surgical_contact)


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    discussed, by_time = pl.col("kind") == "discussed", ("at", "is_minute", "event")
    first_day = days_after(ANALGESIC, d.pain_referral_min_days_after_analgesic)
    return Measure(
        id="P1",
        trigger=Trigger(events=lambda f: f.persistent_pain, where=DATE >= first_day),
        deadline_days=d.pain_referral_days,
        prepare=add_pain_records(first_day),
        untriggered=pain_decides(
            p,
            first_day,
            applies=ANALGESIC.is_not_null(),
            otherwise=(Rule("no_analgesic_record", where=ANALGESIC.is_null()),),
        ),
        met=(
            Rule("on_time", lambda f: f.pain_contact, from_day(T0) & ~discussed, order=by_time),
            Rule("alternative", another_way, from_day(T0), order=by_time),
            Rule("considered", lambda f: f.considered("pain-management"), from_day(T0), late=False),
        ),
        exceptions=(declined(p, "pain-management"),),
    )
