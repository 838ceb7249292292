"""What was applied, as frames for the warehouse: the measures, the numbers and the codes (specification, section 4)."""

import hashlib
from collections.abc import Sequence

import polars as pl

from schemas.catalogue import MEASURES, MeasureInfo
from schemas.parameters import Parameters
from schemas.value_sets import ValueSets

IMAGING_SET = "imaging_codes"
"""The name under which the codes of imaging studies stand among the value sets."""


def measure_catalogue(catalogue: Sequence[MeasureInfo] = MEASURES) -> pl.DataFrame:
    """One row a measure: columns of `audit.measure_catalogue`, in the catalogue's order."""
    return pl.DataFrame(
        [
            {
                "measure_id": measure.id,
                "position": position,
                "slug": measure.slug,
                "title": measure.title,
                "force": measure.force,
                "severity": measure.severity,
                "unit": measure.unit,
                "period_anchor": measure.period_anchor,
                "trigger_feeds": "|".join(measure.trigger_feeds) or None,
                "action_feeds": "|".join(measure.action_feeds) or None,
                "justification_feeds": "|".join(measure.justification_feeds) or None,
                "cited_line": measure.cited_line,
                "quote": measure.quote,
                "conflict": measure.conflict,
            }
            for position, measure in enumerate(catalogue, start=1)
        ],
        schema_overrides={"conflict": pl.String, "justification_feeds": pl.String, "trigger_feeds": pl.String},
        infer_schema_length=None,
    )


def parameters(applied: Parameters) -> pl.DataFrame:
    """One row a parameter: columns of `audit.parameters`, in the file's order."""
    columns = {"parameter": pl.String, "value": pl.String, "comment": pl.String}
    return pl.DataFrame(applied.as_rows(), schema=columns, orient="row")


def value_sets(applied: ValueSets) -> pl.DataFrame:
    """One row a code of a set, imaging codes included: columns of `audit.value_sets`, sorted by key."""
    columns = ["value_set", "code_system", "code", "match", "label", "source", "verified"]
    imaging = applied.imaging.select(
        value_set=pl.lit(IMAGING_SET),
        code_system="code_system",
        code="code",
        match=pl.lit("exact"),
        label=pl.concat_str("modality", "regions", "contrast", separator=", ", ignore_nulls=True),
    )
    key = ["value_set", "code_system", "code", "match"]
    codes = pl.concat([applied.codes.select(columns), imaging], how="diagonal").unique(key, maintain_order=True)
    return codes.join(_hashes(codes), on="value_set").sort(key)


def _hashes(codes: pl.DataFrame) -> pl.DataFrame:
    """value_set, set_sha256: one hash a set over its sorted lines."""
    lines = codes.with_columns(line=pl.concat_str("code_system", "code", "match", separator="|"))
    texts = lines.group_by("value_set").agg(pl.col("line").sort().str.join("\n").alias("text"))
    # Polars has no SHA-256; a loop over some dozens of sets.
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts["text"]]
    return texts.select("value_set", set_sha256=pl.Series(hashes, dtype=pl.String))
