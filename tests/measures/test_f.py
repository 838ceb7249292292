"""F1 and F2: the reassessment, and imaging again when symptoms persist."""

import pytest

from tests.measures.drawing import Site, drawn

HOSPICE = "cond SNOMED:385763009"
MISSING = "deviation/missing"
BACK = "fracture_related=true"
UNKNOWN = "indeterminate/unknown_content"
ELSEWHERE = "indeterminate/care_elsewhere"

F1 = [
    *drawn(
        "F1",
        {
            "nobody came": ("deviation/missing due=DX+49 severity=moderate", ""),
            "on day 28": ("met/on_time action=DX+28", f"enc ambulatory @DX+28 {BACK}"),
            "on day 42": ("met/on_time", f"enc ambulatory @DX+42 {BACK}"),
            "on day 27": ("met/tolerance", f"enc ambulatory @DX+27 {BACK}"),
            "on day 21": ("met/tolerance", f"enc ambulatory @DX+21 {BACK}"),
            "on day 20": ("deviation/early", f"enc ambulatory @DX+20 {BACK}"),
            "on day 7": ("deviation/early", f"enc ambulatory @DX+7 {BACK}"),
            "on day 6": (MISSING, f"enc ambulatory @DX+6 {BACK}"),
            "on day 43": ("met/tolerance", f"enc ambulatory @DX+43 {BACK}"),
            "on day 49": ("met/tolerance", f"enc ambulatory @DX+49 {BACK}"),
            "on day 50": ("deviation/late late=8", f"enc ambulatory @DX+50 {BACK}"),
            "on days 20 and 50": (
                "deviation/late late=8",
                f"enc ambulatory @DX+20 {BACK}; enc ambulatory @DX+50 {BACK}",
            ),
            "on days 27 and 30": ("met/on_time", f"enc ambulatory @DX+27 {BACK}; enc ambulatory @DX+30 {BACK}"),
            "counted from the treatment": (
                "met/on_time trigger=DX+28 due=DX+77",
                f"med N02BE01 @DX+28 days=9; enc ambulatory @DX+56 {BACK}",
            ),
            "the treatment came too late to count": (
                "deviation/late trigger=DX+0 due=DX+49",
                f"med N02BE01 @DX+29 days=9; enc ambulatory @DX+57 {BACK}",
            ),
            "a treatment that runs on DX": (
                "met/on_time trigger=DX+0",
                f"med N02BE01 @DX-9 days=10; med N02BE01 @DX+9; enc ambulatory @DX+28 {BACK}",
            ),
            "a treatment that ended before DX": (
                "deviation/missing trigger=DX+9 due=DX+58",
                "med N02BE01 @DX-9 days=9; med N02BE01 @DX+9",
            ),
            "a score of the visit": ("met/on_time", "enc ambulatory @DX+30 id=v; score 5 @DX+30 in=v"),
            "an examination of the visit": (
                "met/on_time",
                "enc ambulatory @DX+30 id=v; obs neuro-exam no-deficit @DX+30 in=v",
            ),
            "a course of the visit": ("met/on_time", "enc ambulatory @DX+30 id=v; obs course improving @DX+30 in=v"),
            "a code of the visit": (UNKNOWN, "enc ambulatory @DX+30 id=v; cond S32.020D @DX+30 in=v"),
            "a visit for something else": (MISSING, "enc ambulatory @DX+30 fracture_related=false"),
            "a visit for something else with a score": (
                MISSING,
                "enc ambulatory @DX+30 id=v fracture_related=false; score 5 @DX+30 in=v",
            ),
            "a visit for whatever": (UNKNOWN, "enc ambulatory @DX+21"),
            "a visit for whatever too early": (MISSING, "enc ambulatory @DX+20"),
            "a visit for whatever too late": (MISSING, "enc ambulatory @DX+50"),
            "late goes before unknown content": (
                "deviation/late",
                f"enc ambulatory @DX+30; enc ambulatory @DX+60 {BACK}",
            ),
            "unknown content goes before early": (UNKNOWN, f"enc ambulatory @DX+30; enc ambulatory @DX+15 {BACK}"),
            "planned": (MISSING, f"enc ambulatory @DX+30 status=planned {BACK}"),
            "not kept": (MISSING, f"enc ambulatory @DX+30 status=no-show {BACK}"),
            "in progress": ("met/on_time", f"enc ambulatory @DX+30 status=in-progress {BACK}"),
            "a stay into the window": ("met/on_time", f"enc inpatient @DX+15 to=DX+28 {BACK}"),
            "a stay that ended before": ("deviation/early", f"enc inpatient @DX+15 to=DX+20 {BACK}"),
            "declined": ("exception/patient_declined", "obs declined follow-up @DX+21"),
            "declined on day 49": ("exception/patient_declined", "obs declined follow-up @DX+49"),
            "declined on day 20": (MISSING, "obs declined follow-up @DX+20"),
            "declined on day 50": (MISSING, "obs declined follow-up @DX+50"),
            "contacted": ("exception/outreach_no_show", "obs outreach no-show @DX+49"),
            "contacted on day 21": ("exception/outreach_no_show", "obs outreach no-show @DX+21"),
            "contacted on day 20": (MISSING, "obs outreach no-show @DX+20"),
            "contacted on day 50": (MISSING, "obs outreach no-show @DX+50"),
            "declined goes before contacted": (
                "exception/patient_declined",
                "obs outreach no-show @DX+30; obs declined follow-up @DX+31",
            ),
            "hospice goes before contacted": (
                "exception/goals_of_care",
                f"obs outreach no-show @DX+30; {HOSPICE} @DX+49",
            ),
            "hospice after the deadline": (MISSING, f"{HOSPICE} @DX+50"),
            "hospice before": ("excluded/hospice", f"{HOSPICE} @DX-1"),
            "sent to a nursing facility": (ELSEWHERE, "enc inpatient @DX to=DX+5 disposition=snf"),
            "sent to rehabilitation": (ELSEWHERE, "enc inpatient @DX to=DX+5 disposition=rehab"),
            "sent the day before DX": (ELSEWHERE, "enc inpatient @DX-5 to=DX-1 disposition=snf"),
            "sent two days before DX": (MISSING, "enc inpatient @DX-5 to=DX-2 disposition=snf"),
            "sent on day 49": (ELSEWHERE, "enc inpatient @DX+5 to=DX+49 disposition=snf fracture_related=false"),
            "sent on day 50": (MISSING, "enc inpatient @DX+5 to=DX+50 disposition=snf fracture_related=false"),
            "sent, then home": (
                MISSING,
                "enc inpatient @DX to=DX+5 disposition=snf; enc inpatient @DX+9 to=DX+12 disposition=home",
            ),
            "home, then sent": (
                ELSEWHERE,
                "enc inpatient @DX to=DX+5 disposition=home; enc inpatient @DX+9 to=DX+12 disposition=snf",
            ),
            "elsewhere goes before early": (
                ELSEWHERE,
                f"enc inpatient @DX to=DX+5 disposition=snf; enc ambulatory @DX+15 {BACK}",
            ),
            "unknown content goes before elsewhere": (
                UNKNOWN,
                "enc inpatient @DX to=DX+5 disposition=snf; enc ambulatory @DX+30",
            ),
            "augmented on DX": ("not_applicable/intervention_before_reassessment", "proc 22514 @DX"),
            "augmented on day 27": ("not_applicable/intervention_before_reassessment", "proc 22514 @DX+27"),
            "augmented on day 28": (MISSING, "proc 22514 @DX+28"),
            "operated on day 27": ("not_applicable/intervention_before_reassessment", "proc 22558 @DX+27"),
            "augmented at another level": (MISSING, "proc 22514 @DX+9 level=L4"),
            "followed until day 48": ("censored/ended_before_deadline", "follow @DX-9 to=DX+48"),
            "followed until day 49": (MISSING, "follow @DX-9 to=DX+49"),
            "high energy": ("excluded/high_energy", "cond V43.52XA @DX"),
        },
    ),
    *drawn("F1", {"day 48": ("pending/not_yet_due", "")}, Site(as_of="DX+48")),
    *drawn("F1", {"day 49": (MISSING, "")}, Site(as_of="DX+49")),
    *drawn("F1", {"encounters behind": ("pending/feed_incomplete", "")}, Site(through=(("encounters", "DX+48"),))),
    *drawn("F1", {"no encounters": ("indeterminate/feed_absent", "")}, Site(absent=("encounters",))),
]

