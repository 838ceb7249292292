"""A tumour that is suspected, feared or only remembered (X1, X2): suspected on day 2."""

from flows.synth.courses.findings import LUMBAR
from flows.synth.describe import code, note, procedure, study
from flows.synth.dials import Dial, Option
from flows.synth.rows import Row, day

_CERVICAL = {"without": "72141", "both": "72156"}
_THORACIC = {"without": "72146", "both": "72157"}
_SUSPECTED_DAY = 2


def _suspected(*rows: Row) -> tuple[Row, ...]:
    return (note("pathology-assessment", "suspicious", day("dx", _SUSPECTED_DAY)), *rows)


def _spine(contrast: str, first: int, last: int) -> tuple[Row, ...]:
    """Studies of the whole spine; the last part on day `last`."""
    return (
        study(_CERVICAL[contrast], day("dx", first)),
        study(LUMBAR[contrast], day("dx", first)),
        study(_THORACIC[contrast], day("dx", last)),
    )


_C = "story=cancer"
_DEFICIT = note("neuro-exam", "deficit", day("dx", 3))
CANCER = Dial(
    "cancer",
    {
        "none": Option(1, (), "story!=cancer"),
        "history": Option(20, (code("Z85.3", day("dx", -700, -400), role="problem-list"),), _C),
        "in_time": Option(16, _suspected(*_spine("both", 4, 6)), _C),
        "edge_in": Option(5, _suspected(*_spine("both", 5, 9)), _C),
        "edge_out": Option(5, _suspected(*_spine("both", 5, 10)), _C, "missed"),
        "incomplete": Option(8, _suspected(study(LUMBAR["both"], day("dx", 4, 8))), _C, "missed"),
        "wrong_contrast": Option(6, _suspected(*_spine("without", 4, 6)), _C, "missed"),
        # with a deficit on day 3 the MRI is due within a day
        "urgent_in_time": Option(2, _suspected(_DEFICIT, *_spine("both", 3, 3)), _C),
        "urgent_late": Option(3, _suspected(_DEFICIT, *_spine("both", 6, 8)), _C, "missed"),
        "no_gadolinium": Option(
            5, _suspected(*_spine("without", 4, 6), note("gadolinium-contraindication", "present", day("dx", 1, 3))), _C
        ),
        "no_mri": Option(4, _suspected(note("mri-contraindication", "present", day("dx", 1, 5))), _C),
        "declined": Option(4, _suspected(note("declined", "mri", day("dx", 3, 8))), _C),
        "ruled_out": Option(6, _suspected(note("pathology-assessment", "benign", day("dx", 5, 8))), _C),
        "ordered": Option(
            4, _suspected(study(LUMBAR["both"], None, status="cancelled", ordered_at=day("dx", 3, 6))), _C, "missed"
        ),
        "missing": Option(8, _suspected(), _C, "missed"),
        "unknown_contrast": Option(4, _suspected(study(LUMBAR["both"], day("dx", 4, 8), contrast="unknown")), _C),
        "unknown_regions": Option(
            3,
            _suspected(study("mr-spine", day("dx", 4, 8), system="LOCAL", modality="mri", contrast="both")),
            _C,
        ),
    },
)

_SUSPECTED = "cancer!=none|history"
BIOPSY = Dial(
    "biopsy",
    {
        "none": Option(30, (), tag="missed"),
        "done": Option(30, (procedure("20225", day("dx", 4, _SUSPECTED_DAY + 29)),), _SUSPECTED),
        "edge_in": Option(5, (procedure("20225", day("dx", _SUSPECTED_DAY + 30)),), _SUSPECTED),
        "edge_out": Option(5, (procedure("20225", day("dx", _SUSPECTED_DAY + 31)),), _SUSPECTED, "missed"),
        "late": Option(6, (procedure("20225", day("dx", 35, 60)),), _SUSPECTED, "missed"),
        # a biopsy may be part of it
        "cemented": Option(5, (procedure("22514", day("dx", 10, 25), level="L2"),), f"{_SUSPECTED} cancer!=ruled_out"),
        "considered": Option(8, (note("considered", "biopsy", day("dx", 4, _SUSPECTED_DAY + 29)),), _SUSPECTED),
        "declined": Option(6, (note("declined", "biopsy", day("dx", 4, _SUSPECTED_DAY + 29)),), _SUSPECTED),
    },
)

DIALS = (CANCER, BIOPSY)
