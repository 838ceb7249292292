"""Does a patient's value, a stratum or a code of a few patients come out where it must not?

Everything that a night says and leaves apart from the identified output is searched for the marks: what is printed, what
is mailed, all that Prefect keeps, the pages and stored validations of the gate, receipts, the lock.
"""

import base64
import csv
import pickle
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from schemas.columns import Column, Table
from schemas.errors import AuditError

from .conftest import Extracts, Left, found, prefect_server, run_plan
from .marked import BORN, CLOCK, KNOWN_RARE, MARK, NUMBER, RARE, marked_columns
from .nights import BREAKS, QUOTED

OK, UNEXPECTED, CONTRACT, HELD_BACK = 0, AuditError.exit_code, 12, 14
WITHIN = ("as-of", "between stages", "audit")
"""What breaks always; the rest of BREAKS in the long form only."""


def two_nights(extracts: Extracts, *options: str) -> list[dict]:
    """A good night, and one after it with other codes."""
    return [extracts.night(extracts.first, *options), extracts.night(extracts.second, *options)]


def bad_nights(extracts: Extracts, *options: str, breaks: tuple[str, ...]) -> list[dict]:
    """One of too many bad rows, one held back, and some that break."""
    return [
        extracts.night(extracts.first, *options, lenient=False),
        extracts.night(extracts.second, *options, breaks="gate"),
        *(extracts.night(extracts.second, *options, breaks=name) for name in breaks),
    ]


