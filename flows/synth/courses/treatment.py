"""Conservative treatment, its review, and what follows where pain stays."""

from flows.synth.describe import code, drug, note, procedure, refer, study, visit
from flows.synth.dials import Dial, Option
from flows.synth.rows import Cell, Row, after, day, number

_BRACE = "L0456"

THERAPY = Dial(
    "therapy",
    {
        "analgesic": Option(
            60, (drug("paracetamol", after("dx", 10, 150), days=number(20, 60)),), "cement!=before_treatment"
        ),
        "opioid": Option(12, (drug("tramadol", after("dx", 10, 150), days=number(5, 20)),), "cement!=before_treatment"),
        "running": Option(
            8, (drug("paracetamol", day("dx", -60, -40), days=number(80, 120)),), "cement!=before_treatment"
        ),
        "brace": Option(6, (procedure(_BRACE, day("dx", 2), system="HCPCS"),), "cement!=before_treatment"),
        "edge_in": Option(3, (procedure(_BRACE, day("dx", 7), system="HCPCS"),), "cement!=before_treatment"),
        "edge_out": Option(3, (procedure(_BRACE, day("dx", 8), system="HCPCS"),), "cement!=before_treatment"),
        "late": Option(
            4, (procedure(_BRACE, day("dx", 9, 12, same_as="brace"), system="HCPCS"),), "cement!=before_treatment"
        ),
        "none": Option(8, (), "cement!=before_treatment"),
        "after_cement": Option(1, (drug("tramadol", day("dx", 4), days=20),), "cement=before_treatment"),
    },
)

FIRST_TREATMENT_DAY = {"brace": 2, "edge_in": 7, "edge_out": 8, "after_cement": 4}
"""Days from the diagnosis to the first treatment, where that is not day 0 (`late`: drawn)."""

_AT_ONCE = "therapy=analgesic|opioid|running"


def _calcitonin(least: int, most: int, days: Cell, *more: Row) -> tuple[Row, ...]:
    return (drug("calcitonin", day("dx", least, most), days=days, route="nasal"), *more)


CALCITONIN = Dial(
    "calcitonin",
    {
        "none": Option(30),
        "course": Option(34, _calcitonin(1, 5, 28), _AT_ONCE),
        "short": Option(4, _calcitonin(1, 3, 10), _AT_ONCE),
        "until_better": Option(5, _calcitonin(1, 3, number(17, 19)), _AT_ONCE),
        "edge_in": Option(2, _calcitonin(1, 3, 21), _AT_ONCE),
        "edge_out": Option(2, _calcitonin(1, 3, 20), _AT_ONCE),
        "stops_in_time": Option(3, _calcitonin(1, 5, 36), _AT_ONCE),
        "goes_on": Option(3, _calcitonin(1, 5, 37), _AT_ONCE),
        "long": Option(4, _calcitonin(1, 5, number(60, 90)), _AT_ONCE),
        "paget": Option(
            2, _calcitonin(1, 5, number(60, 90), code("M88.9", day("dx", -300, -100), role="problem-list")), _AT_ONCE
        ),
        "unknown_duration": Option(3, _calcitonin(1, 5, None), _AT_ONCE),
        "start_edge_in": Option(2, (drug("calcitonin", day("t0_day", 28), days=28, route="nasal"),), _AT_ONCE),
        "start_edge_out": Option(2, (drug("calcitonin", day("t0_day", 29), days=28, route="nasal"),), _AT_ONCE),
        "start_late": Option(3, (drug("calcitonin", day("t0_day", 30, 45), days=28, route="nasal"),), _AT_ONCE),
        "running": Option(2, _calcitonin(-20, -10, 29), _AT_ONCE),
        "stopped_for_calcium": Option(
            2, _calcitonin(1, 3, 8, code("E83.51", day("dx", 7), role="diagnosis")), _AT_ONCE
        ),
        "declined": Option(5, (note("declined", "medication", day("dx", 0, 20)),)),
        "contraindicated": Option(5, (code("E83.51", day("dx", -30, -5), role="problem-list"),)),
    },
)

