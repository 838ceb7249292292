"""Deficits, instability, deformity and early referrals: what calls for a surgeon or radiologist, and who was asked."""

from flows.synth.describe import code, measure, note, procedure, refer, visit
from flows.synth.dials import Dial, Option
from flows.synth.rows import Row, after, day, number

_DAY, _HOUR = 1440, 60

# A neurological deficit at the diagnosis (S1), at the instant `deficit_at`, and what was done about it.

DEFICIT_KIND = Dial(
    "deficit_kind", {"examined": Option(50), "cauda": Option(25), "foot_drop": Option(15), "root": Option(10)}
)

_D = "story=deficit"


def _seen(anchor: str, least: int, most: int) -> Row:
    return visit("ambulatory", after(anchor, least, most), specialty="spine")


DEFICIT = Dial(
    "deficit",
    {
        "none": Option(1, (), "story!=deficit"),
        "referred": Option(30, (refer("neurosurgery", after("deficit_at", 5, 1380), priority="stat"),), _D),
        "no_priority": Option(4, (refer("orthopaedics", after("deficit_at", 5, 1380), priority=None),), _D),
        "edge_in": Option(5, (refer("spine", after("deficit_at", 1439), priority="urgent"),), _D),
        "edge_out": Option(5, (refer("spine", after("deficit_at", 1441), priority="urgent"),), _D, "missed"),
        "late": Option(
            6, (refer("neurosurgery", after("deficit_at", 2 * _DAY, 6 * _DAY), priority="urgent"),), _D, "missed"
        ),
        "missing": Option(8, (), _D, "missed"),
        "routine": Option(5, (refer("orthopaedics", after("deficit_at", 30, 1380)),), _D, "missed"),
        "wrong": Option(5, (refer("neurology", after("deficit_at", 30, 1380), priority="urgent"),), _D, "missed"),
        "unknown": Option(4, (refer("practitioner", after("deficit_at", 30, 1380), priority="urgent"),), _D),
        "discussed": Option(5, (note("discussed-with", "surgery", after("deficit_at", 30, 1380)),), _D),
        "declined": Option(4, (note("declined", "surgery", after("deficit_at", 30, 1380)),), _D),
        "seen": Option(6, (_seen("deficit_at", 30, 1380),), _D),
        "under_care": Option(3, (refer("spine", after("deficit_at", -6 * _DAY, -4 * _DAY), priority="urgent"),), _D),
        "operated": Option(2, (procedure("63047", day("dx", -15, -8)),), _D),
        # found at once, known when it was charted two days later
        "charted_late": Option(
            4,
            (
                note("neuro-exam", "deficit", after("deficit_at", 0), recorded_at=after("deficit_at", 2 * _DAY)),
                refer("neurosurgery", after("deficit_at", 2 * _DAY + 20, 3 * _DAY - 20), priority="urgent"),
            ),
            _D,
        ),
        # coded at discharge: it began at some time of the stay
        "untimed": Option(
            3,
            (
                code("G83.4", day("dx", 5), within="index", role="billing"),
                visit("ambulatory", day("dx", 3), specialty="spine"),
            ),
            _D + " setting=ward",
        ),
        "twice": Option(
            3,
            (
                refer("neurosurgery", after("deficit_at", 5, 1380), priority="stat"),
                note("neuro-exam", "no-deficit", day("dx", 5)),
                note("neuro-exam", "deficit", day("dx", 10, 12)),
            ),
            _D,
            "missed",
        ),
        "soft": Option(4, (code("R33.9", day("dx", 20, 30), role="diagnosis"),), _D),
        # long after the diagnosis, between all other referrals
        "later": Option(4, (note("neuro-exam", "deficit", day("dx", 58, 62)),), _D, "missed"),
    },
)

AT_DIAGNOSIS = (
    "referred|no_priority|edge_in|edge_out|late|missing|routine|wrong|unknown|discussed|declined|seen|under_care"
    "|operated|twice"
)
"""The options of `deficit` in which the deficit is found on the day of the diagnosis."""

