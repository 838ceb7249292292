"""The measures and the reasons as data: `data/measures.csv` and `data/reasons.csv`."""

import csv
import io
from dataclasses import dataclass
from importlib.resources import files

import polars as pl

STATES: tuple[str, ...] = (
    "excluded",
    "not_applicable",
    "indeterminate",
    "met",
    "exception",
    "censored",
    "pending",
    "deviation",
)
"""The eight states, in the order in which they are decided first (specification, section 2)."""

FORCES: tuple[str, ...] = ("data", "duty", "restrictive", "advisory", "informational")
SEVERITIES: tuple[str, ...] = ("critical", "high", "moderate", "low", "advisory")


@dataclass(frozen=True)
class MeasureInfo:
    """What is said of one measure besides its logic."""

    id: str
    slug: str
    title: str
    force: str
    severity: str
    unit: str
    period_anchor: str
    trigger_feeds: tuple[str, ...]
    action_feeds: tuple[str, ...]
    justification_feeds: tuple[str, ...]
    cited_line: int
    quote: str
    conflict: str | None


def _rows(name: str) -> list[dict[str, str]]:
    text = files("schemas").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), strict=True))


def _feeds(text: str) -> tuple[str, ...]:
    return tuple(feed for feed in text.split(",") if feed)


def _measure(row: dict[str, str]) -> MeasureInfo:
    return MeasureInfo(
        id=row["id"],
        slug=row["slug"],
        title=row["title"],
        force=row["force"],
        severity=row["severity"],
        unit=row["unit"],
        period_anchor=row["period_anchor"],
        trigger_feeds=_feeds(row["trigger_feeds"]),
        action_feeds=_feeds(row["action_feeds"]),
        justification_feeds=_feeds(row["justification_feeds"]),
        cited_line=int(row["cited_line"]),
        quote=row["quote"],
        conflict=row["conflict"] or None,
    )


MEASURES: tuple[MeasureInfo, ...] = tuple(_measure(row) for row in _rows("measures.csv"))
"""All measures in the file's order."""

MEASURES_BY_ID: dict[str, MeasureInfo] = {measure.id: measure for measure in MEASURES}

REASONS: pl.DataFrame = pl.DataFrame(
    _rows("reasons.csv"),
    schema={"measure_id": pl.String, "state": pl.String, "reason": pl.String, "meaning": pl.String},
)
"""measure_id (* = all), state, reason, meaning: one row a reason that a finding may carry."""

REASON_WORDS: tuple[str, ...] = tuple(sorted(set(REASONS["reason"])))
"""Every reason of any measure, sorted."""

FLAGS: tuple[str, ...] = (
    "aaos_vertebroplasty",
    "acute",
    "date_only",
    "level_unspecified",
    "lower_tier_only",
    "meets_coverage_like",
    "priority_unknown",
)
"""The words that may stand on a finding (specification, section 2), sorted: bit n of a set of flags is word n."""
