"""Each sheet holds what the specification says, told a second way from the published views; nothing is lost."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from flows.published import open_published
from flows.run import Outcome

from .books import LISTS, SHEETS, counts_of, keys_of, rows_of

SEVERITIES = ["critical", "high", "moderate", "low", "advisory"]
TURNS = ["deviation", "pending", "indeterminate"]
FORCES = ["duty", "restrictive", "data", "advisory", "informational"]
ACT = ("S1", "S2", "S3", "S4", "X1", "G1", "G4")
MISSED = (
    "missing",
    "ordered_not_done",
    "wrong_priority",
    "wrong_specialty",
    "wrong_modality",
    "wrong_contrast",
    "incomplete_extent",
)
PRESSING = ["Act now", "Coming due", "Review", "Advice", "Cannot tell"]


@pytest.fixture(scope="module")
def con(sample: Outcome) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(sample.warehouse) as connection:
        yield connection


@dataclass(frozen=True)
class Gap:
    key: str
    case_id: str
    sheet: str
    rank: tuple[Any, ...]
    stands_alone: bool


@pytest.fixture(scope="module")
def expected(con: duckdb.DuckDBPyConnection) -> Mapping[str, dict[str, list[str]]]:
    """listed, folded, old, nowhere: sheet → finding keys, told from the views row by row."""
    ((as_of,),) = con.execute("SELECT as_of FROM runs").fetchall()
    days = int(con.execute("SELECT value FROM parameters WHERE parameter = 'worklist.days'").fetchall()[0][0])
    windows = {key for (key,) in con.execute("SELECT finding_key FROM open_windows").fetchall()}
    open_ = dict(con.execute("SELECT finding_key, can_still_be_done FROM open_deviations").fetchall())
    left = dict(con.execute("SELECT finding_key, days_left FROM pending_deadlines").fetchall())
    gaps: list[Gap] = []
    told: dict[str, dict[str, list[str]]] = {n: defaultdict(list) for n in ("listed", "folded", "old", "nowhere")}
    held: dict[str, set[tuple[str, str]]] = defaultdict(set)
    query = """
    SELECT f.finding_key, f.case_id, f.measure_id, f.instance, f.state, f.reason, f.severity, f.force, m.position,
        coalesce(CAST(left(f.trigger_at, 10) AS DATE), f.t0), f.trigger_table, f.trigger_row_id,
        greatest(date_diff('hour', CAST(f.t0 AS TIMESTAMP), CAST(left(f.due_at, 19) AS TIMESTAMP)), 0)
    FROM findings AS f JOIN measure_catalogue AS m USING (measure_id)
    WHERE f.state IN ('deviation', 'pending', 'indeterminate')
    """
    of_finding: dict[tuple[str, str, int], str] = {}
    for key, case_id, measure, instance, state, reason, severity, force, position, day, table, row, due in con.execute(
        query
    ).fetchall():
        soon = key in left and left[key] <= 7
        act = key in windows or (measure == "F1" and soon) or (measure in ACT and reason in MISSED and open_.get(key))
        if act:
            sheet = "Act now"
        elif state == "indeterminate":  # nobody of the sample is in house
            sheet = "Cannot tell"
        elif force == "advisory" and (state == "deviation" or soon):
            sheet = "Advice"
        elif state == "deviation":
            sheet = "Review"
        else:
            sheet = "Coming due" if soon else ""
        if not sheet:
            told["nowhere"][""].append(key)
        elif day < as_of - timedelta(days=days):
            told["old"][sheet].append(key)
        else:
            rank = (
                SEVERITIES.index(severity), TURNS.index(state), 1 << 20 if due is None else due, FORCES.index(force),
                position, instance,
            )  # fmt: skip
            gaps.append(Gap(key, case_id, sheet, rank, act and measure in ("S1", "S2", "X1")))
            of_finding[case_id, measure, instance] = key
            if row:
                held[key].add((table, row))
    for case_id, measure, instance, table, row in con.execute(
        "SELECT case_id, measure_id, instance, table_name, row_id FROM evidence"
    ).fetchall():
        if (case_id, measure, instance) in of_finding:
            held[of_finding[case_id, measure, instance]].add((table, row))
    by_case: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        by_case[gap.case_id].append(gap)
    for together in by_case.values():
        advice = []
        for gap in together:
            graver = [
                other
                for other in together
                if not gap.stands_alone
                and other.rank < gap.rank
                and PRESSING.index(other.sheet) <= PRESSING.index(gap.sheet)
                and held[other.key] & held[gap.key]
            ]
            if graver:
                told["folded"][gap.sheet].append(gap.key)
            elif gap.sheet == "Advice":
                advice.append(gap)
            else:
                told["listed"][gap.sheet].append(gap.key)
        for number, gap in enumerate(sorted(advice, key=lambda gap: gap.rank)):
            told["folded" if number else "listed"]["Advice"].append(gap.key)
    return told


def test_the_workbook_has_the_sheets_of_the_specification(book: Path) -> None:
    assert load_workbook(book).sheetnames == SHEETS


@pytest.mark.parametrize("sheet", PRESSING)
def test_a_sheet_lists_what_the_views_say(sheet: str, book: Path, expected: Mapping[str, Any]) -> None:
    assert sorted(keys_of(book, sheet)) == sorted(expected["listed"][sheet])
    assert expected["listed"][sheet], "the sample has nothing for this sheet: the test says nothing"


@pytest.mark.parametrize("sheet", PRESSING)
def test_how_to_counts_what_is_listed_folded_and_too_old(sheet: str, book: Path, expected: Mapping[str, Any]) -> None:
    assert counts_of(book)[sheet] == (
        len(expected["listed"][sheet]), len(expected["folded"][sheet]), 0, len(expected["old"][sheet]),
    )  # fmt: skip


def test_every_gap_is_listed_folded_too_old_or_counted_as_on_no_sheet(
    book: Path, con: duckdb.DuckDBPyConnection
) -> None:
    states = "('deviation', 'pending', 'indeterminate')"
    ((n,),) = con.execute(f"SELECT count(*) FROM findings WHERE state IN {states}").fetchall()
    counts = counts_of(book)
    counts.pop("Closed since last run")
    assert sum(map(sum, counts.values())) == n


def test_each_folded_gap_is_named_once(book: Path, expected: Mapping[str, Any]) -> None:
    named = [text for sheet in PRESSING for row in rows_of(book, sheet) if (text := row["Folded under it"])]
    assert sum(text.count("; ") + 1 for text in named) == sum(map(len, expected["folded"].values()))


def test_a_row_says_what_the_finding_says(book: Path, con: duckdb.DuckDBPyConnection) -> None:
    query = """
    SELECT f.finding_key, f.explanation, coalesce(c.display_id, f.patient_id), f.level || ', T0 ' || f.t0,
        replace(left(f.due_at, 16), 'T', ' '), d.days_open, f.severity
    FROM findings AS f JOIN cases AS c USING (case_id) LEFT JOIN open_deviations AS d USING (finding_key)
    """
    said = {key: rest for key, *rest in con.execute(query).fetchall()}
    for sheet in PRESSING:
        for row in rows_of(book, sheet):
            explanation, display_id, case, due, days_open, severity = said[row["Finding key"]]
            assert row["Why"].startswith(explanation)
            assert row["What would close it"]
            found = [row[name] for name in ("Display id", "Case", "Due", "Days open", "Weight", "New or known")]
            assert found == [display_id, case, due, days_open, severity, "first night"]


def test_no_advice_is_in_act_now(book: Path, con: duckdb.DuckDBPyConnection) -> None:
    advisory = {key for (key,) in con.execute("SELECT finding_key FROM findings WHERE force = 'advisory'").fetchall()}
    assert not advisory & {*keys_of(book, "Act now"), *keys_of(book, "Coming due"), *keys_of(book, "Review")}
    cases = [row["Case"] + row["Display id"] for row in rows_of(book, "Advice")]
    assert len(cases) == len(set(cases))


def test_a_list_has_drop_downs_a_frozen_head_a_filter_and_is_ready_to_print(book: Path) -> None:
    whole = load_workbook(book)
    for name in LISTS:
        sheet = whole[name]
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$1"
        assert "Identified" in sheet.oddFooter.left.text
    choices = {str(rule.formula1) for rule in whole["Act now"].data_validations.dataValidation}
    assert choices == {"status_words", "closing_reasons", "case_verdicts"}
    offered = {
        name: [cell.value for (cell,) in whole["How to"][whole.defined_names[name].attr_text.partition("!")[2]]]
        for name in choices
    }
    assert offered["case_verdicts"] == ["old fracture", "wrong level", "wrong patient", "no fracture"]
    assert "done here, charted elsewhere" in offered["closing_reasons"]
    assert len(offered["closing_reasons"]) == 9


def test_provenance_names_run_cut_and_feeds(book: Path, sample: Outcome) -> None:
    said = {row[0]: row[1] for row in load_workbook(book)["Provenance"].iter_rows(values_only=True)}
    assert said["Run"] == sample.run_id
    assert said["Data cut"] == "Wed 2026-09-30 24:00, UTC time"
    assert said["Feed imaging"].startswith("loaded through Sun 2026-09-27")
