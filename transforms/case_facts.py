"""`audit.case_facts`: the facts that the measures used, one row a case."""

from math import exp, log, sqrt
from statistics import NormalDist

import polars as pl

from .clock import EVENT, KNOWN, Moment, not_before
from .facts import Facts
from .places import first_of_each
from .wording import written

Z_95 = NormalDist().inv_cdf(0.975)


def likelihood_ratios(counts: tuple[int, int, int, int]) -> dict[str, tuple[float, float, float]]:
    """(LR, low, high) of a positive and a negative sign from true positive, false negative, false positive, true negative.

    95 % intervals on the log scale (Simel, Samsa and Matchar, J Clin Epidemiol 1991;44:763-70).
    """
    tp, fn, fp, tn = counts
    sick, well = tp + fn, fp + tn

    def ratio(a: int, b: int) -> tuple[float, float, float]:
        lr = (a / sick) / (b / well)
        se = sqrt(1 / a - 1 / sick + 1 / b - 1 / well)
        return lr, exp(log(lr) - Z_95 * se), exp(log(lr) + Z_95 * se)

    return {"positive": ratio(tp, fp), "negative": ratio(fn, tn)}


def post_test(pretest: float, lr: float) -> float:
    odds = pretest / (1 - pretest) * lr
    return odds / (1 + odds)


def _bedside(facts: Facts, sign: str, counts: tuple[int, int, int, int]) -> pl.DataFrame:
    """The first sign recorded in [DX - 1, end] of each case, as likelihood ratio and post-test probability."""
    pretest = facts.parameters.bedside.pretest_probability
    ratios = likelihood_ratios(counts)
    said = facts.statements(f"{sign}-sign").filter(
        (pl.col("date") >= pl.col("dx_date") - pl.duration(days=1)) & (pl.col("date") <= pl.col("end_date"))
    )
    first = first_of_each(said, "case", ["event"])

    def by_value(pick: dict[str, float]) -> pl.Expr:
        return pl.col("value_code").replace_strict(pick, default=None, return_dtype=pl.Float64)

    return first.select(
        "case",
        by_value({v: r[0] for v, r in ratios.items()}).alias(f"{sign}_lr"),
        by_value({v: r[1] for v, r in ratios.items()}).alias(f"{sign}_lr_low"),
        by_value({v: r[2] for v, r in ratios.items()}).alias(f"{sign}_lr_high"),
        by_value({v: post_test(pretest, r[0]) for v, r in ratios.items()}).alias(f"{sign}_post_test_probability"),
    )


def case_facts(facts: Facts, timezone: str) -> pl.DataFrame:
    """case and one column a fact, units in the names (declared in schemas/case_facts.py)."""
    cases = facts.cases.select("case")
    first = facts.deficit_episodes.unique("case", keep="first", maintain_order=True)
    deficit = first.select("case", deficit_known_at=written(KNOWN, timezone))
    since = first.select("case", **{f"since_{c}": pl.col(f"first_{c}") for c in ("at", "date", "is_minute")})
    contact = (
        facts.surgical_contact.join(since, on="case")
        .filter(not_before(EVENT, Moment("since_")) & (pl.col("date") <= pl.col("end_date")))
        .sort("case", "at", "is_minute", "event")
    )
    asked = contact.unique("case", keep="first", maintain_order=True).select(
        "case", surgical_contact_at=written(EVENT, timezone)
    )
    met = contact.filter(pl.col("kind").is_in(["encounter", "operation", "transfer", "completed"]))
    seen = met.unique("case", keep="first", maintain_order=True).select(
        "case", surgeon_seen_at=written(EVENT, timezone)
    )
    counts = facts.parameters.bedside_counts
    parts = [
        deficit,
        asked,
        seen,
        _bedside(facts, "percussion", tuple(counts.percussion)),
        _bedside(facts, "supine", tuple(counts.supine)),
    ]
    for part in parts:
        cases = cases.join(part, on="case", how="left", maintain_order="left")
    return cases
