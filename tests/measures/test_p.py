"""P1 to P3: pain management and nerve root blocks."""

import pytest

from tests.measures.drawing import Site, drawn

CARE = "med N02BE01 @DX days=30"  # the analgesic starts on DX: 14 days later is DX + 14
PAIN = f"{CARE}; score 4 @DX+7; score 4 @DX+14"  # at x = DX + 14, due DX + 42
HOSPICE = "cond SNOMED:385763009"
MISSING = "deviation/missing"
NOT_TRIGGERED = "not_applicable/not_triggered"
NO_RECORD = "indeterminate/no_pain_record"

P1 = [
    *drawn(
        "P1",
        {
            "pain persists": ("deviation/missing trigger=DX+14 due=DX+42 severity=advisory", PAIN),
            "13 days after the analgesic": (NO_RECORD, f"{CARE}; score 4 @DX+6; score 4 @DX+13"),
            "6 days apart": (NOT_TRIGGERED, f"{CARE}; score 4 @DX+8; score 4 @DX+14"),
            "low": (NOT_TRIGGERED, f"{CARE}; score 4 @DX+7; score 3 @DX+14"),
            "said to persist": ("deviation/missing trigger=DX+14", f"{CARE}; obs course persistent @DX+14"),
            "said to persist on the day before": (NO_RECORD, f"{CARE}; obs course persistent @DX+13"),
            "said to improve": (NOT_TRIGGERED, f"{CARE}; obs course improving @DX+14"),
            "no analgesic": ("not_applicable/no_analgesic_record", "score 4 @DX+7; score 4 @DX+14"),
            "calcitonin is no analgesic": (
                "not_applicable/no_analgesic_record",
                "med H05BA01 @DX days=28; score 4 @DX+7; score 4 @DX+14",
            ),
            "an analgesic that runs on T0": (
                "deviation/missing trigger=DX+14",
                "med N02BE01 @DX-30 days=31; score 4 @DX+7; score 4 @DX+14",
            ),
            "an analgesic that ended before T0": (
                "not_applicable/no_analgesic_record",
                "med N02BE01 @DX-30 days=30; score 4 @DX+7; score 4 @DX+14",
            ),
            "a later analgesic": (
                "deviation/missing trigger=DX+19",
                "med N02BE01 @DX+5 days=9; score 4 @DX+7; score 4 @DX+18; score 4 @DX+19",
            ),
            "resolved": ("not_applicable/resolved", f"{CARE}; score 3 @DX+13"),
            "no record": (NO_RECORD, CARE),
            "followed until the day before": ("censored/ended_before_trigger", f"{CARE}; follow @DX-9 to=DX+13"),
            "followed 29 days without a record": ("censored/ended_before_trigger", f"{CARE}; follow @DX-9 to=DX+43"),
            "followed 30 days without a record": (NO_RECORD, f"{CARE}; follow @DX-9 to=DX+44"),
            "followed until the day before the deadline": (
                "censored/ended_before_deadline",
                f"{PAIN}; follow @DX-9 to=DX+41",
            ),
            "neoplastic": ("excluded/neoplastic", f"{PAIN}; cond C79.51 @DX"),
            "hospice before": ("excluded/hospice", f"{PAIN}; {HOSPICE} @DX+13"),
        },
    ),
    *drawn(
        "P1",
        {
            "pain management on T0": ("met/on_time", "ref pain_management @DX"),
            "pain management before T0": (MISSING, "ref pain_management @DX-1"),
            "pain management on the deadline": ("met/on_time", "ref pain_management @DX+42"),
            "pain management the day after": ("deviation/late late=1", "ref pain_management @DX+43"),
            "a pain clinic": ("met/on_time", "enc ambulatory @DX+20 specialty_system=LOCAL specialty=pain_management"),
            "discussed": ("met/alternative", "obs discussed-with pain-management @DX+42"),
            "a surgeon": ("met/alternative", "ref neurosurgery @DX+42"),
            "interventional radiology": ("met/alternative", "ref interventional_radiology @DX+42"),
            "an augmentation": ("met/alternative", "proc 22514 @DX+42"),
            "a surgeon late": ("deviation/late late=1", "ref neurosurgery @DX+43"),
            "considered": ("met/considered", "obs considered pain-management @DX+42"),
            "considered on T0": ("met/considered", "obs considered pain-management @DX"),
            "considered late": (MISSING, "obs considered pain-management @DX+43"),
            "surgery considered": (MISSING, "obs considered surgery @DX+20"),
            "on time goes before alternative": ("met/on_time", "ref neurosurgery @DX+1; ref pain_management @DX+40"),
            "alternative goes before considered": (
                "met/alternative",
                "obs considered pain-management @DX+1; ref neurosurgery @DX+40",
            ),
            "declined the day before": ("exception/patient_declined", "obs declined pain-management @DX+13"),
            "declined two days before": (MISSING, "obs declined pain-management @DX+12"),
            "declined 7 days after": ("exception/patient_declined", "obs declined pain-management @DX+49"),
            "declined 8 days after": (MISSING, "obs declined pain-management @DX+50"),
            "declined surgery": (MISSING, "obs declined surgery @DX+20"),
            "hospice": ("exception/goals_of_care", f"{HOSPICE} @DX+42"),
            "unknown specialty is nothing": (MISSING, "ref unknown_specialty @DX+20"),
        },
        also=PAIN,
    ),
    *drawn("P1", {"before 14 days": ("pending/trigger_not_yet_possible", CARE)}, Site(as_of="DX+13")),
    *drawn("P1", {"not due": ("pending/not_yet_due", PAIN)}, Site(as_of="DX+41")),
    *drawn(
        "P1",
        {"29 days without a record": ("pending/trigger_not_yet_possible", CARE), "due": (MISSING, PAIN)},
        Site(as_of="DX+43"),
    ),
    *drawn("P1", {"30 days without a record": (NO_RECORD, CARE)}, Site(as_of="DX+44")),
    *drawn("P1", {"no medications": ("indeterminate/feed_absent", "score 4 @DX+14")}, Site(absent=("medications",))),
    *drawn("P1", {"no referrals": ("indeterminate/feed_absent", PAIN)}, Site(absent=("referrals",))),
]