PAIN = "score 4 @DX+57"  # at x = DX + 57, due DX + 85
NOT_TRIGGERED = "not_applicable/not_triggered"
NO_RECORD = "indeterminate/no_pain_record"
F2 = [
    *drawn(
        "F2",
        {
            "pain on day 57": ("deviation/missing trigger=DX+57 due=DX+85 severity=moderate", PAIN),
            "pain on day 56": (NO_RECORD, "score 4 @DX+56"),
            "3 on day 57": (NOT_TRIGGERED, "score 3 @DX+57"),
            "said to persist": ("deviation/missing trigger=DX+57", "obs course persistent @DX+57"),
            "said to worsen": ("deviation/missing trigger=DX+57", "obs course worsening @DX+57"),
            "said to improve": (NOT_TRIGGERED, "obs course improving @DX+57"),
            "said to persist on day 56": (NO_RECORD, "obs course persistent @DX+56"),
            "resolved before": ("not_applicable/resolved", "score 3 @DX+56"),
            "no record": (NO_RECORD, ""),
            "followed until day 56": ("censored/ended_before_trigger", "follow @DX-9 to=DX+56"),
            "followed until day 85 without a record": ("censored/ended_before_trigger", "follow @DX-9 to=DX+85"),
            "followed until day 86 without a record": (NO_RECORD, "follow @DX-9 to=DX+86"),
            "followed until the day before the deadline": (
                "censored/ended_before_deadline",
                f"{PAIN}; follow @DX-9 to=DX+84",
            ),
            "prevalent": ("excluded/prevalent", f"{PAIN}; cond S32.020D @DX-9"),
            "hospice before": ("excluded/hospice", f"{PAIN}; {HOSPICE} @DX+56"),
        },
    ),
    *drawn(
        "F2",
        {
            "MRI on day 43": ("met/on_time", "img 72148 @DX+43"),
            "MRI on day 42": (MISSING, "img 72148 @DX+42"),
            "MRI on the deadline": ("met/on_time", "img 72148 @DX+85"),
            "MRI the day after": ("deviation/late late=1", "img 72148 @DX+86"),
            "CT": ("met/on_time", "img 72131 @DX+60"),
            "a radiograph": ("met/on_time", "img 72100 @DX+60"),
            "a bone scan": ("met/on_time", "img 72148 @DX+60 modality=nm"),
            "densitometry": (MISSING, "img 72148 @DX+60 modality=dxa"),
            "another region": (MISSING, "img 72146 @DX+60"),
            "of no region": (MISSING, "img SNOMED:0 @DX+60 modality=mri"),
            "ordered": (MISSING, "img 72148 ordered_at=DX+60 status=ordered"),
            "completed without a date": ("met/on_time action=DX+60", "img 72148 ordered_at=DX+60"),
            "augmentation": ("met/alternative", "proc 22514 @DX+85"),
            "augmentation on day 42": (MISSING, "proc 22514 @DX+42"),
            "considered on day 43": ("met/considered", "obs considered imaging @DX+43"),
            "considered on day 42": (MISSING, "obs considered imaging @DX+42"),
            "considered late": (MISSING, "obs considered imaging @DX+86"),
            "on time goes before alternative": ("met/on_time", "proc 22514 @DX+58; img 72148 @DX+60"),
            "alternative goes before considered": (
                "met/alternative",
                "proc 22514 @DX+70; obs considered imaging @DX+60",
            ),
            "declined": ("exception/patient_declined", "obs declined imaging @DX+56"),
            "declined two days before": (MISSING, "obs declined imaging @DX+55"),
            "declined 7 days after": ("exception/patient_declined", "obs declined imaging @DX+92"),
            "declined 8 days after": (MISSING, "obs declined imaging @DX+93"),
            "declined MRI": (MISSING, "obs declined mri @DX+60"),
            "hospice": ("exception/goals_of_care", f"{HOSPICE} @DX+85"),
        },
        also=PAIN,
    ),
    *drawn("F2", {"day 56": ("pending/trigger_not_yet_possible", "")}, Site(as_of="DX+56")),
    *drawn("F2", {"not due": ("pending/not_yet_due", PAIN)}, Site(as_of="DX+84")),
    *drawn("F2", {"no record by day 85": ("pending/trigger_not_yet_possible", "")}, Site(as_of="DX+85")),
    *drawn("F2", {"no record by day 86": (NO_RECORD, "")}, Site(as_of="DX+86")),
    *drawn("F2", {"no observations": ("indeterminate/feed_absent", "")}, Site(absent=("observations",))),
    *drawn("F2", {"no imaging": ("indeterminate/feed_absent", PAIN)}, Site(absent=("imaging",))),
    *drawn("F2", {"no procedures": ("indeterminate/feed_absent", PAIN)}, Site(absent=("procedures",))),
]


@pytest.mark.parametrize("point", F1, ids=str)
def test_f1(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", F2, ids=str)
def test_f2(point):
    assert point.found == point.wanted
