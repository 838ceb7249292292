"""From landed texts to judged, clean rows (specification, section 1, "Values" and "Bad input"). No I/O.

`parse` puts a batch's values beside its texts, once; the rules of schemas/contract.py read them; `clean` and
`quarantine_rows` take the accepted and the rejected rows away in the forms that everything to the right relies on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandera.errors
import polars as pl

from schemas.columns import Column, Table
from schemas.contract import QUARANTINE, Rule, row_rules, schema, warning_rules
from schemas.extract import CODED_COLUMNS, EXTRACT, KEY_NAMES, LEVELS
from schemas.local_codes import FVC_LOINC, LOCAL_CODES, PAIN_HIGH, PAIN_LOW
from schemas.value_sets import ValueSets, apply_concept_map

from .times import parse_times

MAX_FAILURE_CASES = 10_000
"""Above so many failures in a batch Pandera's table of failures costs too much: plain expressions take over."""

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Limit:
    """The moment after which there are only plans: extracted_at + 1 day; all null without extracted_at."""

    at: datetime | None = None
    day: date | None = None
    is_minute: bool | None = None


@dataclass(frozen=True)
class Judged:
    """Which rows of a parsed batch their own checks accept; the `rejected` rows have column_name and reason too."""

    accepted: pl.Series
    rejected: pl.DataFrame


# Parsing -------------------------------------------------------------------------------------------------------------


def parse_time(text: str, timezone: str) -> tuple[datetime, date, bool] | None:
    """(instant in UTC, local date, names a time of day) of one time of the contract; None where it is none."""
    row = parse_times(pl.DataFrame({"t": [text]}), "t", timezone).row(0, named=True)
    return None if row["date.t"] is None else (row["at.t"], row["date.t"], row["minute.t"])


def limit_of(extracted_at: str | None, timezone: str) -> Limit:
    """extracted_at + 1 day (24 hours; of a day the next one)."""
    if extracted_at is None or parse_time(extracted_at, timezone) is None:
        return Limit()
    parsed = parse_times(pl.DataFrame({"t": [extracted_at]}), "t", timezone)
    later = parsed.select(
        pl.col("at.t") + pl.duration(days=1),
        date=pl.when("minute.t")
        .then((pl.col("at.t") + pl.duration(days=1)).dt.convert_time_zone(timezone).dt.date())
        .otherwise(pl.col("date.t").dt.offset_by("1d")),
        is_minute="minute.t",
    )
    return Limit(*later.row(0))


def parse(batch: pl.DataFrame, table: Table, timezone: str, value_sets: ValueSets, limit: Limit) -> pl.DataFrame:
    """A landed batch with its values beside its texts (schemas/contract.py) and the limit as columns."""
    for column in table.of_kind("time", "date"):
        batch = parse_times(batch, column.name, timezone)
    batch = batch.with_columns(
        *(
            (_words(batch, c) if c.kind in ("enum", "level") else _value(c, batch.schema[c.name])).alias(
                f"value.{c.name}"
            )
            for c in table
            if c.kind in _VALUES
        ),
        *(pl.col(f"date.{column.name}").alias(f"value.{column.name}") for column in table.of_kind("date")),
        pl.lit(limit.at, _INSTANT).alias("_limit_at"),
        pl.lit(limit.day, pl.Date).alias("_limit_date"),
        pl.lit(limit.is_minute, pl.Boolean).alias("_limit_minute"),
    )
    for system, code in CODED_COLUMNS.get(table.name, ()):
        batch = _with_codes(batch, system, code, value_sets, is_observation=table.name == "observations")
    return _with_words(batch) if table.name == "observations" else batch


_VALUES = ("number", "enum", "flag", "level", "regions")


