"""What a site may set, and what it is told where it sets something wrong."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.settings import load_settings, sample_folder
from schemas.errors import ContentError, SettingsError

Make = Callable[[str], Path]


def test_without_a_file_everything_has_its_default() -> None:
    settings = load_settings()
    assert settings.extract == sample_folder()
    assert settings.out == Path("out")
    assert (settings.as_of, settings.timezone, settings.fmt) == (None, "UTC", "auto")
    assert settings.parameters.deadlines.imaging_days == 14


def test_every_kind_of_key_is_taken(settings: Make, tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "map.csv").write_text("code_system,code,target_system,target_code\n")
    file = settings(
        """
        as_of = 2024-12-31
        timezone = "America/Chicago"
        concept_map = "map.csv"
        value_sets = "sets"
        review_status = "approved"
        [cohort]
        levels = "any"
        [deadlines]
        imaging_days = 10
        """
    )
    loaded = load_settings(settings_file=file)
    assert loaded.as_of == date(2024, 12, 31)
    assert loaded.timezone == "America/Chicago"
    assert loaded.concept_map == tmp_path / "map.csv"
    assert loaded.value_sets_folder == tmp_path / "sets"
    assert loaded.parameters.review_status == "approved"
    assert loaded.parameters.cohort.levels == "any"
    assert loaded.parameters.deadlines.imaging_days == 10


def test_a_date_may_be_a_text(settings: Make) -> None:
    assert load_settings(settings_file=settings('as_of = "2024-12-31"')).as_of == date(2024, 12, 31)


def test_the_command_line_goes_before_the_file(settings: Make) -> None:
    file = settings("as_of = 2024-12-31")
    assert load_settings(settings_file=file, as_of="2024-06-30").as_of == date(2024, 6, 30)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('timezon = "UTC"', "unknown setting 'timezon': the nearest known one is 'timezone'"),
        ("imaging_days = 3", "'deadlines.imaging_days'"),
        ("[deadline]\nimaging_days = 3", "'deadlines'"),
        ("[deadlines]\nimaging_day = 3", "'deadlines.imaging_days'"),
        ("as_of = true", "as_of: a date is expected, not true or false"),
        ("as_of = 2024-12-31T10:00:00", "as_of: a date is expected"),
        ('as_of = "2024-02-30"', "'2024-02-30' is no date"),
        ("timezone = 3", "timezone: a text is expected, not a number"),
        ('timezone = "America/Chicgo"', "the nearest known one is 'America/Chicago'"),
        ('timezone = "localtime"', "no IANA time zone"),
        ('concept_map = "nowhere.csv"', "nowhere.csv: no such file"),
        ('value_sets = "nowhere"', "nowhere: no such folder"),
        ("value_sets = 1", "value_sets: a path in quotes is expected"),
        ('[deadlines]\nimaging_days = "ten"', "deadlines.imaging_days"),
        ("as_of = ", "not a TOML file"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(settings: Make, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(settings_file=settings(text))
    assert says in str(error.value)
    assert error.value.exit_code == 10


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such settings file"):
        load_settings(settings_file=tmp_path / "nowhere.toml")


def test_a_number_out_of_its_range_is_content(settings: Make) -> None:
    with pytest.raises(ContentError) as error:
        load_settings(settings_file=settings("[deadlines]\nimaging_days = -1"))
    assert error.value.exit_code == 13
