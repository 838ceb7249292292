"""Draws patients as the measures' tests do and says which cases the audit found in them."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from flows.contract import apply_contract
from flows.land import land
from flows.settings import load_settings
from schemas.value_sets import load_value_sets
from tests.measures.drawing import SITE, Site, _control, _Extract, _settings, when
from transforms.audit import audit

_DRAWN: dict[Site, list["Patient"]] = defaultdict(list)


@dataclass(frozen=True)
class Patient:
    """One patient, and what the text asks for: words of `said`."""

    name: str
    site: Site
    rows: str
    expected: str

    def __str__(self) -> str:
        return self.name

    @property
    def wanted(self) -> str:
        words = [word.partition("=") for word in self.expected.split()]
        return " ".join(f"{k}={when(v) if k in TIMES and v[:2] == 'DX' else v}" if eq else k for k, eq, v in words)

    def said(self, *columns: str) -> str:
        """The patient's cases in the order of T0 and level: `L2 t0=... column=...`, separated by ` ; `."""
        cases = judged(self.site)["cases"].filter(pl.col("patient_id") == self.name).sort("t0", "level")
        return " ; ".join(
            " ".join([str(row["level"]), *(f"{c}={row[c]}" for c in columns)]) for row in cases.iter_rows(named=True)
        )

    @property
    def lines(self) -> str:
        """The patient's lines of the cohort: `L2=audited`."""
        rows = judged(self.site)["cohort_lines"].filter(pl.col("patient_id") == self.name).sort("level")
        return " ".join(f"{level}={line}" for level, line in rows.select("level", "line").rows())


TIMES = ("t0", "m3_date", "end_date", "conservative_start", "treatment_start")


def patients(rows: Mapping[str, tuple[str, str]], site: Site = SITE) -> list[Patient]:
    """name -> (expected, rows)."""
    made = [Patient(name, site, drawn, expected) for name, (expected, drawn) in rows.items()]
    assert not {p.name for p in made} & {p.name for p in _DRAWN[site]}, "a name twice"
    _DRAWN[site] += made
    return made


@cache
def judged(site: Site) -> dict[str, pl.DataFrame]:
    """The audit's tables of all patients drawn for a site."""
    extract = _Extract()
    _control(extract, site)
    for patient in _DRAWN[site]:
        extract.draw(patient.name, patient.rows)
    with tempfile.TemporaryDirectory() as name:
        folder, work = Path(name) / "extract", Path(name)
        folder.mkdir()
        extract.write(folder, site)
        settings = load_settings(extract=folder, settings_file=_settings(site, work))
        value_sets = load_value_sets(None, None, settings.parameters.input.include_unverified_codes)
        with duckdb.connect(str(work / "work.duckdb")) as con:
            clean = apply_contract(con, land(folder, "native", con), settings, value_sets, work)
            tables = {table: pl.scan_parquet(path) for table, path in clean.tables.items()}
            day = date.fromisoformat(when(site.as_of))
            return audit(tables, clean.feeds, clean.codes, settings.parameters, value_sets, day, "UTC")
