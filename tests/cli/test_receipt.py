"""The run_id: equal for equal content, another one for anything that can change a verdict."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from flows import receipt
from flows.settings import Settings, load_settings
from schemas.value_sets import load_value_sets

AS_OF = date(2024, 12, 31)
FILES = [("patients.csv", "aa", 10), ("conditions.csv", "bb", 20)]


def run_id(settings: Settings, files: list[tuple[str, str, int]] = FILES, as_of: date = AS_OF) -> str:
    value_sets = load_value_sets(settings.value_sets_folder, settings.concept_map)
    return receipt.run_id(files, receipt.effective_settings(settings, value_sets, as_of))


@pytest.fixture
def plain() -> Settings:
    return load_settings()


def test_its_form(plain: Settings) -> None:
    assert re.fullmatch(r"2024-12-31-[0-9a-f]{8}", run_id(plain))


def test_places_and_engines_do_not_matter(plain: Settings) -> None:
    other = replace(plain, extract=Path("/elsewhere"), out=Path("/there"), fmt="native", direct=True)
    assert run_id(other) == run_id(plain)


def test_the_order_and_the_size_of_files_do_not_matter(plain: Settings) -> None:
    assert run_id(plain, [("conditions.csv", "bb", 0), ("patients.csv", "aa", 0)]) == run_id(plain)


def test_a_concept_map_counts_by_its_content_not_by_its_place(plain: Settings, tmp_path: Path) -> None:
    header = "code_system,code,target_system,target_code\n"
    one, two, other = tmp_path / "one.csv", tmp_path / "two.csv", tmp_path / "other.csv"
    one.write_text(f"{header}HOUSE,X1,ICD10CM,G83.4\n")
    two.write_text(f"{header}HOUSE,X1,ICD10CM,G83.4\n")
    other.write_text(f"{header}HOUSE,X2,ICD10CM,G83.4\n")
    ids = [run_id(replace(plain, concept_map=path)) for path in (one, two, other)]
    assert ids[0] == ids[1] != ids[2]
    assert run_id(plain) not in ids


@pytest.mark.parametrize(
    "text", ["[deadlines]\nimaging_days = 10", 'timezone = "America/Chicago"', 'review_status = "approved"']
)
def test_a_setting_that_can_be_seen_in_the_results_counts(plain: Settings, tmp_path: Path, text: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    assert run_id(load_settings(settings_file=file)) != run_id(plain)


def test_a_file_and_the_version_count(plain: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_id(plain)
    assert run_id(plain, [("patients.csv", "ab", 10), ("conditions.csv", "bb", 20)]) != before
    assert run_id(plain, [("patients.csv.gz", "aa", 10), ("conditions.csv", "bb", 20)]) != before
    monkeypatch.setattr(receipt, "package_version", lambda: "99")
    assert run_id(plain) != before
