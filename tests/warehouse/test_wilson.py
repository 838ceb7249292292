"""The Wilson interval, against published worked examples and at its ends."""

import json
from pathlib import Path
from statistics import NormalDist

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.rates import Z_95, wilson_high, wilson_low

PHE = json.loads((Path(__file__).parent / "wilson_phe.json").read_text(encoding="utf-8"))
Z_998 = NormalDist().inv_cdf(0.999)


def interval(x: int, n: int, z: float = Z_95) -> tuple[float | None, float | None]:
    counts = pl.DataFrame({"x": [x], "n": [n]})
    return counts.select(wilson_low(pl.col("x"), pl.col("n"), z), wilson_high(pl.col("x"), pl.col("n"), z)).row(0)


@pytest.mark.parametrize(("x", "n", "low", "high"), PHE["rows"])
def test_the_interval_is_that_of_the_published_table(x: int, n: int, low: float, high: float) -> None:
    assert interval(x, n) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize(("x", "n", "low", "high"), PHE["rows_998"])
def test_so_is_the_interval_of_998_per_mille(x: int, n: int, low: float, high: float) -> None:
    assert interval(x, n, Z_998) == pytest.approx((low, high), rel=1e-12)


def test_z_is_not_rounded() -> None:
    assert pytest.approx(1.959963984540054, abs=1e-15) == Z_95


def test_nothing_in_the_denominator_has_no_interval() -> None:
    assert interval(0, 0) == (None, None)


def test_none_of_some_starts_at_zero_exactly() -> None:
    low, high = interval(0, 7)
    assert low == 0.0
    assert high == pytest.approx(Z_95**2 / (7 + Z_95**2), rel=1e-14)


def test_all_of_some_ends_at_one_exactly() -> None:
    low, high = interval(7, 7)
    assert low == pytest.approx(7 / (7 + Z_95**2), rel=1e-14)
    assert high == 1.0


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(counts: tuple[int, int]) -> None:
    x, n = counts
    low, high = interval(x, n)
    assert low is not None
    assert high is not None
    assert 0 <= low <= x / n <= high <= 1


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_what_is_not_done_has_the_mirrored_interval(counts: tuple[int, int]) -> None:
    x, n = counts
    low, high = interval(x, n)
    assert low is not None
    assert high is not None
    assert interval(n - x, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)
