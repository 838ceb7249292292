"""I1 to I3: when interventional radiology should be asked, and when it is too early."""

import pytest

from tests.measures.drawing import Site, drawn

CARE = "med N02BE01 @DX days=30"  # conservative treatment from DX: its three months end on DX + 92
PAIN = f"{CARE}; score 4 @DX+85; score 4 @DX+92"  # at x = DX + 92, due DX + 122
HOSPICE = "cond SNOMED:385763009"
IR = "specialty_system=LOCAL specialty=interventional_radiology"
WHY = "reason_code_system=ICD10CM reason_code=S32.020A"
MISSING = "deviation/missing"
NOT_TRIGGERED = "not_applicable/not_triggered"
NO_RECORD = "indeterminate/no_pain_record"
ON = Site(parameters=(("switches.ir_indicated_duty", "true"),))

I1 = [
    *drawn(
        "I1",
        {
            "pain persists at three months": ("deviation/missing trigger=DX+92 due=DX+122 severity=advisory", PAIN),
            "6 days apart": (NOT_TRIGGERED, f"{CARE}; score 4 @DX+86; score 4 @DX+92"),
            "3 between": (NOT_TRIGGERED, f"{CARE}; score 4 @DX+80; score 3 @DX+86; score 4 @DX+92"),
            "3 before": (NOT_TRIGGERED, f"{CARE}; score 3 @DX+85; score 4 @DX+92"),
            "3 at the end": (NOT_TRIGGERED, f"{CARE}; score 4 @DX+85; score 3 @DX+92"),
            "the day before": (NO_RECORD, f"{CARE}; score 4 @DX+80; score 4 @DX+91"),
            "said to persist": ("deviation/missing trigger=DX+92", f"{CARE}; obs course persistent @DX+92"),
            "said to worsen": ("deviation/missing trigger=DX+92", f"{CARE}; obs course worsening @DX+92"),
            "said to improve": (NOT_TRIGGERED, f"{CARE}; obs course improving @DX+92"),
            "said to persist the day before": (NO_RECORD, f"{CARE}; obs course persistent @DX+91"),
            "no treatment, no such pain": ("not_applicable/no_conservative_care", "score 4 @DX+92"),
            "no treatment, such pain at M3": (
                "indeterminate/no_conservative_care_record",
                "score 4 @DX+85; score 4 @DX+92",
            ),
            "no treatment, such pain before M3": (
                "not_applicable/no_conservative_care",
                "score 4 @DX+84; score 4 @DX+91",
            ),
            "a brace": ("deviation/missing trigger=DX+92", "proc HCPCS:L0450 @DX; obs course persistent @DX+92"),
            "physical therapy": ("deviation/missing trigger=DX+92", "proc 97161 @DX; obs course persistent @DX+92"),
            "a referral to physical therapy": (
                "deviation/missing trigger=DX+92",
                "ref physical_therapy_specialty @DX; obs course persistent @DX+92",
            ),
            "calcitonin": ("deviation/missing trigger=DX+92", "med H05BA01 @DX days=9; obs course persistent @DX+92"),
            "a cancelled medication is no treatment": (
                "indeterminate/no_conservative_care_record",
                "med N02BE01 @DX status=cancelled; obs course persistent @DX+92",
            ),
            "resolved": ("not_applicable/resolved", f"{CARE}; score 3 @DX+60"),
            "no record": (NO_RECORD, CARE),
            "followed until the day before": ("censored/ended_before_trigger", f"{CARE}; follow @DX-9 to=DX+91"),
            "followed until the day before the deadline": (
                "censored/ended_before_deadline",
                f"{PAIN}; follow @DX-9 to=DX+121",
            ),
            "high energy": ("excluded/high_energy", f"{PAIN}; cond V43.52XA @DX"),
            "hospice before": ("excluded/hospice", f"{PAIN}; {HOSPICE} @DX+91"),
        },
    ),
    *drawn(
        "I1",
        {
            "a referral on T0": ("met/on_time action=DX", "ref interventional_radiology @DX"),
            "a referral the day before T0": (MISSING, "ref interventional_radiology @DX-1"),
            "a referral on the deadline": ("met/on_time", "ref interventional_radiology @DX+122"),
            "a referral the day after": ("deviation/late late=1", "ref interventional_radiology @DX+123"),
            "a visit": ("met/on_time", f"enc ambulatory @DX+100 {IR}"),
            "an augmentation": ("met/on_time", "proc 22514 @DX+100"),
            "an augmentation of another level": (MISSING, "proc 22514 @DX+100 level=L4"),
            "discussed": ("met/alternative", "obs discussed-with interventional-radiology @DX+122"),
            "discussed with a surgeon": (MISSING, "obs discussed-with surgery @DX+122"),
            "considered": ("met/considered", "obs considered interventional-radiology @DX+122"),
            "considered on T0": ("met/considered", "obs considered interventional-radiology @DX"),
            "considered late": (MISSING, "obs considered interventional-radiology @DX+123"),
            "considered, asked late": (
                "met/considered",
                "obs considered interventional-radiology @DX+100; ref interventional_radiology @DX+130",
            ),
            "declined the day before": ("exception/patient_declined", "obs declined interventional-radiology @DX+91"),
            "declined two days before": (MISSING, "obs declined interventional-radiology @DX+90"),
            "declined 7 days after": ("exception/patient_declined", "obs declined interventional-radiology @DX+129"),
            "declined 8 days after": (MISSING, "obs declined interventional-radiology @DX+130"),
            "no candidate on the deadline": ("exception/contraindicated", "obs augmentation-candidate no @DX+122"),
            "no candidate early": ("exception/contraindicated", "obs augmentation-candidate no @DX"),
            "no candidate after the deadline": (MISSING, "obs augmentation-candidate no @DX+123"),
            "a candidate": (MISSING, "obs augmentation-candidate yes @DX+100"),
            "declined goes before no candidate": (
                "exception/patient_declined",
                "obs augmentation-candidate no @DX; obs declined interventional-radiology @DX+100",
            ),
            "no candidate goes before hospice": (
                "exception/contraindicated",
                f"obs augmentation-candidate no @DX; {HOSPICE} @DX+92",
            ),
            "hospice": ("exception/goals_of_care", f"{HOSPICE} @DX+122"),
            "unknown specialty is nothing": (MISSING, "ref unknown_specialty @DX+100"),
        },
        also=PAIN,
    ),
    *drawn("I1", {"before three months": ("pending/trigger_not_yet_possible", CARE)}, Site(as_of="DX+91")),
    *drawn(
        "I1",
        {
            "29 days without a record": ("pending/trigger_not_yet_possible", CARE),
            "not due": ("pending/not_yet_due", PAIN),
        },
        Site(as_of="DX+121"),
    ),
    *drawn("I1", {"30 days without a record": (NO_RECORD, CARE), "due": (MISSING, PAIN)}, Site(as_of="DX+122")),
    *drawn("I1", {"no medications": ("indeterminate/feed_absent", "score 3 @DX+92")}, Site(absent=("medications",))),
    *drawn("I1", {"no procedures": ("indeterminate/feed_absent", PAIN)}, Site(absent=("procedures",))),
    *drawn("I1", {"encounters behind": ("pending/feed_incomplete", PAIN)}, Site(through=(("encounters", "DX+121"),))),
]

