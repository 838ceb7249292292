"""Facts about a case, each seen through a measure that rests on it alone."""

import pytest

from tests.measures.drawing import Site, drawn

WHY = "reason_code_system=ICD10CM reason_code=S32.020A"
YES = "deviation/not_indicated"  # S6: improving, referred all the same
NO = "not_applicable/not_improving"
UNKNOWN = "indeterminate/pain_course_unknown"

IMPROVING = drawn(
    "S6",
    {
        "fact: 2 points better": (YES, "score 8 @DX; score 6 @DX+9"),
        "fact: a point of 8 better": (NO, "score 8 @DX; score 7 @DX+9"),
        "fact: 30 % better": (YES, "score 5 @DX; score 3.5 @DX+9"),
        "fact: less than 30 % better": (NO, "score 5 @DX; score 3.6 @DX+9"),
        "fact: a point of 3 better": (YES, "score 3 @DX; score 2 @DX+9"),
        "fact: better but still 7": (NO, "score 9 @DX; score 7 @DX+9"),
        "fact: better, 6.9": (YES, "score 9 @DX; score 6.9 @DX+9"),
        "fact: better, but 2 above the lowest": (NO, "score 9 @DX; score 3 @DX+5; score 5 @DX+9"),
        "fact: better, less than 2 above the lowest": (YES, "score 9 @DX; score 3 @DX+5; score 4.9 @DX+9"),
        "fact: first 0": (NO, "score 0 @DX; score 0 @DX+9"),
        "fact: one score": (UNKNOWN, "score 0 @DX+9"),
        "fact: a score before T0 is none": (UNKNOWN, "score 9 @DX-1; score 3 @DX+9"),
        "fact: two scores of a day by instant": (YES, "score 8 @DX+9T08:00; score 3 @DX+9T12:00"),
        "fact: two scores of a day by id": (YES, "score 8 @DX+9 id=a; score 3 @DX+9 id=b"),
        "fact: the day stands at midnight": (NO, "score 3 @DX+9; score 8 @DX+9T08:00"),
        "fact: 50 mm": (YES, "score 8 @DX; score 50 @DX+9 unit=mm"),
        "fact: of another visit": (
            NO,
            "enc ambulatory @DX+9 id=o fracture_related=false; score 8 @DX; score 8 @DX+1; score 2 @DX+9 in=o",
        ),
        "fact: a statement of another visit": (
            NO,
            "enc ambulatory @DX+9 id=o fracture_related=false; score 8 @DX; score 8 @DX+1; obs course improving @DX+9 in=o",
        ),
        "fact: a statement beats a score of its day": (YES, "score 8 @DX; score 8 @DX+9; obs course improving @DX+9"),
    },
    also=f"ref neurosurgery @DX+20 {WHY}",
)

CARE = "med N02BE01 @DX days=30"
PERSISTS = "deviation/missing"
DOES_NOT = "not_applicable/not_triggered"
PERSISTENT = drawn(
    "P1",
    {
        "fact: 4 and 4, 7 days apart": (PERSISTS, "score 4 @DX+20; score 4 @DX+27"),
        "fact: 4 and 4, 6 days apart": (DOES_NOT, "score 4 @DX+20; score 4 @DX+26"),
        "fact: 3.9 at the end": (DOES_NOT, "score 4 @DX+20; score 3.9 @DX+27"),
        "fact: 3.9 at the start": (DOES_NOT, "score 3.9 @DX+20; score 4 @DX+27"),
        "fact: 3.9 between": (DOES_NOT, "score 4 @DX+20; score 3.9 @DX+23; score 4 @DX+27"),
        "fact: 3.9 before both": (PERSISTS, "score 3.9 @DX+15; score 4 @DX+20; score 4 @DX+27"),
        "fact: 3.9 after both": (PERSISTS, "score 4 @DX+20; score 4 @DX+27; score 3.9 @DX+28"),
        "fact: a score before T0 does not start it": (DOES_NOT, "score 4 @DX-1; score 4 @DX+27"),
        "fact: a preliminary score": (PERSISTS, "score 4 @DX+20 status=preliminary; score 4 @DX+27"),
        "fact: a cancelled score": (DOES_NOT, "score 4 @DX+20 status=cancelled; score 4 @DX+27"),
        "fact: said to persist": (PERSISTS, "obs course persistent @DX+27"),
        "fact: said to worsen": (PERSISTS, "obs course worsening @DX+27"),
        "fact: said to be resolved": (DOES_NOT, "obs course resolved @DX+27"),
    },
    also=CARE,
)

RESOLVED = drawn(
    "F2",
    {
        "fact: last 3": ("not_applicable/resolved", "score 8 @DX; score 3 @DX+50"),
        "fact: last 3.1": ("indeterminate/no_pain_record", "score 1 @DX; score 3.1 @DX+50"),
        "fact: 3, then said to persist": (
            "indeterminate/no_pain_record",
            "score 3 @DX+49; obs course persistent @DX+50",
        ),
        "fact: 3 and said to persist on one day": (
            "indeterminate/no_pain_record",
            "obs course persistent @DX+50T08:00; score 3 @DX+50T09:00",
        ),
        "fact: said to be resolved, then 8": (
            "indeterminate/no_pain_record",
            "obs course resolved @DX+49; score 8 @DX+50",
        ),
        "fact: improving is not resolved": ("indeterminate/no_pain_record", "obs course improving @DX+50"),
    },
)