TWICE = "score 4 @DX; score 4 @DX+7"
NOT_DONE = "not_applicable/not_done"
P2 = [
    *drawn(
        "P2",
        {
            "pain, and no block": (NOT_DONE, TWICE),
            "no pain": ("not_applicable/no_persistent_pain", ""),
            "no pain, and a block": ("not_applicable/no_persistent_pain", "proc 64483 @DX+9"),
            "6 days apart": ("not_applicable/no_persistent_pain", "score 4 @DX; score 4 @DX+6; proc 64483 @DX+9"),
            "a block": ("met/on_time severity=advisory", f"{TWICE}; proc 64483 @DX+9"),
            "a block before the pain persisted": ("met/on_time", f"{TWICE}; proc 64483 @DX"),
            "a block before T0": (NOT_DONE, f"{TWICE}; proc 64483 @DX-1"),
            "a block after the end": (NOT_DONE, f"{TWICE}; proc 64483 @DX+31; follow @DX-9 to=DX+30"),
            "a block that was stopped": (NOT_DONE, f"{TWICE}; proc 64483 @DX+9 status=stopped"),
            "considered": ("met/considered", f"{TWICE}; obs considered nerve-root-block @DX"),
            "considered before T0": (NOT_DONE, f"{TWICE}; obs considered nerve-root-block @DX-1"),
            "a block goes before considered": (
                "met/on_time",
                f"{TWICE}; obs considered nerve-root-block @DX; proc 64483 @DX+9",
            ),
            "said to persist": ("met/on_time", "obs course persistent @DX; proc 64483 @DX+9"),
            "high energy": ("excluded/high_energy", f"{TWICE}; cond V43.52XA @DX"),
        },
    ),
    *drawn("P2", {"no observations": ("indeterminate/feed_absent", "")}, Site(absent=("observations",))),
]

BLOCK = "proc 64483 @DX+20T12:00"
NOT_INDICATED = "deviation/not_indicated"
P3 = [
    *drawn(
        "P3",
        {
            "no block": ("not_applicable/no_nerve_root_block", "score 4 @DX"),
            "pain on the day": ("met/indicated severity=low", f"{BLOCK}; score 4 @DX+20"),
            "pain 14 days before": ("met/indicated", f"{BLOCK}; score 4 @DX+6"),
            "pain 15 days before": (NO_RECORD, f"{BLOCK}; score 4 @DX+5"),
            "pain the day after": (NO_RECORD, f"{BLOCK}; score 4 @DX+21"),
            "low": (NOT_INDICATED, f"{BLOCK}; score 3 @DX+20"),
            "low, but 4 before": ("met/indicated", f"{BLOCK}; score 4 @DX+15; score 3 @DX+20"),
            "nothing": (NO_RECORD, BLOCK),
            "a statement is no score": (NO_RECORD, f"{BLOCK}; obs course persistent @DX+20"),
            "known 48 h after": ("met/indicated", f"{BLOCK}; score 4 @DX+20 rec=DX+22T12:00"),
            "known a minute later": (NOT_INDICATED, f"{BLOCK}; score 4 @DX+20 rec=DX+22T12:01"),
            "two on a day": (NOT_INDICATED, f"{BLOCK}; proc 64484 @DX+20T12:00; score 3 @DX+20"),
            "two days": (
                f"{NOT_INDICATED}; met/indicated",
                f"{BLOCK}; proc 64483 @DX+40; score 3 @DX+20; score 5 @DX+40",
            ),
            "before T0": ("not_applicable/no_nerve_root_block", "proc 64483 @DX-1; score 3 @DX-1"),
            "on T0": (NOT_INDICATED, "proc 64483 @DX; score 3 @DX"),
            "stopped": ("not_applicable/no_nerve_root_block", f"{BLOCK} status=stopped; score 3 @DX+20"),
            "hospice on the day is no reason": (NOT_INDICATED, f"{BLOCK}; score 3 @DX+20; {HOSPICE} @DX+20"),
            "hospice before": ("excluded/hospice", f"{BLOCK}; score 3 @DX+20; {HOSPICE} @DX+19"),
        },
    ),
    *drawn("P3", {"may be charted": ("pending/charting_grace", f"{BLOCK}; score 3 @DX+20")}, Site(as_of="DX+21")),
    *drawn("P3", {"charted by then": (NOT_INDICATED, f"{BLOCK}; score 3 @DX+20")}, Site(as_of="DX+22")),
    *drawn("P3", {"no procedures": ("indeterminate/feed_absent", "")}, Site(absent=("procedures",))),
    *drawn("P3", {"no observations": (NO_RECORD, BLOCK)}, Site(absent=("observations",))),
    *drawn("P3", {"procedures behind": ("pending/feed_incomplete", "")}, Site(through=(("procedures", "DX+90"),))),
]


@pytest.mark.parametrize("point", P1, ids=str)
def test_p1(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", P2, ids=str)
def test_p2(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", P3, ids=str)
def test_p3(point):
    assert point.found == point.wanted