def _value(column: Column, landed: pl.DataType) -> pl.Expr:
    """The canonical value of a text; null where it isn't one. `landed`: the column's type, where it isn't text."""
    text = pl.col(column.name)
    if column.kind == "number":
        digits = pl.when(text.str.contains(_NUMBER)).then(text) if landed == pl.String else text
        number = digits.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    if landed == pl.Boolean:
        return text
    if column.kind == "level":
        return pl.when(text.str.to_uppercase().is_in(LEVELS)).then(text.str.to_uppercase())
    lower = text.str.to_lowercase()
    if column.kind == "flag":
        return lower.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if column.kind == "regions":
        regions = lower.str.split("|").list.eval(pl.element().str.strip_chars()).list.unique(maintain_order=True)
        is_known = regions.list.eval(pl.element().is_in(column.values)).list.all()
        return pl.when(text.is_not_null() & is_known).then(regions.list.join("|"))
    words = {word: word for word in column.values} | dict(column.synonyms)
    return lower.replace_strict(words, default=None, return_dtype=pl.String)


def _words(batch: pl.DataFrame, column: Column) -> pl.Expr:
    """The values of an enum or a level. Mostly all texts are its own words already, or a few are none of its words."""
    text = batch.get_column(column.name)
    is_own = text.is_in(LEVELS if column.kind == "level" else column.values)
    if is_own.all():
        return pl.col(column.name)
    value = _value(column, text.dtype)
    others = text.filter(~is_own).unique().to_frame().select(value).to_series()
    return pl.when(is_own).then(pl.col(column.name)) if others.null_count() == len(others) else value


def _with_codes(
    batch: pl.DataFrame, system: str, code: str, value_sets: ValueSets, *, is_observation: bool
) -> pl.DataFrame:
    """value.`system`, value.`code` and key.`code` by the concept map; what an observation's code asks of its value.

    Worked out once for each pair that occurs, not for each row.
    """
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    pairs = batch.select(system, code, row=row).group_by(system, code).agg("row").with_row_index("pair")
    canonical = apply_concept_map(
        pairs.select(pl.col(system).alias("code_system"), pl.col(code).alias("code")), value_sets.concept_map
    )
    facts = canonical.select(
        pl.col("code_system").alias(f"value.{system}"),
        pl.col("code").alias(f"value.{code}"),
        pl.col("code_key").alias(f"key.{code}"),
    )
    if is_observation:
        facts = _with_demands(facts, canonical, value_sets)
    rows = pairs.select("pair", "row").explode("row")
    pair = pl.zeros(batch.height, pl.UInt32, eager=True).scatter(rows.get_column("row"), rows.get_column("pair"))
    return batch.hstack(facts[pair].get_columns())


def _with_demands(facts: pl.DataFrame, canonical: pl.DataFrame, value_sets: ValueSets) -> pl.DataFrame:
    """_local (LOCAL code with listed words), _has_words, _needs_number, _is_pain_score, _low, _high of each code."""
    is_local = pl.col("code_system") == "LOCAL"
    is_fvc = (pl.col("code_system") == "LOINC") & (pl.col("code_key") == FVC_LOINC)
    name = pl.when(is_local).then("code_key").when(is_fvc).then(pl.lit("fvc-percent-predicted"))

    def of_code(values: dict[str, float | bool | None], kind: pl.DataType) -> pl.Expr:
        return name.replace_strict(values, default=None, return_dtype=kind)

    codes = LOCAL_CODES.values()
    is_pain = _in_set(canonical, value_sets.codes, "pain_score")
    demands = canonical.select(
        _has_words=of_code({c.name: bool(c.values) for c in codes}, pl.Boolean()).fill_null(False)
        & is_local.fill_null(False),
        _needs_number=of_code({c.name: c.is_number for c in codes}, pl.Boolean()).fill_null(False) | is_pain,
        _is_pain_score=is_pain,
        _low=pl.when(is_pain).then(PAIN_LOW).otherwise(of_code({c.name: c.low for c in codes}, pl.Float64())),
        _high=pl.when(is_pain).then(PAIN_HIGH).otherwise(of_code({c.name: c.high for c in codes}, pl.Float64())),
    )
    return pl.concat([facts, demands], how="horizontal")


