"""Random small extracts that crowd around the thresholds of the specification.

`write_extract(folder, seed, patients)` writes the tables, manifest.json and settings.toml. Dates of events are drawn
from distances that the text names (and one more, one less) to events that are already there, so that both sides of
every limit occur. Seeded: the same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from tests.reference.extract import TABLES
from tests.reference.stories.course import ends, fracture, just_now, pain, treatment, visits
from tests.reference.stories.findings import answers, cause, deficit, pictures, spine
from tests.reference.stories.site import Site
from tests.reference.stories.story import Story

CHAPTERS: list[Callable[[Story], None]] = [pain, treatment, deficit, pictures, cause, spine, visits, answers, just_now]


def write_patient(site: Site, number: int) -> None:
    story, rng = Story(site, number), site.rng
    fracture(story)
    for chapter in CHAPTERS:
        if story.maybe(0.85):
            chapter(story)
    death, periods = ends(story)
    t0 = story.t0.date()
    years = rng.choice([18, 45, 62, 70, 78, 85, 92])
    birth = date(t0.year - years, t0.month, min(t0.day, 28)) - timedelta(days=rng.choice([0, 1, 400]))
    if rng.random() < 0.03:
        birth = date(t0.year - 18, t0.month, min(t0.day, 28)) + timedelta(days=rng.choice([0, 1, -1]))
    if rng.random() < 0.03:
        birth = date(2008, 2, 29) if rng.random() < 0.3 else date(1948, 2, 29)
    site.add(
        "patients",
        patient_id=story.pid,
        birth_date=birth.isoformat(),
        sex=rng.choice(["female", "male", "F", ""]),
        deceased_at=death,
    )
    for start, stop in periods:
        site.add(
            "followup",
            patient_id=story.pid,
            started_at=start.date().isoformat(),
            ended_at=stop.date().isoformat() if stop else None,
        )


def spoil(site: Site) -> None:
    """A few rows that the contract refuses, doubles, or keeps with a value dropped."""
    rng = site.rng
    for table, rows in site.rows.items():
        if table in ("patients", "followup"):
            continue
        for row in [r for r in rows if rng.random() < 0.01]:
            roll = rng.random()
            if roll < 0.3:
                rows.append(dict(row))
            elif roll < 0.5:
                row["patient_id"] = "nobody"
            elif roll < 0.7 and "status" in row:
                row["status"] = "nonsense"
            elif roll < 0.85 and "level" in row:
                row["level"] = "lumbar two"
            elif "code" in row:
                row["code"] = ""


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def write_extract(folder: Path, seed: int, patients: int) -> None:
    """Tables, manifest.json and settings.toml of one extract."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(random.Random(seed))
    for number in range(1, patients + 1):
        write_patient(site, number)
    if site.bad_rows:
        spoil(site)
    for table, columns in TABLES.items():
        if table in site.absent:
            continue
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [c[0] for c in columns], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(site.rows[table])
    (folder / "manifest.json").write_text(
        json.dumps({"source": f"generated {seed}", "loaded_through": site.loaded_through}), encoding="utf-8"
    )
    lines = [f'as_of = "{site.as_of}"', f'timezone = "{site.zone}"']
    for name, keys in site.settings.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
    (folder / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_extract(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 40)
