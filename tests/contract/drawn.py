"""A small extract drawn as rows: only what a test is about is written, the rest is a plain good row."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from flows.contract import Clean, apply_contract
from flows.land import Landed, land
from flows.parts import Keep
from schemas.extract import EXTRACT
from schemas.parameters import Parameters, load_parameters
from schemas.value_sets import load_value_sets

Row = dict[str, str]

DEFAULTS: dict[str, Row] = {
    "patients": {"patient_id": "p", "birth_date": "1948-06-14", "sex": "female"},
    "encounters": {
        "encounter_id": "e",
        "patient_id": "p",
        "class": "ambulatory",
        "status": "finished",
        "started_at": "2024-03-12 09:00",
    },
    "conditions": {
        "condition_id": "c",
        "patient_id": "p",
        "code_system": "ICD10CM",
        "code": "S32.020A",
        "recorded_at": "2024-03-12 10:00",
    },
    "observations": {
        "observation_id": "o",
        "patient_id": "p",
        "code_system": "LOINC",
        "code": "72514-3",
        "observed_at": "2024-03-12 11:00",
        "value_number": "7",
    },
    "imaging": {
        "imaging_id": "i",
        "patient_id": "p",
        "code_system": "CPT",
        "code": "72148",
        "performed_at": "2024-03-13",
        "status": "completed",
    },
    "procedures": {
        "procedure_id": "pr",
        "patient_id": "p",
        "code_system": "CPT",
        "code": "22514",
        "performed_at": "2024-04-21",
        "status": "completed",
    },
    "referrals": {
        "referral_id": "r",
        "patient_id": "p",
        "specialty_system": "LOCAL",
        "specialty": "neurosurgery",
        "ordered_at": "2024-03-20 17:00",
        "status": "active",
    },
    "medications": {
        "medication_id": "m",
        "patient_id": "p",
        "code_system": "ATC",
        "code": "H05BA01",
        "started_at": "2024-03-13",
        "status": "active",
    },
    "followup": {"patient_id": "p", "started_at": "2020-01-01"},
}

EXTRACTED_AT = "2025-01-01T03:00:00Z"


@dataclass(frozen=True)
class DrawnSettings:
    """What the contract asks of settings; these drawn extracts are mostly bad rows, so any share is let through."""

    timezone: str
    parameters: Parameters


@dataclass(frozen=True)
class Outcome:
    """What the contract made of an extract."""

    landed: Landed
    clean: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    feeds: pl.DataFrame

    def marks(self, table: str) -> list[tuple[str | None, str, str]]:
        """(column, reason, severity) of the table's rows in the quarantine, in order of file and row."""
        rows = self.quarantine.filter(pl.col("table_name") == table)
        return rows.select("column_name", "reason", "severity").rows()

    def feed(self, table: str) -> dict[str, object]:
        """The table's row of the feeds."""
        return self.feeds.filter(pl.col("table_name") == table).row(0, named=True)


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A plain CSV file of the contract."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def draw(folder: Path, *, extracted_at: str | None = EXTRACTED_AT, **tables: Sequence[Row]) -> Path:
    """Write an extract: the rows of each table over its default row; one good patient and condition unless drawn."""
    tables = {"patients": [{}], "conditions": [{}]} | tables
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", EXTRACT[name].names, [DEFAULTS[name] | row for row in rows])
    if extracted_at is not None:
        (folder / "manifest.json").write_text(f'{{"extracted_at": "{extracted_at}"}}')
    return folder


def judge_folder(
    extract: Path,
    work: Path,
    *,
    timezone: str = "UTC",
    max_share: float = 1.0,
    concept_map: Path | None = None,
) -> Outcome:
    """Land the extract and apply the contract."""
    con = duckdb.connect()
    parameters = load_parameters({"input": {"max_quarantined_share": max_share}})
    landed = land(extract, "native", con)
    settings = DrawnSettings(timezone, parameters)
    result = apply_contract(con, landed, settings, load_value_sets(None, concept_map), work, keep=Keep.EVERYONE)
    con.close()
    return Outcome(
        landed,
        clean_rows(result),
        pl.read_parquet(result.quarantine),
        result.feeds,
    )


def clean_rows(clean: Clean) -> dict[str, pl.DataFrame]:
    """The clean tables, all parts together."""
    names = [name for name in EXTRACT if (clean.parts[0] / f"{name}.parquet").exists()]
    return {name: pl.concat([pl.read_parquet(part / f"{name}.parquet") for part in clean.parts]) for name in names}
