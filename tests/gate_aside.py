"""A gate that looks at nothing: for tests of what comes before and after it."""

from datetime import date
from pathlib import Path

from flows.gate import GateResult, QualityGate
from schemas.parameters import Section


class GateAside(QualityGate):
    """Passes every night, with a page that says so."""

    def start(self) -> None:
        """Starts nothing."""

    def ask(self, merged: Path, before: Path | None, gate: Section, as_of: date, site: Path) -> None:
        """Makes the page."""
        site.mkdir(mode=0o700)
        (site / "index.html").write_text("<!DOCTYPE html><title>not looked at</title>", encoding="utf-8")

    def answer(self) -> GateResult:
        """Nothing to say."""
        return GateResult((), (), 0.0, 0.0)
