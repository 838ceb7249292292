"""Do real exports load? Public data beside the checkout; skipped where it isn't there."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.fhir import LOOKED_UP, MAPPED
from schemas.value_sets import load_value_sets
from tests.fhir.drawn import Judged, judge_folder

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MIMIC, EXAMPLES = DATA / "mimic-iv-demo-fhir", DATA / "hl7-r4-examples"
CONCEPT_MAP = Path(__file__).with_name("mimic_concept_map.csv")


def present(folder: Path) -> Path:
    """The folder, or a skipped test."""
    if not folder.is_dir():
        pytest.skip(f"{folder} isn't there")
    return folder


@pytest.fixture(scope="module")
def mimic(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge_folder(present(MIMIC), tmp_path_factory.mktemp("mimic"), load_value_sets(concept_map=CONCEPT_MAP))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge_folder(present(EXAMPLES), tmp_path_factory.mktemp("examples"))


def test_every_row_of_mimic_is_accounted_for(mimic: Judged) -> None:
    there = mimic.feeds.filter("present").select("table_name", "rows_read", "rows_accepted").rows()
    assert there == [("patients", 100, 100), ("encounters", 263, 263), ("conditions", 4181, 4181)]
    assert mimic.landed.notes == {"resources read": 4544}


def test_six_patients_of_mimic_have_a_vertebral_fracture_one_at_l2(mimic: Judged) -> None:
    fractures = load_value_sets().fractures
    conditions = mimic.clean["conditions"].join(fractures, on="code_system", suffix="_set")
    is_in_set = (
        pl.when(pl.col("match") == "prefix")
        .then(pl.col("code_key").str.starts_with(pl.col("code_key_set")))
        .otherwise(pl.col("code_key") == pl.col("code_key_set"))
    )
    found = conditions.filter(is_in_set)
    assert found["patient_id"].n_unique() == 6
    assert set(found.filter(pl.col("level") == "L2")["code_key"]) == {"S32029A"}


def test_conditions_of_mimic_are_dated_by_their_encounter(mimic: Judged) -> None:
    starts = mimic.clean["encounters"].select("encounter_id", "started_at")
    joined = mimic.clean["conditions"].join(starts, on="encounter_id")
    assert joined.height == 4181
    assert joined.filter(pl.col("recorded_at") != pl.col("started_at")).is_empty()


def resources_of(content: dict[str, Any]) -> Iterator[str]:
    """The types of the resources in a JSON file, bundles opened."""
    if content.get("resourceType") != "Bundle":
        yield content["resourceType"]
        return
    for entry in content.get("entry", []):
        if "resource" in entry:
            yield from resources_of(entry["resource"])


def test_every_official_example_is_read_and_accounted_for(examples: Judged) -> None:
    types = Counter(kind for path in EXAMPLES.glob("*.json") for kind in resources_of(json.loads(path.read_text())))
    notes = examples.landed.notes
    assert notes["resources read"] == types.total()
    others = {kind: count for kind, count in types.items() if kind not in (*MAPPED, *LOOKED_UP)}
    assert {kind: notes[f"not mapped: {kind} (other type)"] for kind in others} == others
    for feed in examples.feeds.filter("present").iter_rows(named=True):
        counted = feed["rows_accepted"] + feed["rows_quarantined"] + feed["rows_duplicate"]
        assert feed["rows_read"] == counted, feed["table_name"]
    assert set(examples.landed.tables) == {
        "patients",
        "encounters",
        "conditions",
        "observations",
        "imaging",
        "procedures",
        "referrals",
        "medications",
    }
