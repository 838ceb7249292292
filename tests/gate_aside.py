"""A gate that looks at nothing: for tests of what comes before and after it."""

from datetime import date
from pathlib import Path

from flows.gate import GateResult
from schemas.parameters import Section


def gate_aside(merged: Path, before: Path | None, gate: Section, as_of: date, site: Path) -> GateResult:
    """Passes every night, with a page that says so."""
    site.mkdir(mode=0o700)
    (site / "index.html").write_text("<!DOCTYPE html><title>not looked at</title>", encoding="utf-8")
    return GateResult((), (), 0.0, 0.0)