FIT = "obs augmentation-candidate yes @DX"
UNFIT = "obs augmentation-candidate no @DX"
I2 = [
    *drawn(
        "I2",
        {
            "off": ("not_applicable/switched_off", "obs kyphosis-angle 15 @DX+10"),
            "off, a minor": ("excluded/age", "obs kyphosis-angle 15 @DX+10; patient birth_date=2006-03-13"),
        },
    ),
    *drawn(
        "I2",
        {
            "nothing": (NOT_TRIGGERED, FIT),
            "15 degrees": (
                "deviation/missing trigger=DX+10 due=DX+40 severity=advisory",
                f"{FIT}; obs kyphosis-angle 15 @DX+10",
            ),
            "14 degrees": (NOT_TRIGGERED, f"{FIT}; obs kyphosis-angle 14.9 @DX+10"),
            "a fifth of the height": (MISSING, f"{FIT}; obs height-loss 20 @DX+10"),
            "less than a fifth": (NOT_TRIGGERED, f"{FIT}; obs height-loss 19.9 @DX+10"),
            "kyphosis": (MISSING, f"{FIT}; cond M40.04 @DX+10"),
            "kyphosis before T0": (NOT_TRIGGERED, f"{FIT}; cond M40.04 @DX-10"),
            "worse": ("deviation/missing trigger=DX+10", f"{FIT}; score 5 @DX+3; score 7 @DX+10"),
            "a point worse": (NOT_TRIGGERED, f"{FIT}; score 6 @DX+3; score 7 @DX+10"),
            "said to worsen": (MISSING, f"{FIT}; obs course worsening @DX+10"),
            "said to persist": (NOT_TRIGGERED, f"{FIT}; obs course persistent @DX+10"),
            "FVC 79": (MISSING, f"{FIT}; obs fvc-percent-predicted 79 @DX+10"),
            "FVC 80": (NOT_TRIGGERED, f"{FIT}; obs fvc-percent-predicted 80 @DX+10"),
            "FVC by LOINC": (MISSING, f"{FIT}; obs fvc 79 @DX+10 code_system=LOINC code=19872-1"),
            "lung disease": (MISSING, f"{FIT}; cond J98.4 @DX+10"),
            "acute lung failure": (MISSING, f"{FIT}; cond J96.00 @DX+10"),
            "the first of several": (
                "deviation/missing trigger=DX+5",
                f"{FIT}; cond J98.4 @DX+10; obs course worsening @DX+5",
            ),
            "not said whether a candidate": ("indeterminate/candidate_not_recorded", "cond J98.4 @DX+10"),
            "no candidate": ("exception/contraindicated", f"{UNFIT}; cond J98.4 @DX+10"),
            "declined": (
                "exception/patient_declined",
                f"{FIT}; cond J98.4 @DX+10; obs declined interventional-radiology @DX+10",
            ),
            "asked": ("met/on_time", f"{FIT}; cond J98.4 @DX+10; ref interventional_radiology @DX+40"),
            "asked on T0": ("met/on_time", f"{FIT}; cond J98.4 @DX+10; ref interventional_radiology @DX"),
            "asked late": (
                "deviation/late late=1",
                f"{FIT}; cond J98.4 @DX+10; ref interventional_radiology @DX+41",
            ),
            "considered": (
                "met/considered",
                f"{FIT}; cond J98.4 @DX+10; obs considered interventional-radiology @DX+40",
            ),
            "discussed": (
                "met/alternative",
                f"{FIT}; cond J98.4 @DX+10; obs discussed-with interventional-radiology @DX+40",
            ),
        },
        ON,
    ),
]

