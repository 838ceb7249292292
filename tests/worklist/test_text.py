"""What came in with the data is text in the workbook, whatever it looks like; the file is for its owner only."""

import csv
import io
import re
import stat
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from openpyxl import load_workbook

from flows.run import night
from flows.settings import load_settings
from reports.worklist import clean
from tests.cli.conftest import TABLES, write

from .books import LISTS, rows_of

LINK = '=HYPERLINK("http://example.org","x")'
SETTINGS = "[worklist]\ndays = 400\n"


def extract_with(folder: Path, patient: str, display_id: str, site: str) -> Path:
    """The small extract with a patient, a number and a place of other names."""

    def renamed(name: str) -> str:
        rows = list(csv.reader(io.StringIO(TABLES[f"{name}.csv"])))
        said = io.StringIO()
        csv.writer(said, lineterminator="\n").writerows(
            [{"p1": patient, "=MRN-1": display_id}.get(cell, cell) for cell in row] for row in rows
        )
        return said.getvalue()

    stay = io.StringIO()
    csv.writer(stay, lineterminator="\n").writerows(
        [
            ["encounter_id", "patient_id", "class", "status", "started_at", "site_id", "unit"],
            [f"{LINK}-e", patient, "inpatient", "in-progress", "2024-12-20 08:00", site, "@ward"],
            ["e2", patient, "inpatient", "in-progress", "2024-12-01 08:00", "old", "-1"],
            ["e3", patient, "inpatient", "finished", "2024-12-28 08:00", "ended", "-1"],
        ]
    )
    named = {name: renamed(name) for name in ("patients", "conditions", "referrals")}
    return write(folder, **named, encounters=stay.getvalue())


def workbook_of(extract: Path, folder: Path) -> Path:
    settings = folder / "site.toml"
    settings.write_text(SETTINGS)
    return night(load_settings(extract=extract, out=folder / "out", settings_file=settings)).reports / (
        "identified/worklist.xlsx"
    )


RICH = ["<r><t>MRN-1</t></r></si><si><t>x</t></si><si><r><t>y</t></r>", "<r></si></sst><x></r>", "<r>&</r>"]
"""What XlsxWriter would write as it is."""


@pytest.mark.parametrize("text", RICH)
def test_markup_of_the_data_is_text(text: str, tmp_path: Path) -> None:
    book = workbook_of(extract_with(tmp_path / "extract", f"{text}p", text, f"{text}s"), tmp_path)
    shown = {row["Display id"] for name in LISTS for row in rows_of(book, name)}
    assert f"{text} " in shown
    assert shown <= {f"{text} ", "MRN-2", None}


@pytest.mark.parametrize("first", [LINK, "+1", "-1", "@x", "http://example.org", "0012", "{=1+1}", "_x0041_"])
def test_a_value_of_the_data_is_text(first: str, tmp_path: Path) -> None:
    book = workbook_of(extract_with(tmp_path / "extract", f"{first}|p", first, f"{first}s"), tmp_path)
    rows = [row for name in LISTS for row in rows_of(book, name) if row["Display id"] == first]
    assert rows
    assert {row["In house"] for row in rows} == {f"{first}s, @ward, since 2024-12-20"}
    with ZipFile(book) as files:
        sheets = [files.read(name).decode() for name in files.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not [name for name in files.namelist() if "external" in name.lower()]
    assert len(sheets) == 8
    assert not [text for text in sheets if re.search(r"<f[ >]|<hyperlink", text)]


def test_control_characters_do_not_break_the_file(tmp_path: Path) -> None:
    odd = "a\x01b\x0b\x1fc\ufffed"
    book = workbook_of(extract_with(tmp_path / "extract", "p", odd, "s"), tmp_path)
    found = {row["Display id"] for name in LISTS for row in rows_of(book, name)}
    assert "a\ufffdb\ufffd\ufffdc\ufffdd" in found


@pytest.mark.parametrize(
    ("text", "kept"), [("a\x00b", "a\ufffdb"), ("\x0c", "\ufffd"), ("tab\tand\nline", "tab\tand\nline"), ("ä😀", "ä😀")]
)
def test_only_what_xml_forbids_is_replaced(text: str, kept: str) -> None:
    assert clean(pl.DataFrame({"a": [text]}))["a"].to_list() == [kept]


def test_a_text_that_no_cell_can_hold_is_cut_not_left_out() -> None:
    assert clean(pl.DataFrame({"a": ["x" * 40_000]}))["a"].str.len_chars().to_list() == [32_000]


def test_the_file_is_for_its_owner_only_and_the_same_each_time(book: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    again = night(load_settings(out=tmp_path / "out"))
    assert (again.reports / "identified" / "worklist.xlsx").read_bytes() == book.read_bytes()


def test_the_file_says_when_it_was_made_by_the_data(book: Path) -> None:
    properties = load_workbook(book).properties
    assert (str(properties.created), properties.title) == ("2026-09-30 00:00:00", "Worklist of 2026-09-30")


def test_an_extract_without_patients_gives_a_whole_workbook(tmp_path: Path) -> None:
    empty = {path: text.splitlines()[0] + "\n" for path, text in TABLES.items() if path.endswith(".csv")}
    extract = write(tmp_path / "extract", **{path.removesuffix(".csv"): text for path, text in empty.items()})
    book = workbook_of(extract, tmp_path)
    assert [rows_of(book, name) for name in LISTS] == [[]] * len(LISTS)
