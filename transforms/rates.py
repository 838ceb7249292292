"""Findings to rates: how often each measure was met, by stratum and by month (specification, sections 2, 4 and 5).

Only counting happens here; which rows count together is the whole subject:

* a case of unspecified level is the stratum `level_unspecified` and nothing else, but for Q3, whose question it is;
* a rate without a denominator is null, never 0 and never 1;
* what can't be told widens the bounds (`worst`, `best`) and moves no rate.
"""

from collections.abc import Sequence
from datetime import date
from statistics import NormalDist

import polars as pl

from schemas.catalogue import MEASURES, STATES, MeasureInfo

Z_95 = NormalDist().inv_cdf(0.975)

UNSPECIFIED = "unspecified"
COUNTS_UNSPECIFIED: tuple[str, ...] = ("Q3",)
"""The measures whose overall rate takes in the cases of unspecified level."""

UNVERIFIED_REASONS: tuple[str, ...] = ("no_deficit_recorded", "no_instability_recorded", "no_suspicion")
"""Reasons of `not_applicable` that say "nothing recorded", not "looked and found none"."""

CASE_STRATA: tuple[str, ...] = (
    "case_basis",
    "age_band",
    "sex",
    "race",
    "ethnicity",
    "language",
    "payer",
    "site_id",
)
"""The strata that are a property of the case."""

STRATA: tuple[str, ...] = ("overall", "level_unspecified", *CASE_STRATA)

AGE_BANDS: tuple[tuple[int, int, str], ...] = (
    (18, 49, "18-49"),
    (50, 64, "50-64"),
    (65, 74, "65-74"),
    (75, 84, "75-84"),
    (85, 200, "85+"),
)
"""Lowest age, highest age, name. A younger patient is in no band (`unknown`) and in no rate (`excluded`, `age`)."""

_COUNTS: tuple[str, ...] = ("n", *(f"n_{state}" for state in STATES), "n_unverified")


# Expressions ---------------------------------------------------------------------------------------------------------


def wilson_low(numerator: pl.Expr, denominator: pl.Expr, z: float = Z_95) -> pl.Expr:
    """Lower end of the Wilson interval of a proportion, as `wilson_low`; null where the denominator is 0."""
    centre, half, width = _wilson_parts(numerator, denominator, z)
    # At 0 of n the end is 0 exactly; the difference of two equal roots would leave a last bit.
    low = pl.when(numerator == 0).then(0.0).otherwise((centre - half) / width)
    return pl.when(denominator > 0).then(low).alias("wilson_low")


def wilson_high(numerator: pl.Expr, denominator: pl.Expr, z: float = Z_95) -> pl.Expr:
    """Upper end of the Wilson interval of a proportion, as `wilson_high`; null where the denominator is 0."""
    centre, half, width = _wilson_parts(numerator, denominator, z)
    high = pl.when(numerator == denominator).then(1.0).otherwise((centre + half) / width)
    return pl.when(denominator > 0).then(high).alias("wilson_high")


def _wilson_parts(numerator: pl.Expr, denominator: pl.Expr, z: float) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Centre, half width and divisor, each times 2 (n + z²) / n: (2x + z² ± z √(z² + 4x(n - x)/n)) / 2(n + z²)."""
    done, all_ = numerator.cast(pl.Float64), denominator.cast(pl.Float64)
    return 2 * done + z**2, z * (z**2 + 4 * done * (all_ - done) / all_).sqrt(), 2 * (all_ + z**2)


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole as a proportion; null where the whole is 0."""
    return pl.when(whole > 0).then(part / whole)


def age_band() -> pl.Expr:
    """The band of `age_at_t0`, as `age_band`; null outside all of them."""
    age = pl.col("age_at_t0")
    return pl.coalesce(pl.when(age.is_between(low, high)).then(pl.lit(name)) for low, high, name in AGE_BANDS).alias(
        "age_band"
    )


def is_in_overall() -> pl.Expr:
    """True for the rows of findings that an overall rate takes in."""
    return (pl.col("level") != UNSPECIFIED) | pl.col("measure_id").is_in(COUNTS_UNSPECIFIED)


