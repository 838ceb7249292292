"""What A1 and I3 share: deformity, worsening, breathing or suspected malignancy make an early intervention fit the algorithm."""

import polars as pl

from schemas.parameters import Parameters

from ..engine import ANY, Prepare, Rule, holds_any
from ..facts import Facts, once
from ..vocabulary import DATE, DEFORMITY_CODES, T0, Seen, X, known_in_time


def _in_course() -> pl.Expr:
    """Worsening counts in [T0, the decision]; the other indications whenever they were known."""
    return (pl.col("kind") != "worsening") | DATE.is_between(T0, X)


@once
def strong_indications(f: Facts) -> pl.DataFrame:
    """All but the measurements of a lower tier (below 30 degrees and 50 %)."""
    return f.augmentation_indications.join(f.lower_tier.select("case", "event"), on=["case", "event"], how="anti").sort(
        "case", "event"
    )


def indicated(p: Parameters) -> tuple[Rule, ...]:
    known = known_in_time(p)
    return (
        Rule("indicated", strong_indications, known & _in_course(), until=None, after_end=True),
        Rule("indicated", lambda f: f.lower_tier, known & pl.col("significant_known"), until=None, after_end=True),
        Rule("indicated", lambda f: f.lower_tier, known, until=None, after_end=True, flag="lower_tier_only"),
    )


def add_indication_data(p: Parameters) -> Prepare:
    def prepare(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        rows = holds_any(rows, facts.indication_data, DATE.is_between(T0, X), "has_indication_data")
        rows = holds_any(rows, facts.significant_deformity, known_in_time(p), "significant_known")
        return holds_any(rows, facts.kyphosis, ANY, "has_kyphosis")

    return prepare


def unseen(seen: Seen) -> tuple[Rule, ...]:
    """Nothing recorded that could tell, or deformity measured nowhere in the extract."""
    return (
        Rule("no_indication_data", where=~pl.col("has_indication_data")),
        Rule("feed_absent", where=seen.lacks(*DEFORMITY_CODES) & ~pl.col("has_kyphosis")),
    )
