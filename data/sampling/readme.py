"""The README of the sample, made from the stories so that it can't say anything else than they do."""

from collections.abc import Mapping
from datetime import date

from .story import Story

HEAD = """\
# The sample

{patients} made-up patients of four made-up sites with a fracture of a vertebra between {first} and {as_of}.
Nothing here comes from a real person. The extract was taken in the night after {as_of}, which is the day of the audit
(`as_of`); its imaging feed is three days behind, and a few rows are broken on purpose, as in any real feed.

`python data/make_sample.py` writes this folder and `data/sample-fhir/` anew, always with the same bytes. The patients
up to `{last}` are stories, one each; the others are drawn at random, with sites that do more or less of what the
algorithm asks for. {fhir} of the stories (marked F) are in the FHIR form too, where the audit finds the same.

| file | holds |
|---|---|
| `patients.csv` … `followup.csv` | the tables of the extract contract |
| `manifest.json` | when the extract was taken, and through which day each feed is loaded |
| `README.md` | this page |

Times are UTC. Days in the stories count from the diagnosis (day 0).

## The stories

The last column is what the audit says at the end: measure, state, reason, of the case at L2 unless a level is named.

| patient | | story | the audit says |
|---|---|---|---|
"""

TAIL = """
Every reason of the catalogue occurs but these: `feed_absent`, because every feed is there; `switched_off` of M2 and M3
and all of I2 but that word, because the switches stand as they come (with `ir_indicated_duty = true` the sample has
cases of I2 that are met, missed, excused and undecided).

## Broken rows

`encounters`: an unknown class, an end before the start, no start, an unknown disposition (kept, warning), one row
twice. `conditions`: a time that is only a month, an unknown patient, a date in another form, one row of a patient whose
own row is unusable, an onset that is only a year (kept, warning). `observations`: a pain score of 14, an unknown
status, one id with two contents, a level that does not exist (kept, warning), one row twice, a record with too many
fields. `imaging`: a study in the future. `referrals`: an unknown status; an unknown priority (kept, warning).
`medications`: no code; one row twice. `patients`: a birth date that is none; a death before birth (kept, warning).
"""


def readme(stories: Mapping[str, Story], as_of: date, patients: int) -> str:
    """Markdown: how the sample was made, and a table of the stories by patient id."""
    first = as_of.replace(year=as_of.year - 1)
    fhir = sum(story.fhir for story in stories.values())
    head = HEAD.format(patients=patients, first=first, as_of=as_of, last=max(stories), fhir=fhir)
    rows = []
    for patient, story in stories.items():
        at = "" if story.level == "L2" else f" (level {story.level})"
        says = "; ".join(story.says) + at if story.says else "no case at L2"
        title = story.title[0].upper() + story.title[1:]
        rows.append(f"| `{patient}` | {'F' if story.fhir else ''} | **{title}.** {story.text} | {says} |")
    return head + "\n".join(rows) + "\n" + TAIL