_FOUND = f"deficit={AT_DIAGNOSIS}"
DEFICIT_FOUND = Dial(
    "deficit_found",
    {
        "none": Option(1, (), "deficit=none|charted_late|untimed|soft|later"),
        "examined": Option(
            1, (note("neuro-exam", "deficit", after("deficit_at", 0)),), f"{_FOUND} deficit_kind=examined"
        ),
        "cauda": Option(1, (code("G83.4", after("deficit_at", 0), role="diagnosis"),), f"{_FOUND} deficit_kind=cauda"),
        "foot_drop": Option(
            1, (code("M21.371", after("deficit_at", 0), role="diagnosis"),), f"{_FOUND} deficit_kind=foot_drop"
        ),
        "root": Option(1, (code("S34.21XA", after("deficit_at", 0), role="diagnosis"),), f"{_FOUND} deficit_kind=root"),
    },
)

# An unstable spine at the diagnosis (S2), at the instant `instability_at`.

_I = "story=instability"
INSTABILITY = Dial(
    "instability",
    {
        "none": Option(1, (), "story!=instability"),
        "referred": Option(30, (refer("spine", after("instability_at", 30, 4200)),), _I),
        "edge_in": Option(6, (refer("spine", after("instability_at", 3 * _DAY - 1)),), _I),
        "edge_out": Option(6, (refer("spine", after("instability_at", 3 * _DAY + 1)),), _I, "missed"),
        "late": Option(8, (refer("orthopaedics", after("instability_at", 4 * _DAY, 8 * _DAY)),), _I, "missed"),
        "missing": Option(10, (), _I, "missed"),
        "wrong": Option(6, (refer("rheumatology", after("instability_at", 30, 4200)),), _I, "missed"),
        "unknown": Option(5, (refer("practitioner", after("instability_at", 30, 4200)),), _I),
        "discussed": Option(6, (note("discussed-with", "surgery", after("instability_at", 30, 4200)),), _I),
        "declined": Option(5, (note("declined", "surgery", after("instability_at", 30, 4200)),), _I),
        "seen": Option(6, (_seen("instability_at", 30, 4200),), _I),
        "under_care": Option(
            4, (refer("spine", after("instability_at", -6 * _DAY, -4 * _DAY), priority="urgent"),), _I
        ),
        "ruled_out": Option(5, (note("stability", "stable", after("instability_at", 60, 4200)),), _I),
        "operated": Option(3, (procedure("22612", day("dx", -15, -8)),), _I),
    },
)

INSTABILITY_FOUND = Dial(
    "instability_found",
    {
        "none": Option(1, (), "instability=none"),
        "stated": Option(4, (note("stability", "unstable", after("instability_at", 0)),), "instability!=none"),
        "tlics": Option(
            4, (measure("tlics", number(5, 8), after("instability_at", 0), "{score}"),), "instability!=none"
        ),
        "sins": Option(
            1, (measure("sins", number(7, 12), after("instability_at", 0), "{score}"),), "instability!=none"
        ),
        "coded": Option(2, (code("M53.2X6", after("instability_at", 0), role="diagnosis"),), "instability!=none"),
    },
)

# Kyphosis and loss of height (S4, and what justifies I3 and A1).

_K = "story=deformity"
_MEASURED = "story=plain|elective|radiology|cement"


def _significant(*rows: Row) -> tuple[Row, ...]:
    return (measure("kyphosis-angle", number(31, 45), day("v35"), "deg", level="L2", value_code="standing"), *rows)


