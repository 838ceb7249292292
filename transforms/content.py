"""Whether a patient's rows are those of the night before (a hash), and the day through which they reach."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl
import polars.selectors as cs

_SEED = 20_240_229


def content(clean: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """patient_id, content (UInt64: the sum of the hashes of all clean rows, in whatever order they stand), last_day (the
    latest day that any row names), is_running (a stay that has not ended: it lasts as long as we look)."""
    by_table = [
        rows.select(
            "patient_id",
            content=pl.struct(pl.all()).hash(_SEED) + pl.lit(name).hash(_SEED),
            last_day=pl.max_horizontal(cs.date()),
            is_running=_is_running(name),
        )
        .group_by("patient_id")
        .agg(pl.col("content").sum(), pl.col("last_day").max(), pl.col("is_running").any())
        .collect(engine="streaming")
        for name, rows in sorted(clean.items())
    ]
    together = pl.concat(by_table).group_by("patient_id")
    return together.agg(pl.col("content").sum(), pl.col("last_day").max(), pl.col("is_running").any()).sort(
        "patient_id"
    )


def _is_running(table: str) -> pl.Expr:
    if table != "encounters":
        return pl.lit(False)
    return (pl.col("ended_at").is_null() & (pl.col("status") == "in-progress")).fill_null(False)


def patients(found: pl.DataFrame, turns: pl.DataFrame, since: date) -> pl.DataFrame:
    """Columns of `stored.patients`. found: of `content`; turns: patient_id, turns_on; since: of `audit`.

    Rows of days that are not seen yet, and stays that go on, are looked at again every night.
    """
    soon = pl.lit(since + timedelta(days=1))
    unseen = pl.when((pl.col("last_day") > since) | pl.col("is_running")).then(soon)
    with_turns = found.join(turns, on="patient_id", how="left", maintain_order="left")
    return with_turns.select("patient_id", "content", turns_on=pl.min_horizontal("turns_on", unseen))


def settled(found: pl.DataFrame, before: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """patient_id of those whose findings of the night before still hold: same rows, and no day has come that matters.

    before: patient_id, content, turns_on of that night. Only where everything else that judges is the same, too.
    """
    now = found.select("patient_id", now="content").join(before, on="patient_id")
    holds = (pl.col("now") == pl.col("content")) & (pl.col("turns_on") > as_of).fill_null(True)
    return now.filter(holds).select("patient_id")


def keys_of(cases: pl.LazyFrame, keep: pl.DataFrame) -> dict[str, pl.LazyFrame]:
    """By what the rows of the patients to keep are known in a stored frame: by the first of these columns that it has.

    cases: as they were stored the night before.
    """
    ids = keep.lazy()
    kept = cases.join(ids, on="patient_id", how="semi").select("case_number", "patient_number", "case_id").collect()
    numbers = {name: kept.lazy().select(name).unique() for name in kept.columns}
    return numbers | {"patient_id": ids}


def renewed(before: pl.LazyFrame, fresh: pl.DataFrame, keys: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """A stored frame of a part: the rows of the night before of the patients to keep, behind them the fresh ones."""
    key = next(column for column in keys if column in fresh)
    kept = before.join(keys[key], on=key, how="semi", maintain_order="left").cast(dict(fresh.schema))  # type: ignore[arg-type]
    return pl.concat([kept.collect(), fresh])
