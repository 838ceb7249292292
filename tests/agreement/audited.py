"""One extract through the stages of a run, in this process: every table that would be published, and what went in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from contract.drawn import clean_rows

from flows import run as stages
from flows.contract import apply_contract
from flows.nights import Night
from flows.parts import Keep
from flows.published import open_published
from flows.settings import load_settings
from schemas.warehouse import RUNS, WAREHOUSE


@dataclass(frozen=True)
class Audited:
    """The `audit` tables by name but runs, and the clean rows behind them."""

    tables: Mapping[str, pl.DataFrame]
    clean: Mapping[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]


def audited(extract: Path, work: Path, settings_file: Path | None = None) -> Audited:
    """Lands, checks and judges `extract`, and reads what would be published; `work` is an empty folder of the caller's.

    Clean rows are kept of everybody, for the tests that count them.
    """
    plan = stages.prepare(load_settings(extract=extract, settings_file=settings_file), work)
    landed = stages.land(plan)
    as_of = stages.landed_as_of(plan, landed)
    with plan.connect() as con:
        clean = apply_contract(con, landed, plan.settings, plan.value_sets, work, keep=Keep.EVERYONE)
    stored = stages.audit(plan, clean, as_of)
    night = Night("run", 0, "1", "value sets", "parameters")
    merged = stages.merge(plan, stored, night, clean.quarantine, stages.rates(stored, as_of))
    return Audited(read(merged), clean_rows(clean))


def read(merged: Path) -> dict[str, pl.DataFrame]:
    """Every table of a warehouse file but runs, in key order."""
    found = {}
    with open_published(merged) as con:
        for name, table in WAREHOUSE.items():
            if name != RUNS.name:
                rows = pl.from_arrow(con.sql(f"FROM {name} ORDER BY {', '.join(table.key)}").to_arrow_table())
                assert isinstance(rows, pl.DataFrame)
                found[name] = rows
    return found
