"""What would have met each measure, in words, and which events come near without counting.

For `explain` only: a person reads it beside the verdict. Nothing here decides a state, and no deadline or threshold is
repeated: those stand in the finding's own dates and among the parameters.
"""

from dataclasses import dataclass

SURGICAL = ("orthopaedic_surgery", "neurosurgery", "spine_surgery")
_CONTACT_TABLES = ("referrals", "encounters")


@dataclass(frozen=True)
class Answer:
    """What a measure looks for.

    met_by: a sentence. tables: where an event would lie. sets: value sets whose codes count. codes: LOCAL codes that
    count. kind: what an event of those tables that does not count is not ("a surgical specialty").
    """

    met_by: str
    tables: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    kind: str = ""


def _contact(met_by: str, sets: tuple[str, ...], kind: str) -> Answer:
    return Answer(met_by, _CONTACT_TABLES, sets, kind=kind)


_SURGEON = (
    "a referral to, an encounter with or a documented discussion with orthopaedic, neuro- or spine "
    "surgery, a spine operation, or a transfer to another acute hospital"
)
_TREATMENTS = ("analgesic", "calcitonin", "brace", "physical_therapy", "physical_therapy_specialty")

ANSWERS: dict[str, Answer] = {
    "Q1": Answer(
        "a documented neurological examination or a coded deficit around the diagnosis",
        ("observations",),
        codes=("neuro-exam",),
    ),
    "Q2": Answer("a pain score around the diagnosis", ("observations",), ("pain_score",)),
    "Q3": Answer(
        "a code or a report that names the level of the fracture", ("observations",), codes=("fracture-level",)
    ),
    "G1": Answer(
        "a completed MRI of the region that includes images without contrast, or such a CT where MRI is "
        "contraindicated",
        ("imaging",),
        kind="such a study",
    ),
    "G2": Answer(
        "a contraindication to MRI, or a statement that MRI was not available",
        ("observations",),
        codes=("mri-contraindication", "mri-unavailable"),
    ),
    "G3": Answer("an MRI without contrast, or a suspicion of tumour or infection known by then"),
    "G4": Answer(
        "an assessment for a pathological cause, a coded malignancy of the spine, or a biopsy",
        ("observations", "procedures"),
        ("biopsy",),
        ("pathology-assessment",),
        "an assessment of the cause",
    ),
    "X1": Answer(
        "completed MRI of the cervical, thoracic and lumbar spine, each without and with contrast, close together",
        ("imaging",),
        kind="such a study",
    ),
    "X2": Answer(
        "a biopsy, or a documented consideration of one",
        ("procedures", "observations"),
        ("biopsy",),
        ("considered",),
        "a biopsy",
    ),
    "C1": Answer(
        "a study of another region of the spine, or a statement that other levels were looked at",
        ("imaging", "observations"),
        codes=("other-levels-reviewed",),
        kind="a study of another region",
    ),
    "C2": Answer(
        "a study of the sacrum or pelvis, or a statement that the sacrum was looked at",
        ("imaging", "observations"),
        codes=("sacrum-reviewed",),
        kind="a study of the sacrum",
    ),
    "B1": Answer(
        "the closed-fist percussion sign, positive or negative", ("observations",), codes=("percussion-sign",)
    ),
    "B2": Answer("the supine sign, positive or negative", ("observations",), codes=("supine-sign",)),
    "M1": Answer(
        "a conservative treatment (analgesic, calcitonin, brace or physical therapy) started before any "
        "augmentation or operation",
        ("medications", "procedures", "referrals", "encounters"),
        _TREATMENTS,
        kind="a conservative treatment",
    ),
    "M2": Answer(
        "calcitonin started in time, or a contraindication to it", ("medications",), ("calcitonin",), kind="calcitonin"
    ),
    "M3": Answer("calcitonin on enough days of the course", ("medications",), ("calcitonin",), kind="calcitonin"),
    "M4": Answer("no calcitonin after the course, or another indication for it"),
    "S1": _contact(f"{_SURGEON}; a routine referral is not enough", SURGICAL, "a surgical specialty"),
    "S2": _contact(_SURGEON, SURGICAL, "a surgical specialty"),
    "S3": _contact(_SURGEON, SURGICAL, "a surgical specialty"),
    "S4": _contact(_SURGEON, SURGICAL, "a surgical specialty"),
    "S5": Answer("a red flag known when the referral was ordered, or an emergency consult on the day of the diagnosis"),
    "S6": Answer("a red flag known when the referral was ordered"),
    "S7": _contact(
        "a contact with surgery, interventional radiology or pain management, or a documented consideration of one",
        (*SURGICAL, "interventional_radiology", "pain_management"),
        "one of these specialties",
    ),
    "I1": _contact(
        "a contact with interventional radiology, an augmentation, or a documented consideration",
        ("interventional_radiology",),
        "interventional radiology",
    ),
    "I2": _contact(
        "a contact with interventional radiology, an augmentation, or a documented consideration",
        ("interventional_radiology",),
        "interventional radiology",
    ),
    "I3": Answer(
        "a deformity, worsening, pulmonary dysfunction or suspicion of tumour known when the referral was ordered"
    ),
    "A1": Answer(
        "three months since the fracture began; or a deformity, worsening, pulmonary dysfunction or "
        "suspicion of tumour known at the procedure"
    ),
    "P1": _contact(
        "a contact with pain management (or with interventional radiology or surgery), or a documented consideration",
        ("pain_management", "interventional_radiology", *SURGICAL),
        "pain management",
    ),
    "P2": Answer(
        "a nerve root block, or a documented consideration of one",
        ("procedures",),
        ("nerve_root_block",),
        kind="a nerve root block",
    ),
    "P3": Answer("a pain score of persistent pain shortly before the block"),
    "F1": Answer(
        "an encounter about the fracture in the window: marked so, or with a pain score, an examination or "
        "a statement of the course recorded in it",
        ("encounters",),
        kind="an encounter about the fracture",
    ),
    "F2": Answer(
        "a completed study that covers the fracture, an augmentation, or a documented consideration of imaging",
        ("imaging",),
        kind="such a study",
    ),
    "T1": Answer(
        "a referral to or encounter of physical therapy, a physical therapy procedure, or a documented consideration",
        (*_CONTACT_TABLES, "procedures"),
        ("physical_therapy_specialty", "physical_therapy"),
        kind="physical therapy",
    ),
}
"""Measure id → what it looks for."""