def _state_counts() -> list[pl.Expr]:
    """Aggregations over findings: the columns of `_COUNTS`, Int64."""
    state = pl.col("state")
    unverified = (state == "not_applicable") & pl.col("reason").is_in(UNVERIFIED_REASONS)
    return [
        pl.len().cast(pl.Int64).alias("n"),
        *((state == word).cast(pl.Int64).sum().alias(f"n_{word}") for word in STATES),
        unverified.cast(pl.Int64).sum().alias("n_unverified"),
    ]


def _rates() -> tuple[list[pl.Expr], list[pl.Expr]]:
    """The columns after the counts, in two steps: numerator and denominator, then what is made of them."""
    met, deviation, unknown = pl.col("n_met"), pl.col("n_deviation"), pl.col("n_indeterminate")
    done, all_ = pl.col("numerator"), pl.col("denominator")
    return (
        [met.alias("numerator"), (met + deviation).alias("denominator")],
        [
            _share(done, all_).alias("rate"),
            wilson_low(done, all_),
            wilson_high(done, all_),
            _share(met, all_ + unknown).alias("worst"),
            _share(met + unknown, all_ + unknown).alias("best"),
        ],
    )


# Frames --------------------------------------------------------------------------------------------------------------


def measures(findings: pl.DataFrame, cases: pl.DataFrame, catalogue: Sequence[MeasureInfo] = MEASURES) -> pl.DataFrame:
    """One row a measure, stratum and value, also where nothing was counted: columns of `audit.measures`, sorted by key.

    findings: one row a case, measure and instance (measure_id, case_id, level, state, reason). cases: one row a case
    (case_id, age_at_t0 and the columns of CASE_STRATA). Values are those that occur among the cases.
    """
    strata = cases.select(
        "case_id",
        *(
            (age_band() if name == "age_band" else pl.col(name)).fill_null("unknown").alias(name)
            for name in CASE_STRATA
        ),
    )
    groups = strata.select(CASE_STRATA).unique().with_row_index("group")
    counted = (
        findings.lazy()
        .select("case_id", "measure_id", "level", "state", "reason")
        .join(strata.join(groups, on=CASE_STRATA).select("case_id", "group").lazy(), on="case_id", how="left")
        .group_by("measure_id", "group", is_in_overall=is_in_overall(), is_unspecified=pl.col("level") == UNSPECIFIED)
        .agg(_state_counts())
        .join(groups.lazy(), on="group", how="left")
        .collect()
    )
    overall = counted.filter(pl.col("is_in_overall"))
    parts = [
        _stratum(overall, "overall", pl.lit("all")),
        _stratum(counted.filter(pl.col("is_unspecified")), "level_unspecified", pl.lit("all")),
        *(_stratum(overall, name, pl.col(name)) for name in CASE_STRATA),
    ]
    cells = pl.concat(
        [
            pl.DataFrame({"stratum": ["overall", "level_unspecified"], "stratum_value": ["all", "all"]}),
            *(_stratum_values(groups, name) for name in CASE_STRATA),
        ]
    )
    grid = _measure_ids(catalogue).join(cells, how="cross")
    return _with_rates(grid, pl.concat(parts), ["measure_id", "stratum", "stratum_value"])


def measure_periods(
    findings: pl.DataFrame,
    cases: pl.DataFrame,
    feeds: pl.DataFrame,
    as_of: date,
    catalogue: Sequence[MeasureInfo] = MEASURES,
) -> pl.DataFrame:
    """One row a measure and month, from the first month with an anchor to the last: columns of `audit.measure_periods`.

    The anchor is the local day that the measure's `period_anchor` names: dx, t0 and tx of the case, or the finding's
    own trigger. A finding without it (nothing was triggered) lies in no month. Cases of unspecified level as in the
    overall rate. feeds: table_name and horizon.
    """
    anchored = (
        findings.lazy()
        .filter(is_in_overall())
        .select("case_id", "measure_id", "state", "reason", "trigger_at")
        .join(_anchor_kinds(catalogue).lazy(), on="measure_id")
        .join(
            cases.lazy().select("case_id", "t0", dx=_local_date("dx_at"), tx=pl.col("treatment_start")),
            on="case_id",
            how="left",
        )
        .with_columns(month=_anchor().dt.truncate("1mo"))
        .filter(pl.col("month").is_not_null())
        .group_by("measure_id", "month")
        .agg(_state_counts())
        .collect()
    )
    grid = _measure_ids(catalogue).join(_months(anchored), how="cross")
    is_over = pl.col("month").dt.month_end() <= pl.min_horizontal(pl.lit(as_of), "horizon")
    return (
        _with_rates(grid, anchored, ["measure_id", "month"])
        .join(_horizons(feeds, catalogue), on="measure_id", how="left", maintain_order="left")
        .with_columns(complete=is_over & (pl.col("n_pending") == 0))
        .drop("horizon")
    )


