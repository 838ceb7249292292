"""Which files are read, which feeds are there, and what a damaged file says."""

import gzip
import json
from pathlib import Path

import pytest

from schemas.errors import ExtractError
from tests.fhir.drawn import draw, judge_folder, land_folder, resource, write_ndjson


def test_several_files_a_type_gzipped_or_in_folders(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    write_ndjson(tmp_path / "1.Patient.ndjson", [resource("Patient")])
    write_ndjson(tmp_path / "part" / "2.Patient.ndjson.gz", [resource("Patient", id="q")])
    write_ndjson(tmp_path / "MimicConditionED.ndjson.gz", [resource("Condition")])
    landing = land_folder(tmp_path)
    assert landing.values("patients", "patient_id", "source_file", "row_number") == [
        ("Patient/p", "1.Patient.ndjson", 1),
        ("Patient/q", "part/2.Patient.ndjson.gz", 1),
    ]
    assert [name for name, _, _ in landing.landed.files] == [
        "1.Patient.ndjson",
        "MimicConditionED.ndjson.gz",
        "part/2.Patient.ndjson.gz",
    ]


def test_rows_are_numbered_by_record(tmp_path: Path) -> None:
    write_ndjson(tmp_path / "Patient.ndjson", [resource("Patient")])
    write_ndjson(tmp_path / "Condition.ndjson", [resource("Condition", id=f"c{n:05}") for n in range(20_000)])
    numbers = land_folder(tmp_path).values("conditions", "condition_id", "row_number")
    assert numbers == [(f"Condition/c{n:05}", n + 1) for n in range(20_000)]


def test_single_resources_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(resource("Patient"), indent=2))
    (tmp_path / "b.json").write_text(json.dumps(resource("Condition")))
    assert land_folder(tmp_path).landed.tables == ("patients", "conditions")


def test_a_feed_without_a_file_of_its_types_is_absent(tmp_path: Path) -> None:
    assert draw(tmp_path, resource("Encounter")).landed.tables == ("patients", "encounters", "conditions")


def test_an_empty_file_is_a_feed_without_rows(tmp_path: Path) -> None:
    (tmp_path / "3.ServiceRequest.ndjson").write_text("")
    (tmp_path / "Medication.ndjson").write_text("")
    (tmp_path / "ObservationDefinition.ndjson").write_text("")
    landing = draw(tmp_path, resource("Condition"))
    assert landing.landed.tables == ("patients", "conditions", "referrals")
    assert landing.rows["referrals"] == []


@pytest.mark.parametrize("kind", ["ImagingStudy", "DiagnosticReport"])
def test_imaging_is_there_with_a_study_or_a_report(tmp_path: Path, kind: str) -> None:
    assert "imaging" in draw(tmp_path, resource(kind)).landed.tables


def test_procedures_and_requests_alone_make_no_imaging_feed(tmp_path: Path) -> None:
    mri = {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72148"}]}
    landing = draw(tmp_path, resource("Procedure", code=mri), resource("ServiceRequest", code=mri, performerType=None))
    assert "imaging" not in landing.landed.tables
    why = "imaging, but neither ImagingStudy nor DiagnosticReport is there"
    assert landing.landed.notes[f"not mapped: ServiceRequest ({why})"] == 1


def test_other_types_are_counted(tmp_path: Path) -> None:
    landing = draw(tmp_path, {"resourceType": "Organization", "id": "1"}, {"resourceType": "Organization", "id": "2"})
    assert landing.landed.notes == {"resources read": 4, "not mapped: Organization (other type)": 2}


def test_the_bulk_manifest_says_when_the_export_was_taken(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"transactionTime": "2024-06-01T03:00:00Z", "request": "x", "output": []}')
    (tmp_path / "notes.json").write_text('{"any": "thing"}')
    (tmp_path / "README.md").write_text("")
    landed = draw(tmp_path, resource("Condition")).landed
    assert landed.extracted_at == "2024-06-01T03:00:00Z"
    assert landed.other_files == ("README.md", "notes.json")
    assert "export.json" in [name for name, _, _ in landed.files]
    assert landed.notes == {"resources read": 2}


def test_a_native_manifest_says_through_when_a_feed_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"source": "ehr", "loaded_through": {"encounters": "2024-05-31"}}')
    landed = draw(tmp_path, resource("Condition")).landed
    assert (landed.source, str(landed.loaded_through["encounters"])) == ("ehr", "2024-05-31")


@pytest.mark.parametrize("kind", ["Patient", "Condition"])
def test_without_patients_or_conditions_there_is_nothing_to_judge(tmp_path: Path, kind: str) -> None:
    write_ndjson(tmp_path / f"{kind}.ndjson", [resource(kind)])
    with pytest.raises(ExtractError, match=r"no (Patient|Condition) resource is there"):
        land_folder(tmp_path)


SECRET = "Rosalind Secret"
LINE = json.dumps(resource("Condition", note=[{"text": SECRET}]) | {"filler": "x" * 400}).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Condition.ndjson", LINE + b"\n" + LINE[:-100]),
        ("Condition.ndjson", b"{\n" + LINE[1:]),
        ("Condition.ndjson", LINE.replace(b"xxx", b"\xff\xfe\xff")),
        ("Condition.ndjson.gz", LINE),
        ("Condition.ndjson.gz", gzip.compress(LINE * 50, mtime=0)[:-20]),
        ("Condition.ndjson.gz", gzip.compress(LINE, mtime=0)[:-8] + b"\0\0\0\0" + gzip.compress(LINE, mtime=0)[-4:]),
        ("Bundle.json", b'{"resourceType": "Bundle", "entry": [{"resource": ' + LINE),
    ],
    ids=["cut off", "not a line", "not UTF-8", "not gzip", "gzip cut off", "gzip checksum", "bundle cut off"],
)
def test_a_damaged_file_is_named_and_never_quoted(tmp_path: Path, name: str, content: bytes) -> None:
    write_ndjson(tmp_path / "Patient.ndjson", [resource("Patient")])
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExtractError) as error:
        land_folder(tmp_path)
    assert str(error.value).startswith(f"{name}: ")
    assert SECRET not in str(error.value)
    assert error.value.exit_code == 11


def test_a_death_without_a_time_is_a_warning(tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    extract.mkdir()
    draw(extract, resource("Patient", deceasedBoolean=True))
    judged = judge_folder(extract, tmp_path / "work")
    assert judged.clean["patients"]["deceased_at"].to_list() == [None]
    assert judged.quarantine.select("column_name", "severity").rows() == [("deceased_at", "warning")]


def test_fields_of_the_wrong_shape_are_null_not_an_error(tmp_path: Path) -> None:
    condition = resource("Condition", subject="Patient/p", category="x", verificationStatus=[1], onsetDateTime={"a": 1})
    row = draw(tmp_path, condition).one("conditions")
    assert (row["patient_id"], row["role"], row["verification"]) == (None, None, None)
