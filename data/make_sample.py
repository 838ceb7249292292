"""Writes the sample: `data/sample/` (CSV, about 300 patients) and `data/sample-fhir/` (FHIR R4, 25 of them).

    python data/make_sample.py [FOLDER]

Nothing in it comes from a real person. The same seed gives the same bytes; FOLDER (default: this one) receives
both folders.
"""

import json
import random
import sys
from datetime import date, timedelta
from pathlib import Path

from sampling.chart import Chart
from sampling.defects import spoil
from sampling.fhir import write_fhir
from sampling.population import person
from sampling.readme import readme
from sampling.record import Record
from sampling.stories_course import STORIES as COURSE
from sampling.stories_imaging import STORIES as IMAGING
from sampling.stories_pain import STORIES as PAIN
from sampling.stories_surgery import STORIES as SURGERY
from sampling.story import Story

SEED = 20260930
AS_OF = date(2026, 9, 30)  # the last day that the extract shows whole
EXTRACTED_AT = "2026-10-01T03:10:00Z"
IMAGING_THROUGH = AS_OF - timedelta(days=3)  # the imaging feed is a little behind, as feeds are
PATIENTS = 298  # and two whose own row is broken
STORIES: tuple[Story, ...] = (*SURGERY, *IMAGING, *PAIN, *COURSE)


def make() -> tuple[Record, dict[str, Story], list[str]]:
    """All tables, the stories by patient id, and the raw lines of records that are broken."""
    record = Record()
    stories: dict[str, Story] = {}
    for number, story in enumerate(STORIES, start=1):
        rng = random.Random(f"{SEED}:{number}")
        who: dict[str, object] = {"site": "riverside"} if story.fhir else {}
        chart = Chart(record, number, rng, AS_OF - timedelta(days=story.ago), AS_OF, **{**who, **story.who})  # type: ignore[arg-type]
        story.write(chart)
        chart.close()
        stories[chart.id] = story
    others = range(len(STORIES) + 1, PATIENTS + 1)
    for number in others:
        rng = random.Random(f"{SEED}:{number}")
        ago = rng.randint(1, 364)
        chart = Chart(record, number, rng, AS_OF - timedelta(days=ago), AS_OF, shift=rng.randint(-90, 300))
        person(chart)
        chart.close()
    return record, stories, spoil(record, others)


def main(folder: Path) -> None:
    """Write both forms of the sample under `folder`."""
    record, stories, broken = make()
    sample = folder / "sample"
    record.write(sample)
    with (sample / "observations.csv").open("a", encoding="utf-8", newline="") as out:
        out.writelines(f"{line}\n" for line in broken)
    through = {table: AS_OF.isoformat() for table in record.tables}
    manifest = {
        "source": "synthetic sample, made by data/make_sample.py",
        "extracted_at": EXTRACTED_AT,
        "loaded_through": {**through, "imaging": IMAGING_THROUGH.isoformat()},
    }
    (sample / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (sample / "README.md").write_text(readme(stories, AS_OF, len(record.tables["patients"])), encoding="utf-8")
    fhir = [patient for patient, story in stories.items() if story.fhir]
    write_fhir(record, fhir, folder / "sample-fhir", EXTRACTED_AT)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
