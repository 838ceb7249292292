"""Does each resource become the row that the specification says? One point each."""

from pathlib import Path
from typing import Any

import pytest

from tests.fhir.drawn import (
    ATC,
    CPT,
    ICD10CM,
    LOCAL,
    LOINC,
    LUMBAR_MRI,
    NEUROSURGERY,
    NUCC,
    SNOMED,
    concept,
    draw,
    resource,
)

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"


def test_a_patient_is_known_by_type_and_id(tmp_path: Path) -> None:
    row = draw(tmp_path, resource("Patient")).one("patients")
    assert (row["patient_id"], row["birth_date"], row["sex"]) == ("Patient/p", "1950-01-01", "female")


def test_the_record_number_is_the_identifier_of_type_mr(tmp_path: Path) -> None:
    identifier = [{"value": "1"}, {"type": {"coding": [{"code": "MR"}]}, "value": "42"}]
    assert draw(tmp_path, resource("Patient", identifier=identifier)).one("patients")["display_id"] == "42"


def test_without_such_an_identifier_there_is_no_record_number(tmp_path: Path) -> None:
    assert draw(tmp_path, resource("Patient", identifier=[{"value": "1"}])).one("patients")["display_id"] is None


def test_race_and_ethnicity_come_from_us_core(tmp_path: Path) -> None:
    extension = [
        {
            "url": f"{US_CORE}/us-core-race",
            "extension": [
                {"url": "ombCategory", "valueCoding": {"code": "2028-9", "display": "Asian"}},
                {"url": "ombCategory", "valueCoding": {"code": "2106-3", "display": "White"}},
                {"url": "text", "valueString": "Mixed"},
            ],
        },
        {"url": f"{US_CORE}/us-core-ethnicity", "extension": [{"url": "text", "valueString": "Not Hispanic"}]},
    ]
    row = draw(tmp_path, resource("Patient", extension=extension)).one("patients")
    assert (row["race"], row["ethnicity"]) == ("Asian|White", "Not Hispanic")


def test_the_preferred_language_goes_before_the_first(tmp_path: Path) -> None:
    communication = [
        {"language": {"coding": [{"code": "en"}]}},
        {"language": {"coding": [{"code": "es"}]}, "preferred": True},
    ]
    assert draw(tmp_path, resource("Patient", communication=communication)).one("patients")["language"] == "es"


@pytest.mark.parametrize(
    ("fields", "deceased_at"),
    [
        ({"deceasedDateTime": "2024-05-01"}, "2024-05-01"),
        ({"deceasedBoolean": False}, None),
        ({"deceasedBoolean": True}, "true"),  # no time: the contract drops it with a warning
    ],
)
def test_a_death(tmp_path: Path, fields: dict[str, Any], deceased_at: str | None) -> None:
    assert draw(tmp_path, resource("Patient", **fields)).one("patients")["deceased_at"] == deceased_at


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("EMER", "emergency"),
        ("IMP", "inpatient"),
        ("ACUTE", "inpatient"),
        ("NONAC", "inpatient"),
        ("OBSENC", "observation"),
        ("AMB", "ambulatory"),
        ("VR", "virtual"),
        ("HH", "home"),
        ("FLD", "other"),
    ],
)
def test_the_class_of_an_encounter(tmp_path: Path, code: str, kind: str) -> None:
    assert draw(tmp_path, resource("Encounter", **{"class": {"code": code}})).one("encounters")["class"] == kind