def _in_set(canonical: pl.DataFrame, codes: pl.DataFrame, value_set: str) -> pl.Series:
    """Whether each code (code_system, code_key) is in the value set; one Boolean a row, never null."""
    rows = codes.filter(pl.col("value_set") == value_set).select("code_system", key="code_key", match="match")
    numbered = canonical.select("code_system", "code_key").with_row_index("n")
    hits = numbered.join(rows, on="code_system").filter(
        pl.when(pl.col("match") == "prefix")
        .then(pl.col("code_key").str.starts_with(pl.col("key")))
        .otherwise(pl.col("code_key") == pl.col("key"))
    )
    return numbered.get_column("n").is_in(hits.get_column("n").unique().to_list())


_WORDS = pl.DataFrame(
    [(code.name, word.lower(), word) for code in LOCAL_CODES.values() for word in code.values],
    schema={"_name": pl.String, "_word": pl.String, "_canonical": pl.String},
    orient="row",
)
"""LOCAL code, word in lower case, word as it is written in the specification."""


def _with_words(batch: pl.DataFrame) -> pl.DataFrame:
    """value.value_code: the listed word of a LOCAL code that has a list, else the text as given; _is_looked_at."""
    key = ["value.code", "value_code"]
    listed = batch.select(*key, "_has_words").filter("_has_words").select(key).drop_nulls().unique()
    word = listed.get_column("value_code").str.to_lowercase()
    listed = listed.hstack([word.alias("_word")]).join(
        _WORDS, left_on=["value.code", "_word"], right_on=["_name", "_word"], how="left"
    )
    listed = listed.filter(pl.col("value_code").ne_missing(pl.col("_canonical"))).drop("_word")
    value = pl.col("value_code")
    if listed.height:  # mostly each is the listed word already
        batch = batch.join(listed.with_columns(_is_other=True), on=key, how="left", maintain_order="left")
        value = pl.when(pl.col("_has_words") & pl.col("_is_other")).then("_canonical").otherwise(value)
    return batch.with_columns(
        value.alias("value.value_code"),
        _is_looked_at=~pl.col("value.status").is_in(("cancelled", "entered-in-error")).fill_null(False),
    ).drop("_canonical", "_is_other", strict=False)


# Judging -------------------------------------------------------------------------------------------------------------


def judge(batch: pl.DataFrame, table: Table, max_failure_cases: int = MAX_FAILURE_CASES) -> Judged:
    """Split a parsed batch by its rows' own checks; a rejected row carries the first reason in the contract's order."""
    rules = row_rules(table.name)
    kept = verdicts(batch, rules)
    failures = batch.height * len(rules) - kept.select(pl.all().sum()).sum_horizontal().sum()
    by_pandera = failures <= max_failure_cases
    first = first_by_pandera(batch, kept, table) if by_pandera else first_by_expression(kept, rules)
    names = pl.DataFrame(
        {
            "_rule": pl.Series(range(len(rules)), dtype=pl.UInt8),
            "column_name": [rule.column for rule in rules],
            "reason": [rule.reason for rule in rules],
        }
    )
    broken = first.is_not_null()
    rejected = batch.filter(broken).hstack([first.filter(broken).alias("_rule")])
    return Judged(~broken, rejected.join(names, on="_rule", how="left", maintain_order="left").drop("_rule"))


