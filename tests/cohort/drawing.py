"""Draws patients as the measures' tests do and says which cases the audit found in them."""

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from tests.agreement.audited import Audited, audited
from tests.measures.drawing import SITE, Site, _control, _Extract, _settings, when

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
def judged(site: Site) -> Audited:
    """The audit's tables of all patients drawn for a site."""
    extract = _Extract()
    _control(extract, site)
    for patient in _DRAWN[site]:
        extract.draw(patient.name, patient.rows)
    with tempfile.TemporaryDirectory() as name:
        folder, work = Path(name) / "extract", Path(name)
        folder.mkdir()
        extract.write(folder, site)
        return audited(folder, work, _settings(site, work))
