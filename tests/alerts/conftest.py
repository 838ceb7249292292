"""The sample's published night, and what changed since a night before it, written by hand."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import alerts
from flows.published import open_published
from flows.run import Outcome, night
from flows.settings import Settings, load_settings
from schemas.parameters import load_parameters

from .sink import Sink, sink

Change = tuple[str, str | None, str | None, str]
"""finding_key, state before, state after, cause."""


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The sample audited once."""
    return night(load_settings(out=tmp_path_factory.mktemp("sample") / "out"))


@dataclass
class Night:
    """A copy of the sample's night whose changes can be written. measures: of each finding, by its key."""

    settings: Settings
    outcome: Outcome
    measures: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def keys(self, view: str, where: str) -> list[str]:
        """The keys in a view of those for which a condition holds."""
        return [key for (key,) in self.ask(f"SELECT finding_key FROM {view} WHERE {where} ORDER BY 1")]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with open_published(self.outcome.warehouse) as con:
            return con.execute(query).fetchall()

    def write(self, statement: str) -> None:
        with duckdb.connect(self.outcome.warehouse) as con:
            con.execute(statement)

    def changed(
        self,
        *changes: Change,
        previous: str | None = "2026-09-29-00000000",
        severity: str = "critical",
        urgency: str = "urgent",
        was_triggered: bool = True,
    ) -> None:
        """Writes `stored.changes` and `stored.night`. A key that no finding has is one that is gone: `S1`, `X1`.

        severity, urgency, was_triggered: of what was there before.
        """
        with duckdb.connect(self.outcome.warehouse) as con:
            con.execute("DELETE FROM stored.changes")
            con.execute("UPDATE stored.night SET previous_run_id = ?", [previous])
            for key, before, after, cause in changes:
                row = {
                    "finding_key": key,
                    "key_case_id": "k",
                    "case_id": "c",
                    "measure_id": self.measures.get(key, key),
                    "instance": 1,
                    "state_before": before,
                    "state_after": after,
                    "severity_before": severity if before else None,
                    "urgency_before": urgency if before else None,
                    "was_triggered": was_triggered if before else None,
                    "cause": cause,
                }
                values = ", ".join(f"${name}" for name in row)
                con.execute(f"INSERT INTO stored.changes ({', '.join(row)}) VALUES ({values})", row)

    def tell(self, *wanted: str) -> None:
        """Tells of the night; wanted: of the names in `[notify]`, without `on_`; none = all."""
        alerts.published(self.with_notify(*wanted), self.outcome, self.notes.append)

    def with_notify(self, *wanted: str) -> Settings:
        every = ("failure", "urgent", "critical", "withdrawn", "heartbeat")
        notify = {f"on_{name}": name in (wanted or every) for name in every}
        return replace(self.settings, parameters=load_parameters({"notify": notify}))


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A mail server whose address the environment holds."""
    with sink() as kept:
        monkeypatch.setenv(alerts.URLS_VARIABLE, kept.address)
        yield kept


@pytest.fixture
def tonight(sample: Outcome, tmp_path: Path) -> Night:
    out = tmp_path / "out"
    shutil.copytree(sample.warehouse.parent, out, symlinks=True)
    run = sample.run_id
    outcome = replace(
        sample,
        warehouse=out / "audit.duckdb",
        reports=out / "reports" / run,
        receipt=out / "runs" / run / "receipt.json",
    )
    with open_published(outcome.warehouse) as con:
        measures = dict(con.execute("SELECT finding_key, measure_id FROM findings").fetchall())
    return Night(load_settings(out=out), outcome, measures)
