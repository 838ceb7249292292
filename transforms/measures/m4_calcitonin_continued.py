"""M4: calcitonin continued beyond 4 weeks. Guideline line 26: "for the first 4 weeks"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import Measure, Rule, Trigger, Untriggered
from ..facts import Facts
from ..places import pairs_of, placed
from ..vocabulary import DATE, DUE, T0, Seen, from_day


def measure(p: Parameters, seen: Seen) -> Measure:
    days = p.deadlines.calcitonin_stop_days

    def add_course(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        """Adds last_covered (no later than end), goes_on (covered or started after the limit), has_unknown (duration), horizon."""
        horizon = facts.horizons["medications"]
        names = ("date", "covered_to", "due_date", "end_date")
        drugs = pairs_of(rows, facts.calcitonin, names, rows["trigger_date"].is_not_null())
        seen_in_time = DATE <= pl.col("end_date")
        # Of an unknown duration nothing is covered for certain (min_horizontal would skip the null).
        to = pl.when(pl.col("covered_to").is_not_null()).then(pl.min_horizontal("covered_to", "end_date"))
        told = drugs.group_by("row").agg(
            planned_to=pl.col("covered_to").max(),
            last_covered=to.filter(seen_in_time & (to >= DATE)).max(),
            started_later=(seen_in_time & (DATE > DUE)).any(),
            goes_on_date=pl.max_horizontal(DATE, days_after(DUE, 1))
            .filter(seen_in_time & ((DATE > DUE) | (to > DUE)))
            .min(),
            has_unknown=(seen_in_time & pl.col("covered_to").is_null()).any(),
        )
        return placed(rows, told, "row").with_columns(
            goes_on=((pl.col("last_covered") > DUE) | pl.col("started_later")).fill_null(False),
            has_unknown=pl.col("has_unknown").fill_null(False),
            # The days after the horizon are a plan; whether they were taken can't be seen yet.
            outlives=(pl.col("planned_to") > DUE).fill_null(False) & (pl.col("end_date") < DUE),
            is_open=(pl.lit(horizon) <= DUE) & (pl.col("last_covered") > horizon).fill_null(False),
        )

    stopped = ~pl.col("goes_on") & ~pl.col("has_unknown") & ~pl.col("is_open") & ~pl.col("outlives")
    running_before = (DATE < T0) & (pl.col("covered_to") >= days_after(T0, -1))
    continuing = (DATE > DUE) | (pl.col("covered_to") > DUE)
    return Measure(
        id="M4",
        trigger=Trigger(events=lambda f: f.calcitonin, where=from_day(T0) & (DATE <= pl.col("end_date"))),
        deadline_days=days,
        deadline_from="trigger",
        commission=True,
        has_deadline=True,
        goals_of_care=False,
        has_late=False,
        prepare=add_course,
        untriggered=Untriggered(otherwise=(Rule("no_calcitonin"),)),
        met=(Rule("on_time", where=stopped),),
        exceptions=(
            Rule("other_indication", lambda f: f.conditions("calcitonin_other_indication"), until=None, after_end=True),
            Rule("other_indication", lambda f: f.calcitonin, running_before, until=None),
        ),
        judged_from=days_after(DUE, 1),
        not_yet_due_if=pl.col("is_open"),
        pending_if=pl.col("is_open") | (pl.col("has_unknown") & ~pl.col("goes_on")),
        cannot_tell=(
            Rule(
                "unknown_duration",
                lambda f: f.calcitonin,
                pl.col("covered_to").is_null() & ~pl.col("goes_on"),
                until=None,
            ),
        ),
        deviations=(Rule("continued", lambda f: f.calcitonin, continuing, until=None, dated="goes_on_date"),),
    )
