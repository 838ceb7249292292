"""Random draws as columns: every number is a function of the seed, the row's number and the draw's name.

A counter-based generator (splitmix64, Steele et al. 2014) in place of a stream of numbers: what is drawn for one patient
never depends on who else is drawn, on the size of a chunk or on the order of the draws.
"""

import hashlib
from collections.abc import Mapping

import polars as pl

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def _u64(value: int) -> pl.Series:
    return pl.Series([value & _MASK], dtype=pl.UInt64)


def _mixed(state: pl.Series) -> pl.Series:
    """splitmix64's output function; 64-bit products wrap around, a division by 2**n is a shift."""
    state = (state ^ (state // _u64(1 << 30))) * _u64(_FIRST)
    state = (state ^ (state // _u64(1 << 27))) * _u64(_SECOND)
    return state ^ (state // _u64(1 << 31))


def scattered(numbers: pl.Series) -> pl.Series:
    """The rows' numbers as well mixed words (UInt64), from which every draw starts."""
    return _mixed((numbers + _u64(1)) * _u64(_GOLDEN))


def uniform(words: pl.Series, seed: int, name: str) -> pl.Series:
    """Draw `name` of the rows with these `scattered` words: Float64 in [0, 1)."""
    key = hashlib.sha256(f"{seed}|{name}".encode()).digest()
    start, step = int.from_bytes(key[:8], "big"), int.from_bytes(key[8:16], "big") | 1
    return (_mixed((words + _u64(start)) * _u64(step)) // _u64(1 << 11)).cast(pl.Float64) / 2.0**53


def whole(words: pl.Series, seed: int, name: str, low: int, high: int) -> pl.Series:
    """Whole numbers from `low` to `high`, both included: Int32."""
    return ((uniform(words, seed, name) * (high - low + 1)).floor() + low).cast(pl.Int32)


def chosen(
    words: pl.Series, seed: int, name: str, weights: Mapping[str, pl.Series | float], dtype: pl.DataType
) -> pl.Series:
    """One key of `weights` a row, in proportion to its weight (of all rows, or one a row); null where all are 0."""
    total = pl.Series([0.0]).new_from_index(0, words.len())
    bounds = [total := total + weight for weight in weights.values()]
    mark = uniform(words, seed, name) * total
    place = sum((bound <= mark).cast(pl.UInt32) for bound in bounds)
    assert isinstance(place, pl.Series)
    return pl.Series(name, [*weights, None], dtype=dtype).gather(place)
