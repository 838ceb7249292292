"""Who is in house stands first, then who is due; a deadline is told beside the data cut; too many rows are counted."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.closing_words import FACTS, closing_words
from flows.published import open_published
from flows.worklist import worklist
from schemas.stored import STORED
from tests.warehouse import drawn
from transforms.wording import _OWN_WORDS, LOCAL_OF_MEASURE, MISSING_FACTS

from .books import LISTS, counts_of, made, rows_of

BEHIND = date(2024, 12, 30)
NEW = date(2024, 12, 30)


def waiting(case_id: str, due_at: str, measure: str = "S1", state: str = "pending", reason: str = "not_yet_due") -> Any:
    return drawn.finding(case_id, measure, state, reason, trigger_at="2024-12-31", due_at=due_at)


def loaded(through: date = drawn.AS_OF) -> pl.DataFrame:
    late = pl.when(pl.col("table_name") == "referrals").then(pl.lit(BEHIND)).otherwise(pl.lit(through))
    return drawn.feeds().with_columns(loaded_through=late)


def test_in_house_first_then_by_deadline(tmp_path: Path) -> None:
    stay = drawn.event("patient-of-in", "encounters", "e1", "2024-12-30T08:00:00+00:00", site_id="north", unit="5 West")
    night = drawn.night_of(
        drawn.cases(
            drawn.case("soon"), drawn.case("later"), drawn.case("in", stay_encounter_id="e1"),
            drawn.case("dead", stay_encounter_id="e1", patient_number=drawn.number("patient-of-in"),
                       end_reason="death", end_date=BEHIND),
        ),
        drawn.findings(
            waiting("later", "2025-01-03"), waiting("soon", "2025-01-01"), waiting("in", "2025-01-04"),
            waiting("dead", "2025-01-05"),
        ),
        events=drawn.frame(STORED["events"], [stay]),
    )  # fmt: skip
    rows = rows_of(made(night, tmp_path), "Act now")
    assert [row["Display id"] for row in rows] == [f"patient-of-{name}" for name in ("in", "soon", "later", "dead")]
    assert [row["In house"] for row in rows] == ["north, 5 West, since 2024-12-30", None, None, None]


def test_a_soft_deficit_is_to_act_on_only_while_the_patient_is_in_house(tmp_path: Path) -> None:
    soft = {"state": "indeterminate", "reason": "soft_deficit_only"}
    night = drawn.night_of(
        drawn.cases(drawn.case("in", stay_encounter_id="e1", t0=NEW), drawn.case("out", t0=NEW)),
        drawn.findings(*(drawn.finding(name, "S1", **soft) for name in ("in", "out"))),
    )
    book = made(night, tmp_path)
    assert [row["Display id"] for row in rows_of(book, "Act now")] == ["patient-of-in"]
    (row,) = rows_of(book, "Cannot tell")
    assert (row["Display id"], row["What would close it"]) == (
        "patient-of-out", "Found or recorded: a neurological examination."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("due_at", "said"),
    [
        ("2025-01-01T10:00:00+00:00", "due Wed 10:00; 10 h after the data cut (Tue 24:00)"),
        ("2025-01-01T00:20:00+00:00", "due Wed 00:20; 20 min after the data cut (Tue 24:00)"),
        ("2024-12-31T22:00:00+00:00", "was due Tue 22:00; 2 h before the data cut (Tue 24:00)"),
        ("2025-01-08T10:00:00+00:00", "due Wed 2025-01-08 10:00; 7 d after the data cut (Tue 24:00)"),
        ("2025-01-02", "due Thu; 2 d after the data cut (Tue 24:00)"),
        ("2024-12-31", "due Tue; at the data cut (Tue 24:00)"),
        ("2024-12-29", "was due Sun; 2 d before the data cut (Tue 24:00)"),
    ],
)
def test_a_deadline_is_told_beside_the_data_cut(due_at: str, said: str, tmp_path: Path) -> None:
    night = drawn.night_of(drawn.cases(drawn.case("a")), drawn.findings(waiting("a", due_at)), feeds=loaded())
    (row,) = rows_of(made(night, tmp_path), "Act now")
    assert row["Due, in words"] == f"{said}; encounters, procedures loaded through Tue; referrals loaded through Mon"


def test_hours_are_those_that_pass_also_when_the_clocks_change(tmp_path: Path) -> None:
    """The day after this data cut is one of 23 hours."""
    night = drawn.night_of(
        drawn.cases(drawn.case("a")),
        drawn.findings(
            drawn.finding(
                "a", "S1", "pending", "not_yet_due", trigger_at="2025-03-29", due_at="2025-03-30T10:00:00+02:00"
            )
        ),
    )
    night["runs"] = night["runs"].with_columns(as_of=pl.lit(date(2025, 3, 29)), timezone=pl.lit("Europe/Berlin"))
    (row,) = rows_of(made(night, tmp_path), "Act now")
    assert row["Due, in words"].startswith("due Sun 10:00; 9 h after the data cut (Sat 24:00)")


@pytest.mark.parametrize(("due_at", "sheet"), [("2025-01-07", "Coming due"), ("2025-01-08", None)])
def test_coming_due_looks_seven_days_ahead(due_at: str, sheet: str | None, tmp_path: Path) -> None:
    night = drawn.night_of(drawn.cases(drawn.case("a")), drawn.findings(waiting("a", due_at, "G1")))
    book = made(night, tmp_path)
    assert [name for name in LISTS if rows_of(book, name)] == ([sheet] if sheet else [])


@pytest.mark.parametrize(("due_at", "sheet"), [("2025-01-07", "Act now"), ("2025-01-08", None)])
def test_reassessment_is_urgent_in_its_last_week(due_at: str, sheet: str | None, tmp_path: Path) -> None:
    night = drawn.night_of(drawn.cases(drawn.case("a")), drawn.findings(waiting("a", due_at, "F1")))
    book = made(night, tmp_path)
    assert [name for name in LISTS if rows_of(book, name)] == ([sheet] if sheet else [])


def test_of_too_many_the_gravest_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    names = [f"{n:02}" for n in range(12)]
    late = [drawn.finding(n, "F1", "deviation", "late", trigger_at="2024-12-01", due_at=f"2024-12-{31 - int(n)}")
            for n in names]  # fmt: skip
    grave = drawn.finding("11", "S1", "deviation", "late", trigger_at="2024-12-01", due_at="2024-12-30")
    book = made(drawn.night_of(drawn.cases(*map(drawn.case, names)), drawn.findings(grave, *late)), tmp_path, 3)
    assert [(row["Measure"][:2], row["Due"]) for row in rows_of(book, "Review")] == [
        ("S1", "2024-12-30"), ("F1", "2024-12-20"), ("F1", "2024-12-21"),
    ]  # fmt: skip
    assert counts_of(book)["Review"] == (3, 0, 10, 0)


def test_what_closed_says_what_it_was_and_is(tmp_path: Path) -> None:
    path = drawn.published(
        drawn.night_of(
            drawn.cases(drawn.case("a"), drawn.case("b")),
            drawn.findings(
                drawn.finding("a", "G1", "met", "on_time", trigger_at="2024-12-01", action_at="2024-12-05"),
                drawn.finding("a", "S1", "not_applicable", "no_deficit_recorded"),
                drawn.finding("b", "S1", "deviation", "missing", trigger_at="2024-12-30", due_at="2024-12-31"),
            ),
        ),
        tmp_path,
    )
    with open_published(path) as con:
        keys = dict(con.execute("SELECT case_id || measure_id, finding_key FROM findings").fetchall())
    with duckdb.connect(path) as con:
        con.execute("UPDATE stored.night SET previous_run_id = '2024-12-30-00000000'")
        for name, before, after, severity, urgency in (
            ("aG1", ("deviation", "missing"), ("met", "on_time"), "high", None),
            ("gone", ("pending", "not_yet_due"), (None, None), None, "urgent"),
            ("bS1", ("pending", "not_yet_due"), ("deviation", "missing"), None, "urgent"),
        ):
            row = {
                "finding_key": keys.get(name, name), "key_case_id": "k", "case_id": name[0],
                "measure_id": name[1:] if name in keys else "S1", "instance": 1, "state_before": before[0],
                "reason_before": before[1], "state_after": after[0], "reason_after": after[1],
                "severity_before": severity, "urgency_before": urgency, "was_triggered": True, "cause": "new event",
            }  # fmt: skip
            marks = ", ".join(f"${key}" for key in row)
            con.execute(f"INSERT INTO stored.changes ({', '.join(row)}) VALUES ({marks})", row)
    with open_published(path) as con:
        resolved = con.execute("SELECT finding_key FROM finding_changes WHERE change = 'resolved'").fetchall()
        book = worklist(con, pl.DataFrame(con.sql("FROM runs").to_arrow_table()))
    closed = {row["Finding key"]: row for row in rows_of(book, "Closed since last run")}
    assert resolved == [(keys["aG1"],)]
    assert set(closed) == {keys["aG1"], "gone"}
    assert (closed[keys["aG1"]]["Was"], closed[keys["aG1"]]["Cause"]) == ("deviation: missing", "new event")
    assert closed[keys["aG1"]]["Is now"].startswith("met: An MRI of the level")
    assert closed["gone"]["Is now"] == "The finding is not there any more."
    (row,) = rows_of(book, "Act now")
    assert (row["Finding key"], row["New or known"]) == (keys["bS1"], "new")


def test_the_same_night_gives_the_same_bytes_however_it_is_stored(tmp_path: Path) -> None:
    one, again, spread = (made(drawn.night(), tmp_path / str(n), parts=p) for n, p in enumerate((1, 1, 3)))
    assert one == again == spread


def test_every_reason_has_words_that_say_what_would_close_it() -> None:
    words = closing_words()
    assert words["closes"].null_count() == 0
    assert not words.select("measure_id", "state", "reason", "can_still_be_done").is_duplicated().any()
    facts = {fact for said in (MISSING_FACTS, _OWN_WORDS, LOCAL_OF_MEASURE) for text in said.values()
             for fact in text.split("|")}  # fmt: skip
    assert facts <= set(FACTS)


def test_a_night_with_nothing_to_list_is_a_whole_workbook(tmp_path: Path) -> None:
    night = drawn.night_of(drawn.cases(), drawn.findings())
    book = made(night, tmp_path)
    assert [rows_of(book, name) for name in LISTS] == [[]] * len(LISTS)
    assert counts_of(book)["Act now"] == (0, 0, 0, 0)
