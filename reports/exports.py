"""The identified lists of a run as CSV that a spreadsheet opens without running anything (specification, section 4)."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import polars.selectors as cs

_FORMULA = r"^([=+\-@\t\r])"
"""A text cell that begins so may be taken for a formula, also one that came in with the data."""


def identified(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """File name → rows in key order; nothing is suppressed.

    tables: frames of `audit.findings`, `audit.measures` and `audit.measure_catalogue`.
    """
    findings, measures = tables["findings"], tables["measures"]
    words = tables["measure_catalogue"].select("measure_id", "title", "quote", "cited_line")
    deviations = (
        findings.filter(pl.col("state") == "deviation")
        .join(words, on="measure_id", how="left")
        .sort("case_id", "measure_id", "instance")
    )
    return {
        "deviations.csv": deviations,
        "measures.csv": measures.sort("measure_id", "stratum", "stratum_value"),
    }


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that begin with `= + - @`, TAB or CR get a leading apostrophe."""
    return frame.with_columns(cs.string().str.replace(_FORMULA, "'$1"))


def write_csv(frames: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """Writes each frame to `folder`/name: UTF-8, a header, lines ended by LF, null = empty; folder 0700, files 0600."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, frame in frames.items():
        path = folder / name
        path.touch(mode=0o600)
        spreadsheet_safe(frame).write_csv(path)
