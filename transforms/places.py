"""Rows by their place: what is found for some rows of a frame goes back to them by position, without a join.

Row number n of a frame stands at position n. A *spread* frame has as many rows as the frame that it belongs to.
"""

from collections.abc import Iterable, Sequence

import polars as pl


def named(*wanted: pl.Expr | str | None) -> list[str]:
    """The columns that names and expressions speak of, each once, in order."""
    names: dict[str, None] = {}
    for item in wanted:
        if isinstance(item, str):
            names[item] = None
        elif item is not None:
            names.update(dict.fromkeys(item.meta.root_names()))
    return list(names)


def all_of(value: bool | int | None, height: int, dtype: pl.DataType | type[pl.DataType] = pl.Boolean) -> pl.Series:
    """A column (a mask) that says the same of every row."""
    return pl.Series([value], dtype=dtype).new_from_index(0, height)


def marked(rows: pl.Series, height: int) -> pl.Series:
    """A mask that is true at the given positions."""
    return all_of(False, height).scatter(rows, True) if rows.len() else all_of(False, height)


def nothing(height: int, dtype: pl.DataType | type[pl.DataType] = pl.UInt8) -> pl.Series:
    """A column that says nothing of any row."""
    return all_of(None, height, dtype)


def those(frame: pl.DataFrame, holds: pl.Series) -> pl.DataFrame:
    """The rows for which it holds: mostly all, and then nothing is copied."""
    return frame if holds.all() else frame.filter(holds)


def place_of(numbers: pl.Series, height: int) -> pl.Series:
    """For each number below `height` the place at which it stands among `numbers` (none twice); null where it doesn't."""
    return nothing(height, pl.UInt32).scatter(numbers, pl.int_range(numbers.len(), dtype=pl.UInt32, eager=True))


def spread(frame: pl.DataFrame, key: str, height: int) -> pl.DataFrame:
    """The other columns of `frame` at the positions that `key` (no position twice) names, null everywhere else."""
    return frame.drop(key)[place_of(frame[key], height)]


def placed(rows: pl.DataFrame, frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """`rows` with the other columns of `frame` beside them; `key` is `row` or `case`, and occurs at most once in `frame`."""
    if key == "row" or is_one_a_case(rows):
        return rows.hstack(spread(frame, key, rows.height))
    return rows.join(frame, on=key, how="left", maintain_order="left")


def is_one_a_case(rows: pl.DataFrame) -> bool:
    """Whether case n is row n: every case has a row, so as many rows as cases leave no other way."""
    return rows.is_empty() or rows.item(-1, "case") + 1 == rows.height


def pairs_of(
    rows: pl.DataFrame, events: pl.DataFrame, wanted: Iterable[str], among: pl.Series | None = None
) -> pl.DataFrame:
    """Every row (of those marked in `among`) with every event of its case: row, case, and the wanted columns.

    A column that both have is the row's. Pairs stand in the order of `events` where a case has one row.
    """
    of_events = [c for c in events.columns if c in wanted and (c not in rows.columns)]
    of_rows = [c for c in rows.columns if c in wanted and c not in ("row", "case")]
    if not is_one_a_case(rows):
        narrow = rows.select("row", "case", *of_rows)
        if among is not None:
            narrow = narrow.filter(among)
        return narrow.join(events.select("case", *of_events), on="case", maintain_order="left_right")
    # What events repeat of their case need not be fetched from the rows again.
    repeated = [c for c in of_rows if c in REPEATED and c in events.columns]
    fetched = [c for c in of_rows if c not in repeated]
    pairs = events.select("case", *of_events, *repeated)
    if among is not None:
        pairs = pairs.filter(among.gather(pairs["case"]))
    case = pairs["case"]
    return pairs.hstack([case.alias("row"), *[rows[column].gather(case) for column in fetched]])


REPEATED = ("t0", "dx_date", "end_date")
"""Clocks of the case that stand beside each of its events."""


def first_of_each(frame: pl.DataFrame, key: str, order: Sequence[str]) -> pl.DataFrame:
    """The first row of each `key` in an order; the frame comes back sorted by `key`."""
    if list(order) == ["event"]:
        together = frame.select(pl.col(key).cast(pl.UInt64) * 2**32 + pl.col("event")).to_series()
        ordered = frame if together.is_sorted() else frame.sort(key, "event")
    else:
        ordered = frame.sort(key, *order)
    keys = ordered[key]
    return ordered.filter(keys.ne_missing(keys.shift(1)))


def looked_up(frame: pl.DataFrame, key: Sequence[str], table: pl.DataFrame, value: str) -> pl.Series:
    """What `table` (no key twice) says of each row of the frame; null where it says nothing. Only the key is joined."""
    found = frame.select(key).join(table.select(*key, value), on=list(key), how="left", maintain_order="left")
    return found[value]


# -- running along rows that are sorted by a key (several times faster than windows, which look each group up) -----------


def is_first_of(*keys: str) -> pl.Expr:
    """True for the first row of each key."""
    return pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in keys)


def first_along(value: pl.Expr, *keys: str) -> pl.Expr:
    """The value (never null) of the first row of each key, on all its rows."""
    return pl.when(is_first_of(*keys)).then(value).forward_fill()


def before(value: pl.Expr, *keys: str) -> pl.Expr:
    """The value of the row before with the same key; null on the first."""
    return pl.when(~is_first_of(*keys)).then(value.shift(1))


def after(value: pl.Expr, *keys: str) -> pl.Expr:
    """The value of the row after with the same key; null on the last."""
    is_same = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift(-1)) for key in keys)
    return pl.when(is_same).then(value.shift(-1))


def sum_along(value: pl.Expr, *keys: str) -> pl.Expr:
    """The sum of a whole number over the rows of the key so far."""
    total = value.cast(pl.Int64).cum_sum()
    return total - first_along(total - value.cast(pl.Int64), *keys)


def latest_along(value: pl.Expr, where: pl.Expr, key: str) -> pl.Expr:
    """The value of the latest row of the key so far for which `where` is true."""
    of_key = pl.when(where).then(pl.col(key)).forward_fill()
    return pl.when(of_key == pl.col(key)).then(pl.when(where).then(value).forward_fill())


def latest_day_before(day: pl.Expr, key: str) -> pl.Expr:
    """The latest of a date over the earlier rows of the key (an unsigned number); null on its first row."""
    # A key weighs more than any date, so that the greatest so far is one of the same key.
    base = pl.col(key).cast(pl.Int64) * 2**32
    so_far = (base + day.to_physical().cast(pl.Int64)).cum_max().shift(1)
    return pl.when(~is_first_of(key)).then((so_far - base).cast(pl.Int32, strict=False).cast(pl.Date))