@pytest.mark.parametrize(
    ("status", "period", "becomes"),
    [
        ("arrived", {"start": "2024-03-10"}, "in-progress"),
        ("triaged", {"start": "2024-03-10"}, "in-progress"),
        ("onleave", {"start": "2024-03-10"}, "in-progress"),
        ("unknown", {"start": "2024-03-10", "end": "2024-03-11"}, "finished"),
        ("unknown", {"start": "2024-03-10"}, "in-progress"),
        ("entered-in-error", {"start": "2024-03-10"}, "entered-in-error"),
    ],
)
def test_the_status_of_an_encounter(tmp_path: Path, status: str, period: dict[str, str], becomes: str) -> None:
    landing = draw(tmp_path, resource("Encounter", status=status, period=period))
    assert landing.one("encounters")["status"] == becomes


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("home", "home"),
        ("snf", "snf"),
        ("rehab", "rehab"),
        ("hosp", "transfer-acute"),
        ("hospice", "hospice"),
        ("exp", "expired"),
        ("aadvice", "other"),
    ],
)
def test_the_disposition_of_an_encounter(tmp_path: Path, code: str, becomes: str) -> None:
    hospitalization = {"dischargeDisposition": {"coding": [{"code": code}]}}
    landing = draw(tmp_path, resource("Encounter", hospitalization=hospitalization))
    assert landing.one("encounters")["disposition"] == becomes


def test_an_encounter_without_a_disposition_has_none(tmp_path: Path) -> None:
    assert draw(tmp_path, resource("Encounter")).one("encounters")["disposition"] is None


def test_the_service_type_is_the_specialty_else_the_type(tmp_path: Path) -> None:
    landing = draw(
        tmp_path,
        resource("Encounter", id="e1", serviceType=concept((NUCC, NEUROSURGERY)), type=[concept((SNOMED, "1"))]),
        resource("Encounter", id="e2", type=[concept((SNOMED, "1"))]),
    )
    assert landing.values("encounters", "specialty_system", "specialty") == [(NUCC, NEUROSURGERY), (SNOMED, "1")]


@pytest.mark.parametrize(
    ("fields", "recorded_at"),
    [
        ({"recordedDate": "2024-03-11", "encounter": {"reference": "Encounter/e"}}, "2024-03-11"),
        (
            {"recordedDate": None, "encounter": {"reference": "Encounter/e"}, "onsetDateTime": "2024-03-01"},
            "2024-03-10T08:00:00Z",
        ),
        ({"recordedDate": None, "onsetDateTime": "2024-03-01"}, "2024-03-01"),
        ({"recordedDate": None, "onsetPeriod": {"start": "2024-03-02"}}, "2024-03-02"),
        ({"recordedDate": None}, None),
    ],
)
def test_when_a_condition_was_recorded(tmp_path: Path, fields: dict[str, Any], recorded_at: str | None) -> None:
    landing = draw(tmp_path, resource("Encounter"), resource("Condition", **fields))
    assert landing.one("conditions")["recorded_at"] == recorded_at


def test_a_partial_onset_is_passed_through_for_the_contract(tmp_path: Path) -> None:
    assert draw(tmp_path, resource("Condition", onsetDateTime="2024-05")).one("conditions")["onset_at"] == "2024-05"


@pytest.mark.parametrize(
    ("word", "becomes"),
    [("unconfirmed", "provisional"), ("refuted", "refuted"), ("entered-in-error", "entered-in-error")],
)
def test_the_verification_of_a_condition(tmp_path: Path, word: str, becomes: str) -> None:
    landing = draw(tmp_path, resource("Condition", verificationStatus={"coding": [{"code": word}]}))
    assert landing.one("conditions")["verification"] == becomes


@pytest.mark.parametrize(
    ("category", "role"), [("encounter-diagnosis", "diagnosis"), ("problem-list-item", "problem-list"), ("x", None)]
)
def test_the_role_of_a_condition(tmp_path: Path, category: str, role: str | None) -> None:
    landing = draw(tmp_path, resource("Condition", category=[{"coding": [{"code": category}]}]))
    assert landing.one("conditions")["role"] == role


@pytest.mark.parametrize(
    ("fields", "observed_at"),
    [
        ({"effectiveDateTime": "2024-03-10T10:00:00+02:00", "issued": "2024-03-11"}, "2024-03-10T10:00:00+02:00"),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-09"}}, "2024-03-09"),
        ({"effectiveDateTime": None, "effectiveInstant": "2024-03-08T10:00:00Z"}, "2024-03-08T10:00:00Z"),
        ({"effectiveDateTime": None, "issued": "2024-03-11T10:00:00Z"}, "2024-03-11T10:00:00Z"),
    ],
)
def test_when_something_was_observed(tmp_path: Path, fields: dict[str, Any], observed_at: str) -> None:
    row = draw(tmp_path, resource("Observation", **fields)).one("observations")
    assert (row["observed_at"], row["recorded_at"]) == (observed_at, fields.get("issued"))


