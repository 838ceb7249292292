"""A1: vertebroplasty or kyphoplasty before 3 months without an indication.

Guideline line 20: "medical management is the primary approach for the first 3 months".
"""

import polars as pl

from schemas.parameters import Parameters

from ..engine import Measure, Prepare, Rule, Trigger, Untriggered
from ..facts import Facts
from ..vocabulary import DATE, END, M3, T0, Seen, X, days_before, grace_ends
from .early_indication import add_indication_data, indicated, unseen


def augmentation_dates(f: Facts) -> pl.DataFrame:
    """One augmentation a date: one whose level is known before one whose level is not."""
    rows = f.augmentations.with_columns(is_vertebroplasty=f.concepts.is_in("vertebroplasty").any().over("case", "date"))
    return rows.sort("case", "date", "level_unknown", "event").unique(
        ["case", "date"], keep="first", maintain_order=True
    )


def add_overlays(p: Parameters) -> Prepare:
    """Adds the reviewer's overlays as flags: the procedure's code, and whether the last score would meet coverage rules."""

    def prepare(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        rows = add_indication_data(p)(facts, rows)
        last = (
            rows.select("row", "case", "trigger_date")
            .join(facts.scores.select("case", "date", "score"), on="case")
            .filter(DATE <= X)
            .group_by("row", maintain_order=True)
            .agg(last_score=pl.col("score").last())
        )
        inpatient = (pl.col("trigger_of_class") == "inpatient").fill_null(False)
        least = pl.when(inpatient).then(p.coverage.inpatient_nrs).otherwise(p.coverage.other_nrs)
        flags = pl.concat_str(
            pl.when(pl.col("trigger_is_vertebroplasty")).then(pl.lit("aaos_vertebroplasty")),
            pl.when(pl.col("last_score") >= least).then(pl.lit("meets_coverage_like")),
            separator="|",
            ignore_nulls=True,
        )
        rows = rows.join(last, on="row", how="left", maintain_order="left")
        return rows.with_columns(extra_flags=pl.when(flags != "").then(flags))

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
        untriggered=Untriggered(closes=days_before(M3, 1), until_closed=True, otherwise=(Rule("no_augmentation"),)),
        undecidable=(Rule("level_unknown", where=pl.col("trigger_level_unknown")),),
        met=(Rule("after_three_months", where=X >= M3), *indicated(p)),
        cannot_tell=unseen(seen),
        deviations=(Rule("premature"),),
    )
