"""What is told of a finding from one night to the next, and under which name?"""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.explain import explain
from flows.nights import diff
from flows.published import open_published
from flows.run import Outcome, night
from flows.settings import Engine, load_settings, sample_folder
from flows.warehouse import open_warehouse
from schemas.errors import SettingsError
from tests.agreement.audited import read as tables
from tests.nights.test_incremental import kept_cases

Edit = Callable[[list[dict[str, str]]], None]


def edited(source: Path, folder: Path, day: str, **edits: Edit) -> Path:
    """A copy of an extract, complete through `day`, with tables edited."""
    shutil.copytree(source, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["extracted_at"] = f"{day}T23:59:00Z"
    manifest["loaded_through"] = dict.fromkeys(manifest["loaded_through"], day)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name, edit in edits.items():
        path = folder / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        names = list(rows[0])
        edit(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def referrals(rows: list[dict[str, str]]) -> None:
    """pat-0002 gets the referral that was missing, pat-0004 the priority that was wrong."""
    right = dict.fromkeys(rows[0], "") | {
        "referral_id": "ref-late", "patient_id": "pat-0002", "specialty_system": "NUCC", "specialty": "207T00000X",
        "ordered_at": "2026-05-23T12:00", "priority": "urgent", "status": "active",
    }  # fmt: skip
    for row in rows:
        if row["patient_id"] == "pat-0004" and row["specialty"] == "207X00000X":
            row["priority"] = "urgent"
    rows.append(right)


def observations(rows: list[dict[str, str]]) -> None:
    """A deficit of pat-0001, so late that its window is open."""
    known = next(row for row in rows if row["patient_id"] == "pat-0001" and row["code"] == "neuro-exam")
    late = {
        "observation_id": "obs-late",
        "encounter_id": "",
        "observed_at": "2026-10-02T15:00",
        "value_code": "deficit",
    }
    rows.append(known | late)


def conditions(rows: list[dict[str, str]]) -> None:
    """A code of pat-0015's fracture comes late that lies before all others: its T0 and so its case_id become others."""
    known = next(row for row in rows if row["patient_id"] == "pat-0015" and row["code"].startswith("S32.02"))
    earlier = dict(known, condition_id="con-late", encounter_id="", onset_at="", recorded_at="2026-04-15T08:00")
    rows.append(earlier)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Outcome]]:
    work = tmp_path_factory.mktemp("nights")
    out, plain = work / "out", work / "plain.toml"
    plain.write_text("", encoding="utf-8")
    stricter = work / "stricter.toml"
    stricter.write_text("[deadlines]\nimaging_days = 7\n", encoding="utf-8")
    second = edited(
        sample_folder(),
        work / "second",
        "2026-10-02",
        referrals=referrals,
        conditions=conditions,
        observations=observations,
    )
    told = []
    for extract, as_of, settings in (
        (sample_folder(), "2026-09-30", plain),
        (second, "2026-10-02", plain),
        (second, "2026-10-02", stricter),
    ):
        told.append(night(load_settings(extract=extract, out=out, as_of=as_of, settings_file=settings)))
        shutil.copy(told[-1].warehouse, work / f"{len(told)}.duckdb")
    return work, told