@pytest.mark.parametrize(
    ("fields", "number", "unit", "code"),
    [
        ({"valueQuantity": {"value": 70, "unit": "mm"}}, "70", "mm", None),
        (
            {
                "valueQuantity": {
                    "value": 7,
                    "unit": "millimetre",
                    "system": "http://unitsofmeasure.org",
                    "code": "mm",
                }
            },
            "7",
            "mm",
            None,
        ),
        ({"valueInteger": 7}, "7", None, None),
        ({"valueString": "acute"}, None, None, "acute"),
        ({"valueBoolean": True}, None, None, "yes"),
        ({"valueCodeableConcept": concept((SNOMED, "1"), (LOCAL, "Acute"))}, None, None, "acute"),
        ({"valueCodeableConcept": concept((SNOMED, "1"), (SNOMED, "2"))}, None, None, "1"),
        ({"valueCodeableConcept": {"text": "acute"}}, None, None, "acute"),
    ],
)
def test_the_value_of_an_observation(
    tmp_path: Path, fields: dict[str, Any], number: str | None, unit: str | None, code: str | None
) -> None:
    row = draw(tmp_path, resource("Observation", **fields)).one("observations")
    assert (row["value_number"], row["unit"], row["value_code"]) == (number, unit, code)


def test_components_are_rows_of_their_own(tmp_path: Path) -> None:
    component = [
        {"code": concept((LOCAL, "kyphosis-angle")), "valueQuantity": {"value": 25}},
        {"code": {"text": "no code"}, "valueInteger": 1},
        {"code": concept((LOCAL, "height-loss")), "valueQuantity": {"value": 30}},
    ]
    landing = draw(tmp_path, resource("Observation", component=component))
    assert landing.values("observations", "observation_id", "code", "value_number", "row_number") == [
        ("Observation/o", "72514-3", None, 1),
        ("Observation/o#1", "kyphosis-angle", "25", 1),
        ("Observation/o#3", "height-loss", "30", 1),
    ]


@pytest.mark.parametrize(
    ("site", "level"),
    [
        ({"text": "L2"}, "L2"),
        ({"coding": [{"system": SNOMED, "code": "1", "display": "Structure of l2 vertebra"}]}, "L2"),
        ({"text": "L2-L3 disc"}, None),
        ({"text": "T12"}, "T12"),
        ({"text": "left knee"}, None),
    ],
)
def test_the_body_site_is_the_level_where_it_is_one(tmp_path: Path, site: dict[str, Any], level: str | None) -> None:
    landing = draw(tmp_path, resource("Observation", bodySite=site), resource("Procedure", bodySite=[site]))
    assert (landing.one("observations")["level"], landing.one("procedures")["level"]) == (level, level)


@pytest.mark.parametrize(
    ("codes", "modality"),
    [
        (["CT"], "ct"),
        (["MR"], "mri"),
        (["DX"], "xray"),
        (["CR"], "xray"),
        (["NM"], "nm"),
        (["DXA"], "dxa"),
        (["US"], "other"),
        (["SR", "MR"], "mri"),
        (["SR"], None),
        ([], None),
    ],
)
def test_the_modality_of_a_study(tmp_path: Path, codes: list[str], modality: str | None) -> None:
    study = resource("ImagingStudy", modality=[{"code": code} for code in codes] or None)
    row = draw(tmp_path, study).one("imaging")
    assert (row["code"], row["modality"], row["status"]) == (LUMBAR_MRI, modality, "completed")


