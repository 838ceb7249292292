"""One part of the patients audited: clean Parquet files in, stored Parquet files out.

A part is the unit of memory, of restart and of a cluster's task: it needs its folder and what is the same for all parts,
and can be done again without harm.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl

from flows.engines.part import Common, Part
from flows.meter import Measured, Pieces
from flows.parts import MAX_PARTS
from flows.private import replace_folder
from flows.sealed import is_sealed, seal
from transforms.audit import audit, seen_through
from transforms.audit import cohort_flow as whole_flow
from transforms.content import content, keys_of, patients, renewed, settled
from transforms.rates import Counts, counted

ROW_GROUP_ROWS = 122_880
"""As many as DuckDB's own row groups have: of files cut in another way the merge would write every column twice."""


LEAST_KEPT = 0.5
"""Where less than this share of a part's patients is the same, to read and filter what was stored is not worth it."""

_SECONDS = "seconds.json"


@dataclass(frozen=True)
class Stored:
    """What was stored of all parts. parts: folders with a Parquet file for each table; feeds: `audit.feeds`; facts: what the
    verdicts depend on beside the rows (flows/kept.py)."""

    parts: tuple[Path, ...]
    feeds: pl.DataFrame
    facts: Mapping[str, Any]


def audit_part(common: Common, part: Part) -> None:
    """Judge the patients of one part.

    `part.clean` has a Parquet file for each table that is there. `part.stored` is made whole or not at all; one that is
    there is replaced. The folder it lies in must be there: a run that has ended removed it, and a worker that comes late
    must not bring it back.
    """
    tables = {
        path.stem: pl.scan_parquet(path, glob=False, hive_partitioning=False)
        for path in sorted(part.clean.glob("*.parquet"))
    }
    pieces = Pieces()
    new = Path(mkdtemp(prefix=f".{part.stored.name}-", dir=part.stored.parent))
    try:
        for name, frame in _judged(common, part, tables, pieces):
            with pieces.watch("written"):
                frame.write_parquet(
                    new / f"{name}.parquet", compression="lz4", statistics=False, row_group_size=ROW_GROUP_ROWS
                )
        with pieces.watch("written"):
            seal(new)
        (new / _SECONDS).write_text(json.dumps(pieces.seconds))
        replace_folder(new, part.stored)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _judged(
    common: Common, part: Part, tables: dict[str, pl.LazyFrame], pieces: Pieces
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The stored frames of a part, one after the other. What was stored of it the night before is kept for patients of whom
    nothing changed."""
    c, before = common, part.before
    with pieces.watch("content"):
        found = content(tables)
        keep = found.select("patient_id").clear()
        if before is not None and is_sealed(before):
            keep = settled(found, pl.read_parquet(before / "patients.parquet", glob=False), c.as_of)
        if before is None or not keep.height or keep.height < LEAST_KEPT * found.height:
            before = None
        else:
            keys = keys_of(pl.scan_parquet(before / "cases.parquet", glob=False), keep)
            left = found.join(keep, on="patient_id", how="anti").lazy().select("patient_id")
            tables = {name: rows.join(left, on="patient_id", how="semi") for name, rows in tables.items()}
            found = left.collect().join(found, on="patient_id", maintain_order="left")
    number = c.generation * MAX_PARTS + part.number
    frames = audit(tables, c.feeds, c.codes, c.parameters, c.value_sets, c.as_of, c.timezone, number, pieces.watch)
    for name, frame in frames:
        if name == "turns":
            name, frame = "patients", patients(found, frame, seen_through(c.feeds, c.as_of))
        if before is not None:
            with pieces.watch("kept"):
                frame = renewed(pl.scan_parquet(before / f"{name}.parquet", glob=False), frame, keys)
        yield name, frame


def pieces_of(stored: Stored, stage: str) -> list[Measured]:
    """The seconds that each piece of the work on the parts took, all parts summed."""
    total: Counter[str] = Counter()
    for part in stored.parts:
        total.update(json.loads((part / _SECONDS).read_text()))
    return [Measured(f"{stage}.{name}", round(seconds, 3), None) for name, seconds in total.items()]


def count_part(stored: Path) -> Counts:
    """The counts of one part for the rates."""
    findings = pl.scan_parquet(stored / "findings.parquet", glob=False)
    return counted(findings, pl.read_parquet(stored / "cases.parquet", glob=False))


def cohort_flow(stored: Stored) -> pl.DataFrame:
    """`audit.cohort_flow` of all parts."""
    counts = (
        pl.read_parquet(part / "cohort_counts.parquet", glob=False, columns=["line", "n"]) for part in stored.parts
    )
    return whole_flow(counts, stored.feeds)
