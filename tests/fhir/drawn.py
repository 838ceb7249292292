"""Small FHIR extracts drawn in the tests: resources as literal dicts, landed, and read back as plain rows."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from contract.drawn import clean_rows

from flows.contract import apply_contract
from flows.fhir import land_fhir
from flows.land import Landed
from flows.parts import Keep
from schemas.parameters import Parameters, load_parameters
from schemas.value_sets import ValueSets, load_value_sets

Resource = dict[str, Any]

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
CPT = "http://www.ama-assn.org/go/cpt"
NUCC = "http://nucc.org/provider-taxonomy"
ATC = "http://www.whocc.no/atc"
LOCAL = "urn:spine-audit:local"
NEUROSURGERY = "207T00000X"
LUMBAR_MRI = "72148"


def concept(*codings: tuple[str, str]) -> Resource:
    """A CodeableConcept of (system, code) pairs."""
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


PATIENT: Resource = {"resourceType": "Patient", "id": "p", "birthDate": "1950-01-01", "gender": "female"}
TO_PATIENT: Resource = {"subject": {"reference": "Patient/p"}}
DEFAULTS: dict[str, Resource] = {
    "Patient": PATIENT,
    "Encounter": {
        "id": "e",
        "status": "finished",
        "class": {"code": "AMB"},
        "period": {"start": "2024-03-10T08:00:00Z", "end": "2024-03-10T09:00:00Z"},
        **TO_PATIENT,
    },
    "Condition": {"id": "c", "code": concept((ICD10CM, "S32.020A")), "recordedDate": "2024-03-10", **TO_PATIENT},
    "Observation": {
        "id": "o",
        "status": "final",
        "code": concept((LOINC, "72514-3")),
        "effectiveDateTime": "2024-03-10T10:00:00Z",
        **TO_PATIENT,
    },
    "ImagingStudy": {
        "id": "i",
        "status": "available",
        "started": "2024-03-12T10:00:00Z",
        "procedureCode": [concept((CPT, LUMBAR_MRI))],
        **TO_PATIENT,
    },
    "DiagnosticReport": {
        "id": "d",
        "status": "final",
        "effectiveDateTime": "2024-03-12T11:00:00Z",
        "code": concept((CPT, LUMBAR_MRI)),
        **TO_PATIENT,
    },
    "Procedure": {
        "id": "x",
        "status": "completed",
        "performedDateTime": "2024-03-20",
        "code": concept((CPT, "22514")),
        **TO_PATIENT,
    },
    "ServiceRequest": {
        "id": "r",
        "status": "active",
        "intent": "order",
        "authoredOn": "2024-03-11T09:00:00Z",
        "performerType": concept((NUCC, NEUROSURGERY)),
        **TO_PATIENT,
    },
    "MedicationRequest": {
        "id": "m",
        "status": "active",
        "intent": "order",
        "authoredOn": "2024-03-10",
        "medicationCodeableConcept": concept((ATC, "N02BE01")),
        **TO_PATIENT,
    },
    "MedicationAdministration": {
        "id": "ma",
        "status": "completed",
        "effectiveDateTime": "2024-03-10T12:00:00Z",
        "medicationCodeableConcept": concept((ATC, "N02BE01")),
        **TO_PATIENT,
    },
    "MedicationDispense": {
        "id": "md",
        "status": "completed",
        "whenHandedOver": "2024-03-10T12:00:00Z",
        "medicationCodeableConcept": concept((ATC, "N02BE01")),
        **TO_PATIENT,
    },
    "MedicationStatement": {
        "id": "ms",
        "status": "active",
        "effectivePeriod": {"start": "2024-03-10"},
        "medicationCodeableConcept": concept((ATC, "N02BE01")),
        **TO_PATIENT,
    },
}


def resource(kind: str, **fields: Any) -> Resource:
    """A resource of that type: `fields` over its default; a field that is None is left out."""
    whole = {"resourceType": kind} | DEFAULTS.get(kind, {}) | fields
    return {name: value for name, value in whole.items() if value is not None}


def write_ndjson(path: Path, resources: Sequence[Resource]) -> None:
    """One resource a line, gzipped where the name says so."""
    text = "".join(json.dumps(one) + "\n" for one in resources).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


@dataclass(frozen=True)
class Landing:
    """What the landing made of an extract."""

    landed: Landed
    rows: Mapping[str, list[dict[str, Any]]]

    def one(self, table: str) -> dict[str, Any]:
        """The table's only row."""
        (row,) = self.rows[table]
        return row

    def values(self, table: str, *columns: str) -> list[Any]:
        """The columns' values in order of id, as tuples where there are several."""
        rows = sorted(self.rows[table], key=lambda row: str(next(iter(row.values()))))
        return [row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in rows]


def land_folder(folder: Path, value_sets: ValueSets | None = None) -> Landing:
    """Land a folder; the rows of every table that is there."""
    con = duckdb.connect()
    try:
        landed = land_fhir(folder, con, value_sets)
        rows = {name: con.sql(f'SELECT * FROM raw."{name}"').pl().to_dicts() for name in landed.tables}
    finally:
        con.close()
    return Landing(landed, rows)


def draw(folder: Path, *resources: Resource, concept_map: str | None = None) -> Landing:
    """Land these resources, a file a type, beside a patient and a condition where none is drawn."""
    kinds = {one["resourceType"] for one in resources}
    whole = [*resources, *(resource(kind) for kind in ("Patient", "Condition") if kind not in kinds)]
    for kind in {one["resourceType"] for one in whole}:
        write_ndjson(folder / f"{kind}.ndjson", [one for one in whole if one["resourceType"] == kind])
    if concept_map is None:
        return land_folder(folder)
    path = folder.parent / f"{folder.name}-map.csv"
    path.write_text("code_system,code,target_system,target_code\n" + concept_map)
    return land_folder(folder, load_value_sets(concept_map=path))


def bundle(*entries: tuple[str | None, Resource], kind: str = "collection") -> Resource:
    """A Bundle of (fullUrl, resource) entries."""
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [({"fullUrl": url} if url else {}) | {"resource": one} for url, one in entries],
    }


@dataclass(frozen=True)
class Settings:
    """What the contract asks of settings."""

    timezone: str
    parameters: Parameters


@dataclass(frozen=True)
class Judged:
    """What the contract made of a landed extract."""

    landed: Landed
    clean: Mapping[str, pl.DataFrame]
    quarantine: pl.DataFrame
    feeds: pl.DataFrame


def judge_folder(folder: Path, work: Path, value_sets: ValueSets | None = None) -> Judged:
    """Land a folder and apply the contract; any share of bad rows is let through."""
    con = duckdb.connect()
    used = value_sets or load_value_sets()
    try:
        landed = land_fhir(folder, con, used)
        settings = Settings("UTC", load_parameters({"input": {"max_quarantined_share": 1.0}}))
        result = apply_contract(con, landed, settings, used, work, keep=Keep.EVERYONE)
    finally:
        con.close()
    return Judged(
        landed,
        clean_rows(result),
        pl.read_parquet(result.quarantine),
        result.feeds,
    )