def test_a_study_without_a_procedure_code_is_known_by_its_modality(tmp_path: Path) -> None:
    dicom = "http://dicom.nema.org/resources/ontology/DCM"
    study = resource("ImagingStudy", procedureCode=None, series=[{"modality": {"system": dicom, "code": "MR"}}])
    row = draw(tmp_path, study).one("imaging")
    assert (row["code_system"], row["code"], row["modality"]) == (dicom, "MR", "mri")


def test_reports_and_procedures_with_an_imaging_code_are_imaging(tmp_path: Path) -> None:
    landing = draw(
        tmp_path,
        resource("DiagnosticReport"),
        resource("DiagnosticReport", id="blood", code=concept((LOINC, "58410-2"))),
        resource("Procedure", id="scan", code=concept((CPT, LUMBAR_MRI))),
        resource("Procedure"),
    )
    assert landing.values("imaging", "imaging_id", "performed_at", "status") == [
        ("DiagnosticReport/d", "2024-03-12T11:00:00Z", "completed"),
        ("Procedure/scan", "2024-03-20", "completed"),
    ]
    assert landing.landed.notes["not mapped: DiagnosticReport (no imaging code)"] == 1


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        ("active", "ordered"),
        ("completed", "ordered"),
        ("revoked", "cancelled"),
        ("entered-in-error", "entered-in-error"),
    ],
)
def test_a_request_for_imaging_is_an_ordered_study(tmp_path: Path, status: str, becomes: str) -> None:
    request = resource("ServiceRequest", performerType=None, code=concept((CPT, LUMBAR_MRI)), status=status)
    landing = draw(tmp_path, request, resource("ImagingStudy"))
    (ordered,) = [row for row in landing.rows["imaging"] if row["imaging_id"] == "ServiceRequest/r"]
    assert (ordered["status"], ordered["ordered_at"], ordered["performed_at"]) == (
        becomes,
        "2024-03-11T09:00:00Z",
        None,
    )
    assert landing.rows["referrals"] == []


ACSN = [{"value": "no"}, {"type": {"coding": [{"code": "ACSN"}]}, "value": "A1"}]


def test_a_report_has_the_number_of_the_study_that_it_names(tmp_path: Path) -> None:
    names = [{"reference": "ImagingStudy/i"}]
    landing = draw(
        tmp_path, resource("ImagingStudy", identifier=ACSN), resource("DiagnosticReport", imagingStudy=names)
    )
    assert landing.values("imaging", "accession") == ["A1", "A1"]


def test_a_study_without_a_number_and_the_report_that_names_it_are_one(tmp_path: Path) -> None:
    names = [{"reference": "ImagingStudy/i"}]
    landing = draw(tmp_path, resource("ImagingStudy"), resource("DiagnosticReport", imagingStudy=names))
    assert landing.values("imaging", "accession") == ["ImagingStudy/i", "ImagingStudy/i"]


def test_a_study_without_a_number_that_nobody_names_has_none(tmp_path: Path) -> None:
    assert draw(tmp_path, resource("ImagingStudy")).one("imaging")["accession"] is None


@pytest.mark.parametrize(
    ("status", "fields", "becomes"),
    [
        ("completed", {}, "completed"),
        ("not-done", {}, "cancelled"),
        ("stopped", {}, "stopped"),
        ("preparation", {}, "in-progress"),
        ("unknown", {}, "completed"),
        ("unknown", {"performedDateTime": None, "performedPeriod": {"start": "2024-03-20"}}, "in-progress"),
        ("entered-in-error", {}, "entered-in-error"),
    ],
)
def test_the_status_of_a_procedure(tmp_path: Path, status: str, fields: dict[str, Any], becomes: str) -> None:
    row = draw(tmp_path, resource("Procedure", status=status, **fields)).one("procedures")
    assert (row["status"], row["performed_at"]) == (becomes, "2024-03-20")


@pytest.mark.parametrize("field", ["performerType", "code", "category"])
def test_a_request_that_names_a_specialty_is_a_referral(tmp_path: Path, field: str) -> None:
    named: Any = concept((SNOMED, "1"), (NUCC, NEUROSURGERY))
    request = resource("ServiceRequest", **{"performerType": None, field: [named] if field == "category" else named})
    row = draw(tmp_path, request).one("referrals")
    assert (row["specialty_system"], row["specialty"], row["ordered_at"]) == (
        NUCC,
        NEUROSURGERY,
        "2024-03-11T09:00:00Z",
    )


