"""`spine-audit doctor`: what it finds in a folder as nights, crashes and people leave it, and that its remedies help."""

import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import flows.run
from flows.doctor import packages
from flows.lock import only_run
from flows.private import make_folder
from flows.settings import sample_folder
from tests.conftest import REAL_GATE

from .conftest import TABLES, Cli, write

CLONE = Path(__file__).resolve().parents[2]
THREE = TABLES["referrals.csv"] + "r2,p2,LOCAL,neurology,2024-03-05 14:00,routine,active\n"
"""The extract of another night."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results" / "out"


def go(cli: Cli, extract: Path, out: Path, *more: object) -> str:
    """Runs the audit; its run_id."""
    answer = cli("run", "--direct", "--extract", extract, "--out", out, *more)
    assert answer.code == 0, answer.err
    return (out / "reports" / "latest").readlink().name


def said(cli: Cli, out: Path, what: str, *more: object) -> tuple[str, str]:
    """The line that doctor says of `what`, and its remedy."""
    lines = cli("doctor", "--out", out, *more).out.splitlines()
    ((at, line),) = [(n, text) for n, text in enumerate(lines) if text[8:].startswith(f"{what}: ")]
    return line, lines[at + 1].strip() if lines[at + 1].startswith(" " * 8) else ""


def bytes_below(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else b"", path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def test_nothing_is_found_after_a_good_run_and_nothing_changed(cli: Cli, extract: Path, out: Path) -> None:
    run = go(cli, extract, out)
    before = bytes_below(out)
    answer = cli("doctor", "--extract", extract, "--out", out)
    assert answer.code == 0, answer.out
    assert "Nothing stands in the way of a run." in answer.out
    assert "note" not in answer.out
    for line in (
        "is for its owner only",
        "no run is at work",
        "none of runs that were killed",
        f"latest is {run}",
        "nights: 1, the last is the published one",
        "kept for the next run, parts: 1",
        "the last night passed",
        "alerts: off",
        "great-expectations: ",
        "apprise: ",
    ):
        assert line in answer.out
    assert bytes_below(out) == before


def test_before_the_first_run_it_names_the_command(cli: Cli, out: Path) -> None:
    line, remedy = said(cli, out, "warehouse")
    assert "note" in line
    assert remedy == "→ spine-audit run"
    assert not out.exists()


def test_it_says_what_to_mend(cli: Cli, extract: Path, out: Path, tmp_path: Path) -> None:
    go(cli, extract, out)
    (out / "reports").chmod(0o755)
    (out / "audit.duckdb").write_text("broken")
    answer = cli("doctor", "--extract", tmp_path / "nowhere", "--out", out)
    assert answer.code == 1
    assert "chmod -R go=" in answer.out
    assert "no such folder" in answer.out
    assert "move the file away" in answer.out


def test_a_package_that_is_missing_is_named(cli: Cli) -> None:
    good, bad = packages(("duckdb", "no-package-of-this-name"))
    assert not good.is_broken
    assert bad.is_broken
    assert "make setup" in bad.remedy


# The locks ------------------------------------------------------------------------------------------------------------


def test_a_run_at_work_is_named_and_what_it_works_on_is_no_leftover(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    (out / ".work-tonight").mkdir(mode=0o700)
    with only_run(out):
        answer = cli("doctor", "--extract", extract, "--out", out)
    assert answer.code == 0
    assert f"lock: held by process {os.getpid()} on {socket.gethostname()}" in answer.out
    assert "a second run would end with exit code 15" in answer.out
    assert "leftovers" not in answer.out


def test_looking_at_the_lock_neither_takes_nor_writes_it(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    before = (out / ".lock").read_bytes()
    cli("doctor", "--out", out)
    assert (out / ".lock").read_bytes() == before
    with only_run(out):
        pass


def test_who_serves_is_named(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    home = make_folder(out / ".prefect")
    assert "no `serve`" in said(cli, out, "schedule")[0]
    with only_run(home):
        assert f"`serve` is at work, process {os.getpid()}" in said(cli, out, "schedule")[0]


# What a killed run leaves ---------------------------------------------------------------------------------------------


def test_what_a_killed_run_left_is_a_note_that_the_next_run_lifts(
    cli: Cli, extract: Path, out: Path, settings: Callable[[str], Path]
) -> None:
    command = [sys.executable, "-m", "tests.nights.killed", str(extract), str(settings("")), str(out), "stage", "4"]
    ended = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    line, remedy = said(cli, out, "leftovers")
    assert line.startswith("note")
    assert ".work-" in line
    assert remedy.startswith("→ nothing to do")
    go(cli, extract, out)
    assert said(cli, out, "leftovers")[0].startswith("ok")


def test_a_history_that_waits_for_its_place_needs_nobody(cli: Cli, extract: Path, out: Path) -> None:
    run = go(cli, extract, out)
    (out / "history.duckdb").rename(out / f".history-{run}.duckdb")  # as a kill just after the commit leaves it
    line, remedy = said(cli, out, "history")
    assert line.startswith("note")
    assert remedy.startswith("→ nothing to do")
    go(cli, extract, out)
    assert "nights: 1, the last is the published one" in said(cli, out, "history")[0]


# What belongs to the published night ----------------------------------------------------------------------------------


def test_a_history_of_another_night_is_noticed(cli: Cli, extract: Path, out: Path, tmp_path: Path) -> None:
    first = go(cli, extract, out)
    shutil.copy(out / "history.duckdb", tmp_path / "old")
    second = go(cli, write(extract, referrals=THREE), out)
    assert first != second
    (tmp_path / "old").replace(out / "history.duckdb")  # half a restore
    line, remedy = said(cli, out, "history")
    assert line.startswith("note")
    assert f"its last night is {first}, the published one is {second}" in line
    assert "one and the same backup" in remedy


def test_a_history_without_its_warehouse_is_noticed(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    (out / "audit.duckdb").unlink()
    line, remedy = said(cli, out, "warehouse")
    assert line.startswith("note")
    assert "missing beside history.duckdb" in line
    assert "from one backup" in remedy


def test_a_damaged_history_would_stop_the_run_and_moving_it_away_helps(cli: Cli, extract: Path, out: Path) -> None:
    go(cli, extract, out)
    (out / "history.duckdb").write_text("broken")
    line, remedy = said(cli, out, "history")
    assert line.startswith("BROKEN")
    assert "move it away" in remedy
    write(extract, referrals=THREE)
    assert cli("run", "--direct", "--extract", extract, "--out", out).code == 10
    (out / "history.duckdb").unlink()
    line, remedy = said(cli, out, "history")
    assert line.startswith("note")
    assert "missing" in line
    go(cli, extract, out)
    assert "nights: 1" in said(cli, out, "history")[0]


def test_a_night_of_which_nothing_is_kept_makes_the_next_one_whole(
    cli: Cli, extract: Path, out: Path, settings: Callable[[str], Path]
) -> None:
    go(cli, extract, out)
    shutil.rmtree(out / ".state")
    line, remedy = said(cli, out, "night to night")
    assert line.startswith("note")
    assert "judges everybody" in line
    assert remedy.startswith("→ nothing to do")
    every_night = settings("[source]\nincremental = false\n")
    assert said(cli, out, "night to night", "--settings", every_night)[0].startswith("ok")
    go(cli, extract, out)
    assert said(cli, out, "night to night")[0].startswith("ok")


def test_the_link_to_the_newest_reports_leads_somewhere(cli: Cli, extract: Path, out: Path) -> None:
    run = go(cli, extract, out)
    shutil.rmtree(out / "reports" / run)
    assert "is not there" in said(cli, out, "reports")[0]
    (out / "reports" / "latest").unlink()
    assert "missing" in said(cli, out, "reports")[0]
    go(cli, extract, out)
    assert said(cli, out, "reports")[0].startswith("ok")


def test_a_night_that_the_gate_held_back_is_told_with_its_page(
    cli: Cli, out: Path, tmp_path: Path, settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = tmp_path / "sample"
    shutil.copytree(sample_folder(), extract)
    go(cli, extract, out)
    monkeypatch.setattr(flows.run, "QualityGate", REAL_GATE)
    observations = extract / "observations.csv"
    lines = observations.read_text(encoding="utf-8").splitlines(keepends=True)
    observations.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    strict = settings("[gate]\nblock_rows = true\n")
    answer = cli("run", "--direct", "--extract", extract, "--out", out, "--settings", strict)
    assert answer.code == 14, answer.err
    line, remedy = said(cli, out, "quality gate")
    assert "held back (exit code 14)" in line
    assert f"{out}/quality/index.html" in remedy
    assert cli("doctor", "--out", out).code == 0  # the night before stays, and the next one may be good


# Whom it tells, and where it is recorded ------------------------------------------------------------------------------


def test_addresses_are_counted_and_never_shown(
    cli: Cli, out: Path, tmp_path: Path, settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, addresses = settings('[notify]\nurls_file = "notify.urls"\n'), tmp_path / "notify.urls"
    addresses.write_text("# who\njson://one:secret@localhost\njson://two:secret@localhost\n", encoding="utf-8")
    addresses.chmod(0o600)
    monkeypatch.setenv("SPINE_AUDIT_NOTIFY_URLS", "json://three:secret@localhost")
    answer = cli("doctor", "--out", out, "--settings", site)
    assert "alerts: addresses: 3" in answer.out
    assert "secret" not in answer.out + answer.err


@pytest.mark.parametrize("content", [b"# nobody yet\n", b"\xff\xfe\xfa"], ids=["empty", "no text"])
def test_a_file_without_addresses_is_a_note(
    content: bytes, cli: Cli, out: Path, tmp_path: Path, settings: Callable[[str], Path]
) -> None:
    (tmp_path / "notify.urls").write_bytes(content)
    (tmp_path / "notify.urls").chmod(0o600)
    site = settings('[notify]\nurls_file = "notify.urls"\n')
    line, remedy = said(cli, out, "alerts", "--settings", site)
    assert line.startswith("note")
    assert "one a line" in remedy or "one address a line" in remedy


@pytest.mark.parametrize("mode", [0o644, None], ids=["open to others", "not there"])
def test_addresses_that_would_stop_a_run_are_broken(
    mode: int | None, cli: Cli, out: Path, tmp_path: Path, settings: Callable[[str], Path]
) -> None:
    if mode is not None:
        (tmp_path / "notify.urls").write_text("json://localhost\n", encoding="utf-8")
        (tmp_path / "notify.urls").chmod(mode)
    line, remedy = said(cli, out, "settings", "--settings", settings('[notify]\nurls_file = "notify.urls"\n'))
    assert line.startswith("BROKEN")
    assert "exit code 10" in remedy


@contextmanager
def answering(status: int) -> Iterator[str]:
    """The address of a server that answers everything with that status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/api"
        finally:
            server.shutdown()


