"""Two nights as they really follow each other: what the second tells is what it changed, and once."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.published import open_published
from flows.run import Outcome, night
from flows.settings import Settings, load_settings, sample_folder
from tests.nights.test_changes import edited
from tests.worklist.books import rows_of

from .sink import Sink


@dataclass
class Nights:
    """Nights of the sample, one after the other, each told after its commit."""

    out: Path
    mail: Sink

    def at(self, day: str) -> Outcome:
        settings: Settings = load_settings(out=self.out, as_of=day)
        return night(settings)


@pytest.fixture
def nights(tmp_path: Path, mail: Sink) -> Nights:
    return Nights(tmp_path / "out", mail)


def test_a_table_that_went_missing_withdraws_nothing_and_is_told(nights: Nights, mail: Sink, tmp_path: Path) -> None:
    nights.at("2026-09-30")
    without = edited(sample_folder(), tmp_path / "without", "2026-10-01")
    (without / "observations.csv").unlink()
    manifest = json.loads((without / "manifest.json").read_text(encoding="utf-8"))
    del manifest["loaded_through"]["observations"]
    (without / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    told = night(load_settings(extract=without, out=nights.out, as_of="2026-10-01"))
    assert not any("withdrawn" in subject for subject in mail.subjects)
    assert "MISSING TABLES: observations came the night before" in mail.texts[-1]
    book = told.reports / "identified" / "worklist.xlsx"
    causes = {row["Cause"] for row in rows_of(book, "Closed since last run")}
    assert "corrected row, or missing table: observations" in causes
    assert "corrected row" not in causes


def test_the_second_night_tells_what_is_new_and_the_same_night_again_tells_nothing(nights: Nights, mail: Sink) -> None:
    nights.at("2026-09-20")
    assert mail.subjects == ["spine-audit heartbeat: done, audit through 2026-09-20"]
    assert "The first night of all" in mail.texts[0]

    second = nights.at("2026-09-30")
    news, heartbeat = mail.texts[1:]
    with open_published(second.warehouse) as con:
        ((opened,),) = con.execute(
            "SELECT count(*) FROM open_windows AS w LEFT JOIN recommendations AS r USING (case_id, measure_id, instance)"
            " WHERE w.trigger_at > '2026-09-21' AND (w.measure_id <> 'X1' OR r.urgency = 'urgent')"
        ).fetchall()
    assert opened > 0
    assert news.startswith(f"spine-audit: {opened} urgent, still to be met")
    assert "heartbeat: done, audit through 2026-09-30" in heartbeat
    assert "The first night of all" not in heartbeat

    nights.at("2026-09-30")
    assert len(mail.subjects) == 4
    assert "heartbeat" in mail.subjects[3]