def test_a_specialty_code_that_no_set_knows_is_still_a_referral(tmp_path: Path) -> None:
    request = resource("ServiceRequest", performerType=concept((NUCC, "000000000X")))
    assert draw(tmp_path, request).one("referrals")["specialty"] == "000000000X"


def test_a_request_that_names_neither_is_counted(tmp_path: Path) -> None:
    request = resource("ServiceRequest", performerType=None, code=concept((LOINC, "58410-2")))
    landing = draw(tmp_path, request)
    assert landing.rows["referrals"] == []
    assert landing.landed.notes["not mapped: ServiceRequest (names neither a specialty nor an imaging study)"] == 1


def test_a_request_not_to_do_something_is_no_referral(tmp_path: Path) -> None:
    landing = draw(tmp_path, resource("ServiceRequest", doNotPerform=True))
    assert landing.rows["referrals"] == []
    assert landing.landed.notes["not mapped: ServiceRequest (not to be performed)"] == 1


@pytest.mark.parametrize(
    ("status", "intent", "becomes"),
    [
        ("on-hold", "order", "active"),
        ("unknown", "order", "active"),
        ("completed", "order", "completed"),
        ("revoked", "order", "revoked"),
        ("draft", "order", "draft"),
        ("active", "proposal", "draft"),
        ("entered-in-error", "proposal", "entered-in-error"),
    ],
)
def test_the_status_of_a_referral(tmp_path: Path, status: str, intent: str, becomes: str) -> None:
    assert (
        draw(tmp_path, resource("ServiceRequest", status=status, intent=intent)).one("referrals")["status"] == becomes
    )


def test_the_reason_of_a_referral_is_its_code_or_the_condition_that_it_names(tmp_path: Path) -> None:
    landing = draw(
        tmp_path,
        resource("ServiceRequest", id="r1", reasonCode=[{"text": "pain"}, concept((ICD10CM, "M54.5"))]),
        resource("ServiceRequest", id="r2", reasonReference=[{"reference": "Condition/c"}]),
        resource("ServiceRequest", id="r3"),
    )
    assert landing.values("referrals", "reason_code") == ["M54.5", "S32.020A", None]


def test_an_appointment_that_took_place_completes_a_referral(tmp_path: Path) -> None:
    based_on = [{"reference": "ServiceRequest/r"}]
    landing = draw(
        tmp_path,
        resource("ServiceRequest"),
        resource("Appointment", id="1", status="fulfilled", start="2024-04-02T09:00:00Z", basedOn=based_on),
        resource("Appointment", id="2", status="noshow", start="2024-03-25T09:00:00Z", basedOn=based_on),
    )
    assert landing.one("referrals")["completed_at"] == "2024-04-02T09:00:00Z"


def test_a_finished_task_completes_a_referral(tmp_path: Path) -> None:
    task = {"focus": {"reference": "ServiceRequest/r"}, "executionPeriod": {"end": "2024-04-01"}}
    landing = draw(tmp_path, resource("ServiceRequest"), resource("Task", id="1", status="completed", **task))
    assert landing.one("referrals")["completed_at"] == "2024-04-01"


def test_a_completed_request_without_either_has_no_time_of_completion(tmp_path: Path) -> None:
    assert draw(tmp_path, resource("ServiceRequest", status="completed")).one("referrals")["completed_at"] is None


