"""M3: calcitonin given for about 4 weeks once started. Guideline line 26: "calcitonin for the first 4 weeks"."""

import polars as pl

from schemas.parameters import Parameters

from ..clock import days_after
from ..engine import EventFrame, Measure, Rule, Trigger, Untriggered
from ..facts import Facts
from ..places import placed
from ..vocabulary import DATE, T0, Seen, X, from_day


def first_start(p: Parameters) -> EventFrame:
    """The first calcitonin start in [T0, T0 + 28]."""

    def frame(f: Facts) -> pl.DataFrame:
        window = DATE.is_between(T0, days_after(T0, p.deadlines.calcitonin_start_days)) & (DATE <= pl.col("end_date"))
        return f.calcitonin.filter(window).unique("case", keep="first", maintain_order=True)

    return frame


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    last_offset = d.calcitonin_course_days - 1

    def add_course(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        """Adds covered_days of [start, start + 27] so far, enough_date (the 21st), last_covered, possible_days."""
        first, last = pl.col("trigger_date"), days_after(pl.col("trigger_date"), last_offset)
        visible = pl.min_horizontal(last, pl.lit(facts.horizons["medications"]), pl.col("end_date"))
        drugs = (
            rows.filter(X.is_not_null())
            .select("row", "case", "trigger_date", "end_date")
            .join(facts.calcitonin.select("case", "event", "date", "covered_to"), on="case")
        )
        since = pl.max_horizontal(DATE, first)

        def days(frame: pl.DataFrame, to: pl.Expr) -> pl.DataFrame:
            spans = frame.with_columns(since=since, to=to).filter(pl.col("since") <= pl.col("to"))
            return spans.select("row", day=pl.date_ranges("since", "to")).explode("day").unique()

        covered = days(drugs.filter(pl.col("covered_to").is_not_null()), pl.min_horizontal("covered_to", visible))
        possible = pl.concat([covered, days(drugs.filter(pl.col("covered_to").is_null()), visible)]).unique()
        told = covered.group_by("row").agg(
            covered_days=pl.len(),
            enough_date=pl.col("day").sort().get(d.calcitonin_min_covered_days - 1, null_on_oob=True),
            last_covered=pl.col("day").max(),
        )
        could = possible.group_by("row").agg(possible_days=pl.len())
        return placed(placed(rows, told, "row"), could, "row").with_columns(
            pl.col("covered_days", "possible_days").fill_null(0)
        )

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
                lambda f: f.scores.filter(pl.col("score") <= p.pain.subsided_nrs),
                from_day(T0) & (DATE <= pl.col("last_covered")),
                until=None,
            ),
        ),
        cannot_tell=(Rule("unknown_duration", where=could_be_enough),),
        deviations=(Rule("early"),),
    )
