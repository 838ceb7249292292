"""Does each form of reference lead to its resource?"""

import json
from pathlib import Path

import pytest

from tests.fhir.drawn import bundle, draw, judge_folder, land_folder, resource

UUID = "04121321-4af5-424c-a0e1-ed3aab1c349d"


@pytest.mark.parametrize(
    "reference",
    ["Patient/p", "http://ehr.example/fhir/Patient/p", "Patient/p/_history/3", "urn:uuid:p"],
)
def test_a_reference_in_ndjson(tmp_path: Path, reference: str) -> None:
    landing = draw(tmp_path, resource("Condition", subject={"reference": reference}))
    assert landing.one("conditions")["patient_id"] == "Patient/p"


def test_a_contained_patient_that_is_the_patient(tmp_path: Path) -> None:
    inside = {"resourceType": "Patient", "id": "p", "birthDate": "1950-01-01"}
    landing = draw(tmp_path, resource("Condition", subject={"reference": "#p"}, contained=[inside]))
    assert landing.one("conditions")["patient_id"] == "Patient/p"


def test_a_contained_patient_with_another_birth_date_is_somebody_else(tmp_path: Path) -> None:
    inside = {"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}
    landing = draw(tmp_path, resource("Condition", subject={"reference": "#p"}, contained=[inside]))
    assert landing.one("conditions")["patient_id"] == "Condition/c#p"


def test_a_contained_encounter_gives_its_start(tmp_path: Path) -> None:
    inside = {"resourceType": "Encounter", "id": "e", "period": {"start": "2024-03-09"}}
    condition = resource("Condition", recordedDate=None, encounter={"reference": "#e"}, contained=[inside])
    landing = draw(tmp_path, condition)
    assert landing.one("conditions")["recorded_at"] == "2024-03-09"
    assert "encounters" not in landing.rows


@pytest.mark.parametrize(
    ("context", "encounter_id"), [("Encounter/e", "Encounter/e"), ("EpisodeOfCare/e", None), (None, None)]
)
def test_the_context_of_a_medication_may_be_an_encounter(
    tmp_path: Path, context: str | None, encounter_id: str | None
) -> None:
    given = resource("MedicationAdministration", context={"reference": context} if context else None)
    assert draw(tmp_path, given).one("medications")["encounter_id"] == encounter_id


def write(folder: Path, name: str, content: object) -> None:
    (folder / name).write_text(json.dumps(content, indent=1))


def test_urn_uuid_in_a_bundle_is_the_resource_of_that_full_url(tmp_path: Path) -> None:
    subject = {"reference": f"urn:uuid:{UUID}"}
    write(
        tmp_path,
        "bundle.json",
        bundle((f"urn:uuid:{UUID}", resource("Patient", id="real")), (None, resource("Condition", subject=subject))),
    )
    assert land_folder(tmp_path).one("conditions")["patient_id"] == "Patient/real"


def test_a_resource_without_an_id_is_known_by_its_full_url(tmp_path: Path) -> None:
    subject = {"reference": f"urn:uuid:{UUID}"}
    patient = resource("Patient", id=None)
    write(
        tmp_path, "bundle.json", bundle((f"urn:uuid:{UUID}", patient), (None, resource("Condition", subject=subject)))
    )
    landing = land_folder(tmp_path)
    assert landing.one("patients")["patient_id"] == f"Patient/{UUID}"
    assert landing.one("conditions")["patient_id"] == f"Patient/{UUID}"


def test_the_same_full_url_means_another_patient_in_another_bundle(tmp_path: Path) -> None:
    for name in ("a", "b"):
        subject = {"reference": "urn:uuid:1"}
        write(
            tmp_path,
            f"{name}.json",
            bundle(
                ("urn:uuid:1", resource("Patient", id=name)), (None, resource("Condition", id=name, subject=subject))
            ),
        )
    assert land_folder(tmp_path).values("conditions", "patient_id") == ["Patient/a", "Patient/b"]


def test_bundles_in_bundles_are_opened(tmp_path: Path) -> None:
    inner = bundle((None, resource("Condition")), (None, resource("Condition", id="c2")))
    write(tmp_path, "bundle.json", bundle((None, resource("Patient")), (None, inner), kind="batch-response"))
    landing = land_folder(tmp_path)
    assert landing.values("conditions", "condition_id", "row_number") == [("Condition/c", 2), ("Condition/c2", 3)]
    assert landing.landed.notes == {"resources read": 3}


def test_of_two_with_one_id_the_newest_stays(tmp_path: Path) -> None:
    """Not by the order of the texts: 23:00 at -05:00 is later than 03:00Z of the next day."""
    extract, work = tmp_path / "extract", tmp_path / "work"
    extract.mkdir()
    draw(
        extract,
        resource("Condition", recordedDate="2024-03-10", meta={"lastUpdated": "2024-03-10T23:00:00-05:00"}),
        resource("Condition", recordedDate="2024-03-12", meta={"lastUpdated": "2024-03-11T03:00:00Z"}),
    )
    judged = judge_folder(extract, work)
    assert [str(day) for day in judged.clean["conditions"]["recorded_date"]] == ["2024-03-10"]
    assert judged.quarantine["reason"].to_list() == ["conflicting_id"]