def ask(warehouse: Path, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with open_published(warehouse) as con:
        return con.execute(query, values or None).fetchall()


CHANGE = "SELECT change, state_before, reason_before, state_after, reason_after, cause FROM finding_changes"


def test_on_the_first_night_everything_is_initial(nights: tuple[Path, list[Outcome]]) -> None:
    work, _ = nights
    query = "SELECT change, previous_run_id, cause, count(*) = (SELECT count(*) FROM open_deviations)"
    assert ask(work / "1.duckdb", f"{query} FROM finding_changes GROUP BY ALL") == [("initial", None, None, True)]


def test_the_receipts_count_rows_as_a_reader_would(nights: tuple[Path, list[Outcome]]) -> None:
    work, told = nights
    for number, outcome in enumerate(told, start=1):
        written = json.loads(outcome.receipt.read_text(encoding="utf-8"))["written"]
        with open_published(work / f"{number}.duckdb") as con:
            assert written == {name: con.table(name).count("*").fetchall()[0][0] for name in written}


@pytest.mark.parametrize(
    ("patient", "change"),
    [
        ("pat-0002", ("resolved", "deviation", "missing", "met", "on_time", "new event")),
        ("pat-0004", ("resolved", "deviation", "wrong_priority", "met", "on_time", "corrected row")),
        ("pat-0019", ("new", "pending", "not_yet_due", "deviation", "missing", "as-of")),
    ],
)
def test_why_a_finding_is_another(nights: tuple[Path, list[Outcome]], patient: str, change: tuple[str, ...]) -> None:
    work, _ = nights
    query = f"{CHANGE} JOIN cases USING (case_id) WHERE measure_id = 'S1' AND patient_id = $patient"
    assert change in ask(work / "2.duckdb", query, patient=patient)


def test_every_change_is_one_of_the_tables(nights: tuple[Path, list[Outcome]]) -> None:
    """Counted anew from the two warehouses: what the table says of every deviation is what became of it."""
    work, told = nights
    keys = "SELECT finding_key FROM findings WHERE state = 'deviation'"
    before, now = ({key for (key,) in ask(work / f"{n}.duckdb", keys)} for n in (1, 2))
    said = ask(work / "2.duckdb", "SELECT finding_key, change, run_id, previous_run_id FROM finding_changes")
    by_change = {change: {key for key, c, *_ in said if c == change} for change in ("new", "resolved", "persisting")}
    assert by_change == {"new": now - before, "resolved": before - now, "persisting": before & now}
    assert {(run, previous) for *_, run, previous in said} == {(told[1].run_id, told[0].run_id)}


def test_what_began_to_wait_is_a_change(nights: tuple[Path, list[Outcome]]) -> None:
    work, _ = nights
    waits = "SELECT finding_key FROM findings WHERE state = 'pending'"
    before, now = ({key for (key,) in ask(work / f"{n}.duckdb", waits)} for n in (1, 2))
    said = {
        key
        for (key,) in ask(work / "2.duckdb", "SELECT finding_key FROM finding_changes WHERE state_after = 'pending'")
    }
    assert now - before
    assert now - before <= said


def test_a_case_that_moves_keeps_its_name(nights: tuple[Path, list[Outcome]]) -> None:
    work, _ = nights
    query = (
        "SELECT case_id, finding_key FROM findings"
        " WHERE patient_id = 'pat-0015' AND measure_id = 'S1' AND state = 'deviation'"
    )
    (((before, key),), ((after, same),)) = (ask(work / f"{n}.duckdb", query) for n in (1, 2))
    assert before != after
    assert key == same
    with duckdb.connect(work / "out" / "history.duckdb", read_only=True) as con:
        redated = con.execute("SELECT key_case_id, case_id_before, case_id_after FROM case_redated").fetchall()
    assert (before, before, after) in redated


def test_a_parameter_is_the_cause_of_everything(nights: tuple[Path, list[Outcome]]) -> None:
    work, _ = nights
    causes = ask(work / "3.duckdb", "SELECT DISTINCT cause FROM finding_changes WHERE change <> 'persisting'")
    assert causes == [("parameter",)]


def test_the_same_night_again_changes_nothing(nights: tuple[Path, list[Outcome]]) -> None:
    work, told = nights
    out = work / "out"
    history, before = (out / "history.duckdb").read_bytes(), ask(out / "audit.duckdb", f"{CHANGE} ORDER BY ALL")
    lists = {path.name: path.read_bytes() for path in (out / "reports" / told[2].run_id / "identified").iterdir()}
    again = night(
        load_settings(extract=work / "second", out=out, as_of="2026-10-02", settings_file=work / "stricter.toml")
    )
    assert again.run_id == told[2].run_id
    assert ask(out / "audit.duckdb", f"{CHANGE} ORDER BY ALL") == before
    assert (out / "history.duckdb").read_bytes() == history
    assert lists == {path.name: path.read_bytes() for path in (again.reports / "identified").iterdir()}


def test_diff_of_two_nights_that_do_not_follow_each_other(nights: tuple[Path, list[Outcome]]) -> None:
    work, told = nights
    found = diff(work / "out", told[0].run_id, told[2].run_id)
    at = {name: n for n, name in enumerate(found.names)}
    keys = "SELECT finding_key FROM findings WHERE state = 'deviation'"
    before, now = ({key for (key,) in ask(work / f"{n}.duckdb", keys)} for n in (1, 3))
    said = {
        change: {row[at["finding_key"]] for row in found.rows if row[at["change"]] == change}
        for change in ("new", "resolved", "persisting")
    }
    assert said == {"new": now - before, "resolved": before - now, "persisting": before & now}


def test_diff_of_the_first_two_nights_is_what_the_second_said(nights: tuple[Path, list[Outcome]]) -> None:
    work, told = nights
    found = diff(work / "out", told[0].run_id, told[1].run_id)
    columns = "change, finding_key, case_id, measure_id, instance"
    told_then = ask(work / "2.duckdb", f"SELECT {columns}, state_before, state_after FROM finding_changes ORDER BY ALL")
    at = [found.names.index(name) for name in (*columns.split(", "), "state_before", "state_after")]
    assert sorted(tuple(row[n] for n in at) for row in found.rows) == told_then


def test_diff_refuses_what_it_can_not_tell(nights: tuple[Path, list[Outcome]]) -> None:
    work, told = nights
    with pytest.raises(SettingsError, match="is the later one"):
        diff(work / "out", told[1].run_id, told[0].run_id)
    with pytest.raises(SettingsError, match="no run 2020"):
        diff(work / "out", "2020-01-01-00000000", None)
    with pytest.raises(SettingsError, match="no history there"):
        diff(work, None, None)


def test_parts_and_processes_keep_what_one_part_keeps(nights: tuple[Path, list[Outcome]]) -> None:
    work, told = nights
    out = work / "parts"
    for extract, as_of in ((sample_folder(), "2026-09-30"), (work / "second", "2026-10-02")):
        engine = Engine(workers=2, part_rows=2_000)
        last = night(load_settings(extract=extract, out=out, as_of=as_of, engine=engine))
    assert last.run_id == told[1].run_id
    assert len(list((out / ".state" / last.run_id).glob("0*"))) > 1
    assert kept_cases(last.warehouse) > 100
    here, there = tables(last.warehouse), tables(work / "2.duckdb")
    assert [name for name in here if not here[name].equals(there[name])] == []


def test_another_rule_judges_everybody(nights: tuple[Path, list[Outcome]]) -> None:
    work, _ = nights
    assert kept_cases(work / "2.duckdb") > 100
    assert kept_cases(work / "3.duckdb") == 0


def test_without_its_warehouse_a_history_begins_anew_and_says_so(
    nights: tuple[Path, list[Outcome]], tmp_path: Path
) -> None:
    work, told = nights
    shutil.copytree(work / "out", tmp_path / "out", symlinks=True)
    (tmp_path / "out" / "audit.duckdb").unlink()
    again = night(load_settings(extract=work / "second", out=tmp_path / "out", as_of="2026-10-02"))
    with pytest.raises(SettingsError, match="can't be compared any more"):
        diff(tmp_path / "out", told[0].run_id, again.run_id)
    assert {row[0] for row in diff(tmp_path / "out", again.run_id, again.run_id).rows} == {"persisting"}


def test_a_history_that_can_not_be_read_stops_the_night_before_its_work(tmp_path: Path) -> None:
    (tmp_path / "history.duckdb").write_text("no database")
    with pytest.raises(SettingsError, match="not a readable history"):
        night(load_settings(out=tmp_path))


def test_explain_tells_what_earlier_nights_made_of_a_finding(nights: tuple[Path, list[Outcome]]) -> None:
    work, _ = nights
    with open_warehouse(work / "out") as con:
        told = explain(con, "pat-0019")
        assert "  audit of 2026-10-02: pending, not yet due → deviation, missing (as-of)\n" in told
        assert con.execute("SELECT count(*) FROM history.nights").fetchall() == [(3,)]


def test_explain_does_without_a_history(nights: tuple[Path, list[Outcome]], tmp_path: Path) -> None:
    work, _ = nights
    shutil.copy(work / "out" / "audit.duckdb", tmp_path)
    for damage in (lambda path: None, lambda path: path.write_text("no database")):
        damage(tmp_path / "history.duckdb")
        with open_warehouse(tmp_path) as con:
            told = explain(con, "pat-0019")
        assert "S1 Immediate surgical referral" in told
        assert "audit of" not in told