NONE = "not_applicable/no_deficit_recorded"
SOFT = "indeterminate/soft_deficit_only"
MISSING = "deviation/missing"
DEFICITS = drawn(
    "S1",
    {
        "fact: on record 31 days before T0": (NONE, "cond G83.4 @DX-31; cond G83.4 @DX+1"),
        "fact: on record 30 days before T0": (MISSING, "cond G83.4 @DX-30; cond G83.4 @DX+1"),
        "fact: own onset 31 days before T0": (NONE, "cond G83.4 @DX+1 onset_at=DX-31"),
        "fact: own onset 30 days before T0": (MISSING, "cond G83.4 @DX+1 onset_at=DX-30"),
        "fact: a later row of a code of old onset": (NONE, "cond G83.4 @DX+1 onset_at=DX-31; cond G83.4 @DX+2"),
        "fact: another code than the old one": (MISSING, "cond G83.4 @DX-31; cond G82.20 @DX+1"),
        "fact: another code of the same row of the value set": (SOFT, "cond G82.20 @DX-31; cond G82.21 @DX+1"),
        "fact: an injury code of another 7th character": (NONE, "cond S34.3XXA @DX-31; cond S34.3XXD @DX+1"),
        "fact: another injury code": (MISSING, "cond S34.3XXA @DX-31; cond S34.111A @DX+1"),
        "fact: a code of another system": (MISSING, "cond SNOMED:192970008 @DX-31; cond G83.4 @DX+1"),
        "fact: an old refuted one": (MISSING, "cond G83.4 @DX-31 verification=refuted; cond G83.4 @DX+1"),
        "fact: old, but found by examination": (MISSING, "cond G83.4 @DX-31; obs neuro-exam deficit @DX+1"),
        "fact: a known deficit": ("not_applicable/intact", "obs neuro-exam deficit-known @DX+1"),
    },
)

LOW = "score 4 @DX; proc 22514 @DX+30"
EARLY, OK, BARELY = "deviation/premature", "met/indicated flags=none", "met/indicated flags=lower_tier_only"
DEFORMITY = drawn(
    "A1",
    {
        "fact: 10 degrees more": (OK, "obs kyphosis-angle 6 @DX; obs kyphosis-angle 16 @DX+9"),
        "fact: 10 degrees more, to less than 15 is none": (
            EARLY,
            "obs kyphosis-angle 4 @DX; obs kyphosis-angle 14 @DX+9",
        ),
        "fact: 9 degrees more": (BARELY, "obs kyphosis-angle 7 @DX; obs kyphosis-angle 16 @DX+9"),
        "fact: 20 points of height more": (OK, "obs height-loss 10 @DX; obs height-loss 30 @DX+9"),
        "fact: 19 points of height more": (BARELY, "obs height-loss 11 @DX; obs height-loss 30 @DX+9"),
        "fact: at T0 - 14": (BARELY, "obs kyphosis-angle 15 @DX-14"),
        "fact: at T0 - 15": (EARLY, "obs kyphosis-angle 15 @DX-15"),
        "fact: worse by 2": ("met/indicated", "score 6 @DX+30"),
        "fact: at another level": (EARLY, "obs kyphosis-angle 30 @DX level=L3"),
    },
    also=LOW,
)

PREVALENT, NEW = "excluded/prevalent", "deviation/missing"
ACUTE = "obs fracture-acuity acute"
UNDER_CARE = [
    *drawn(
        "F1",
        {
            "fact: a subsequent code 180 days before": (PREVALENT, "cond S32.020D @DX-180"),
            "fact: a subsequent code 181 days before": (NEW, "cond S32.020D @DX-181"),
            "fact: a subsequent code the day before": (PREVALENT, "cond S32.029G @DX-1"),
            "fact: a subsequent code on DX": (NEW, "cond S32.020D @DX-1h"),
            "fact: a sequela": (PREVALENT, "cond S32.020S @DX-9"),
            "fact: a subsequent code of another level": (NEW, "cond S32.010D @DX-9"),
            "fact: a subsequent code of no level": (NEW, "cond M80.08XD @DX-9"),
            "fact: its level by a report": (PREVALENT, "cond M80.08XD @DX-60; obs fracture-level L2 @DX-60"),
            "fact: a refuted subsequent code": (NEW, "cond S32.020D @DX-9 verification=refuted"),
            "fact: said to be acute 14 days after": (NEW, f"cond S32.020D @DX-9; {ACUTE} @DX+14"),
            "fact: said to be acute 15 days after": (PREVALENT, f"cond S32.020D @DX-9; {ACUTE} @DX+15"),
            "fact: said to be acute 14 days before": (NEW, f"cond S32.020D @DX-9; {ACUTE} @DX-14 level=L2"),
            "fact: said to be acute 15 days before": (PREVALENT, f"cond S32.020D @DX-9; {ACUTE} @DX-15 level=L2"),
            "fact: another level is acute": (PREVALENT, f"cond S32.020D @DX-9; {ACUTE} @DX level=L1"),
        },
    ),
    *drawn(
        "F1",
        {
            "fact: no level, under care": ("no finding", "dx M80.08XA @DX; cond M80.08XD @DX-9"),
        },
        Site(parameters=(("cohort.levels", '"any"'),)),
    ),
]


@pytest.mark.parametrize("point", IMPROVING, ids=str)
def test_improving(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", PERSISTENT, ids=str)
def test_persistent_pain(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", RESOLVED, ids=str)
def test_resolved(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", DEFICITS, ids=str)
def test_deficits(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", DEFORMITY, ids=str)
def test_deformity(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", UNDER_CARE, ids=str)
def test_under_care_before(point):
    assert point.found == point.wanted
