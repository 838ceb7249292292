"""Findings to rates: how often each measure was met, by stratum and by month (specification, sections 2, 4 and 5).

Only counting happens here; which rows count together is the whole subject:

* a case of unspecified level is the stratum `level_unspecified` and nothing else, but for Q3, whose question it is;
* a rate without a denominator is null, never 0 and never 1;
* what can't be told widens the bounds (`worst`, `best`) and moves no rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import polars as pl

from schemas.catalogue import MEASURES, STATES, MeasureInfo

from .cases import UNSPECIFIED
from .stored import POSITIONS, in_words, unpacked

Z_95 = NormalDist().inv_cdf(0.975)

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
    """True for the counts that an overall rate takes in."""
    return ~pl.col("is_unspecified") | pl.col("measure_id").is_in(COUNTS_UNSPECIFIED)


def _state_counts() -> list[pl.Expr]:
    """Aggregations over counted verdicts (state, reason, n): the columns of `_COUNTS`, Int64."""
    state, n = pl.col("state"), pl.col("n")
    unverified = (state == "not_applicable") & pl.col("reason").is_in(UNVERIFIED_REASONS)
    return [
        n.sum().alias("n"),
        *(n.filter(state == word).sum().alias(f"n_{word}") for word in STATES),
        n.filter(unverified).sum().alias("n_unverified"),
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


# Counts of one part of the patients, which add up --------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How many findings have each verdict, for the rates.

    verdicts: verdict, is_unspecified, stratum, stratum_value, n (strata of the case, and `overall`).
    months: verdict, is_unspecified, month, n: the findings that have an anchor. values: stratum, stratum_value of cases.
    """

    verdicts: pl.DataFrame
    months: pl.DataFrame
    values: pl.DataFrame


def counted(findings: pl.LazyFrame, cases: pl.DataFrame, catalogue: Sequence[MeasureInfo] = MEASURES) -> Counts:
    """The counts of one part.

    findings: case_number, verdict, trigger_local. cases: case_number, level, t0, dx_at, treatment_start, age_at_t0 and the
    other columns of CASE_STRATA. The anchor of a finding is the local day that its measure's `period_anchor` names: dx, t0
    and tx of the case, or the finding's own trigger. A finding without it (nothing was triggered) lies in no month.
    """
    is_unspecified = pl.col("level") == UNSPECIFIED
    values = cases.select(
        (age_band() if name == "age_band" else pl.col(name)).fill_null("unknown").cast(pl.Categorical).alias(name)
        for name in CASE_STRATA
    )
    dx = pl.col("dx_at").str.slice(0, 10).str.to_date("%Y-%m-%d")
    days = cases.select(
        "case_number",
        is_unspecified.alias("is_unspecified"),
        t0=pl.col("t0"),
        dx=dx,
        tx=pl.coalesce("treatment_start", dx),  # TX is DX where no treatment started
    ).with_columns(pl.col("t0", "dx", "tx").dt.truncate("1mo"))
    rows = findings.select("case_number", "verdict", "trigger_local").join(
        days.hstack(values).lazy(), on="case_number", how="left"
    )
    key = ["verdict", "is_unspecified"]
    n = pl.len().cast(pl.Int64).alias("n")
    # Counted by the day first: so the months are worked out of the days that occur, not of every finding.
    by_month = (
        rows.select(*key, month=_anchor(catalogue))
        .filter(pl.col("month").is_not_null())
        .group_by(*key, "month")
        .agg(n)
        .with_columns(pl.col("month").dt.truncate("1mo"))
        .group_by(*key, "month")
        .agg(pl.col("n").sum())
    )
    by_value = [
        rows.group_by(*key, stratum=pl.lit(name), stratum_value=pl.col(name))
        .agg(n)
        .with_columns(pl.col("stratum_value").cast(pl.String))
        for name in CASE_STRATA
    ]
    whole = rows.group_by(key).agg(n).select(*key, stratum=pl.lit("overall"), stratum_value=pl.lit("all"), n="n")
    months, *verdicts = pl.collect_all([by_month, whole, *by_value])
    return Counts(
        verdicts=pl.concat(verdicts),
        months=months,
        values=pl.concat(
            [values.select(stratum=pl.lit(v), stratum_value=pl.col(v).cast(pl.String)).unique() for v in CASE_STRATA]
        ),
    )


