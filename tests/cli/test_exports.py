"""A cell that came in with the data is never a formula on somebody's screen."""

import stat
from pathlib import Path

import polars as pl
import pytest

from reports.exports import spreadsheet_safe, write_csv


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(first: str) -> None:
    assert spreadsheet_safe(pl.DataFrame({"a": [f"{first}1"]}))["a"].to_list() == [f"'{first}1"]


@pytest.mark.parametrize("text", ["1=1", "a-b", "", None, "'=1"])
def test_any_other_text_stays(text: str | None) -> None:
    assert spreadsheet_safe(pl.DataFrame({"a": [text]}, schema={"a": pl.String}))["a"].to_list() == [text]


def test_a_negative_number_stays_a_number() -> None:
    assert spreadsheet_safe(pl.DataFrame({"a": [-1.5]}))["a"].to_list() == [-1.5]


def test_lists_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "identified"
    write_csv([pl.DataFrame({"a": ["x"], "b": [None]})], folder / "a.csv")
    assert (folder / "a.csv").read_bytes() == b"a,b\nx,\n"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a.csv").stat().st_mode) == 0o600


def test_batches_stand_one_below_the_other_under_one_header(tmp_path: Path) -> None:
    batches = [pl.DataFrame({"a": ["=1"]}), pl.DataFrame({"a": [None]}, schema={"a": pl.String})]
    write_csv([batches[0].clear(), *batches], tmp_path / "lists" / "a.csv")
    assert (tmp_path / "lists" / "a.csv").read_bytes() == b"a\n'=1\n\n"
