"""Names of folders that a reader might take for more than names, and values that lie beyond all calendars."""

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.published import open_published
from flows.run import night
from flows.settings import load_settings

ROWS = {
    "patients": [{"patient_id": "p1", "sex": "female", "birth_date": "1950-01-01", "site_id": "s1"}],
    "encounters": [{"encounter_id": "e1", "patient_id": "p1", "class": "emergency", "status": "finished",
                    "started_at": "2024-03-12T10:00", "site_id": "s1"}],
    "conditions": [{"condition_id": "c1", "patient_id": "p1", "encounter_id": "e1", "code_system": "ICD10CM",
                    "code": "S32.020A", "recorded_at": "2024-03-12T10:00"}],
}  # fmt: skip


def write(folder: Path, form: str, patient: str = "p1") -> Path:
    folder.mkdir(parents=True)
    for name, rows in ROWS.items():
        rows = [{key: patient if key == "patient_id" else value for key, value in row.items()} for row in rows]
        if form == "parquet":
            pl.DataFrame(rows).write_parquet(folder / f"{name}.parquet")
        else:
            with (folder / f"{name}.csv").open("w", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    (folder / "manifest.json").write_text(json.dumps({"extracted_at": "2024-12-31"}))
    return folder


def published(extract: Path, out: Path, query: str) -> list[tuple[object, ...]]:
    with open_published(night(load_settings(extract=extract, out=out, as_of="2024-12-31")).warehouse) as con:
        return con.execute(query).fetchall()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_folder_named_like_a_column_changes_no_column(tmp_path: Path, form: str) -> None:
    extract = write(tmp_path / "site_id=north", form)
    assert published(extract, tmp_path / "level=T9", "SELECT level, site_id FROM cases") == [("L2", "s1")]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_name_is_no_pattern_for_its_neighbours(tmp_path: Path, form: str) -> None:
    extract = write(tmp_path / "a[x]*b", form)
    write(tmp_path / "axyb", form, patient="p2")
    assert published(extract, tmp_path / "out[1]", "SELECT patient_id FROM cases") == [("p1",)]


def test_a_day_beyond_all_years_is_a_bad_value_of_one_row(tmp_path: Path) -> None:
    extract = write(tmp_path / "x", "parquet")
    days = pl.Series("ended_at", [2**31 - 1], dtype=pl.Int32).cast(pl.Date)
    followup = pl.DataFrame({"patient_id": ["p1"], "started_at": [date(2024, 1, 1)]}).with_columns(days)
    followup.write_parquet(extract / "followup.parquet")
    bad = published(extract, tmp_path / "out", "SELECT table_name, column_name FROM quarantine")
    assert bad == [("followup", "ended_at")]


def test_what_is_finer_than_a_microsecond_is_cut_and_not_rounded_into_the_next_day(tmp_path: Path) -> None:
    extract = write(tmp_path / "x", "parquet")
    codes = pl.read_parquet(extract / "conditions.parquet")
    nanoseconds = pl.Series("recorded_at", ["2024-03-12T23:59:59.999999999"]).str.to_datetime(time_unit="ns")
    codes.with_columns(nanoseconds).write_parquet(extract / "conditions.parquet")
    assert published(extract, tmp_path / "out", "SELECT t0 FROM cases") == [(date(2024, 3, 12),)]


def test_there_are_no_more_parts_than_patients(tmp_path: Path) -> None:
    from flows.settings import Engine

    extract = write(tmp_path / "x", "csv")
    settings = load_settings(extract=extract, out=tmp_path / "out", as_of="2024-12-31", engine=Engine(part_rows=1))
    assert night(settings).summary["cases"] == 1
    shutil.rmtree(tmp_path / "out")
