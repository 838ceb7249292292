"""M1: medical management before intervention. Guideline line 24: "Medical management is the first-line approach"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import EVENT, Moment, days_after, not_after
from ..engine import Measure, Rule, Trigger
from ..facts import Facts, together
from ..places import first_of_each, pairs_of, placed
from ..vocabulary import DATE, DUE, DX_DATE, END, Seen, from_day, runs_on

OPERATION = Moment("operation_")


def add_first_intervention(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds operation_*: the first augmentation or spine surgery of [DX, deadline]."""
    done = pairs_of(rows, facts.interventions, ("event", *EVENT.columns(), "dx_date", "due_date"))
    first = first_of_each(done.filter(DATE.is_between(DX_DATE, DUE)), "row", ["event"])
    return placed(rows, first.select("row", *EVENT.renamed("operation_")), "row")


def deficit_or_instability(f: Facts) -> pl.DataFrame:
    return together(f.deficits, f.instability)


def measure(p: Parameters, seen: Seen) -> Measure:
    days = p.deadlines.medical_first_days
    not_after_operation = pl.col("operation_at").is_null() | not_after(EVENT, OPERATION)
    return Measure(
        id="M1",
        trigger=Trigger(anchor="dx"),
        deadline_days=days,
        prepare=add_first_intervention,
        not_applicable=(
            Rule(
                "deficit_or_instability",
                deficit_or_instability,
                pl.col("known_date") <= days_after(DX_DATE, days),
                until=None,
            ),
            Rule("little_pain", lambda f: f.low_first_score, until=None),
        ),
        met=(
            Rule("on_time", lambda f: f.conservative, from_day(DX_DATE, -1) & not_after_operation),
            Rule(
                "already_under_care",
                lambda f: f.conservative,
                runs_on(DX_DATE) & (DX_DATE <= END),
                until=None,
                late=False,
            ),
        ),
        deviations=(
            Rule("early", lambda f: f.interventions, DATE.is_between(DX_DATE, DUE)),
            Rule("missing"),
        ),
    )
