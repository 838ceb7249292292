"""In which form do codes and words leave the contract?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from contract.drawn import Outcome

Judge = Callable[..., Outcome]


@pytest.mark.parametrize(
    ("system", "code", "clean"),
    [
        ("ICD10CM", " s32.020a ", ("ICD10CM", "S32.020A", "S32020A")),
        ("http://hl7.org/fhir/sid/icd-10-cm", "S32.020A", ("ICD10CM", "S32.020A", "S32020A")),
        ("icd9cm", "805.4", ("ICD9CM", "805.4", "8054")),
        ("CPT4", "22514", ("CPT", "22514", "22514")),
        ("RxNorm", "161", ("RXNORM", "161", "161")),
        ("Medicare Specialty", "14", ("CMS", "14", "14")),
        ("urn:spine-audit:local", "NEURO-EXAM", ("LOCAL", "neuro-exam", "neuro-exam")),
        ("http://snomed.info/sct", "207957008", ("SNOMED", "207957008", "207957008")),
        ("NDC", "60505-0823-6", ("NDC", "60505-0823-6", "60505082306")),
        ("NDC", "60505082306", ("NDC", "60505082306", "60505082306")),
        ("NDC", "49884-161-11", ("NDC", "49884-161-11", "49884016111")),
        ("NDC", "49884-1610-1", ("NDC", "49884-1610-1", "49884161001")),
        ("cvx", "140", ("CVX", "140", "140")),
        ("House-Dx", "a.b", ("HOUSE-DX", "A.B", "A.B")),
    ],
)
def test_code(judge: Judge, system: str, code: str, clean: tuple[str, str, str]) -> None:
    frame = judge(conditions=[{"code_system": system, "code": code}]).clean["conditions"]
    assert frame.select("code_system", "code", "code_key").row(0) == clean


def test_the_concept_map(judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(
        "code_system,code,target_system,target_code\n"
        "HOUSE-DX,*,ICD10CM,\n"
        "HOUSE-DX,own,SNOMED,207957008\n"
        "HOUSE-OBS,NE-1,LOCAL,neuro-exam\n"
        "HOUSE-RX,4711,VALUE_SET,analgesic\n"
    )
    outcome = judge(
        concept_map=path,
        conditions=[
            {"condition_id": "a", "code_system": "house-dx", "code": "s32.020a"},
            {"condition_id": "b", "code_system": "HOUSE-DX", "code": "OWN"},
        ],
        observations=[{"code_system": "HOUSE-OBS", "code": "ne-1", "value_number": "", "value_code": "Deficit"}],
        medications=[{"code_system": "HOUSE-RX", "code": "4711"}],
    )
    conditions = outcome.clean["conditions"].select("code_system", "code", "code_key").rows()
    assert conditions == [("ICD10CM", "S32.020A", "S32020A"), ("SNOMED", "207957008", "207957008")]
    assert outcome.clean["observations"].select("code", "value_code").row(0) == ("neuro-exam", "deficit")
    assert outcome.clean["medications"].select("code_system", "code").row(0) == ("HOUSE-RX", "4711")


def test_a_code_without_a_system_is_kept_and_matches_nothing(judge: Judge) -> None:
    frame = judge(encounters=[{"specialty": "orthopaedics"}]).clean["encounters"]
    assert frame.select("specialty_system", "specialty", "specialty_key").row(0) == (None, "ORTHOPAEDICS", None)


def test_words_are_canonical(judge: Judge) -> None:
    outcome = judge(
        encounters=[{"class": "EMERGENCY", "status": "Finished", "fracture_related": "False"}],
        imaging=[{"regions": "Lumbar | SACRUM", "modality": "MRI"}],
        observations=[
            {
                "observation_id": "a",
                "code_system": "LOCAL",
                "code": "fracture-level",
                "value_code": "l2",
                "value_number": "",
            },
            {"observation_id": "b", "value_code": "As Given", "level": "t12", "unit": "MM", "value_number": "70"},
        ],
    )
    assert outcome.clean["encounters"].select("class", "status", "fracture_related").row(0) == (
        "emergency",
        "finished",
        False,
    )
    assert outcome.clean["imaging"].select("regions", "modality").row(0) == ("lumbar|sacrum", "mri")
    observations = outcome.clean["observations"].select("value_code", "level", "unit", "value_number").rows()
    assert observations == [("L2", None, None, None), ("As Given", "T12", "MM", 70.0)]


def test_clean_columns(judge: Judge) -> None:
    frame = judge(observations=[{}]).clean["observations"]
    assert frame.columns == [
        "observation_id",
        "patient_id",
        "encounter_id",
        "code_system",
        "code",
        "code_key",
        "observed_at",
        "observed_date",
        "observed_is_minute",
        "recorded_at",
        "recorded_date",
        "recorded_is_minute",
        "value_number",
        "unit",
        "value_code",
        "level",
        "status",
    ]
