"""F1: reassessment at 4-6 weeks. Guideline line 60: "Patients should be reassessed at 4-6 weeks"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import EventFrame, Measure, Rule, Trigger
from ..facts import Facts, last_of_each
from ..vocabulary import DATE, DUE, DX_DATE, TX, Seen, between_days, days_before

STAY_ENDS = pl.col("stay_end_date")


def reassessments(f: Facts) -> pl.DataFrame:
    return f.reassessments


def unclear_visits(f: Facts) -> pl.DataFrame:
    return f.visits.filter(pl.col("is_reassessment").is_null())


def runs_between(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    """A visit begins in the days from first to last; an inpatient stay overlaps them."""
    stays = (pl.col("class") == "inpatient") & (STAY_ENDS >= first)
    return (DATE <= last) & ((DATE >= first) | stays.fill_null(False))


def last_discharge_elsewhere(last_day: int) -> EventFrame:
    """The last disposition of [DX - 1, TX + 49], where it is a nursing facility or rehabilitation."""

    def frame(f: Facts) -> pl.DataFrame:
        day = pl.when("has_end").then(STAY_ENDS).otherwise(DATE)
        at = pl.when("has_end").then(pl.col("stay_end_at")).otherwise(pl.col("at"))
        rows = f.with_clocks(f.discharges, "tx_date").with_columns(out_day=day, out_at=at)
        window = pl.col("out_day").is_between(days_before(DX_DATE, 1), days_after(TX, last_day))
        last = last_of_each(rows.filter(window).sort("case", "out_day", "out_at", "event"), "case")
        return last.filter(pl.col("disposition").is_in(["snf", "rehab"])).drop("tx_date")

    return frame


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    first, last, either_side = d.reassess_from_day, d.reassess_to_day, d.reassess_tolerance_days
    day = lambda n: days_after(TX, n)  # noqa: E731
    in_window = runs_between(day(first), day(last))
    in_tolerance = runs_between(day(first - either_side), day(last + either_side))
    dated_in_tolerance = between_days(day(first - either_side), day(last + either_side))
    return Measure(
        id="F1",
        trigger=Trigger(anchor="tx"),
        deadline=day(last + either_side),
        late_counted_from=day(last),
        not_applicable=(
            Rule(
                "intervention_before_reassessment",
                lambda f: f.interventions,
                between_days(DX_DATE, day(first - 1)),
                until=None,
            ),
        ),
        met=(
            Rule("on_time", reassessments, in_window, until=None, late=False),
            Rule("tolerance", reassessments, in_tolerance, until=None, late=False),
        ),
        exceptions=(
            Rule("patient_declined", lambda f: f.declined("follow-up"), dated_in_tolerance, until=None, after_end=True),
            Rule(
                "outreach_no_show",
                lambda f: f.statements("outreach", "no-show"),
                dated_in_tolerance,
                until=None,
                after_end=True,
            ),
        ),
        late_actions=(Rule("late", reassessments, DATE > DUE),),
        cannot_tell=(
            Rule("unknown_content", unclear_visits, in_tolerance, until=None),
            Rule("care_elsewhere", last_discharge_elsewhere(last + either_side), until=None, after_end=True),
        ),
        deviations=(
            Rule(
                "early",
                reassessments,
                runs_between(day(d.reassess_early_from_day), day(first - either_side - 1)),
                until=None,
            ),
            Rule("missing"),
        ),
    )
