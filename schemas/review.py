"""The words that a reviewer chooses from in the worklist, and what they mean: what the workbook offers and a review holds."""

from collections.abc import Mapping

STATUSES: Mapping[str, str] = {
    "open": "Nobody has looked at it yet; an empty cell means the same.",
    "in progress": "Somebody sees to it.",
    "waiting": "Asked for; an answer or an appointment is outstanding.",
    "closed": "Settled; say why under closing reason.",
}
"""How far a gap is worked on. The specification names the column and not its words."""

CLOSING_REASONS: Mapping[str, str] = {
    "done here, charted elsewhere": "It was done in this house, in a part of the record that the extract does not hold.",
    "done elsewhere": "Another house did it.",
    "old or other cause": "What triggered it is old, or has another cause than the fracture.",
    "not this fracture": "What triggered it belongs to another fracture or illness.",
    "decision documented": "A decision against it is documented, with its reason.",
    "declined": "The patient declined.",
    "not indicated": "It was not indicated in this patient.",
    "data error": "The record, or what was extracted from it, is wrong.",
    "true gap": "It was due and was not done, or not in time.",
}
"""Why one gap is closed."""

CASE_VERDICTS: Mapping[str, str] = {
    "old fracture": "The fracture was an old one.",
    "wrong level": "The fracture is at another level.",
    "wrong patient": "The row belongs to another patient.",
    "no fracture": "There was none.",
}
"""What closes all rows of a case: the case should not have been found, or not so."""
