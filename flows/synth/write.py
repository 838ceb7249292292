"""Writes a synthetic extract: a part of every table for each chunk of patients, the truth beside the folder."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from flows.synth.courses import BYSTANDER_DIALS, DIALS
from flows.synth.courses.arcs import IMAGING_BEHIND_DAYS
from flows.synth.dials import Dial
from flows.synth.plan import bystanders, plan
from flows.synth.rows import columns, made
from flows.synth.truth import truth
from schemas.errors import SettingsError
from schemas.extract import EXTRACT

AS_OF = date(2026, 9, 30)
CHUNK = 50_000
"""Patients who are made at once: 1.2 million rows, 0.6 GiB."""

_SORTED_BY: Mapping[str, str] = {
    "patients": "birth_date",
    "encounters": "started_at",
    "conditions": "recorded_at",
    "observations": "observed_at",
    "imaging": "performed_at",
    "procedures": "performed_at",
    "referrals": "ordered_at",
    "medications": "started_at",
    "followup": "started_at",
}
"""An export comes in the order of events, not of patients."""


@dataclass(frozen=True)
class Recipe:
    """What is asked for. `shares` by tag of the options, `without_fracture` a share of the patients."""

    cases: int
    seed: int = 1
    as_of: date = AS_OF
    fmt: str = "parquet"
    shares: Mapping[str, float] = field(default_factory=dict)
    without_fracture: float = 0.0
    chunk: int = CHUNK

    @property
    def bystanders(self) -> int:
        """How many patients have no fracture."""
        return round(self.cases * self.without_fracture / (1 - self.without_fracture))


def truth_path(out: Path) -> Path:
    """Where the truth of the extract `out` is: beside the folder, which holds nothing that a real one would not."""
    return out.with_name(out.name + ".truth.parquet")


def write(recipe: Recipe, out: Path) -> dict[str, int]:
    """Write the extract `out` and its truth; the number of rows of each table, and of the truth.

    Memory is bounded by the chunk. SettingsError (exit 10) where `out` is no new folder or can't be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) or truth_path(out).exists():
            raise SettingsError(f"{out}: not empty, or its truth is there already; name a new folder with --out")
        return _written(recipe, out)
    except OSError as error:
        why = error.strerror or "it can't be written"
        raise SettingsError(f"{out}: {why}; name another folder with --out, or make room") from None


def _written(recipe: Recipe, out: Path) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    writer: pq.ParquetWriter | None = None
    try:
        for part, (frames, verdicts) in enumerate(chunks(recipe)):
            for table, frame in frames.items():
                _write_part(frame.sort(_SORTED_BY[table], maintain_order=True), out / table, part, recipe.fmt)
                counts[table] += frame.height
            arrow = _as_text(verdicts)
            writer = writer or pq.ParquetWriter(truth_path(out), arrow.schema, compression="zstd")
            writer.write_table(arrow)
            counts["truth"] += verdicts.height
    finally:
        if writer:
            writer.close()
    _write_manifest(recipe, out)
    return dict(counts)


def chunks(recipe: Recipe) -> Iterator[tuple[dict[str, pl.DataFrame], pl.DataFrame]]:
    """(the rows of every table, the truth) of one chunk of patients after the other."""
    of_each = max(2, round(recipe.chunk * (1 - recipe.without_fracture)) // 2 * 2)
    for first in range(0, recipe.cases, of_each):
        last = min(first + of_each, recipe.cases)
        cases = plan(first, last - first, recipe.cases, recipe.seed, recipe.as_of, recipe.shares)
        frames = [_patients(cases.filter(pl.col("episode") != "second"))], _rows(cases, DIALS, recipe.seed)
        others = [n * recipe.bystanders // recipe.cases for n in (first, last)]
        if others[1] > others[0]:
            people = bystanders(others[0], others[1] - others[0], recipe.seed, recipe.as_of)
            frames[0].append(_patients(people))
            for table, more in _rows(people, BYSTANDER_DIALS, recipe.seed).items():
                frames[1][table] += more
        tables = {**frames[1], "patients": frames[0] + frames[1]["patients"]}
        yield {table: pl.concat(tables[table]) for table in EXTRACT if table in tables}, truth(cases)


def _rows(cases: pl.DataFrame, dials: Sequence[Dial], seed: int) -> dict[str, list[pl.DataFrame]]:
    """The rows of every table that the choices of a plan make, a frame for each description."""
    frames: dict[str, list[pl.DataFrame]] = defaultdict(list)
    suffixes = count()
    for dial in dials:
        for word, option in dial.options.items():
            if option.rows:
                chosen = cases.filter(pl.col(dial.name) == word)
                for index, row in enumerate(option.rows):
                    frame = made(chosen, seed, row, f"{dial.name}.{word}.{index}", f"{next(suffixes):03d}")
                    frames[row.table] += [frame] * row.copies
    return frames


def _patients(cases: pl.DataFrame) -> pl.DataFrame:
    born = pl.col("dx_day") - pl.duration(days=(pl.col("age") * 365.25).cast(pl.Int32))
    cells = {
        "display_id": pl.concat_str(pl.lit("MRN-"), "key"),
        "birth_date": born.dt.date(),
    }
    return cases.select(
        cells.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in columns("patients").items()
    )


def _as_text(verdicts: pl.DataFrame) -> pa.Table:
    return verdicts.with_columns(pl.col("measure_id", "state", "reason").cast(pl.String)).to_arrow()


def _write_part(frame: pl.DataFrame, folder: Path, part: int, fmt: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"part-{part:05d}.{fmt}"
    if fmt == "csv":
        frame.write_csv(path, datetime_format="%Y-%m-%dT%H:%M")
    else:
        frame.write_parquet(path, compression="zstd", compression_level=1)


def _write_manifest(recipe: Recipe, out: Path) -> None:
    extracted = recipe.as_of + timedelta(days=1)
    imaging = recipe.as_of - timedelta(days=IMAGING_BEHIND_DAYS)
    content = {
        "source": f"synthetic: {recipe.cases} cases, seed {recipe.seed}",
        "extracted_at": f"{extracted.isoformat()}T03:10:00Z",
        "loaded_through": {**dict.fromkeys(EXTRACT, recipe.as_of.isoformat()), "imaging": imaging.isoformat()},
    }
    (out / "manifest.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