@pytest.fixture(scope="module")
def left(extracts: Extracts, tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Of nights through a real server, but the second, which is one without Prefect."""
    folder = tmp_path_factory.mktemp("nights")
    first, second = two_nights(extracts)
    second["arguments"].append("--direct")
    with prefect_server(folder) as url:
        return run_plan(folder, [first, second, *bad_nights(extracts, breaks=WITHIN)], url=url)


def leaks(left: Left) -> list[str]:
    return [f"{name}: {hit}" for name, content in left.open() for hit in found(content)]


def test_no_mark_is_in_what_is_not_identified_output(left: Left) -> None:
    assert leaks(left) == []


def test_the_nights_ended_as_they_were_meant_to(left: Left) -> None:
    assert left.answer["codes"] == [OK, OK, CONTRACT, HELD_BACK, *(UNEXPECTED for _ in WITHIN)]
    assert left.stderr.count("message is withheld") >= len(WITHIN)


# That there was something to be found


@pytest.mark.parametrize(("table", "column"), list(marked_columns()), ids=lambda part: part.name)
def test_every_column_has_its_mark(extracts: Extracts, table: Table, column: Column) -> None:
    with (extracts.first / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        texts = [row[column.name] for row in csv.DictReader(file)]
    assert any(mark in text for text in texts for mark in (MARK, NUMBER, CLOCK, BORN))


def test_the_warehouse_has_the_marks(left: Left) -> None:
    with duckdb.connect(str(left.out / "audit.duckdb"), read_only=True) as con:
        for query in (
            f"SELECT count(*) FROM audit.audit.cases WHERE patient_id LIKE '%{MARK}%' AND site_id LIKE '{RARE}%'",
            f"SELECT count(*) FROM audit.stored.events WHERE code LIKE '{RARE.upper()}%'",
            f"SELECT count(*) FROM audit.audit.quarantine WHERE row LIKE '%{MARK}-broken%'",
            f"SELECT count(*) FROM audit.audit.quarantine WHERE reason = 'malformed_record' AND row LIKE '%{MARK}%'",
            f"SELECT count(*) FROM audit.audit.measures WHERE stratum_value = '{RARE}-site'",
        ):
            assert con.execute(query).fetchall()[0][0] > 0, query


def test_the_search_finds_a_mark_in_every_form() -> None:
    for text in (MARK.upper(), RARE, f"7.{NUMBER}", f"2026-01-01T09:{CLOCK}", BORN):
        assert found(b"\x00" + text.encode())
        assert found(b"\x00\x01" + text.encode("utf-16-le"))
    assert not found(b"nothing of it")


def test_prefect_was_told_much_and_all_of_it_was_searched(left: Left) -> None:
    searched = {name for name, _ in left.open()}
    assert {"server/prefect.db", "server/server.log", "api/logs.json", "api/artifacts.json"} <= searched
    api = {path.stem: path.read_text(encoding="utf-8") for path in (left.folder / "api").iterdir()}
    assert api["flow_runs"].count('"state_type": "FAILED"') == 2 + len(WITHIN)
    assert "Finished in state Completed" in api["logs"]
    assert "Fractures audited" in api["artifacts"]
    assert "DEBUG" in left.stderr


def test_a_known_code_of_a_few_patients_is_on_no_page(left: Left) -> None:
    """They have it in many rows on the second night, which is told."""
    pages = list((left.folder / "kept" / "1" / "quality").rglob("*.html"))
    assert any("procedures: codes that are not shown" in page.read_text(encoding="utf-8") for page in pages)
    for page in pages:
        assert KNOWN_RARE not in page.read_text(encoding="utf-8"), page.name
    assert KNOWN_RARE not in left.stdout


def test_the_gate_showed_its_checks_and_stored_its_validations(left: Left) -> None:
    searched = [name for name, _ in left.open()]
    assert "quality/index.html" in searched
    assert any("validations" in name and name.endswith(".json") for name in searched)


def test_the_alerts_told_of_every_night(left: Left) -> None:
    said = "\n".join(left.mails)
    assert "heartbeat" in said
    assert "held back" in said
    assert said.count("the night stopped") >= 1 + len(WITHIN)


# The history, which is kept for ever


def test_the_history_has_no_value_of_a_row(left: Left) -> None:
    file = left.out / "history.duckdb"
    assert found(file.read_bytes()) == []
    with duckdb.connect(str(file), read_only=True) as con:
        tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        assert "changes" in tables
        for name in tables:
            for row in con.execute(f'FROM "{name}"').fetchall():
                assert found(repr(row).encode()) == []


# What Prefect keeps


def test_no_result_is_persisted_but_the_errors_of_failed_runs_in_our_words(left: Left) -> None:
    """Prefect writes the error of a flow that fails whatever its settings say."""
    kept = [path for path in (left.folder / "home" / "storage").rglob("*") if path.is_file()]
    errors = [pickle.loads(base64.b64decode(path.read_bytes())) for path in kept]
    assert sorted(error.exit_code for error in errors) == [*(UNEXPECTED for _ in WITHIN), CONTRACT, HELD_BACK]
    for error in errors:
        assert isinstance(error, AuditError)
        assert found(repr(vars(error)).encode() + str(error).encode()) == []
    assert not (left.folder / "server" / "storage").exists()


# The modes


def test_everything_in_the_out_folder_is_for_its_owner_only(left: Left) -> None:
    assert wrong_modes(left.out) == []


def wrong_modes(out: Path) -> list[str]:
    """Files that are not 0600 and folders that are not 0700, with their modes."""
    wrong = []
    for path in (out, *out.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o777
            if mode != (0o700 if path.is_dir() else 0o600):
                wrong.append(f"{path.relative_to(out)} {mode:o}")
    return wrong


def test_nothing_of_the_work_is_left(left: Left) -> None:
    assert [path.name for path in left.out.glob(".work-*")] == []
    assert [path for path in (left.folder / "temporary").rglob("*") if path.is_file()] == []


# Who is spoken to


def test_only_this_machine_is_spoken_to(left: Left) -> None:
    spoken = [said for said in left.heard if said["event"].startswith("socket.")]
    assert spoken  # at least to the server and to the mail server
    assert [said for said in spoken if not _is_here(said["address"])] == []


def _is_here(address: object) -> bool:
    host = address[0] if isinstance(address, list) and address else address
    return host in (None, "", "localhost", "::1") or (isinstance(host, str) and host.startswith(("127.", "/")))


def test_telemetry_is_off_before_anything_is_imported_that_has_one(left: Left) -> None:
    imports = [said for said in left.heard if said["event"] == "import"]
    assert {said["module"] for said in imports} == {"great_expectations", "prefect"}
    for said in imports:
        assert said["DO_NOT_TRACK"] == "1"
        if said["module"] == "prefect":
            assert said["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
            assert said["PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY"] == "false"
        else:
            assert said["GX_ANALYTICS_ENABLED"] == "false"


def test_the_settings_that_prefect_took_say_so_too(left: Left) -> None:
    assert left.answer["analytics"] is False
    assert left.answer["orchestration_telemetry"] is False


# What only looks


def test_what_check_says_has_no_mark(extracts: Extracts) -> None:
    for settings in ([], ["--settings", str(extracts.settings)]):
        command = [sys.executable, "-c", "from flows.cli import script; script()", "check"]
        done = subprocess.run(
            [*command, "--extract", str(extracts.first), *settings], capture_output=True, timeout=300, check=False
        )
        assert done.returncode == (OK if settings else CONTRACT)
        assert found(done.stdout + done.stderr) == []


# The long form: whatever breaks, and the server that Prefect starts for a run


@pytest.mark.slow
@pytest.mark.parametrize("way", ["a server of its own", "directly"])
def test_whatever_breaks_no_mark_comes_out(way: str, extracts: Extracts, tmp_path: Path) -> None:
    options = ("--direct",) if way == "directly" else ()
    breaks = tuple(name for name in BREAKS if options or name != "command line")
    left = run_plan(tmp_path, [*two_nights(extracts, *options), *bad_nights(extracts, *options, breaks=breaks)])
    ends = [OK if name in ("artifact", "alert") else UNEXPECTED for name in breaks]
    assert left.answer["codes"] == [OK, OK, CONTRACT, HELD_BACK, *ends]
    assert leaks(left) == []
    assert wrong_modes(left.out) == []
    assert all(_is_here(said["address"]) for said in left.heard if said["event"].startswith("socket."))
    if not options:
        assert (left.out / ".prefect" / "prefect.db").is_file()
    assert QUOTED not in left.stderr
