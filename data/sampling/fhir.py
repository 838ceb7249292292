"""The same charts as FHIR R4 resources, one NDJSON file a type, in the manner of a bulk export.

Only what FHIR carries is written: fracture_related, followup, payer and posture have no place here.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from .record import Record, Row

SYSTEMS = {
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "CPT": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "urn:oid:2.16.840.1.113883.6.285",
    "LOINC": "http://loinc.org",
    "SNOMED": "http://snomed.info/sct",
    "ATC": "http://www.whocc.no/atc",
    "NUCC": "http://nucc.org/provider-taxonomy",
    "LOCAL": "urn:spine-audit:local",
}
CLASSES = {
    "emergency": "EMER",
    "inpatient": "IMP",
    "observation": "OBSENC",
    "ambulatory": "AMB",
    "virtual": "VR",
    "home": "HH",
}
DISPOSITIONS = {"home": "home", "snf": "snf", "rehab": "rehab", "transfer-acute": "hosp", "hospice": "hospice",
                "expired": "exp", "other": "oth"}  # fmt: skip
RACES = {
    "white": ("2106-3", "White"),
    "black": ("2054-5", "Black or African American"),
    "asian": ("2028-9", "Asian"),
    "american-indian": ("1002-5", "American Indian or Alaska Native"),
    "other": ("2131-1", "Other Race"),
}
ETHNICITIES = {"hispanic": ("2135-2", "Hispanic or Latino"), "not-hispanic": ("2186-5", "Not Hispanic or Latino")}
HL7 = "http://terminology.hl7.org/CodeSystem"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
ROUTES = {"oral": ("26643006", "Oral route"), "nasal": ("46713006", "Nasal route")}
MODALITIES = {"72131": "CT", "72100": "DX"}  # every other study of the sample is an MRI

Resource = dict[str, object]


def write_fhir(record: Record, patients: Iterable[str], folder: Path, extracted_at: str) -> None:
    """Write the charts of `patients` as NDJSON files and a bulk-export manifest whose transactionTime is given."""
    wanted = set(patients)
    files: dict[str, list[Resource]] = {}
    for table, make in MAKERS.items():
        for row in record.tables[table]:
            if row["patient_id"] in wanted:
                for resource in make(row):
                    files.setdefault(str(resource["resourceType"]), []).append(resource)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, resources in sorted(files.items()):
        lines = (json.dumps(_filled(resource), ensure_ascii=False, separators=(",", ":")) for resource in resources)
        (folder / f"{kind}.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    manifest = {
        "transactionTime": extracted_at,
        "request": "https://ehr.example.org/fhir/$export",
        "requiresAccessToken": False,
        "output": [{"type": kind, "url": f"{kind}.ndjson", "count": len(files[kind])} for kind in sorted(files)],
        "error": [],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _patient(row: Row) -> Iterator[Resource]:
    extensions = []
    for name, known in (("race", RACES), ("ethnicity", ETHNICITIES)):
        if row[name]:
            code, display = known[row[name]]
            category = {"system": "urn:oid:2.16.840.1.113883.6.238", "code": code, "display": display}
            extensions.append({
                "url": f"{US_CORE}/us-core-{name}",
                "extension": [{"url": "ombCategory", "valueCoding": category}, {"url": "text", "valueString": display}],
            })  # fmt: skip
    yield {
        "resourceType": "Patient",
        "id": row["patient_id"],
        "extension": extensions,
        "identifier": [
            {
                "type": {"coding": [{"system": f"{HL7}/v2-0203", "code": "MR"}]},
                "system": "https://ehr.example.org/mrn",
                "value": row["display_id"],
            }
        ],
        "gender": row["sex"],
        "birthDate": row["birth_date"],
        "deceasedDateTime": _time(row["deceased_at"]),
        "communication": [{"language": _coded("urn:ietf:bcp:47", row["language"])}] if row["language"] else None,
    }


def _encounter(row: Row) -> Iterator[Resource]:
    leaving = DISPOSITIONS.get(row["disposition"])
    yield {
        "resourceType": "Encounter",
        "id": row["encounter_id"],
        "status": {"no-show": "cancelled"}.get(row["status"], row["status"]),
        "class": {"system": f"{HL7}/v3-ActCode", "code": CLASSES[row["class"]]},
        "serviceType": _concept(row["specialty_system"], row["specialty"]),
        "subject": _subject(row),
        "period": {"start": _time(row["started_at"]), "end": _time(row["ended_at"])},
        "hospitalization": {"dischargeDisposition": _coded(f"{HL7}/discharge-disposition", leaving)}
        if leaving
        else None,
    }


def _condition(row: Row) -> Iterator[Resource]:
    category = {"diagnosis": "encounter-diagnosis", "problem-list": "problem-list-item"}.get(row["role"])
    yield {
        "resourceType": "Condition",
        "id": row["condition_id"],
        "verificationStatus": _coded(f"{HL7}/condition-ver-status", row["verification"] or "confirmed"),
        "category": [_coded(f"{HL7}/condition-category", category)] if category else None,
        "code": _concept(row["code_system"], row["code"]),
        "subject": _subject(row),
        "encounter": _encounter_of(row),
        "onsetDateTime": _time(row["onset_at"]),
        "recordedDate": _time(row["recorded_at"]),
    }


def _observation(row: Row) -> Iterator[Resource]:
    quantity = value = None
    if row["value_number"]:
        quantity = {"value": float(row["value_number"]), "unit": row["unit"]}
    elif row["value_code"]:
        value = _concept("LOCAL", row["value_code"])
    yield {
        "resourceType": "Observation",
        "id": row["observation_id"],
        "status": row["status"],
        "code": _concept(row["code_system"], row["code"]),
        "subject": _subject(row),
        "encounter": _encounter_of(row),
        "effectiveDateTime": _time(row["observed_at"]),
        "issued": _time(row["recorded_at"]),
        "valueQuantity": quantity,
        "valueCodeableConcept": value,
        "bodySite": _concept("LOCAL", row["level"]),
    }


def _imaging(row: Row) -> Iterator[Resource]:
    if row["status"] != "completed":
        yield {
            "resourceType": "ServiceRequest",
            "id": row["imaging_id"],
            "status": {"ordered": "active", "cancelled": "revoked"}.get(row["status"], row["status"]),
            "intent": "order",
            "code": _concept(row["code_system"], row["code"]),
            "subject": _subject(row),
            "encounter": _encounter_of(row),
            "authoredOn": _time(row["ordered_at"]),
        }
        return
    dicom = "http://dicom.nema.org/resources/ontology/DCM"
    yield {
        "resourceType": "ImagingStudy",
        "id": row["imaging_id"],
        "identifier": [{"type": {"coding": [{"system": f"{HL7}/v2-0203", "code": "ACSN"}]}, "value": row["accession"]}],
        "status": "available",
        "modality": [{"system": dicom, "code": MODALITIES.get(row["code"], "MR")}],
        "subject": _subject(row),
        "encounter": _encounter_of(row),
        "started": _time(row["performed_at"]),
        "procedureCode": [_concept(row["code_system"], row["code"])],
    }


def _procedure(row: Row) -> Iterator[Resource]:
    yield {
        "resourceType": "Procedure",
        "id": row["procedure_id"],
        "status": row["status"],
        "code": _concept(row["code_system"], row["code"]),
        "subject": _subject(row),
        "encounter": _encounter_of(row),
        "performedDateTime": _time(row["performed_at"]),
        "bodySite": [_concept("LOCAL", row["level"])] if row["level"] else None,
    }


def _referral(row: Row) -> Iterator[Resource]:
    yield {
        "resourceType": "ServiceRequest",
        "id": row["referral_id"],
        "status": row["status"],
        "intent": "order",
        "priority": row["priority"],
        "performerType": _concept(row["specialty_system"], row["specialty"]),
        "subject": _subject(row),
        "encounter": _encounter_of(row),
        "authoredOn": _time(row["ordered_at"]),
        "reasonCode": [_concept(row["reason_code_system"], row["reason_code"])] if row["reason_code"] else None,
    }


def _medication(row: Row) -> Iterator[Resource]:
    code, display = ROUTES[row["route"]]
    route = {"coding": [{"system": SYSTEMS["SNOMED"], "code": code, "display": display}]}
    common = {
        "id": row["medication_id"],
        "status": row["status"],
        "medicationCodeableConcept": _concept(row["code_system"], row["code"]),
        "subject": _subject(row),
    }
    if row["ended_at"]:
        yield {
            "resourceType": "MedicationAdministration",
            **common,
            "status": {"active": "in-progress"}.get(row["status"], row["status"]),
            "context": _encounter_of(row),
            "effectivePeriod": {"start": _time(row["started_at"]), "end": _time(row["ended_at"])},
            "dosage": {"route": route},
        }
        return
    supply = {"value": int(row["days_supply"]), "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
    yield {
        "resourceType": "MedicationRequest",
        **common,
        "intent": "order",
        "encounter": _encounter_of(row),
        "authoredOn": _time(row["started_at"]),
        "dosageInstruction": [{"route": route}],
        "dispenseRequest": {"expectedSupplyDuration": supply} if row["days_supply"] else None,
    }


MAKERS = {
    "patients": _patient,
    "encounters": _encounter,
    "conditions": _condition,
    "observations": _observation,
    "imaging": _imaging,
    "procedures": _procedure,
    "referrals": _referral,
    "medications": _medication,
}


def _time(text: str) -> str | None:
    """FHIR asks for seconds and an offset wherever there is a time; the sample's sites keep UTC."""
    return f"{text}:00Z" if "T" in text else text or None


def _coded(system: str, code: str | None) -> Resource | None:
    return {"coding": [{"system": system, "code": code}]} if code else None


def _concept(system: str, code: str) -> Resource | None:
    return _coded(SYSTEMS[system], code) if system and code else None


def _subject(row: Row) -> Resource:
    return {"reference": f"Patient/{row['patient_id']}"}


def _encounter_of(row: Row) -> Resource | None:
    return {"reference": f"Encounter/{row['encounter_id']}"} if row["encounter_id"] else None


def _filled(value: object) -> object:
    """`value` without empty members: FHIR knows no null."""
    if isinstance(value, dict):
        return {key: _filled(member) for key, member in value.items() if member not in (None, "", [], {})}
    if isinstance(value, list):
        return [_filled(member) for member in value]
    return value
