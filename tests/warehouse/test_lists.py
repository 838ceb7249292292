"""The lists hold every deviation once, in key order, however the case ids lie."""

import csv
from pathlib import Path

from flows.lists import write_lists
from schemas.catalogue import MEASURES_BY_ID

from . import drawn


def test_every_deviation_is_listed_in_key_order(tmp_path: Path) -> None:
    names = ["", "0", "1f", "2", "3a", "80", "f", "zebra"]
    found = [drawn.finding(name, "G1", "deviation", "missing") for name in names]
    night = drawn.night_of(drawn.cases(*map(drawn.case, names)), drawn.findings(*reversed(found)))
    write_lists(drawn.published(night, tmp_path), tmp_path)
    with (tmp_path / "identified" / "deviations.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [row["case_id"] for row in listed] == names
    assert {row["cited_line"] for row in listed} == {str(MEASURES_BY_ID["G1"].cited_line)}


def test_a_night_without_deviations_has_a_header(published: Path, tmp_path: Path) -> None:
    night = drawn.night_of(drawn.cases(drawn.case("a")), drawn.findings(drawn.finding("a", "G1", "met", "on_time")))
    write_lists(drawn.published(night, tmp_path / "none"), tmp_path / "none")
    write_lists(published, tmp_path / "some")
    none, some = ((tmp_path / name / "identified" / "deviations.csv").read_text() for name in ("none", "some"))
    assert none.splitlines() == some.splitlines()[:1]
