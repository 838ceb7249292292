"""One extract through the stages of a run, in this process: every table that would be published, and what went in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import run as stages
from flows.settings import load_settings


@dataclass(frozen=True)
class Audited:
    """The `audit` tables by name (findings without run_id), and the clean rows behind them."""

    tables: Mapping[str, pl.DataFrame]
    clean: Mapping[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]


def audited(extract: Path, work: Path, settings_file: Path | None = None) -> Audited:
    """Lands, checks and judges `extract`; `work` is an empty folder of the caller's."""
    plan = stages.prepare(load_settings(extract=extract, settings_file=settings_file), work)
    landed = stages.land(plan)
    as_of = stages.landed_as_of(plan, landed)
    clean = stages.contract(plan, landed)
    tables = stages.audit(plan, clean, as_of)
    tables = tables | stages.rates(tables, as_of) | {"quarantine": pl.read_parquet(clean.quarantine)}
    return Audited(tables, {name: pl.read_parquet(path) for name, path in clean.tables.items()})