def measure_reasons(findings: pl.DataFrame) -> pl.DataFrame:
    """measure_id, state, reason, n over the rows of the overall rates, sorted: columns of `audit.measure_reasons`."""
    return (
        findings.filter(is_in_overall())
        .group_by("measure_id", "state", "reason")
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .sort("measure_id", "state", "reason")
    )


# Parts ---------------------------------------------------------------------------------------------------------------


def _measure_ids(catalogue: Sequence[MeasureInfo]) -> pl.DataFrame:
    return pl.DataFrame({"measure_id": [measure.id for measure in catalogue]}, schema={"measure_id": pl.String})


def _stratum(counted: pl.DataFrame, stratum: str, value: pl.Expr) -> pl.DataFrame:
    """The counts of one stratum by measure and value."""
    return (
        counted.group_by("measure_id", stratum=pl.lit(stratum), stratum_value=value)
        .agg(pl.col(_COUNTS).sum())
        .select("measure_id", "stratum", "stratum_value", *_COUNTS)
    )


def _stratum_values(groups: pl.DataFrame, name: str) -> pl.DataFrame:
    return groups.select(stratum=pl.lit(name), stratum_value=pl.col(name)).unique()


def _with_rates(grid: pl.DataFrame, counted: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The grid's rows with their counts (0 where nothing was counted) and rates, sorted by key."""
    ratio, interval = _rates()
    return (
        grid.join(counted, on=key, how="left")
        .with_columns(pl.col(_COUNTS).fill_null(0))
        .with_columns(ratio)
        .with_columns(interval)
        .sort(key)
    )


def _local_date(column: str) -> pl.Expr:
    """The local day of a time in the written form (`2024-03-01`, `2024-03-01T10:00:00-06:00`)."""
    return pl.col(column).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d")


def _anchor_kinds(catalogue: Sequence[MeasureInfo]) -> pl.DataFrame:
    rows = [(measure.id, measure.period_anchor) for measure in catalogue]
    return pl.DataFrame(rows, schema={"measure_id": pl.String, "anchor": pl.String}, orient="row")


def _anchor() -> pl.Expr:
    """The day that puts a finding into a month."""
    kind = pl.col("anchor")
    return (
        pl.when(kind == "dx")
        .then("dx")
        .when(kind == "t0")
        .then("t0")
        .when(kind == "tx")
        .then(pl.coalesce("tx", "dx"))  # TX is DX where no treatment started
        .when(kind == "trigger")
        .then(_local_date("trigger_at"))
    )


def _months(anchored: pl.DataFrame) -> pl.DataFrame:
    """Every month from the first to the last, as `month`."""
    if anchored.is_empty():
        return anchored.select("month")
    return anchored.select(pl.date_range(pl.col("month").min(), pl.col("month").max(), "1mo").alias("month"))


def _horizons(feeds: pl.DataFrame, catalogue: Sequence[MeasureInfo]) -> pl.DataFrame:
    """measure_id, horizon: the earliest horizon of the feeds concerned.

    An absent feed has none to wait for: what only it could show is `feed_absent` and stays so.
    """
    concerned = pl.DataFrame(
        [
            (measure.id, feed)
            for measure in catalogue
            for feed in {*measure.trigger_feeds, *measure.action_feeds, *measure.justification_feeds}
        ],
        schema={"measure_id": pl.String, "table_name": pl.String},
        orient="row",
    )
    return (
        concerned.join(feeds.select("table_name", "horizon"), on="table_name", how="left")
        .group_by("measure_id")
        .agg(pl.col("horizon").min())
    )
