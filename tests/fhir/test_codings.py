"""Which of several codings is taken?"""

from pathlib import Path

import pytest

from tests.fhir.drawn import ICD10CM, LOCAL, LOINC, SNOMED, concept, draw, resource

OWN = "http://hospital.example/codes"


@pytest.mark.parametrize(
    ("codings", "taken"),
    [
        # the first that a value set knows, in array order, by prefix too
        ([(OWN, "X"), (SNOMED, "1"), (ICD10CM, "S32.020A"), (ICD10CM, "M81.0")], (ICD10CM, "S32.020A")),
        ([(OWN, "X"), (ICD10CM, "M81.0"), (ICD10CM, "S32.020A")], (ICD10CM, "M81.0")),
        # else the first of a known system
        ([(OWN, "X"), (SNOMED, "1"), (ICD10CM, "Z99.9")], (SNOMED, "1")),
        # else the first
        ([(OWN, "X"), (OWN, "Y")], (OWN, "X")),
        # a coding that lacks its system or code says nothing
        ([("", "S32.020A"), (OWN, ""), (OWN, "Y")], (OWN, "Y")),
    ],
)
def test_a_coding_is_chosen(tmp_path: Path, codings: list[tuple[str, str]], taken: tuple[str, str]) -> None:
    row = draw(tmp_path, resource("Condition", code=concept(*codings))).one("conditions")
    assert (row["code_system"], row["code"]) == taken


def test_local_codes_are_known(tmp_path: Path) -> None:
    row = draw(tmp_path, resource("Observation", code=concept((LOINC, "1-8"), (LOCAL, "neuro-exam")))).one(
        "observations"
    )
    assert (row["code_system"], row["code"]) == (LOCAL, "neuro-exam")


def test_the_concept_map_makes_a_sites_code_known(tmp_path: Path) -> None:
    code = concept((SNOMED, "1"), (OWN, "fx-l2"))
    landing = draw(tmp_path, resource("Condition", code=code), concept_map=f"{OWN},fx-l2,ICD10CM,S32.020A\n")
    # the coding as given: the contract maps it, as it maps the native extract's
    assert landing.values("conditions", "code_system", "code") == [(OWN, "fx-l2")]


def test_the_concept_map_renames_a_sites_system(tmp_path: Path) -> None:
    code = concept((SNOMED, "1"), (OWN, "S32.020A"))
    landing = draw(tmp_path, resource("Condition", code=code), concept_map=f"{OWN},*,ICD10CM,\n")
    assert landing.values("conditions", "code") == ["S32.020A"]


def test_a_sites_answers_become_local_ones_with_their_system(tmp_path: Path) -> None:
    answer = resource("Observation", valueCodeableConcept=concept((SNOMED, "1"), (OWN, "ACUTE")))
    landing = draw(tmp_path, answer, concept_map=f"{OWN},*,LOCAL,\n")
    assert landing.values("observations", "value_code") == ["acute"]


@pytest.mark.parametrize("code", [{"text": "back pain"}, {"coding": [{"display": "back pain"}]}, None, "not an object"])
def test_a_resource_without_a_code_is_counted_and_not_mapped(tmp_path: Path, code: object) -> None:
    landing = draw(tmp_path, resource("Condition"), resource("Condition", id="vague", code=code))
    assert landing.values("conditions", "condition_id") == ["Condition/c"]
    assert landing.landed.notes == {"resources read": 3, "not mapped: Condition (no code)": 1}
