"""The receipt of a run, and the run_id: what went in, what became of it (specification, section 4)."""

import hashlib
import json
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from flows.settings import Settings

if TYPE_CHECKING:
    import polars as pl

    from flows.land import Landed
    from flows.meter import Measured
    from schemas.value_sets import ValueSets

PACKAGE = "spine-audit"
_HASH_DIGITS = 8
_NAMED_VERSIONS: tuple[str, ...] = ("duckdb", "polars", "pyarrow", "pandera", "prefect")


def package_version() -> str:
    """The version of this package as installed; `0+unknown` where it runs without being installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "0+unknown"


def effective_settings(settings: Settings, value_sets: "ValueSets", as_of: date) -> dict[str, Any]:
    """Everything that can change a verdict, as plain values; no path, engine or number of threads."""
    return {
        "as_of": as_of.isoformat(),
        "timezone": settings.timezone,
        "parameters": settings.parameters.as_dict(),
        "value_sets": dict(value_sets.sha256),
    }


def run_id(files: Sequence[tuple[str, str, int]], effective: Mapping[str, Any]) -> str:
    """`YYYY-MM-DD-xxxxxxxx`: as-of and 8 hex digits of SHA-256 over package version, input files and settings.

    files: (name relative to the extract, SHA-256, bytes) in any order.
    """
    content = {
        "package_version": package_version(),
        "files": sorted([name, digest] for name, digest, _ in files),
        "settings": effective,
    }
    digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    return f"{effective['as_of']}-{digest[:_HASH_DIGITS]}"


RUN_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-[0-9a-f]{8}")
"""What `run_id` gives, and nothing else in an out folder is called; its first part is the as-of date."""


def canonical(content: Any) -> str:
    """JSON in one fixed form: keys sorted, no spaces."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def receipt(
    run: str,
    landed: "Landed",
    effective: Mapping[str, Any],
    feeds: "pl.DataFrame",
    quarantine: "pl.DataFrame",
    rows_written: Mapping[str, int],
    stages: Sequence["Measured"],
    *,
    started_at: str,
    published: bool,
) -> dict[str, Any]:
    """The receipt as plain values. feeds, quarantine: frames with the columns of the `audit` tables of these names."""
    import polars as pl

    counts = quarantine.group_by("table_name", "reason", "severity").agg(n=pl.len())
    return {
        "run_id": run,
        "published": published,
        "started_at": started_at,
        "settings": dict(effective),
        "extract": {
            "format": landed.format,
            "source": landed.source,
            "extracted_at": landed.extracted_at,
            "loaded_through": {table: day.isoformat() for table, day in landed.loaded_through.items()},
            "files": [{"name": name, "sha256": digest, "bytes": size} for name, digest, size in landed.files],
            "other_files": list(landed.other_files),
            "unknown_columns": {table: list(columns) for table, columns in landed.unknown_columns.items()},
            "notes": dict(landed.notes),
        },
        "feeds": _records(feeds),
        "quarantine": _records(counts.sort("table_name", "reason", "severity")),
        "written": dict(rows_written),
        "stages": [{"stage": s.name, "seconds": s.seconds, "peak_memory_mib": s.peak_memory_mib} for s in stages],
        "versions": {PACKAGE: package_version(), "python": platform.python_version()} | _versions(),
    }


def pretty(content: Mapping[str, Any]) -> str:
    """The receipt as a person reads it."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _records(frame: "pl.DataFrame") -> list[dict[str, Any]]:
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in frame.to_dicts()
    ]


def _versions() -> dict[str, str]:
    found = {}
    for name in _NAMED_VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