@pytest.mark.parametrize(
    ("kind", "fields", "started_at", "ended_at", "days_supply"),
    [
        ("MedicationRequest", {}, "2024-03-10", None, None),
        (
            "MedicationRequest",
            {"dispenseRequest": {"expectedSupplyDuration": {"value": 2, "unit": "weeks", "code": "wk"}}},
            "2024-03-10",
            None,
            "14.0",
        ),
        (
            "MedicationDispense",
            {"daysSupply": {"value": 30, "unit": "days"}},
            "2024-03-10T12:00:00Z",
            None,
            "30.0",
        ),
        ("MedicationDispense", {"daysSupply": {"value": 30}}, "2024-03-10T12:00:00Z", None, "30"),
        ("MedicationAdministration", {}, "2024-03-10T12:00:00Z", "2024-03-10T12:00:00Z", None),
        (
            "MedicationAdministration",
            {"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-10", "end": "2024-03-12"}},
            "2024-03-10",
            "2024-03-12",
            None,
        ),
        ("MedicationStatement", {}, "2024-03-10", None, None),
    ],
)
def test_how_long_a_drug_is_taken(
    tmp_path: Path,
    kind: str,
    fields: dict[str, Any],
    started_at: str,
    ended_at: str | None,
    days_supply: str | None,
) -> None:
    row = draw(tmp_path, resource(kind, **fields)).one("medications")
    assert (row["started_at"], row["ended_at"], row["days_supply"]) == (started_at, ended_at, days_supply)


@pytest.mark.parametrize(
    ("kind", "fields", "becomes"),
    [
        ("MedicationRequest", {"status": "draft"}, "cancelled"),
        ("MedicationRequest", {"intent": "proposal"}, "cancelled"),
        ("MedicationRequest", {"status": "unknown"}, "active"),
        ("MedicationAdministration", {"status": "not-done"}, "cancelled"),
        ("MedicationAdministration", {"status": "in-progress"}, "active"),
        ("MedicationDispense", {"status": "declined"}, "cancelled"),
        ("MedicationStatement", {"status": "not-taken"}, "cancelled"),
        ("MedicationStatement", {"status": "on-hold"}, "on-hold"),
        ("MedicationRequest", {"status": "entered-in-error"}, "entered-in-error"),
    ],
)
def test_the_status_of_a_medication(tmp_path: Path, kind: str, fields: dict[str, Any], becomes: str) -> None:
    assert draw(tmp_path, resource(kind, **fields)).one("medications")["status"] == becomes


@pytest.mark.parametrize(
    ("route", "becomes"),
    [
        (concept((SNOMED, "46713006")), "nasal"),
        ({"text": "Oral"}, "oral"),
        ({"coding": [{"code": "x", "display": "Subcutaneous route"}]}, "parenteral"),
        ({"text": "rectal"}, "other"),
        (None, None),
    ],
)
def test_the_route_of_a_medication(tmp_path: Path, route: dict[str, Any] | None, becomes: str | None) -> None:
    landing = draw(
        tmp_path,
        resource("MedicationRequest", dosageInstruction=[{"route": route}] if route else None),
        resource("MedicationAdministration", dosage={"route": route} if route else None),
        resource("MedicationStatement", dosage=[{"route": route}] if route else None),
    )
    assert landing.values("medications", "route") == [becomes] * 3


def test_a_medication_reference_is_followed(tmp_path: Path) -> None:
    drug = {"id": "d", "code": concept((ATC, "H05BA01"))}
    landing = draw(
        tmp_path,
        {"resourceType": "Medication", **drug},
        resource(
            "MedicationRequest", medicationCodeableConcept=None, medicationReference={"reference": "Medication/d"}
        ),
        resource(
            "MedicationStatement",
            medicationCodeableConcept=None,
            medicationReference={"reference": "#d"},
            contained=[{"resourceType": "Medication", **drug}],
        ),
    )
    assert landing.values("medications", "code") == ["H05BA01", "H05BA01"]
    assert landing.landed.notes == {"resources read": 5, "not mapped: Medication (looked up)": 1}


def test_texts_are_trimmed_and_empty_ones_are_null(tmp_path: Path) -> None:
    condition = resource("Condition", code=concept((ICD10CM, " S32.020A ")), recordedDate=" ")
    row = draw(tmp_path, condition).one("conditions")
    assert (row["code"], row["recorded_at"]) == ("S32.020A", None)
