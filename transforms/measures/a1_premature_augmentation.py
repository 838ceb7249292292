"""A1: vertebroplasty or kyphoplasty before 3 months without an indication.

Guideline line 20: "medical management is the primary approach for the first 3 months".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Prepare, Rule, Trigger, Untriggered
from ..facts import Facts, last_of_each
from ..places import pairs_of, placed
from ..vocabulary import DATE, END, M3, T0, Seen, X, days_before, grace_ends
from .early_indication import add_indication_data, indicated, unseen


def augmentation_dates(f: Facts) -> pl.DataFrame:
    """One augmentation a date: one whose level is known before one whose level is not."""
    rows = f.augmentations.with_columns(is_vertebroplasty=f.concepts.is_in("vertebroplasty").any().over("case", "date"))
    return rows.sort("case", "date", "level_unknown", "event").unique(
        ["case", "date"], keep="first", maintain_order=True
    )


def add_overlays(p: Parameters) -> Prepare:
    """Adds meets_coverage_like: whether the last score before the procedure would meet coverage rules."""

    def prepare(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        rows = add_indication_data(p)(facts, rows)
        scores = pairs_of(rows, facts.scores, ("date", "score", "trigger_date")).filter(DATE <= X)
        last = last_of_each(scores, "row").select("row", last_score="score")
        inpatient = (pl.col("trigger_of_class") == "inpatient").fill_null(False)
        least = pl.when(inpatient).then(p.coverage.inpatient_nrs).otherwise(p.coverage.other_nrs)
        return placed(rows, last, "row").with_columns(meets_coverage_like=pl.col("last_score") >= least)

    return prepare


def measure(p: Parameters, seen: Seen) -> Measure:
    return Measure(
        id="A1",
        trigger=Trigger(
            events=augmentation_dates,
            where=DATE.is_between(T0, END),
            each=True,
            carry=("level_unknown", "of_class", "is_vertebroplasty"),
        ),
        commission=True,
        grace=True,
        goals_of_care=False,
        has_late=False,
        judged_from=grace_ends(p),
        prepare=add_overlays(p),
        flags=(
            ("aaos_vertebroplasty", pl.col("trigger_is_vertebroplasty")),
            ("meets_coverage_like", pl.col("meets_coverage_like")),
        ),
        untriggered=Untriggered(closes=days_before(M3, 1), until_closed=True, otherwise=(Rule("no_augmentation"),)),
        undecidable=(Rule("level_unknown", where=pl.col("trigger_level_unknown")),),
        met=(Rule("after_three_months", where=X >= M3), *indicated(p)),
        cannot_tell=unseen(seen),
        deviations=(Rule("premature"),),
    )