DEFORMITY = Dial(
    "deformity",
    {
        "none": Option(60, (), "story!=deformity"),
        "slight": Option(
            20,
            (measure("height-loss", number(8, 18), day("dx", 0, 5), "%", level="L2"),),
            f"{_MEASURED} elective!=at_once",
        ),
        "moderate": Option(
            20,
            (measure("height-loss", number(22, 40), day("dx", 0, 5), "%", level="L2"),),
            f"{_MEASURED} elective!=at_once cement!=before_treatment",
        ),
        "referred": Option(24, _significant(refer("spine", day("v35", 10, 29))), _K),
        "edge_in": Option(8, _significant(refer("spine", day("v35", 30))), _K),
        "edge_out": Option(8, _significant(refer("spine", day("v35", 31))), _K, "missed"),
        "late": Option(8, _significant(refer("orthopaedics", day("v35", 33, 45))), _K, "missed"),
        "missing": Option(12, _significant(), _K, "missed"),
        "wrong": Option(6, _significant(refer("rheumatology", day("v35", 10, 29))), _K, "missed"),
        "unknown": Option(6, _significant(refer("practitioner", day("v35", 10, 29))), _K),
        "discussed": Option(6, _significant(note("discussed-with", "surgery", day("v35", 10, 29))), _K),
        "declined": Option(6, _significant(note("declined", "surgery", day("v35", 1, 29))), _K),
        "collapse": Option(
            8,
            (
                measure("height-loss", 12, day("dx", 0, 5), "%", level="L2"),
                measure("height-loss", number(34, 44), day("v35"), "%", level="L2"),
            ),
            _K,
            "missed",
        ),
        "unmeasured": Option(6, (code("M40.204", day("dx", 10, 30), role="problem-list"),), _K),
        "postures": Option(
            5,
            (
                measure("kyphosis-angle", 8, day("dx", 1, 5), "deg", level="L2", value_code="supine"),
                measure("kyphosis-angle", number(19, 26), day("v35"), "deg", level="L2", value_code="standing"),
            ),
            _K,
        ),
    },
)

# Referrals in the first three months that nothing asked for (S5, S6, I3), and cement (A1).

_LATER = day("dx", 46, 65)
_KNEE = "M17.11"
ELECTIVE = Dial(
    "elective",
    {
        "none": Option(1, (), "story!=elective"),
        "at_once": Option(3, (refer("orthopaedics", after("dx", 20, 140), within="index"),), "story=elective"),
        "plain": Option(6, (refer("orthopaedics", _LATER),), "story=elective"),
        "no_reason": Option(2, (refer("spine", _LATER, reason=None),), "story=elective"),
        "unrelated": Option(3, (refer("orthopaedics", _LATER, reason=_KNEE),), "story=elective"),
    },
)

RADIOLOGY = Dial(
    "radiology",
    {
        "none": Option(1, (), "story!=radiology"),
        "plain": Option(6, (refer("radiology", _LATER),), "story=radiology"),
        "no_reason": Option(2, (refer("radiology", _LATER, reason=None),), "story=radiology"),
        "unrelated": Option(2, (refer("radiology", _LATER, reason=_KNEE),), "story=radiology"),
    },
)

CEMENT = Dial(
    "cement",
    {
        "none": Option(1, (), "story!=cement"),
        "early": Option(6, (procedure("22514", _LATER, level="L2"),), "story=cement"),
        "vertebroplasty": Option(3, (procedure("22511", _LATER),), "story=cement"),
        "after": Option(4, (procedure("22514", day("dx", 108, 140), level="L2"),), "story=cement"),
        "edge_in": Option(2, (procedure("22514", day("m3_day", 0), level="L2"),), "story=cement"),
        "edge_out": Option(2, (procedure("22514", day("m3_day", -1), level="L2"),), "story=cement"),
        "level_unknown": Option(2, (procedure("22515", _LATER),), "story=cement"),
        "before_treatment": Option(
            2, (procedure("22514", day("dx", 1, 2), level="L2"),), "story=cement pain!=unrecorded"
        ),
    },
)

DIALS = (
    DEFICIT_KIND,
    DEFICIT,
    DEFICIT_FOUND,
    INSTABILITY,
    INSTABILITY_FOUND,
    ELECTIVE,
    RADIOLOGY,
    CEMENT,
    DEFORMITY,
)
