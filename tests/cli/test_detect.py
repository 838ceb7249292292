"""Which format a folder has, by its files."""

from pathlib import Path

import pytest

from flows.detect import detect_format
from schemas.errors import ExtractError, SettingsError


def folder(tmp_path: Path, *names: str, text: str = "") -> Path:
    for name in names:
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", ["patients.csv", "patients.csv.gz", "patients.parquet"])
def test_a_patients_table_is_native(tmp_path: Path, name: str) -> None:
    assert detect_format(folder(tmp_path, name, "notes.json")) == "native"


def test_a_folder_of_parts_is_native(tmp_path: Path) -> None:
    (tmp_path / "patients").mkdir()
    assert detect_format(tmp_path) == "native"


@pytest.mark.parametrize("name", ["Patient.ndjson", "MimicPatient.ndjson.gz", "1.Patient.000.ndjson"])
def test_a_bulk_export_is_fhir(tmp_path: Path, name: str) -> None:
    assert detect_format(folder(tmp_path, name)) == "fhir"


def test_bundles_are_fhir(tmp_path: Path) -> None:
    assert detect_format(folder(tmp_path, "a.json", text='{\n "resourceType" : "Bundle"}')) == "fhir"


def test_the_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="no extract in it"):
        detect_format(folder(tmp_path, "manifest.json", text='{"resourceType": "Bundle"}'))


def test_several_formats_ask_for_the_option(tmp_path: Path) -> None:
    both = folder(tmp_path, "patients.csv", "Patient.ndjson")
    with pytest.raises(ExtractError, match="native and fhir; say which one to read with --format") as error:
        detect_format(both)
    assert error.value.exit_code == 11
    assert detect_format(both, "fhir") == "fhir"


def test_omop_is_recognised_and_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'omop' isn't supported yet"):
        detect_format(folder(tmp_path, "person.csv"))


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="no such folder"):
        detect_format(tmp_path / "nowhere")
