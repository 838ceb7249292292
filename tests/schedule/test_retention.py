"""Old reports go when a site wants it; the published ones, and what is no run's, never."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.retention import remove_old
from schemas.parameters import Section

AS_OF = date(2026, 3, 31)


def keep(days: int) -> Section:
    return Section("retention", {"keep_days": days, "keep_history_days": 0})


def make(out: Path, *names: str) -> None:
    for name in names:
        for room in ("reports", "runs"):
            (out / room / name / "identified").mkdir(parents=True)
            (out / room / name / "identified" / "deviations.csv").write_text("a list")


def left(out: Path) -> set[str]:
    names = [{path.name for path in (out / room).iterdir()} for room in ("reports", "runs")]
    assert names[0] == names[1]
    return names[0]


def test_nothing_goes_unless_a_site_says_so(tmp_path: Path) -> None:
    make(tmp_path, "2001-01-01-0123abcd")
    assert remove_old(tmp_path, keep(0), AS_OF) == 0
    assert left(tmp_path) == {"2001-01-01-0123abcd"}


@pytest.mark.parametrize(("day", "stays"), [("2026-03-01", True), ("2026-02-28", False)])
def test_a_run_is_kept_for_as_many_days_as_were_asked_for(tmp_path: Path, day: str, stays: bool) -> None:
    make(tmp_path, f"{day}-0123abcd")
    assert remove_old(tmp_path, keep(30), AS_OF) == (0 if stays else 1)
    assert left(tmp_path) == ({f"{day}-0123abcd"} if stays else set())


@pytest.mark.parametrize(
    "name", ["2001-01-01", "2001-13-01-0123abcd", "2001-01-01-0123abcd.old", "2001-01-01-0123abcg", "notes"]
)
def test_what_is_not_named_like_a_run_stays(tmp_path: Path, name: str) -> None:
    make(tmp_path, name)
    assert remove_old(tmp_path, keep(1), AS_OF) == 0
    assert left(tmp_path) == {name}


def test_the_published_run_stays_however_old_it_is(tmp_path: Path) -> None:
    make(tmp_path, "2001-01-01-0123abcd", "2001-01-02-0123abcd", "2001-01-03-0123abcd")
    with duckdb.connect(tmp_path / "audit.duckdb") as con:
        con.execute("CREATE SCHEMA audit")
        con.execute("CREATE TABLE audit.audit.runs AS SELECT '2001-01-01-0123abcd' AS run_id")
    (tmp_path / "reports" / "latest").symlink_to("2001-01-02-0123abcd")
    assert remove_old(tmp_path, keep(1), AS_OF) == 1
    (tmp_path / "reports" / "latest").unlink()
    assert left(tmp_path) == {"2001-01-01-0123abcd", "2001-01-02-0123abcd"}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path / "elsewhere", "2001-01-01-0123abcd")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "2001-01-01-0123abcd").symlink_to(
        tmp_path / "elsewhere" / "reports" / "2001-01-01-0123abcd"
    )
    assert remove_old(tmp_path, keep(1), AS_OF) == 0
    assert left(tmp_path / "elsewhere") == {"2001-01-01-0123abcd"}


def test_an_out_folder_without_reports_is_no_error(tmp_path: Path) -> None:
    assert remove_old(tmp_path, keep(1), AS_OF) == 0