SENT = f"ref interventional_radiology @DX+5T12:00 {WHY}"
LOW = "score 4 @DX"
NOT_INDICATED = "deviation/not_indicated"
I3 = [
    *drawn(
        "I3",
        {
            "no referral": ("not_applicable/no_ir_referral", LOW),
            "too early": ("deviation/not_indicated trigger=DX+5T12:00 severity=advisory", f"{SENT}; {LOW}"),
            "the day before M3": (NOT_INDICATED, f"ref interventional_radiology @DX+91 {WHY}; {LOW}"),
            "on M3": ("not_applicable/no_ir_referral", f"ref interventional_radiology @DX+92 {WHY}; {LOW}"),
            "the day before DX": ("not_applicable/no_ir_referral", f"ref interventional_radiology @DX-1 {WHY}; {LOW}"),
            "for something else": (
                "not_applicable/unrelated_reason",
                f"ref interventional_radiology @DX+5 reason_code_system=ICD10CM reason_code=I10; {LOW}",
            ),
            "without a reason": ("indeterminate/unknown_reason", f"ref interventional_radiology @DX+5; {LOW}"),
            "unknown reason goes before no data": (
                "indeterminate/unknown_reason",
                "ref interventional_radiology @DX+5",
            ),
            "no data": ("indeterminate/no_indication_data", SENT),
            "data after the order": ("indeterminate/no_indication_data", f"{SENT}; score 4 @DX+6"),
            "data before T0": ("indeterminate/no_indication_data", f"{SENT}; score 4 @DX-1"),
            "a course": (NOT_INDICATED, f"{SENT}; obs course improving @DX+5"),
            "a measurement": (NOT_INDICATED, f"{SENT}; obs height-loss 10 @DX+5"),
            "no data goes for nothing where indicated": ("met/indicated", f"{SENT}; cond J98.4 @DX"),
            "two referrals": (
                f"{NOT_INDICATED}; {NOT_INDICATED}",
                f"{SENT}; ref interventional_radiology @DX+9 {WHY}; {LOW}",
            ),
            "prevalent": ("excluded/prevalent", f"{SENT}; {LOW}; cond S32.020D @DX-9"),
        },
    ),
    *drawn(
        "I3",
        {
            "15 degrees": ("met/indicated flags=lower_tier_only", "obs kyphosis-angle 15 @DX+1"),
            "14 degrees": (NOT_INDICATED, "obs kyphosis-angle 14.9 @DX+1"),
            "30 degrees": ("met/indicated flags=none", "obs kyphosis-angle 30 @DX+1"),
            "kyphosis": ("met/indicated flags=none", "cond M40.04 @DX-900"),
            "15 degrees and kyphosis": ("met/indicated flags=none", "obs kyphosis-angle 15 @DX+1; cond M40.04 @DX-9"),
            "15 degrees and worse": (
                "met/indicated flags=none",
                "obs kyphosis-angle 15 @DX+1; obs course worsening @DX+2",
            ),
            "half of the height and 15 degrees": (
                "met/indicated flags=none",
                "obs kyphosis-angle 15 @DX+1; obs height-loss 50 @DX+1",
            ),
            "20 and 49 %": ("met/indicated flags=lower_tier_only", "obs height-loss 49 @DX+1"),
            "worse": ("met/indicated", "obs course worsening @DX+5"),
            "worse after the order": (NOT_INDICATED, "obs course worsening @DX+6"),
            "lungs": ("met/indicated", "obs fvc-percent-predicted 79 @DX-900"),
            "lungs are fine": (NOT_INDICATED, "obs fvc-percent-predicted 80 @DX"),
            "acute lungs before T0": (NOT_INDICATED, "cond J96.00 @DX-1"),
            "suspicion": ("met/indicated", "obs pathology-assessment suspicious @DX+1"),
            "a former cancer is no indication": (NOT_INDICATED, "cond Z85.3 @DX-900"),
            "infection is no indication": (NOT_INDICATED, "cond M46.46 @DX+1"),
            "a deficit is no indication": (NOT_INDICATED, "obs neuro-exam deficit @DX+1"),
            "known 48 h after": ("met/indicated", "obs kyphosis-angle 15 @DX+1 rec=DX+7T12:00"),
            "known later": (NOT_INDICATED, "obs kyphosis-angle 15 @DX+1 rec=DX+7T12:01"),
        },
        also=f"{SENT}; {LOW}",
    ),
    *drawn("I3", {"before M3": ("pending/trigger_not_yet_possible", "")}, Site(as_of="DX+90")),
    *drawn("I3", {"the last day before M3": ("not_applicable/no_ir_referral", "")}, Site(as_of="DX+91")),
    *drawn("I3", {"may be charted": ("pending/charting_grace", f"{SENT}; {LOW}")}, Site(as_of="DX+6")),
    *drawn("I3", {"charted by then": (NOT_INDICATED, f"{SENT}; {LOW}")}, Site(as_of="DX+7")),
    *drawn("I3", {"no referrals": ("indeterminate/feed_absent", "")}, Site(absent=("referrals",))),
    *drawn(
        "I3",
        {
            "measured nowhere": ("indeterminate/feed_absent", f"{SENT}; {LOW}"),
            "measured nowhere, but worse": ("met/indicated", f"{SENT}; obs course worsening @DX+1"),
            "measured nowhere, no data": ("indeterminate/no_indication_data", SENT),
        },
        Site(silent=("kyphosis-angle", "height-loss")),
    ),
]


@pytest.mark.parametrize("point", I1, ids=str)
def test_i1(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", I2, ids=str)
def test_i2(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", I3, ids=str)
def test_i3(point):
    assert point.found == point.wanted