_UNTREATED = "therapy!=none"
PHYSIOTHERAPY = Dial(
    "physiotherapy",
    {
        "referred": Option(35, (refer("therapy", day("dx", 20, 38)),), _UNTREATED),
        "treated": Option(14, (procedure("97161", day("dx", 20, 38)),), _UNTREATED),
        "edge_in": Option(4, (refer("therapy", day("v14", 28)),), _UNTREATED),
        "edge_out": Option(4, (refer("therapy", day("v14", 29)),), _UNTREATED, "missed"),
        "late": Option(6, (refer("therapy", day("dx", 75, 85)),), _UNTREATED, "missed"),
        "considered": Option(6, (note("considered", "physical-therapy", day("dx", 20, 38)),)),
        "declined": Option(6, (note("declined", "physical-therapy", day("dx", 41, 46)),)),
        "none": Option(25, (), tag="missed"),
    },
)


def _review(least: int, most: int, related: bool | None = True) -> tuple[Row, ...]:
    return (visit("ambulatory", day("tx_day", least, most), related=related),)


_ON_TIME = "therapy!=edge_in|edge_out|late|after_cement"
EARLY_VISIT = Dial(
    "early_visit",
    {
        "none": Option(55),
        "seen": Option(45, (visit("ambulatory", day("v14"), related=True),), _ON_TIME),
    },
)

REVIEW = Dial(
    "review",
    {
        "seen": Option(45, _review(28, 42)),
        # what it was about shows in the score that was taken
        "by_content": Option(
            10,
            (visit("ambulatory", day("v35"), name="review"), note("course", "resolved", day("v35"), within="review")),
            f"{_ON_TIME} pain=eases|eases_quiet",
        ),
        "soon": Option(5, _review(21, 27)),
        "a_little_late": Option(5, _review(43, 48)),
        "edge_in": Option(3, _review(49, 49)),
        "edge_out": Option(3, _review(50, 50), tag="missed"),
        "late": Option(5, _review(52, 80), tag="missed"),
        "unknown_content": Option(4, _review(28, 42, None)),
        "elsewhere": Option(4),  # discharged to a nursing facility from the index encounter
        "no_show": Option(3, (note("outreach", "no-show", day("tx_day", 28, 44)),)),
        "declined": Option(3, (note("declined", "follow-up", day("tx_day", 24, 44)),)),
        "none": Option(12, (), tag="missed"),
    },
)

# Where pain stays: pain management (P1), a nerve root block (P2, P3), the sacrum (C2), images again (F2), and
# after three months a specialist (S3, S7, I1).

_STAYS = "pain=lingers|severe|relapses|told_worse"
PAIN_CLINIC = Dial(
    "pain_clinic",
    {
        "referred": Option(30, (refer("pain", day("v14", 4, 27)),), _STAYS),
        "edge_in": Option(6, (refer("pain", day("v14", 28)),), _STAYS),
        "edge_out": Option(6, (refer("pain", day("v14", 29)),), _STAYS, "missed"),
        "late": Option(6, (refer("pain", day("v14", 30, 40)),), _STAYS, "missed"),
        "discussed": Option(6, (note("discussed-with", "pain-management", day("v14", 4, 27)),), _STAYS),
        "considered": Option(6, (note("considered", "pain-management", day("v14", 4, 27)),), _STAYS),
        "declined": Option(6, (note("declined", "pain-management", day("v14", 4, 27)),), _STAYS),
        "none": Option(36, (), tag="missed"),
    },
)

BLOCK = Dial(
    "block",
    {
        "none": Option(85),
        "done": Option(6, (procedure("64483", day("v14", 7, 12), level="L2"),), "pain!=silent|unrecorded|eases_soon"),
        "unasked": Option(2, (procedure("64483", day("v35", 15, 29), level="L2"),)),
        "considered": Option(5, (note("considered", "nerve-root-block", day("v14", 1, 12)),)),
    },
)

