"""The gate as a run asks it: Great Expectations itself, over real files, in its own process."""

import json
import re
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flows.errors import StageError
from flows.gate import GateResult, QualityGate, asked
from flows.quality.checks import CHECKS, KINDS
from flows.quality.docs import quiet
from flows.quality.warehouse import Warehouse
from reports.quality import page
from schemas.parameters import Section, load_parameters

from .conftest import spoiled
from .test_checks import SPOILED

AS_OF = date(2026, 9, 30)
PLANTED = "PLANTEDVALUE"
BLOCKING = {check.name for check in CHECKS if not check.compares}
LISTENER = """
import os, sys
def heard(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        with open(os.environ["HEARD"], "a") as file:
            file.write(event)
sys.addaudithook(heard)
open(os.environ["HEARD"], "a").close()
"""
"""A sitecustomize.py: notes whatever a process says to the network."""


def gate(**switches: object) -> Section:
    return load_parameters({"gate": switches}).gate


def quality_gate(merged: Path, before: Path | None, bounds: Section, as_of: date, site: Path) -> GateResult:
    """Asked and heard."""
    with QualityGate(site.parent) as checks:
        checks.ask(merged, before, bounds, as_of, site)
        return checks.answer()


@pytest.fixture(scope="module")
def good(merged: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[GateResult, Path, str]:
    """The sample on its first night: what is said, the pages, and what went to the network."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder / "hook"))
        patch.setenv("HEARD", str(folder / "heard"))
        result = quality_gate(merged, None, gate(), AS_OF, folder / "site")
    heard = (folder / "heard").read_text(encoding="utf-8")
    (folder / "heard").unlink()
    shutil.rmtree(folder / "hook")
    return result, folder / "site", heard


# A good night


def test_a_good_first_night_may_be_published_without_a_word(good: tuple[GateResult, Path, str]) -> None:
    result, site, _ = good
    assert (result.blocked, result.warnings) == ((), ())
    assert result.import_seconds > 0
    assert result.seconds > 0
    html = (site / "index.html").read_text(encoding="utf-8")
    assert "May be published." in html
    assert "There is no earlier night to compare with" in html
    assert AS_OF.isoformat() in html


def test_nothing_but_the_pages_is_left(good: tuple[GateResult, Path, str]) -> None:
    _, site, _ = good
    assert [path.name for path in site.parent.iterdir()] == ["site"]
    assert {path.suffix for path in site.rglob("*") if path.is_file()} == {".html"}


def test_nothing_is_said_to_the_network(good: tuple[GateResult, Path, str]) -> None:
    assert good[2] == ""


class Parts(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_no_page_fetches_or_runs_anything(good: tuple[GateResult, Path, str]) -> None:
    pages = list(good[1].rglob("*.html"))
    assert len(pages) > 5
    for path in pages:
        parts = Parts(path.read_text(encoding="utf-8"))
        names = [name for name, _ in parts.tags]
        assert not {"script", "img", "link", "iframe", "object", "embed", "form", "input"} & set(names), path.name
        assert (names.count("main"), names.count("h1")) == (1, 1), path.name
        assert ("html", {"lang": "en"}) in parts.tags
        (policy,) = [a["content"] or "" for n, a in parts.tags if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert not any(key.startswith("on") for _, attributes in parts.tags for key in attributes)
        for _, attributes in parts.tags:
            target = attributes.get("href")
            if target and not target.startswith("#"):
                assert (path.parent / target.partition("#")[0]).is_file(), (path.name, target)


def test_the_own_page_has_headers_for_all_its_cells(good: tuple[GateResult, Path, str]) -> None:
    parts = Parts((good[1] / "index.html").read_text(encoding="utf-8"))
    assert all(attributes.get("scope") in ("row", "col") for name, attributes in parts.tags if name == "th")


def test_a_page_made_quiet_keeps_its_words() -> None:
    loud = (
        '<html><head><script src="https://x.org/a.js"></script><link href="https://x.org/a.css"></head>'
        '<body onload="go()"><h4>Title</h4><a href="https://x.org">word</a><img src="//x.org/p.png"><p>text</p></body></html>'
    )
    still = quiet(loud)
    assert "x.org" not in still
    assert "onload" not in still
    assert re.search(r"<h1>Title</h1>word\s*<p>text</p>", still)


# A broken night


@pytest.fixture(scope="module")
def broken(merged: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[str]], Path]:
    """A night with everything wrong at once, and a value planted in every text of its patients' rows: the answer of the
    gate's process, and the folder with its pages and its own project."""
    folder = tmp_path_factory.mktemp("broken")
    texts = [
        f"UPDATE stored.cases SET case_id = case_id || '{PLANTED}', patient_id = '{PLANTED}', site_id = '{PLANTED}'",
        f"UPDATE stored.events SET row_id = row_id || '{PLANTED}', code = '{PLANTED}', code_system = '{PLANTED}'",
        f"UPDATE stored.events SET value = '{PLANTED}', site_id = '{PLANTED}', unit = '{PLANTED}'",
        f"UPDATE stored.findings SET trigger_row_id = '{PLANTED}'",
        f"UPDATE measures SET stratum_value = '{PLANTED}' WHERE stratum IN ('site_id', 'payer')",
        f"UPDATE quarantine SET row_id = '{PLANTED}', row = '{PLANTED}'",
    ]
    bad = spoiled(merged, folder / "bad.duckdb", *SPOILED.values(), *texts)
    for name in ("project", "site"):
        (folder / name).mkdir()
    answer = folder / "answer.json"
    request = json.dumps(asked(bad, merged, gate(), AS_OF, folder / "site", folder / "project"))
    subprocess.run(
        [sys.executable, "-m", "flows.quality", str(answer)], input=request.encode(), check=True, capture_output=True
    )
    return json.loads(answer.read_text(encoding="utf-8")), folder


def test_everything_that_is_broken_is_told_in_plain_words(broken: tuple[dict[str, list[str]], Path]) -> None:
    titles = {check.file.title: check for check in CHECKS if not check.compares}
    told = {reason.split(": ", 1)[0]: reason for reason in broken[0]["blocked"]}
    assert set(told) == {check.kind for check in titles.values()}
    said = "\n".join(broken[0]["blocked"])
    assert {check.name for title, check in titles.items() if f"{check.kind}: {title}: " in said} == BLOCKING
    assert not any(reason.startswith(tuple(told)) for reason in broken[0]["warnings"])


def test_the_page_says_that_the_night_is_held_back(broken: tuple[dict[str, list[str]], Path]) -> None:
    html = (broken[1] / "site" / "index.html").read_text(encoding="utf-8")
    assert "Held back." in html
    assert "1–10" in html


def test_no_value_of_a_row_is_in_a_page_a_stored_validation_or_a_reason(
    broken: tuple[dict[str, list[str]], Path],
) -> None:
    answer, folder = broken
    validations = list((folder / "project" / "uncommitted" / "validations").rglob("*.json"))
    assert len(validations) == 4
    assert PLANTED not in json.dumps(answer)
    for path in [*folder.joinpath("site").rglob("*"), *folder.joinpath("project").rglob("*")]:
        if path.is_file():
            assert PLANTED.encode() not in path.read_bytes(), path.name
    for path in validations:
        for result in json.loads(path.read_text(encoding="utf-8"))["results"]:
            assert not result["result"].get("partial_unexpected_list"), path.name
            assert not result["result"].get("partial_unexpected_counts"), path.name


# Against the night before


@pytest.fixture(scope="module")
def changed(merged: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[GateResult, Path]:
    """The sample ten days late, after a night with half of its events, other codes and nothing that can't be told; the
    freshness holds back."""
    folder = tmp_path_factory.mktemp("changed")
    before = spoiled(
        merged,
        folder / "before.duckdb",
        "DELETE FROM stored.events WHERE event_number % 2 = 0",
        "UPDATE stored.events SET code = 'M54.50' WHERE table_name = 'conditions' AND event_number % 3 = 0",
        "UPDATE feeds SET rows_read = rows_read * 10 WHERE table_name = 'imaging'",
        "UPDATE measures SET n_indeterminate = 0",
    )
    merged = spoiled(
        merged,
        folder / "merged.duckdb",
        "UPDATE feeds SET loaded_through = NULL WHERE table_name = 'referrals'",
        "UPDATE feeds SET loaded_through = DATE '2026-10-07' WHERE table_name = 'patients'",
        "UPDATE feeds SET loaded_through = DATE '2026-10-06' WHERE table_name = 'procedures'",
    )
    result = quality_gate(
        merged, before, gate(block_freshness=True, unmapped_share=0.2), date(2026, 10, 10), folder / "site"
    )
    return result, folder / "site"


def test_comparisons_are_warnings_unless_the_switch_says_otherwise(changed: tuple[GateResult, Path]) -> None:
    result, _ = changed
    assert {reason.partition(":")[0] for reason in result.blocked} == {"freshness"}
    assert {reason.partition(":")[0] for reason in result.warnings} == {"rows", "indeterminate", "drift", "unmapped"}
    assert any("extract: imaging" in reason and "before" in reason for reason in result.warnings)
    assert "10 days" in result.blocked[0]
    assert "procedures 4 days" in result.blocked[0]
    assert not re.search("patients|referrals", result.blocked[0])


def test_they_go_to_the_page(changed: tuple[GateResult, Path]) -> None:
    html = (changed[1] / "index.html").read_text(encoding="utf-8")
    assert "ICD10CM M54.5" in html
    assert html.count("held back") >= 2
    assert "There is no earlier night" not in html


@pytest.mark.parametrize("earlier", ["no file of DuckDB", "another version"])
def test_an_earlier_night_that_can_not_be_read_is_not_compared(earlier: str, merged: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.duckdb"
    if earlier == "another version":
        spoiled(merged, before, "ALTER TABLE stored.events DROP code_system")
    else:
        before.write_bytes(b"no warehouse")
    with closing(Warehouse(merged, before, {}, tmp_path)) as warehouse:
        assert not warehouse.compares
    assert "could not be read for a comparison" in page((), "2026-09-30", had_before=True, compares=False)


# The process


def test_a_file_that_can_not_be_judged_ends_in_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "merged.duckdb").write_text(PLANTED * 500, encoding="utf-8")
    with pytest.raises(
        StageError, match=r"^quality gate failed: \w+ at flows/quality/\w+\.py:\d+; nothing was"
    ) as told:
        quality_gate(tmp_path / "merged.duckdb", None, gate(), AS_OF, tmp_path / "site")
    assert PLANTED not in str(told.value)
    assert {path.name for path in tmp_path.iterdir()} == {"merged.duckdb", "site"}


def test_a_check_that_can_not_be_asked_is_no_check_that_passed(merged: Path, tmp_path: Path) -> None:
    lacking = spoiled(merged, tmp_path / "merged.duckdb", "DROP TABLE case_facts")
    with pytest.raises(
        StageError, match=r"^quality gate failed: Unanswered at flows/quality/checkpoint\.py:\d+; nothing"
    ):
        quality_gate(lacking, None, gate(), AS_OF, tmp_path / "site")


def test_a_process_that_is_never_asked_ends_with_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    with QualityGate(tmp_path) as checks:
        checks.start()
        checks.start()
        process = checks._process
        assert process is not None
        assert process.poll() is None
        assert len(list(tmp_path.iterdir())) == 1
    assert process.poll() is not None
    assert list(tmp_path.iterdir()) == []


def test_one_that_hears_the_run_end_says_nothing(tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    ran = subprocess.run(
        [sys.executable, "-m", "flows.quality", str(answer)], input=b"", check=False, capture_output=True
    )
    assert (ran.returncode, answer.exists()) == (0, False)


def _kill(checks: QualityGate) -> None:
    assert checks._process is not None
    checks._process.kill()
    checks._process.wait()


def test_one_that_died_while_it_imported_is_followed_by_another(merged: Path, tmp_path: Path) -> None:
    with QualityGate(tmp_path) as checks:
        checks.start()
        _kill(checks)
        checks.ask(merged, None, gate(), AS_OF, tmp_path / "site")
        assert checks.answer().blocked == ()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_one_that_was_killed_at_work_is_told_in_one_plain_line(merged: Path, tmp_path: Path) -> None:
    with QualityGate(tmp_path) as checks:
        checks.ask(merged, None, gate(), AS_OF, tmp_path / "site")
        _kill(checks)
        with pytest.raises(
            StageError, match=r"^quality gate failed: its process ended with -9: killed, or out of memory; "
        ):
            checks.answer()


def test_the_run_itself_imports_none_of_it() -> None:
    heavy = "('great_expectations', 'sqlalchemy', 'duckdb_engine', 'pandas', 'jinja2')"
    code = f"import sys, flows.gate; print([name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_every_kind_is_on_the_page(good: tuple[GateResult, Path, str]) -> None:
    html = (good[1] / "index.html").read_text(encoding="utf-8")
    assert all(f'id="{kind}"' in html for kind in KINDS)
