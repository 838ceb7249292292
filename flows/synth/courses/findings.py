"""What is examined, imaged and written down around the diagnosis."""

import polars as pl

from flows.synth.describe import L2, code, note, study, visit
from flows.synth.dials import Dial, Option
from flows.synth.rows import At, Row, after, day

_LEFT_FOR = (
    pl.when(pl.col("arc") == "transferred")
    .then(pl.lit("transfer-acute"))
    .when(pl.col("review") == "elsewhere")
    .then(pl.lit("snf"))
    .otherwise(pl.lit("home"))
)

SETTING = Dial(
    "setting",
    {
        "emergency": Option(
            55,
            (
                visit(
                    "emergency",
                    after("dx", -90),
                    specialty="emergency",
                    ended=after("dx", 150),
                    disposition=_LEFT_FOR,
                    name="index",
                ),
            ),
        ),
        "clinic": Option(
            30,
            (visit("ambulatory", after("dx", -45), ended=after("dx", 30), disposition=_LEFT_FOR, name="index"),),
            "story!=elective",
        ),
        "ward": Option(
            15,
            (visit("inpatient", after("dx", -90), ended=day("dx", 4), disposition=_LEFT_FOR, name="index"),),
            "story!=elective",
        ),
    },
)

DIAGNOSIS = Dial(
    "diagnosis",
    {
        "coded": Option(70, (code(L2, after("dx", 0), within="index", role="diagnosis"),)),
        "with_onset": Option(22, (code(L2, after("dx", 0), within="index", role="diagnosis", onset_at=day("t0_day")),)),
        "long_ago": Option(1, (code(L2, after("dx", 0), within="index", role="diagnosis", onset_at=day("t0_day")),)),
        "no_level": Option(1, (code("S32.000A", after("dx", 0), within="index", role="diagnosis"),)),
        # the code carries no level, the report does
        "by_report": Option(
            8,
            (
                code("M80.08XA", after("dx", 0), within="index", role="diagnosis"),
                note("fracture-level", "L2", after("dx", 20, 300)),
            ),
        ),
    },
)


def _exam(at: At) -> tuple[Row, ...]:
    return (note("neuro-exam", "no-deficit", at),)


_NOT_EXAMINED = "deficit=none|soft|later|untimed"
EXAM = Dial(
    "exam",
    {
        "at_once": Option(60, _exam(after("dx", 1, 120)), _NOT_EXAMINED),
        "edge_in": Option(6, _exam(after("dx", 1439)), _NOT_EXAMINED),
        "edge_out": Option(4, _exam(after("dx", 1441)), _NOT_EXAMINED, "undocumented"),
        "late": Option(6, _exam(day("dx", 2, 10)), _NOT_EXAMINED, "undocumented"),
        "none": Option(20, (), tag="undocumented"),
    },
)

LUMBAR = {"without": "72148", "with": "72149", "both": "72158"}
_CT = "72131"
_OPEN = "story!=cancer"
_SEEN_CT = study(_CT, day("dx", 2, 10, same_as="ct"))