def verdicts(batch: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """One Boolean column a rule, named for it: whether each row of a parsed batch keeps it."""
    return batch.select(rule.ok.alias(rule.name) for rule in rules)


def first_by_pandera(batch: pl.DataFrame, kept: pl.DataFrame, table: Table) -> pl.Series:
    """The number of the first rule that each row breaks (UInt8, null = none), by the table's Pandera schema.

    kept: the batch's verdicts by the table's row rules.
    """
    order = {rule.name: number for number, rule in enumerate(row_rules(table.name))}
    # Of a value the schema asks only whether it is there; Pandera would make Python's objects of those that fail.
    shown = [
        pl.when(pl.col(c).is_not_null()).then(True).alias(c) if batch.schema[c] != pl.String else pl.col(c)
        for c in table.names
    ]
    try:
        schema(table.name).validate(batch.select(shown).hstack(kept), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return pl.Series("_rule", [None], dtype=pl.UInt8).new_from_index(0, batch.height)
    if cases.get_column("index").has_nulls() or not cases.get_column("check").is_in(list(order)).all():
        # A check that couldn't run is a fault of ours and not of the data. Its text may quote values: it isn't shown.
        raise RuntimeError(f"a check of table {table.name} could not be carried out")
    first = (
        cases.select(
            pl.col("index").cast(pl.UInt32),
            pl.col("check").replace_strict(order, return_dtype=pl.UInt8).alias("_rule"),
        )
        .group_by("index")
        .agg(pl.col("_rule").min())
    )
    numbered = batch.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"))
    return numbered.join(first, on="index", how="left", maintain_order="left").get_column("_rule")


def first_by_expression(kept: pl.DataFrame, rules: Sequence[Rule]) -> pl.Series:
    """As `first_by_pandera`, by the verdicts alone."""
    broken = [pl.when(~pl.col(rule.name)).then(pl.lit(number, pl.UInt8)) for number, rule in enumerate(rules)]
    return kept.select(pl.coalesce(broken).alias("_rule")).get_column("_rule")


def warnings_of(batch: pl.DataFrame, accepted: pl.Series, table: Table) -> list[tuple[Rule, pl.DataFrame]]:
    """(rule, the accepted rows that lose a value by it) for every warning that occurs."""
    rules = warning_rules(table.name)
    losing = batch.select((~rule.ok).alias(rule.name) for rule in rules).get_columns()
    found = [(rule, lost & accepted) for rule, lost in zip(rules, losing, strict=True) if lost.any()]
    return [(rule, batch.filter(lost)) for rule, lost in found if lost.any()]


def resolve_conflicts(accepted: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows that stay, rows that go) of accepted rows whose ids occur more than once in the table.

    Of one id the unique newest `_last_updated` (only some sources have it), then the unique newest recorded_at stays,
    else the only row in the last file by name, else none.
    """
    ranks = [name for name in ("_last_updated", "recorded_at") if f"at.{name}" in accepted.columns]
    ties = [
        (pl.col(f"at.{name}").dt.epoch("us") * 2 + pl.col(f"minute.{name}").cast(pl.Int64)).alias(f"_rank_{name}")
        for name in ranks
    ]
    ranked = accepted.with_columns(*ties)
    of_id = str(table.id)
    wins = [_is_unique_greatest(f"_rank_{name}", of_id) for name in ranks] + [_is_unique_greatest("source_file", of_id)]
    found = [win.any().over(of_id) for win in wins]
    stays = pl.lit(False)
    for win, is_found in reversed(list(zip(wins, found, strict=True))):
        stays = pl.when(is_found).then(win).otherwise(stays)
    stays = stays | (pl.len().over(of_id) == 1)
    decided = ranked.with_columns(_stays=stays).drop([f"_rank_{name}" for name in ranks])
    return decided.filter("_stays").drop("_stays"), decided.filter(~pl.col("_stays")).drop("_stays")


def _is_unique_greatest(column: str, of_id: str) -> pl.Expr:
    """True for the row that alone has the greatest value among the rows of its id."""
    is_greatest = (pl.col(column) == pl.col(column).max().over(of_id)).fill_null(False)
    return is_greatest & (is_greatest.sum().over(of_id) == 1)


# Results -------------------------------------------------------------------------------------------------------------


def clean(batch: pl.DataFrame, accepted: pl.Series, table: Table) -> pl.DataFrame:
    """The accepted rows in the form on which everything to the right relies: values in place of texts; and `_part`.

    A time X_at becomes X_at (UTC instant), X_date (local date), X_is_minute; a code gets its comparison key. The rows of
    a part stand together: so they are copied only once on their way into its file.
    """
    columns: list[pl.Expr] = []
    for column in table:
        columns += _clean_columns(column)
    if table.name == "patients":
        is_possible = next(r.ok for r in warning_rules("patients") if r.name == "deceased_at:impossible_time")
        names = ("deceased_at", "deceased_date", "deceased_is_minute")
        sources = ("at.deceased_at", "date.deceased_at", "minute.deceased_at")
        dropped = {n: pl.when(is_possible).then(s).alias(n) for n, s in zip(names, sources, strict=True)}
        columns = [dropped.get(e.meta.output_name(), e) for e in columns]
    row = pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    rows = batch.select("_part", row).filter(accepted).group_by("_part").agg("row").get_column("row").explode()
    return batch.select(*columns, "_part")[rows]


def _clean_columns(column: Column) -> list[pl.Expr]:
    name = column.name
    if column.kind == "time":
        stem = name.removesuffix("_at")
        return [
            pl.col(f"at.{name}").alias(name),
            pl.col(f"date.{name}").alias(f"{stem}_date"),
            pl.col(f"minute.{name}").alias(f"{stem}_is_minute"),
        ]
    if column.kind == "code":
        return [pl.col(f"value.{name}").alias(name), pl.col(f"key.{name}").alias(KEY_NAMES[name])]
    if column.kind in (*_VALUES, "date", "system") or name == "value_code":
        return [pl.col(f"value.{name}").alias(name)]
    return [pl.col(name)]


def empty_clean(table_name: str) -> pl.DataFrame:
    """A clean table without rows: its columns and types."""
    table = EXTRACT[table_name]
    texts = dict.fromkeys(table.names, pl.String)
    texts |= {"source_file": pl.String}
    batch = pl.DataFrame(schema=texts)
    no_codes = pl.DataFrame(schema=dict.fromkeys(("value_set", "code_system", "code_key", "match"), pl.String))
    no_map = pl.DataFrame(
        schema=dict.fromkeys(("code_system", "code", "code_key", "target_system", "target_code"), pl.String)
    )
    no_sets = ValueSets(no_codes, no_codes, no_codes, no_map, (), {})
    parsed = parse(batch, table, "UTC", no_sets, Limit())
    no_rows = pl.Series(dtype=pl.Boolean)
    return clean(parsed.with_columns(_part=pl.lit(None, pl.Int32)), no_rows, table).drop("_part")


def quarantine_rows(
    rows: pl.DataFrame, table: Table, column: str | None = None, reason: str | None = None, severity: str = "rejected"
) -> pl.DataFrame:
    """Bad rows whole, in the columns of audit.quarantine; without `column` and `reason` the rows carry their own."""
    own = {"column_name": column, "reason": reason}
    return rows.select(
        pl.lit(table.name).alias("table_name"),
        "source_file",
        "row_number",
        *(pl.lit(value, pl.String).alias(name) if value else pl.col(name) for name, value in own.items()),
        (pl.col(table.id) if table.id else pl.lit(None, pl.String)).alias("row_id"),
        pl.lit(severity).alias("severity"),
        pl.struct(table.names).struct.json_encode().alias("row"),
    ).select(pl.col(name).cast(kind) for name, kind in QUARANTINE.items())


def malformed_rows(malformed: pl.DataFrame) -> pl.DataFrame:
    """Malformed records (table_name, source_file, row_number, text) in the columns of audit.quarantine."""
    return malformed.with_columns(
        column_name=pl.lit(None, pl.String),
        row_id=pl.lit(None, pl.String),
        reason=pl.lit("malformed_record"),
        severity=pl.lit("rejected"),
        row=pl.struct(record="text").struct.json_encode(),
    ).select(pl.col(name).cast(kind) for name, kind in QUARANTINE.items())
