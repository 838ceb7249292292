"""What both pandas contestants read: clean events cut to what counts, with `at, day, is_minute` as their time.

`day` is the local date as datetime64 at midnight (the contest's extracts are in UTC).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.peers import RELATED, tables

SYSTEM_AND_KEY = ["code_system", "code_key"]


def days(n: int) -> pd.Timedelta:
    return pd.Timedelta(days=n)


def hours(n: int) -> pd.Timedelta:
    return pd.Timedelta(hours=n)


@dataclass(frozen=True)
class Extract:
    """Event frames by what they are about; `value_set` names the set of a coded event, one row a set that it is in."""

    as_of: pd.Timestamp
    horizons: dict[str, pd.Timestamp]
    cases: pd.DataFrame
    conditions: pd.DataFrame
    procedures: pd.DataFrame
    statements: pd.DataFrame
    scores: pd.DataFrame
    course: pd.DataFrame
    calcitonin: pd.DataFrame
    studies: pd.DataFrame
    therapy: pd.DataFrame

    def horizon(self, *feeds: str) -> pd.Timestamp:
        return min(self.horizons[feed] for feed in feeds)


def read(folder: Path) -> Extract:
    """Everything that the six measures need."""
    known = json.loads((folder / "days.json").read_text())
    as_of = pd.Timestamp(known["as_of"])
    codes = _parquet(folder / "codes.parquet")
    encounters = _table(folder, "encounters", "started", as_of)
    conditions = _conditions(folder, as_of, codes)
    procedures = _table(folder, "procedures", "performed", as_of)
    procedures = procedures[procedures["status"] == "completed"].merge(codes, on=SYSTEM_AND_KEY)
    observations = _observations(folder, as_of)
    statements = observations[(observations["code_system"] == "LOCAL") & observations["value_code"].notna()]
    return Extract(
        as_of=as_of,
        horizons={name: pd.Timestamp(day) for name, day in known["horizons"].items()},
        cases=_parquet(folder / "cases.parquet"),
        conditions=conditions,
        procedures=procedures,
        statements=statements,
        scores=_about_fracture(_scores(observations, codes), encounters),
        course=_about_fracture(statements[statements["code_key"] == "course"], encounters),
        calcitonin=_calcitonin(folder, as_of, codes),
        studies=_studies(folder, as_of),
        therapy=_therapy(folder, as_of, codes, encounters, procedures, statements),
    )


def _parquet(*files: str | Path) -> pd.DataFrame:
    """Dates become datetime64 instead of Python objects."""
    frames = [pd.read_parquet(file, to_pandas_kwargs={"date_as_object": False}) for file in files]
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _table(folder: Path, name: str, time: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """One clean table through as_of, its time named at, day, is_minute."""
    rows = _parquet(*tables(folder, name))
    rows = rows.rename(columns={f"{time}_at": "at", f"{time}_date": "day", f"{time}_is_minute": "is_minute"})
    return rows[rows["day"] <= as_of]


def _conditions(folder: Path, as_of: pd.Timestamp, codes: pd.DataFrame) -> pd.DataFrame:
    rows = _table(folder, "conditions", "recorded", as_of)
    verified = rows["verification"].fillna("confirmed").isin(["confirmed", "provisional"])
    rows = rows[verified & (rows["role"].fillna("diagnosis") != "order")]
    return rows[["patient_id", *SYSTEM_AND_KEY, "at", "day", "is_minute"]].merge(codes, on=SYSTEM_AND_KEY)


def _observations(folder: Path, as_of: pd.Timestamp) -> pd.DataFrame:
    """With when they were known: the later of observed and recorded (a day stands before its minutes)."""
    rows = _table(folder, "observations", "observed", as_of)
    rows = rows[~rows["status"].fillna("final").isin(["cancelled", "entered-in-error"])]
    same = rows["recorded_at"] == rows["at"]
    precise = rows["recorded_is_minute"].eq(True) & ~rows["is_minute"]
    later = (rows["recorded_date"] <= as_of) & ((rows["recorded_at"] > rows["at"]) | (same & precise))
    return rows.assign(
        known_at=rows["recorded_at"].where(later, rows["at"]),
        known_day=rows["recorded_date"].where(later, rows["day"]),
        known_is_minute=rows["recorded_is_minute"].where(later, rows["is_minute"]).astype(bool),
    )


def _scores(observations: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    pain = codes.loc[codes["value_set"] == "pain_score", SYSTEM_AND_KEY]
    rows = observations[observations["value_number"].notna()].merge(pain, on=SYSTEM_AND_KEY)
    in_mm = rows["unit"] == "mm"
    return rows.assign(score=rows["value_number"].where(~in_mm, rows["value_number"] / 10))


def _about_fracture(observations: pd.DataFrame, encounters: pd.DataFrame) -> pd.DataFrame:
    """Not of an encounter for something else."""
    key = ["patient_id", "encounter_id"]
    other = encounters.loc[encounters["fracture_related"].eq(False), key].assign(is_other=True)
    rows = observations.merge(other, on=key, how="left")
    return rows[rows["is_other"].isna()].drop(columns="is_other")


def _calcitonin(folder: Path, as_of: pd.Timestamp, codes: pd.DataFrame) -> pd.DataFrame:
    rows = _table(folder, "medications", "started", as_of)
    rows = rows[~rows["status"].isin(["cancelled", "entered-in-error"])]
    rows = rows.merge(codes.loc[codes["value_set"] == "calcitonin", SYSTEM_AND_KEY], on=SYSTEM_AND_KEY)
    supplied = rows["day"] + pd.to_timedelta(rows["days_supply"] // 1 - 1, unit="D")
    return rows.assign(covered_to=rows["ended_date"].fillna(supplied))[["patient_id", "day", "covered_to"]]


def _studies(folder: Path, as_of: pd.Timestamp) -> pd.DataFrame:
    """Completed MRI and CT, the rows of one study joined."""
    rows = _parquet(*tables(folder, "imaging"))
    said = _parquet(folder / "studies.parquet")
    rows = rows[rows["status"] == "completed"].merge(said, on=SYSTEM_AND_KEY, how="left", suffixes=("", "_of_code"))
    for column in ("modality", "regions", "contrast"):
        rows[column] = rows[column].fillna(rows[f"{column}_of_code"])
    performed = rows["performed_at"].notna()
    rows["at"] = rows["performed_at"].where(performed, rows["ordered_at"])
    rows["day"] = rows["performed_date"].where(performed, rows["ordered_date"])
    rows["is_minute"] = rows["performed_is_minute"].where(performed, rows["ordered_is_minute"]).astype(bool)
    rows = rows[(rows["day"] <= as_of) & rows["modality"].isin(["mri", "ct"])]
    rows = rows.assign(
        moment=moment(rows["at"], rows["is_minute"]),
        study=rows["accession"].fillna(rows["day"].astype("str") + "|" + rows["modality"]),
        is_native=rows["contrast"].isin(["without", "both"]),
        is_enhanced=rows["contrast"].isin(["with", "both"]),
        regions=rows["regions"].fillna("") + "|",
    )
    return rows.groupby(["patient_id", "study"], as_index=False).agg(
        day=("day", "min"),
        moment=("moment", "min"),
        modality=("modality", "first"),
        regions=("regions", "sum"),
        is_native=("is_native", "any"),
        is_enhanced=("is_enhanced", "any"),
    )


def moment(at: pd.Series, is_minute: pd.Series) -> pd.Series:
    """An instant as a number that puts a day before the minutes of its midnight."""
    return at.dt.as_unit("us").astype("int64") * 2 + is_minute.astype("int64")


def _therapy(
    folder: Path,
    as_of: pd.Timestamp,
    codes: pd.DataFrame,
    encounters: pd.DataFrame,
    procedures: pd.DataFrame,
    statements: pd.DataFrame,
) -> pd.DataFrame:
    """patient_id, day: physical therapy asked for, seen, done or considered."""
    specialty = codes.loc[codes["value_set"] == "physical_therapy_specialty", SYSTEM_AND_KEY]
    specialty = specialty.rename(columns={"code_system": "specialty_system", "code_key": "specialty_key"})
    related = codes.loc[codes["value_set"].isin(RELATED), SYSTEM_AND_KEY].drop_duplicates().assign(is_related=True)
    related = related.rename(columns={"code_system": "reason_code_system", "code_key": "reason_key"})
    orders = _table(folder, "referrals", "ordered", as_of)
    revoked = (orders["status"] == "revoked") & ~(orders["completed_date"] <= as_of)
    orders = orders[~orders["status"].isin(["draft", "entered-in-error"]) & ~revoked].merge(specialty)
    orders = orders.merge(related, on=["reason_code_system", "reason_key"], how="left")
    orders = orders[orders["reason_code"].isna() | orders["is_related"].notna()]
    took_place = ~encounters["status"].isin(["planned", "cancelled", "no-show", "entered-in-error"])
    visits = encounters[took_place & ~encounters["fracture_related"].eq(False)].merge(specialty)
    done = procedures[procedures["value_set"] == "physical_therapy"]
    considered = statements[(statements["code_key"] == "considered") & (statements["value_code"] == "physical-therapy")]
    return pd.concat([rows[["patient_id", "day"]] for rows in (orders, visits, done, considered)], ignore_index=True)