IMAGING = Dial(
    "imaging",
    {
        "at_once": Option(24, (study(LUMBAR["without"], after("dx", 60, 1380)),), _OPEN),
        "before": Option(3, (study(LUMBAR["without"], day("dx", -20, -5)),), _OPEN),
        "in_window": Option(26, (study(LUMBAR["without"], day("dx", 2, 14)),), _OPEN),
        "edge_in": Option(3, (study(LUMBAR["without"], day("dx", 14)),), _OPEN),
        "edge_out": Option(3, (study(LUMBAR["without"], day("dx", 15)),), _OPEN),
        "late": Option(4, (study(LUMBAR["without"], day("dx", 16, 38)),), _OPEN),
        "both": Option(3, (study(LUMBAR["both"], day("dx", 2, 14)),), _OPEN),
        "with_only": Option(3, (study(LUMBAR["with"], day("dx", 2, 14)),), _OPEN),
        "unknown_contrast": Option(2, (study("72148", day("dx", 2, 14), contrast="unknown"),), _OPEN),
        "unknown_regions": Option(
            2, (study("mr-spine", day("dx", 2, 14), system="LOCAL", modality="mri", contrast="without"),), _OPEN
        ),
        "unknown_regions_at_once": Option(
            1, (study("mr-spine", after("dx", 60, 1380), system="LOCAL", modality="mri", contrast="without"),), _OPEN
        ),
        "ct": Option(5, (_SEEN_CT,), _OPEN),
        "ct_contraindicated": Option(4, (_SEEN_CT, note("mri-contraindication", "present", day("dx", 0, 2))), _OPEN),
        "ct_contraindicated_edge": Option(
            1,
            (
                study(_CT, day("dx", 2, same_as="ct")),
                note("mri-contraindication", "present", day("dx", 5)),
            ),
            _OPEN,
        ),
        "ct_contraindicated_late": Option(
            1,
            (
                study(_CT, day("dx", 2, same_as="ct")),
                note("mri-contraindication", "present", day("dx", 6)),
            ),
            _OPEN,
        ),
        "ct_mri_unavailable": Option(
            2,
            (
                study(_CT, day("dx", 2, same_as="ct")),
                note("mri-unavailable", "yes", day("dx", 2, 4)),
            ),
            _OPEN,
        ),
        "ct_unknown_device": Option(
            1, (_SEEN_CT, note("mri-contraindication", "unknown-device", day("dx", 0, 2))), _OPEN
        ),
        "ct_declined_mri": Option(2, (_SEEN_CT, note("declined", "mri", day("dx", 0, 2))), _OPEN),
        "ct_then_mri": Option(2, (study(_CT, day("dx", 1, 3)), study(LUMBAR["without"], day("dx", 4, 12))), _OPEN),
        "declined": Option(2, (note("declined", "imaging", day("dx", 0, 10)),), _OPEN),
        "ordered": Option(3, (study(LUMBAR["without"], None, status="cancelled", ordered_at=day("dx", 0, 10)),), _OPEN),
        "xray_only": Option(4, (study("72100", after("dx", 10, 90)),), _OPEN),
        "none": Option(4),
    },
)


def _benign(at: At) -> tuple[Row, ...]:
    return (note("pathology-assessment", "benign", at),)


_FREE = "cancer=none|history"
PATHOLOGY = Dial(
    "pathology",
    {
        "in_time": Option(50, _benign(day("dx", 0, 13)), _FREE),
        "edge_in": Option(5, _benign(day("dx", 14)), _FREE),
        "edge_out": Option(5, _benign(day("dx", 15)), _FREE, "undocumented"),
        "late": Option(8, _benign(day("dx", 16, 40)), _FREE, "undocumented"),
        "none": Option(30, (), tag="undocumented"),
    },
)

OTHER_LEVELS = Dial(
    "other_levels",
    {
        "reviewed": Option(40, (note("other-levels-reviewed", "yes", day("dx", 0, 41)),)),
        "edge_in": Option(4, (note("other-levels-reviewed", "yes", day("dx", 42)),)),
        "edge_out": Option(4, (note("other-levels-reviewed", "yes", day("dx", 43)),), tag="undocumented"),
        "late": Option(5, (note("other-levels-reviewed", "yes", day("dx", 44, 90)),), tag="undocumented"),
        "imaged": Option(8, (study("72070", day("dx", 1, 40)),)),
        "second_fracture": Option(6, (code("S32.010A", after("dx", 5), within="index", role="diagnosis"),)),
        "none": Option(33, (), tag="undocumented"),
    },
)


def _sign(name: str, fact: str) -> Dial:
    values = ("positive", "negative")

    def rows(at: At, value: str) -> tuple[Row, ...]:
        return (note(fact, value, at),)

    return Dial(
        name,
        {
            "positive": Option(25, rows(after("dx", 1, 1380), values[0])),
            "negative": Option(15, rows(after("dx", 1, 1380), values[1])),
            "edge_in": Option(4, rows(after("dx", 1439), values[0])),
            "edge_out": Option(4, rows(after("dx", 1441), values[0]), tag="undocumented"),
            "late": Option(4, rows(day("dx", 2, 6), values[0]), tag="undocumented"),
            "none": Option(48, (), tag="undocumented"),
        },
    )


PERCUSSION = _sign("percussion", "percussion-sign")
SUPINE = _sign("supine", "supine-sign")
