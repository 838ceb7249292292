"""Does a whole night stop at the gate, and show why?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import flows.run
from flows.errors import GateError, directly
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
