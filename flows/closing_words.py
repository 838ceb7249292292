"""What would close a gap, in one sentence for each measure, state and reason.

What a measure looks for is said once, in flows/answers.py; here it is said how far that is still possible.
"""

from collections.abc import Iterable, Iterator

import polars as pl

from flows.answers import ANSWERS
from transforms.wording import meanings

_OPEN = (
    "Found in the record, in time; else done now, which counts as late or as another gap, but serves the patient: {}."
)
_OVER = "The case is no longer followed; found in the record: {}."
_CLOSES: dict[tuple[str, str], str] = {
    ("pending", "not_yet_due"): "Before the deadline: {}.",
    ("pending", "feed_incomplete"): "If it was done, it closes by itself once the data are loaded. If not: {}.",
    ("pending", "charting_grace"): "A note that may still be charted: {}.",
    ("pending", "trigger_not_yet_possible"): "Nothing to do yet. Once it can be judged: {}.",
    ("deviation", "late"): "It can't be done in time any more; found in the record, in time: {}.",
    ("deviation", "early"): "It can't be undone; found in the record, at the right time: {}.",
}
_HAPPENED = "It can't be undone; found in the record: {}."
_CAN_BE_OPEN = ("missing", "ordered_not_done", "incomplete_extent")

FACTS: dict[str, str] = {
    "observations.neuro-exam": "a neurological examination",
    "conditions.onset_at": "when the deficit began",
    "referrals.specialty": "to which specialty the referral went",
    "imaging.contrast": "whether contrast was given",
    "imaging.regions": "which region was imaged",
    "observations.mri-contraindication": "whether MRI is contraindicated",
    "observations.pathology-assessment": "whether a pathological cause was assessed",
    "procedures.biopsy": "whether a biopsy was taken",
    "observations.pain_score": "a pain score",
    "observations.course": "a statement of how the pain went",
    "medications.analgesic": "an analgesic",
    "medications.calcitonin": "calcitonin",
    "procedures.physical_therapy": "physical therapy",
    "observations.height-loss": "the loss of height",
    "observations.kyphosis-angle": "the angle of kyphosis",
    "referrals.reason_code": "why the referral was made",
    "procedures.level": "the level of the procedure",
    "medications.days_supply": "for how many days the medicine was supplied",
    "medications.ended_at": "when the medicine ended",
    "encounters.fracture_related": "whether the encounter was about the fracture",
    "encounters.encounter_id": "an encounter here, or a note of the care elsewhere",
    "observations.augmentation-candidate": "whether the patient is a candidate for augmentation",
    "observations.other-levels-reviewed": "whether other levels were looked at",
    "observations.sacrum-reviewed": "whether the sacrum was looked at",
    "observations.percussion-sign": "the percussion sign",
    "observations.supine-sign": "the supine sign",
}
"""What would settle a verdict that can't be told, in words."""


def closing_words() -> pl.DataFrame:
    """measure_id, state, reason, can_still_be_done -> closes, of every gap that waits or deviates."""
    rows = meanings().filter(pl.col("state").is_in(["pending", "deviation"]))
    schema = {
        "measure_id": pl.String,
        "state": pl.String,
        "reason": pl.String,
        "can_still_be_done": pl.Boolean,
        "closes": pl.String,
    }
    said = [line for row in rows.select("measure_id", "state", "reason").rows() for line in _lines(*row)]
    return pl.DataFrame(said, schema=schema, orient="row")


def _lines(measure_id: str, state: str, reason: str) -> Iterator[tuple[str, str, str, bool, str]]:
    met_by = ANSWERS[measure_id].met_by
    is_open = reason in _CAN_BE_OPEN or reason.startswith("wrong_")
    own = _CLOSES.get((state, reason), _OVER if is_open else _HAPPENED)
    yield measure_id, state, reason, False, own.format(met_by)
    if state == "deviation":
        yield measure_id, state, reason, True, _OPEN.format(met_by)


def fact_words(missing: Iterable[str]) -> pl.DataFrame:
    """missing_facts -> settles, of every combination that occurs."""
    rows = [(facts, f"Found or recorded: {' or '.join(map(_fact, facts.split('|')))}.") for facts in missing]
    return pl.DataFrame(rows, schema={"missing_facts": pl.String, "settles": pl.String}, orient="row")


def _fact(fact: str) -> str:
    table, _, code = fact.partition(".")
    return f"the table {table}, which the extract lacks" if code == "*" else FACTS.get(fact, fact)