def added(parts: Sequence[Counts]) -> Counts:
    """The counts of all parts together, their verdicts in words: measure_id, state, reason in place of verdict."""
    verdicts = pl.concat([part.verdicts for part in parts])
    months = pl.concat([part.months for part in parts])
    words = in_words(pl.concat([verdicts["verdict"], months["verdict"]]))
    words = words.select("verdict", "measure_id", "state", "reason")

    def together(counts: pl.DataFrame, *key: str) -> pl.DataFrame:
        told = counts.join(words, on="verdict")
        return told.group_by("measure_id", "state", "reason", "is_unspecified", *key).agg(pl.col("n").sum())

    return Counts(
        verdicts=together(verdicts, "stratum", "stratum_value"),
        months=together(months, "month"),
        values=pl.concat([part.values for part in parts]).unique(),
    )


# Frames --------------------------------------------------------------------------------------------------------------


def measures(counts: Counts, catalogue: Sequence[MeasureInfo] = MEASURES) -> pl.DataFrame:
    """One row a measure, stratum and value, also where nothing was counted: columns of `audit.measures`, sorted by key.

    counts: of `added`. Values are those that occur among the cases.
    """
    key = ["measure_id", "stratum", "stratum_value"]
    overall = counts.verdicts.filter(is_in_overall())
    unspecified = counts.verdicts.filter(pl.col("is_unspecified") & (pl.col("stratum") == "overall"))
    rows = pl.concat([overall, unspecified.with_columns(stratum=pl.lit("level_unspecified"))])
    of_all = pl.DataFrame({"stratum": ["overall", "level_unspecified"], "stratum_value": ["all", "all"]})
    grid = _measure_ids(catalogue).join(pl.concat([of_all, counts.values]), how="cross")
    return _with_rates(grid, rows.group_by(key).agg(_state_counts()), key)


def measure_periods(
    counts: Counts, feeds: pl.DataFrame, as_of: date, catalogue: Sequence[MeasureInfo] = MEASURES
) -> pl.DataFrame:
    """One row a measure and month, from the first month with an anchor to the last: columns of `audit.measure_periods`.

    Cases of unspecified level as in the overall rate. counts: of `added`. feeds: table_name and horizon.
    """
    key = ["measure_id", "month"]
    anchored = counts.months.filter(is_in_overall()).group_by(key).agg(_state_counts())
    grid = _measure_ids(catalogue).join(_months(anchored), how="cross")
    is_over = pl.col("month").dt.month_end() <= pl.min_horizontal(pl.lit(as_of), "horizon")
    return (
        _with_rates(grid, anchored, key)
        .join(_horizons(feeds, catalogue), on="measure_id", how="left", maintain_order="left")
        .with_columns(complete=is_over & (pl.col("n_pending") == 0))
        .drop("horizon")
    )


def measure_reasons(counts: Counts) -> pl.DataFrame:
    """measure_id, state, reason, n over the rows of the overall rates, sorted: columns of `audit.measure_reasons`."""
    return (
        counts.verdicts.filter(is_in_overall() & (pl.col("stratum") == "overall"))
        .group_by("measure_id", "state", "reason")
        .agg(pl.col("n").sum())
        .sort("measure_id", "state", "reason")
    )


# Parts ---------------------------------------------------------------------------------------------------------------


def _measure_ids(catalogue: Sequence[MeasureInfo]) -> pl.DataFrame:
    return pl.DataFrame({"measure_id": [measure.id for measure in catalogue]}, schema={"measure_id": pl.String})


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


def _anchor(catalogue: Sequence[MeasureInfo]) -> pl.Expr:
    """A day of the month into which a finding (verdict, trigger_local; dx, t0, tx as months) falls."""
    measure = unpacked("measure")

    def has(anchor: str) -> pl.Expr:
        return measure.is_in([POSITIONS[m.id] for m in catalogue if m.period_anchor == anchor])

    own = pl.when(has("trigger")).then(pl.col("trigger_local").dt.date())
    return pl.when(has("dx")).then("dx").when(has("t0")).then("t0").when(has("tx")).then("tx").otherwise(own)


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