SACRUM = Dial(
    "sacrum",
    {
        "reviewed": Option(25, (note("sacrum-reviewed", "yes", day("v35", -10, 13)),), _STAYS),
        "imaged": Option(8, (study("72170", day("v35", -10, 13)),), _STAYS),
        "edge_in": Option(6, (note("sacrum-reviewed", "yes", day("v35", 14)),), _STAYS),
        "edge_out": Option(6, (note("sacrum-reviewed", "yes", day("v35", 15)),), _STAYS),
        "late": Option(6, (note("sacrum-reviewed", "yes", day("v35", 16, 40)),), _STAYS),
        "none": Option(49),
    },
)

IMAGES_AGAIN = Dial(
    "images_again",
    {
        "done": Option(35, (study("72100", day("v70", 1, 27)),), _STAYS),
        "edge_in": Option(6, (study("72100", day("v70", 28)),), _STAYS),
        "edge_out": Option(6, (study("72100", day("v70", 29)),), _STAYS, "missed"),
        "late": Option(6, (study("72100", day("v70", 30, 45)),), _STAYS, "missed"),
        "cemented": Option(4, (procedure("22514", day("v70", 1, 10), level="L2"),), "story=refractory"),
        "considered": Option(6, (note("considered", "imaging", day("v70", 0, 20)),), _STAYS),
        "declined": Option(6, (note("declined", "imaging", day("v70", 0, 20)),), _STAYS),
        "none": Option(35, (), tag="missed"),
    },
)

_NO_SURGEON_BEFORE = f"{_STAYS} story!=deficit|instability"  # whom it would be late for
AFTER_THREE_MONTHS = Dial(
    "after_three_months",
    {
        "none": Option(30, (), tag="missed"),
        "surgeon": Option(14, (refer("spine", day("v105", 1, 29)),), _NO_SURGEON_BEFORE),
        "surgeon_edge_in": Option(4, (refer("spine", day("v105", 30)),), _NO_SURGEON_BEFORE),
        "surgeon_edge_out": Option(4, (refer("spine", day("v105", 31)),), _NO_SURGEON_BEFORE, "missed"),
        "surgeon_late": Option(4, (refer("orthopaedics", day("v105", 32, 60)),), _NO_SURGEON_BEFORE, "missed"),
        "surgeon_discussed": Option(4, (note("discussed-with", "surgery", day("v105", 1, 29)),), _NO_SURGEON_BEFORE),
        "surgeon_declined": Option(4, (note("declined", "surgery", day("v105", 1, 29)),), _NO_SURGEON_BEFORE),
        "surgeon_considered": Option(4, (note("considered", "surgery", day("v105", 1, 29)),), _NO_SURGEON_BEFORE),
        "radiology": Option(12, (refer("radiology", day("v105", 1, 29)),), _STAYS),
        "radiology_late": Option(4, (refer("radiology", day("v105", 31, 60)),), _STAYS, "missed"),
        "radiology_discussed": Option(
            4, (note("discussed-with", "interventional-radiology", day("v105", 1, 29)),), _STAYS
        ),
        "radiology_considered": Option(
            4, (note("considered", "interventional-radiology", day("v105", 1, 29)),), _STAYS
        ),
        "radiology_declined": Option(4, (note("declined", "interventional-radiology", day("v105", 1, 29)),), _STAYS),
        "no_candidate": Option(4, (note("augmentation-candidate", "no", day("v105", -20, 20)),), _STAYS),
        "rheumatology": Option(4, (refer("rheumatology", day("v105", 1, 29)),), _STAYS, "missed"),
        "practitioner": Option(4, (refer("practitioner", day("v105", 1, 29)),), _STAYS),
    },
)

DIALS = (
    THERAPY,
    CALCITONIN,
    PHYSIOTHERAPY,
    EARLY_VISIT,
    REVIEW,
    PAIN_CLINIC,
    BLOCK,
    SACRUM,
    IMAGES_AGAIN,
    AFTER_THREE_MONTHS,
)
