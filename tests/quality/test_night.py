"""Does a whole night stop at the gate, and show why? And at what happens while gate and lists are at work side by side?"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import flows.run
from flows.cli import main
from flows.errors import GateError, directly
from flows.gate import GateResult, QualityGate
from flows.run import night
from flows.settings import load_settings, sample_folder

pytestmark = pytest.mark.usefixtures("real_gate")


def spoiled(statement: str) -> Callable[..., Any]:
    """Runs the stages, and spoils what was merged."""

    def call(stage: Callable[..., Any], /, *args: Any) -> Any:
        made = directly(stage, *args)
        if stage is flows.run.merge:
            with duckdb.connect() as con:
                con.execute(f"ATTACH '{made}' AS w")
                con.execute(statement)
        return made

    return call


def test_a_night_that_does_not_add_up_is_held_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    settings = load_settings(extract=sample_folder(), out=out)
    first = night(settings)
    before, page = first.warehouse.read_bytes(), (out / "quality" / "index.html").read_text(encoding="utf-8")
    with pytest.raises(GateError, match="nothing was published") as stopped:
        night(settings, call=spoiled("UPDATE w.audit.feeds SET rows_accepted = rows_accepted + 1"))
    assert stopped.value.exit_code == 14
    assert first.warehouse.read_bytes() == before
    assert (out / "quality" / "index.html").read_text(encoding="utf-8") != page
    assert first.receipt.is_file()
    assert (out / "reports" / "latest").resolve() == first.reports.resolve()


def test_a_folder_may_be_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = night(load_settings(extract=sample_folder(), out=Path("out")))
    assert outcome.warehouse.is_file()
    assert (tmp_path / "out" / "quality" / "index.html").is_file()


# Side by side


def held_back(self: QualityGate) -> GateResult:
    """Hears the gate and holds the night back, whatever it said."""
    heard = REAL_ANSWER(self)
    return GateResult(("rates: made up for a test",), (), heard.import_seconds, heard.seconds)


def full(*_: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupted(*_: Any) -> Any:
    raise KeyboardInterrupt


REAL_ANSWER = QualityGate.answer
FULL = "spine-audit: exports failed: the disk is full; nothing was published."


@pytest.mark.parametrize(
    ("lists", "answer", "code", "said", "pages"),
    [
        (
            None,
            held_back,
            14,
            "spine-audit: the quality gate holds this night back, nothing was published: rates: made",
            True,
        ),
        (full, None, 1, FULL, False),
        (
            full,
            held_back,
            14,
            "spine-audit: the quality gate holds this night back, nothing was published: rates: made",
            True,
        ),
        (full, full, 1, FULL, False),
        (None, full, 1, "spine-audit: gate failed: the disk is full; nothing was published.", False),
        (interrupted, None, 130, "spine-audit: interrupted", False),
        (None, interrupted, 130, "spine-audit: interrupted", False),
    ],
    ids=["refused", "disk full", "disk full and refused", "disk full for both", "gate breaks", "Ctrl-C", "Ctrl-C late"],
)
def test_whatever_stops_one_of_them_publishes_nothing_of_either(
    lists: Callable[..., Any] | None,
    answer: Callable[..., Any] | None,
    code: int,
    said: str,
    pages: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    processes = []

    class Watched(QualityGate):
        def ask(self, *args: Any) -> None:
            super().ask(*args)
            processes.append(self._process)

    monkeypatch.setattr(flows.run, "QualityGate", Watched)
    if lists:
        monkeypatch.setattr(flows.run, "write_lists", lists)
    if answer:
        monkeypatch.setattr(Watched, "answer", answer)
    out = tmp_path / "out"
    assert main(["run", "--direct", "--quiet", "--out", str(out)]) == code
    assert capsys.readouterr().err.lstrip().startswith(said)
    (process,) = processes
    assert process is not None
    assert process.poll() is not None
    assert {path.name for path in out.iterdir()} == {".lock", *(["quality"] if pages else [])}


def test_the_lists_of_a_night_that_is_held_back_are_seen_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, seen = tmp_path / "out", []

    def answer(self: QualityGate) -> GateResult:
        seen.extend(path.relative_to(out) for path in out.rglob("worklist.xlsx"))
        return held_back(self)

    monkeypatch.setattr(flows.run.QualityGate, "answer", answer)
    with pytest.raises(GateError):
        night(load_settings(extract=sample_folder(), out=out))
    (place,) = seen  # written by then, in the work folder, which goes with the run
    assert place.parts[0].startswith(".work-")
    assert list(out.rglob("identified")) == []
