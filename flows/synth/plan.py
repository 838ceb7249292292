"""The plan of each case: who, when, and every choice of `flows/synth/courses/`, drawn in their order."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from flows.synth.courses import BYSTANDER_DIALS, DIALS, LIMITS
from flows.synth.courses.arcs import ARC, END_DAY, RECENT_DAYS, RECENT_DAYS_FEED_BEHIND
from flows.synth.courses.pain import FIRST_VALUE
from flows.synth.courses.treatment import FIRST_TREATMENT_DAY
from flows.synth.dials import Dial
from flows.synth.draws import chosen, scattered, uniform, whole

_PEOPLE = {
    "site_id": {"riverside": 4.0, "hillcrest": 3.0, "lakeside": 2.0, "prairie": 1.0},
    "sex": {"female": 76.0, "male": 24.0},
    "race": {"white": 70.0, "black": 9.0, "asian": 8.0, "american-indian": 2.0, "other": 6.0},
    "ethnicity": {"not-hispanic": 86.0, "hispanic": 11.0},
    "language": {"en": 82.0, "es": 9.0, "zh": 3.0, "vi": 2.0, "ru": 2.0},
    "payer": {"medicare": 55.0, "medicare-advantage": 25.0, "commercial": 12.0, "medicaid": 6.0},
}
_FOLLOWED_DAYS = 380
"""Every case is seen for longer than its year."""

_SECOND_EPISODE = 0.06
_BYSTANDERS = 2**40
"""Added to the numbers of patients without a fracture, so that they share no draw with a case."""


def plan(first: int, count: int, total: int, seed: int, as_of: date, shares: Mapping[str, float]) -> pl.DataFrame:
    """The cases `first` .. `first + count - 1` of `total`: one row each, one column a choice or a day.

    Day numbers (`*_day`, `v14` ...) count from the day of the diagnosis; `dx_day` is that day, `dx` the instant.
    """
    numbers = pl.int_range(first, first + count, dtype=pl.UInt64, eager=True)
    words = scattered(numbers)

    def days(name: str, low: int, high: int) -> pl.Series:
        return whole(words, seed, name, low, high).alias(name)

    cases = pl.DataFrame([numbers.alias("number"), words.alias("words")]).with_columns(
        _episode(numbers, total, seed, shares.get("second_episodes", _SECOND_EPISODE)),
        pl.format("{}", "number").str.zfill(8).alias("key"),
        days("v14", 14, 16),
        days("v35", 34, 36),
        days("v70", 69, 71),
        days("v105", 105, 107),
        days("onset", -3, -1),
        days("brace", 9, 12),
        days("one_more", 0, 1),
        days("dx_clock", 480, 959),
        days("deficit_after", 15, 60),
        days("instability_after", 20, 90),
    )
    cases = cases.with_columns(ARC.draw(cases, seed, shares, LIMITS))
    patients = cases["number"] - (cases["episode"] == "second").cast(pl.UInt64)
    same = scattered(patients)
    ago = whole(same, seed, "ago", _FOLLOWED_DAYS, _FOLLOWED_DAYS + 730).alias("ago")
    apart = whole(same, seed, "apart", 780, 900)
    cases = cases.with_columns(*_people(same, seed), ago, apart.alias("apart"))
    cases = cases.with_columns(_days_ago(), _age())
    cases = cases.with_columns(
        pl.concat_str(pl.lit("pat-"), pl.format("{}", patients).str.zfill(8)).alias("patient_id"),
        (pl.lit(as_of).cast(pl.Datetime("us")) - pl.duration(days="ago")).alias("dx_day"),
        pl.when(pl.col("arc").is_in(["unspecified", "recent_unspecified"]))
        .then(pl.lit("unspecified"))
        .otherwise(pl.lit("L2"))
        .alias("level"),
    )
    cases = cases.with_columns(
        (pl.col("dx_day") + pl.duration(minutes="dx_clock")).alias("dx"),
        _died().alias("deceased_at"),
    )
    cases = cases.with_columns(
        (pl.col("dx") + pl.duration(minutes="deficit_after")).alias("deficit_at"),
        (pl.col("dx") + pl.duration(minutes="instability_after")).alias("instability_at"),
    )
    cases = _with_choices(cases, DIALS, seed, shares)
    first_treatment = pl.col("therapy").cast(pl.String)
    first_treatment = first_treatment.replace_strict(FIRST_TREATMENT_DAY, default=0, return_dtype=pl.Int32)
    first_value = pl.col("pain").cast(pl.String).replace_strict(FIRST_VALUE, return_dtype=pl.Float64)
    cases = cases.with_columns(
        pl.when(pl.col("diagnosis") == "with_onset")
        .then("onset")
        .when(pl.col("diagnosis") == "long_ago")
        .then(-29)
        .otherwise(0)
        .alias("t0_day"),
        pl.when(pl.col("therapy") == "late").then("brace").otherwise(first_treatment).alias("tx_day"),
        (first_value + pl.col("one_more")).alias("first_value"),
    )
    t0 = (pl.col("dx_day") + pl.duration(days="t0_day")).dt.date()
    m3_day = (t0.dt.offset_by("3mo") - pl.col("dx_day").dt.date()).dt.total_days().cast(pl.Int32)
    return cases.with_columns(t0.alias("t0"), m3_day.alias("m3_day"))


def _episode(numbers: pl.Series, total: int, seed: int, share: float) -> pl.Expr:
    """Whether the case is its patient's only one; cases 2n and 2n + 1 are two of one patient for a `share` of the n."""
    paired = uniform(scattered(numbers // 2), seed, "paired") < share
    paired &= numbers | 1 < total  # the last case of an odd number is alone
    dtype = pl.Enum(["only", "first", "second"])
    place = paired.cast(pl.UInt32) * (1 + (numbers % 2).cast(pl.UInt32))
    return pl.lit(pl.Series("episode", dtype.categories, dtype=dtype).gather(place)).alias("episode")


def _days_ago() -> pl.Expr:
    """Days from the diagnosis to the extract's last day."""
    earlier = pl.when(pl.col("episode") == "first").then(pl.col("ago") + pl.col("apart")).otherwise("ago")
    is_recent = pl.col("arc").is_in(["recent", "recent_referred", "recent_unspecified"])
    recent = (
        pl.when(pl.col("arc") == "today").then(0).otherwise(pl.when(is_recent).then(RECENT_DAYS).otherwise(earlier))
    )
    behind = pl.when(pl.col("arc") == "recent_feed_behind").then(RECENT_DAYS_FEED_BEHIND)
    return behind.otherwise(recent).alias("ago")


def _age() -> pl.Expr:
    """Years at the case's diagnosis; whoever has two is as old at the first as was drawn."""
    minor = pl.when(pl.col("arc") == "minor").then(12 + (pl.col("age") - 52) / 44 * 5)
    later = pl.when(pl.col("episode") == "second").then(pl.col("age") + pl.col("apart") / 365.25)
    return minor.otherwise(later.otherwise("age")).alias("age")


def _died() -> pl.Expr:
    died = pl.col("dx_day") + pl.duration(days=END_DAY, minutes="dx_clock")
    at_once = pl.col("dx_day") + pl.duration(minutes=pl.col("dx_clock") + 360)
    return pl.when(pl.col("arc") == "died").then(died).when(pl.col("arc") == "died_at_once").then(at_once)


def bystanders(first: int, count: int, seed: int, as_of: date) -> pl.DataFrame:
    """The patients without a fracture `first` .. `first + count - 1`, their lives around a day of their own."""
    numbers = pl.int_range(first, first + count, dtype=pl.UInt64, eager=True)
    words = scattered(numbers + _BYSTANDERS)
    people = pl.DataFrame([numbers.alias("number"), words.alias("words")]).with_columns(
        pl.concat_str(pl.lit("n"), pl.format("{}", "number").str.zfill(8)).alias("key"),
        whole(words, seed, "ago", _FOLLOWED_DAYS, _FOLLOWED_DAYS + 730).alias("ago"),
        *_people(words, seed),
    )
    people = people.with_columns(
        pl.concat_str(pl.lit("pat-"), "key").alias("patient_id"),
        (pl.lit(as_of).cast(pl.Datetime("us")) - pl.duration(days="ago")).alias("dx_day"),
        (pl.col("age") - 20).alias("age"),
        pl.lit(None, dtype=pl.Datetime("us")).alias("deceased_at"),
    )
    return _with_choices(people, BYSTANDER_DIALS, seed, {})


def _with_choices(plan: pl.DataFrame, dials: Sequence[Dial], seed: int, shares: Mapping[str, float]) -> pl.DataFrame:
    for dial in dials:
        if dial.name not in plan.columns:
            plan = plan.with_columns(dial.draw(plan, seed, shares, LIMITS if dials is DIALS else ()))
    return plan


def _people(words: pl.Series, seed: int) -> list[pl.Series]:
    """What the patient's own row says, but for the identifiers."""
    drawn = [chosen(words, seed, name, weights, pl.Enum(list(weights))) for name, weights in _PEOPLE.items()]
    # a triangle: few are very young or very old
    age = 52 + (uniform(words, seed, "age_a") + uniform(words, seed, "age_b")) * 22
    return [*drawn, age.alias("age")]