@pytest.mark.parametrize("status", [200, 401])
def test_a_server_that_answers_is_enough(cli: Cli, out: Path, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(status) as url:
        monkeypatch.setenv("PREFECT_API_URL", url)
        line, _ = said(cli, out, "orchestration")
    assert line.startswith("ok")
    assert url in line


@pytest.mark.parametrize("url", ["closed", "nonsense", "file:///etc", "http://", "http://127.0.0.1:port/api"])
def test_a_server_that_does_not_answer_is_broken(
    cli: Cli, out: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url == "closed":
        with answering(200) as url:
            pass
    monkeypatch.setenv("PREFECT_API_URL", url)
    line, remedy = said(cli, out, "orchestration")
    assert line.startswith("BROKEN")
    assert "--direct" in remedy
    assert cli("doctor", "--out", out).code == 1


# The disk -------------------------------------------------------------------------------------------------------------


def test_an_extract_larger_than_the_disk_is_a_note(cli: Cli, extract: Path, out: Path) -> None:
    with (extract / "patients.csv").open("r+b") as file:
        file.truncate(1 << 43)  # sparse: 8 TiB that take no room
    line, remedy = said(cli, out, "disk", "--extract", extract)
    assert line.startswith("note")
    assert "free at least" in remedy


@pytest.mark.parametrize(
    ("manifest", "options", "verdict", "text"),
    [
        ('{"extracted_at": "2024-12-31T02:00:00Z"}', (), "ok", "2024-12-30, from manifest.json"),
        ('{"extracted_at": "2024-12-31T02:00:00Z"}', ("--as-of", "2024-11-30"), "ok", "2024-11-30, as set"),
        ('{"source": "test"}', (), "note", "name the day with --as-of"),
        (None, (), "note", "name the day with --as-of"),
        ('{"extracted": "2024-12-31"}', (), "BROKEN", "unknown key 'extracted'"),
    ],
)
def test_the_day_of_the_audit_is_told_before_the_run(
    cli: Cli, out: Path, tmp_path: Path, manifest: str | None, options: tuple[str, ...], verdict: str, text: str
) -> None:
    extract = write(tmp_path / "extract", manifest=manifest)
    line, remedy = said(cli, out, "as-of", "--extract", extract, *options)
    assert line.startswith(verdict)
    assert text in line + remedy
