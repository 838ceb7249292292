"""The extract contract as rules, made from the columns' declarations (specification, section 1, "Bad input").

A rule is a named expression over a parsed batch (transforms/contract.py `parse`) that is true where a row keeps it.
The same rules make the Pandera schema and the plain expressions, so the two can't disagree. Of a column X the batch
holds the landed `X` (a text, or a value that Parquet had) and beside it `value.X`, or for a time `at.X` (instant),
`date.X` (local date), `minute.X` (it names a time of day) and `partial.X` (it is a year or a month). Facts across rows
begin with an underscore.
"""

from dataclasses import dataclass
from functools import cache

import pandera.polars as pa
import polars as pl

from schemas.columns import Column, Table
from schemas.extract import EXTRACT, PLANNED_STATUS, SPANS

REASONS: tuple[str, ...] = (
    "malformed_record",
    "null_required",
    "bad_value",
    "unknown_enum",
    "time_precision",
    "out_of_range",
    "orphan",
    "impossible_time",
    "conflicting_id",
)
"""The reasons; a row carries the first that applies (bad_value to time_precision: in the order of the columns)."""

QUARANTINE: dict[str, pl.DataType] = {
    "table_name": pl.String(),
    "source_file": pl.String(),
    "row_number": pl.Int64(),
    "column_name": pl.String(),
    "row_id": pl.String(),
    "reason": pl.String(),
    "severity": pl.String(),
    "row": pl.String(),
}
"""The columns of audit.quarantine (specification, section 4)."""


VALUE_KINDS: tuple[str, ...] = ("time", "date", "number", "flag")
"""The kinds of columns that may come as values (of Parquet's own types) in place of texts."""


@dataclass(frozen=True)
class Rule:
    """What a row must keep. `ok` is never null."""

    column: str
    reason: str
    ok: pl.Expr

    @property
    def name(self) -> str:
        """The name of the check, `column:reason`."""
        return f"{self.column}:{self.reason}"


@cache
def row_rules(table_name: str) -> tuple[Rule, ...]:
    """The rules whose failure rejects a row, in the order in which a row's first reason is sought."""
    table = EXTRACT[table_name]
    rules = [Rule(c.name, "null_required", pl.col(c.name).is_not_null()) for c in table if c.required]
    for column in table:
        if column.rejects:
            rules += _readable(column)
    if table_name == "observations":
        rules.append(Rule("value_number", "out_of_range", _in_range()))
    rules += [Rule(c.name, "orphan", pl.col("_is_known_patient")) for c in table if c.references == "patients"]
    for column in table.of_kind("date", "time"):
        rules.append(Rule(column.name, "impossible_time", _possible(table, column)))
    return tuple(rules)


@cache
def warning_rules(table_name: str) -> tuple[Rule, ...]:
    """The rules whose failure costs an accepted row one value; at most one fails for a value."""
    rules: list[Rule] = []
    for column in EXTRACT[table_name]:
        if not column.rejects:
            rules += _readable(column)
    if table_name == "patients":
        rules.append(
            Rule("deceased_at", "impossible_time", _kept(pl.col("date.deceased_at") >= pl.col("value.birth_date")))
        )
    if table_name == "observations":
        is_lacking = pl.col("_needs_number") & pl.col("value_number").is_null() & pl.col("_is_looked_at")
        rules.append(Rule("value_number", "null_required", ~is_lacking))
        is_unlisted = pl.col("_has_words") & pl.col("value_code").is_not_null() & pl.col("value.value_code").is_null()
        rules.append(Rule("value_code", "unknown_enum", ~(is_unlisted & pl.col("_is_looked_at"))))
    return tuple(rules)


@cache
def schema(table_name: str) -> pa.DataFrameSchema:
    """The Pandera schema of a parsed batch: every landed column with its row rules as named checks.

    Beside the landed columns the batch holds each rule's verdicts under the rule's name, so that a rule is worked out
    once.
    """
    checks: dict[str, list[pa.Check]] = {}
    for rule in row_rules(table_name):
        checks.setdefault(rule.column, []).append(_check(rule))
    columns = {
        column.name: pa.Column(
            None if column.kind in VALUE_KINDS else pl.String,
            checks.get(column.name),
            nullable=True,
            description=column.description,
        )
        for column in EXTRACT[table_name]
    }
    return pa.DataFrameSchema(columns, name=table_name)


def _check(rule: Rule) -> pa.Check:
    def keeps(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(rule.name)

    # ignore_na: a null is what some of the rules are about
    return pa.Check(keeps, name=rule.name, error=rule.name, ignore_na=False)


def _kept(expression: pl.Expr) -> pl.Expr:
    """A comparison with something that isn't there contradicts nothing."""
    return expression.fill_null(True)


def _readable(column: Column) -> list[Rule]:
    """The rules by which a text that is there must have become a value."""
    text = pl.col(column.name)
    if column.kind in ("time", "date"):
        is_read, is_partial = pl.col(f"date.{column.name}").is_not_null(), pl.col(f"partial.{column.name}")
        return [
            Rule(column.name, "bad_value", text.is_null() | is_read | is_partial),
            Rule(column.name, "time_precision", ~is_partial),
        ]
    if column.kind in ("number", "enum", "flag", "level", "regions"):
        reason = "bad_value" if column.kind == "number" else "unknown_enum"
        return [Rule(column.name, reason, text.is_null() | pl.col(f"value.{column.name}").is_not_null())]
    return []


def _in_range() -> pl.Expr:
    """A score in mm counts a tenth; only codes with a range have `_low` and `_high`."""
    number = pl.col("value.value_number")
    is_mm = pl.col("unit").is_in(("mm", "mM", "Mm", "MM"))
    measured = pl.when(pl.col("_is_pain_score") & is_mm).then(number / 10).otherwise(number)
    return _kept(measured.is_between(pl.col("_low"), pl.col("_high")))


def _possible(table: Table, column: Column) -> pl.Expr:
    """Not before birth, not after the extraction's limit (unless it may be a plan), an end not before its start."""
    name = column.name
    if column.kind == "date":
        return _kept(pl.col(f"date.{name}") <= pl.col("_limit_date"))
    fits = _kept(~_later(name, limit=True))
    if column.future:
        fits = pl.lit(True)
    elif table.name == "encounters":
        fits = fits | pl.col("value.status").is_in(PLANNED_STATUS).fill_null(False)
    if table.name != "patients":
        fits = fits & _kept(pl.col(f"date.{name}") >= pl.col("_birth_date"))
    for start, end in SPANS.get(table.name, ()):
        if end == name:
            fits = fits & _kept(~_later(start, end))
    return fits


def _later(first: str, second: str = "", *, limit: bool = False) -> pl.Expr:
    """True where `first` certainly lies after `second`: by instants where both have a time of day, else by days."""
    at, day, minute = (
        ("_limit_at", "_limit_date", "_limit_minute")
        if limit
        else (f"at.{second}", f"date.{second}", f"minute.{second}")
    )
    return (
        pl.when(pl.col(f"minute.{first}") & pl.col(minute))
        .then(pl.col(f"at.{first}") > pl.col(at))
        .otherwise(pl.col(f"date.{first}") > pl.col(day))
    )
