"""How the rows of an extract are described: a table, the moment, the cells; and how descriptions become rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from flows.synth.draws import whole
from schemas.extract import EXTRACT

Cell = object
"""A constant, or a moment (`At`), or the encounter of a description (`Within`), or an expression over the plan."""

_MINUTES_A_DAY = 1440
_MICROSECONDS_A_MINUTE = 60_000_000
_OPENS, _CLOSES = 9 * 60, 16 * 60 + 59
_ID_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "encounters": "enc",
        "conditions": "con",
        "observations": "obs",
        "imaging": "img",
        "procedures": "pro",
        "referrals": "ref",
        "medications": "med",
    }
)


@dataclass(frozen=True)
class At:
    """A moment: `minutes` after the instant in the plan's column `anchor`, or `days` after its day number `anchor`.

    Both are (least, most), drawn for every row. On a day the clock is drawn within opening hours, or `clock` (minutes
    from midnight, least and most). `same_as` names another draw whose luck is shared, so that two rows fall together.
    """

    anchor: str
    minutes: tuple[int, int] | None = None
    days: tuple[int, int] = (0, 0)
    clock: tuple[int, int] = (_OPENS, _CLOSES)
    same_as: str | None = None

    def drawn(self, plan: pl.DataFrame, seed: int, name: str) -> pl.Series:
        """Datetime (local wall clock, whole minutes)."""
        luck, words = self.same_as or name, plan["words"]
        if self.minutes is not None:
            return plan[self.anchor] + _span(whole(words, seed, luck, *self.minutes))
        days = whole(words, seed, luck, *self.days)
        if self.anchor != "dx":
            days = days + plan[self.anchor]
        return plan["dx_day"] + _span(days * _MINUTES_A_DAY + whole(words, seed, luck + ".clock", *self.clock))


def after(anchor: str, least: int, most: int | None = None) -> At:
    """`least` to `most` minutes after the instant `anchor`."""
    return At(anchor, minutes=(least, least if most is None else most))


def day(anchor: str, least: int = 0, most: int | None = None, *, same_as: str | None = None) -> At:
    """`least` to `most` days after the day number `anchor` (`dx` = day 0), within opening hours."""
    return At(anchor, days=(least, least if most is None else most), same_as=same_as)


def _span(minutes: pl.Series) -> pl.Series:
    return (minutes.cast(pl.Int64) * _MICROSECONDS_A_MINUTE).cast(pl.Duration("us"))


@dataclass(frozen=True)
class Within:
    """The id of the encounter that is described under this name."""

    name: str


@dataclass(frozen=True)
class Row:
    """One row of `table`; `name` where other rows refer to it, `copies` of it. Cells not given are null."""

    table: str
    cells: Mapping[str, Cell] = field(default_factory=dict)
    name: str | None = None
    copies: int = 1


def number(low: float, high: float, *, by: float = 1) -> "Number":
    """A number drawn from `low` to `high` in steps of `by`."""
    return Number(low, high, by)


@dataclass(frozen=True)
class Number:
    """A number that is drawn for every row."""

    low: float
    high: float
    by: float = 1

    def drawn(self, plan: pl.DataFrame, seed: int, name: str) -> pl.Series:
        """Float64."""
        steps = round((self.high - self.low) / self.by)
        return whole(plan["words"], seed, name, 0, steps).cast(pl.Float64) * self.by + self.low


def columns(table: str) -> dict[str, pl.DataType]:
    """The columns of a table of the extract, in the contract's order, as they are written."""
    kinds = {"TIMESTAMPTZ": pl.Datetime("us"), "DATE": pl.Date(), "BOOLEAN": pl.Boolean(), "DOUBLE": pl.Float64()}
    return {column.name: kinds.get(column.type, pl.String()) for column in EXTRACT[table]}


def row_id(table: str, label: str) -> pl.Expr:
    """The id of the row `label` of each case: letters of the table, the case's number, the label."""
    return pl.concat_str(pl.lit(f"{_ID_LETTERS[table]}-"), pl.col("key"), pl.lit(f"-{label}"))


def made(plan: pl.DataFrame, seed: int, row: Row, label: str, suffix: str) -> pl.DataFrame:
    """The rows that one description makes, one for every case of `plan`: all columns of the table.

    `label` names the draws, `suffix` ends the ids, from which nothing of the plan can be read.
    """
    cells: dict[str, Cell] = {"patient_id": pl.col("patient_id")}
    if row.table in _ID_LETTERS:
        cells[next(iter(columns(row.table)))] = row_id(row.table, row.name or suffix)
    cells |= row.cells
    made_columns: list[pl.Expr | pl.Series] = []
    for column, dtype in columns(row.table).items():
        cell = cells.get(column)
        if isinstance(cell, At | Number):
            made_columns.append(cell.drawn(plan, seed, f"{label}.{column}").alias(column))
        elif isinstance(cell, Within):
            made_columns.append(row_id("encounters", cell.name).alias(column))
        elif isinstance(cell, pl.Expr):
            made_columns.append(cell.cast(dtype).alias(column))
        else:
            made_columns.append(pl.lit(cell, dtype=dtype).alias(column))
    return plan.select(made_columns)
