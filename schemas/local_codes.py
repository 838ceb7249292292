"""The LOCAL codes: facts that no public code system carries (specification, section 1, table "LOCAL codes")."""

from dataclasses import dataclass
from types import MappingProxyType

from schemas.extract import LEVELS


@dataclass(frozen=True)
class LocalCode:
    """One LOCAL code: either the words that its value_code may have, or a number, with the range where there is one."""

    name: str
    meaning: str
    values: tuple[str, ...] = ()
    is_number: bool = False
    unit: str | None = None
    low: float | None = None
    high: float | None = None


_WORDS: tuple[LocalCode, ...] = (
    LocalCode("fracture-level", "level stated in a report or note", LEVELS),
    LocalCode("fracture-acuity", "acuity stated in a report", ("acute", "chronic")),
    LocalCode("neuro-exam", "documented neurological examination", ("deficit", "no-deficit", "deficit-known")),
    LocalCode("post-void-residual", "post-void residual", is_number=True, unit="mL"),
    LocalCode(
        "course",
        "clinician's statement of the symptoms' course",
        ("improving", "worsening", "persistent", "resolved"),
    ),
    LocalCode(
        "kyphosis-angle",
        "local kyphosis (Cobb); value_code = posture",
        ("standing", "supine"),
        is_number=True,
        unit="degrees",
        low=-90,
        high=120,
    ),
    LocalCode("height-loss", "vertebral height loss", is_number=True, unit="%", low=0, high=100),
    LocalCode("stability", "clinician's or report's statement of stability", ("stable", "unstable")),
    LocalCode("tlics", "thoracolumbar injury classification and severity score", is_number=True),
    LocalCode("sins", "spinal instability neoplastic score", is_number=True),
    LocalCode("fvc-percent-predicted", "forced vital capacity", is_number=True, unit="%", low=0, high=200),
    LocalCode("percussion-sign", "closed-fist percussion", ("positive", "negative")),
    LocalCode("supine-sign", "unable to lie supine for pain = positive", ("positive", "negative")),
    LocalCode("pathology-assessment", "assessment for a pathological cause", ("benign", "suspicious")),
    LocalCode("other-levels-reviewed", "other levels were looked at", ("yes",)),
    LocalCode("sacrum-reviewed", "the sacrum was looked at", ("yes",)),
    LocalCode("mri-contraindication", "contraindication to MRI", ("present", "absent", "unknown-device")),
    LocalCode("gadolinium-contraindication", "contraindication to gadolinium", ("present", "absent")),
    LocalCode("augmentation-candidate", "candidate for augmentation", ("yes", "no")),
    LocalCode("mri-unavailable", "MRI was not immediately available", ("yes",)),
    LocalCode(
        "considered",
        "documented consideration without an order",
        (
            "surgery",
            "interventional-radiology",
            "pain-management",
            "physical-therapy",
            "imaging",
            "biopsy",
            "nerve-root-block",
        ),
    ),
    LocalCode(
        "discussed-with",
        "the case was discussed with that specialty",
        ("surgery", "interventional-radiology", "pain-management"),
    ),
    LocalCode(
        "declined",
        "the patient declined",
        (
            "surgery",
            "interventional-radiology",
            "pain-management",
            "physical-therapy",
            "imaging",
            "mri",
            "biopsy",
            "medication",
            "follow-up",
        ),
    ),
    LocalCode("outreach", "outreach after a missed visit", ("no-show",)),
)

LOCAL_CODES: MappingProxyType[str, LocalCode] = MappingProxyType({code.name: code for code in _WORDS})
"""LOCAL code → what it may carry."""

FVC_LOINC = "19872-1"
"""The LOINC code that means the same as fvc-percent-predicted."""

PAIN_LOW, PAIN_HIGH = 0.0, 10.0
"""The range of a pain score in points (a score in mm is divided by 10 first)."""
