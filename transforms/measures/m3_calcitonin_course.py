"""M3: calcitonin given for about 4 weeks once started. Guideline line 26: "calcitonin for the first 4 weeks"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import EventFrame, Measure, Rule, Trigger, Untriggered
from ..facts import Facts
from ..places import latest_day_before, pairs_of, placed, sum_along
from ..vocabulary import DATE, T0, Seen, X, days_before, from_day


def first_start(p: Parameters) -> EventFrame:
    """The first calcitonin start in [T0, T0 + 28]."""

    def frame(f: Facts) -> pl.DataFrame:
        window = DATE.is_between(T0, days_after(T0, p.deadlines.calcitonin_start_days)) & (DATE <= pl.col("end_date"))
        return f.calcitonin.filter(window).unique("case", keep="first", maintain_order=True)

    return frame


def distinct_days(spans: pl.DataFrame) -> pl.DataFrame:
    """Adds days_so_far: how many different days the spans of a row (first_day to last_day) hold up to this one, by time."""
    spans = spans.filter(pl.col("first_day") <= pl.col("last_day")).sort("row", "first_day", "last_day")
    reach = latest_day_before(pl.col("last_day"), "row")
    new = (pl.col("last_day") - pl.max_horizontal(reach, days_before(pl.col("first_day"), 1))).dt.total_days()
    return spans.with_columns(days_so_far=sum_along(new.clip(lower_bound=0), "row"))


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    last_offset = d.calcitonin_course_days - 1

    def add_course(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        """Adds covered_days of [start, start + 27] so far, enough_date (the 21st), last_covered, possible_days."""
        names = ("event", "date", "covered_to", "trigger_date", "end_date")
        drugs = pairs_of(rows, facts.calcitonin, names, rows["trigger_date"].is_not_null())
        visible = pl.min_horizontal(
            days_after(X, last_offset), pl.lit(facts.horizons["medications"]), pl.col("end_date")
        )
        drugs = drugs.with_columns(
            first_day=pl.max_horizontal(DATE, X), last_day=pl.min_horizontal("covered_to", visible)
        )
        covered = distinct_days(drugs.filter(pl.col("covered_to").is_not_null()))
        possible = distinct_days(drugs)  # one of unknown duration may have been taken all the time
        enough, day = d.calcitonin_min_covered_days, pl.col("last_day")
        told = covered.group_by("row").agg(covered_days=pl.col("days_so_far").last(), last_covered=day.max())
        could = possible.group_by("row").agg(possible_days=pl.col("days_so_far").last())
        reached = covered.filter(pl.col("days_so_far") >= enough).unique("row", keep="first", maintain_order=True)
        surplus = pl.duration(days=pl.col("days_so_far") - enough)
        for frame in (told, could, reached.select("row", enough_date=day - surplus)):
            rows = placed(rows, frame, "row")
        return rows.with_columns(pl.col("covered_days", "possible_days").fill_null(0))

    enough = pl.col("covered_days") >= d.calcitonin_min_covered_days
    could_be_enough = pl.col("possible_days") >= d.calcitonin_min_covered_days

    def course(f: Facts) -> pl.DataFrame:
        """The start, to be dated at the day on which enough days were covered."""
        return first_start(p)(f)

    return Measure(
        id="M3",
        trigger=Trigger(events=first_start(p), where=pl.lit(bool(p.switches.calcitonin_start))),
        deadline_days=d.calcitonin_course_days,
        deadline_from="trigger",
        prepare=add_course,
        never=(Rule("switched_off", where=pl.lit(not p.switches.calcitonin_start)),),
        untriggered=Untriggered(closes=days_after(T0, d.calcitonin_start_days), otherwise=(Rule("no_calcitonin"),)),
        met=(Rule("on_time", course, enough, until=None, late=False, dated="enough_date"),),
        has_late=False,
        exceptions=(
            Rule(
                "contraindicated",
                lambda f: f.conditions("calcitonin_contraindication"),
                DATE.is_between(X, days_after(X, last_offset)),
                until=None,
                after_end=True,
            ),
            Rule(
                "pain_subsided",
                lambda f: f.scores,
                (pl.col("score") <= p.pain.subsided_nrs) & from_day(T0) & (DATE <= pl.col("last_covered")),
                until=None,
            ),
        ),
        cannot_tell=(Rule("unknown_duration", where=could_be_enough),),
        deviations=(Rule("early"),),
    )
