"""A1: augmentation in the first three months without an indication."""

import pytest

from tests.measures.drawing import Site, drawn

NONE = "not_applicable/no_augmentation"
EARLY = "proc 22514 @DX+10T12:00"
LOW = "score 4 @DX"
PREMATURE = "deviation/premature"
UNKNOWN_LEVEL = "indeterminate/level_unknown"
NO_DATA = "indeterminate/no_indication_data"

WHEN = drawn(
    "A1",
    {
        "none": (NONE, LOW),
        "early": ("deviation/premature trigger=DX+10T12:00 severity=moderate flags=none", f"{EARLY}; {LOW}"),
        "on T0": (PREMATURE, f"proc 22514 @DX; {LOW}"),
        "the day before T0": (NONE, f"proc 22514 @DX-1; {LOW}"),
        "the day before M3": (PREMATURE, f"proc 22514 @DX+91; {LOW}"),
        "on M3": ("met/after_three_months", f"proc 22514 @DX+92; {LOW}"),
        "on M3 without data": ("met/after_three_months", "proc 22514 @DX+92"),
        "after the end": (NONE, f"{EARLY}; {LOW}; follow @DX-9 to=DX+9"),
        "on the last day": (PREMATURE, f"{EARLY}; {LOW}; follow @DX-9 to=DX+10"),
        "stopped": (NONE, f"{EARLY} status=stopped; {LOW}"),
        "in progress": (NONE, f"{EARLY} status=in-progress; {LOW}"),
        "two days": (f"{PREMATURE}; {PREMATURE}", f"{EARLY}; proc 22514 @DX+11; {LOW}"),
        "two on one day": (PREMATURE, f"{EARLY}; proc 22511 @DX+10T13:00; {LOW}"),
        "no data": (NO_DATA, EARLY),
        "data on the day": (PREMATURE, f"{EARLY}; score 4 @DX+10"),
        "data the day after": (NO_DATA, f"{EARLY}; score 4 @DX+11"),
        "data charted later": (PREMATURE, f"{EARLY}; score 4 @DX+9 rec=DX+60"),
        "data before T0": (NO_DATA, f"{EARLY}; score 4 @DX-1"),
        "a course": (PREMATURE, f"{EARLY}; obs course improving @DX"),
        "a measurement": (PREMATURE, f"{EARLY}; obs height-loss 10 @DX"),
        "a measurement of another level": (NO_DATA, f"{EARLY}; obs height-loss 10 @DX level=L4"),
        "hospice before": ("excluded/hospice", f"{EARLY}; {LOW}; cond SNOMED:385763009 @DX+9"),
        "hospice afterwards is no reason": (PREMATURE, f"{EARLY}; {LOW}; cond SNOMED:385763009 @DX+10"),
        "high energy": ("excluded/high_energy", f"{EARLY}; {LOW}; cond V43.52XA @DX"),
        "prevalent": ("excluded/prevalent", f"{EARLY}; {LOW}; cond S32.020D @DX-9"),
    },
)

INDICATED = drawn(
    "A1",
    {
        "15 degrees": ("met/indicated flags=lower_tier_only", "obs kyphosis-angle 15 @DX"),
        "14 degrees": (PREMATURE, "obs kyphosis-angle 14.9 @DX"),
        "29 degrees": ("met/indicated flags=lower_tier_only", "obs kyphosis-angle 29.9 @DX"),
        "30 degrees": ("met/indicated flags=none", "obs kyphosis-angle 30 @DX"),
        "a fifth of the height": ("met/indicated flags=lower_tier_only", "obs height-loss 20 @DX"),
        "less than a fifth": (PREMATURE, "obs height-loss 19.9 @DX"),
        "half of the height": ("met/indicated flags=none", "obs height-loss 50 @DX"),
        "a progression": ("met/indicated flags=none", "obs kyphosis-angle 6 @DX; obs kyphosis-angle 16 @DX+9"),
        "kyphosis": ("met/indicated flags=none", "cond M40.04 @DX-900"),
        "worse": ("met/indicated flags=none", "obs course worsening @DX+10"),
        "worse the day after": (PREMATURE, "obs course worsening @DX+11"),
        "worse by scores": ("met/indicated flags=meets_coverage_like", "score 6 @DX+7"),
        "lungs": ("met/indicated", "cond J98.4 @DX-900"),
        "FVC 79": ("met/indicated", "obs fvc-percent-predicted 79 @DX-9"),
        "FVC 80": (PREMATURE, "obs fvc-percent-predicted 80 @DX-9"),
        "acute lungs on T0": ("met/indicated", "cond J96.00 @DX"),
        "acute lungs before T0": (PREMATURE, "cond J96.00 @DX-1"),
        "suspicion": ("met/indicated", "cond C41.2 @DX-365"),
        "suspicion 366 days before T0": (PREMATURE, "cond C41.2 @DX-366"),
        "a former cancer": (PREMATURE, "cond Z85.3 @DX-9"),
        "instability": (PREMATURE, "obs tlics 5 @DX"),
        "known 48 h after": ("met/indicated", "obs kyphosis-angle 15 @DX rec=DX+12T12:00"),
        "known a minute later": (PREMATURE, "obs kyphosis-angle 15 @DX rec=DX+12T12:01"),
        "happened within 48 h": ("met/indicated", "obs height-loss 50 @DX+12T12:00"),
        "the significant one known later": (
            "met/indicated flags=lower_tier_only",
            "obs kyphosis-angle 15 @DX; obs height-loss 50 @DX rec=DX+30",
        ),
    },
    also=f"{EARLY}; {LOW}",
)

FLAGS = drawn(
    "A1",
    {
        "vertebroplasty": ("deviation/premature flags=aaos_vertebroplasty", f"proc 22511 @DX+10; {LOW}"),
        "vertebroplasty after three months": (
            "met/after_three_months flags=aaos_vertebroplasty",
            f"proc 22511 @DX+100; {LOW}",
        ),
        "pain 5": ("deviation/premature flags=meets_coverage_like", f"{EARLY}; score 5 @DX"),
        "pain 5, then 4": ("deviation/premature flags=none", f"{EARLY}; score 5 @DX; score 4 @DX+1"),
        "pain 5 on the day": ("deviation/premature flags=meets_coverage_like", f"{EARLY}; {LOW}; score 5 @DX+10"),
        "inpatient, pain 7": (
            "deviation/premature flags=none",
            "enc inpatient @DX+9 to=DX+12 id=e; proc 22514 @DX+10T12:00 in=e; score 7 @DX",
        ),
        "inpatient, pain 8": (
            "deviation/premature flags=meets_coverage_like",
            "enc inpatient @DX+9 to=DX+12 id=e; proc 22514 @DX+10T12:00 in=e; score 8 @DX",
        ),
        "both": ("deviation/premature flags=aaos_vertebroplasty|meets_coverage_like", "proc 22511 @DX+10; score 5 @DX"),
    },
)

OTHER = "cond S32.010A @DX"  # a second fracture, of L1
LEVEL = drawn(
    "A1",
    {
        "at the level": (PREMATURE, f"{EARLY} level=L2; {LOW}"),
        "at another level": (NONE, f"{EARLY} level=L4; {LOW}"),
        "a thoracic code": (NONE, f"proc 22513 @DX+10; {LOW}"),
        "a lumbar code of ICD-10-PCS": (PREMATURE, f"proc ICD10PCS:0QU03JZ @DX+10; {LOW}"),
        "a thoracic code of ICD-10-PCS": (NONE, f"proc ICD10PCS:0PU43JZ @DX+10; {LOW}"),
        "a code of no region": (UNKNOWN_LEVEL, f"proc HCPCS:C7504 @DX+10; {LOW}"),
        "a code of no region at the level": (PREMATURE, f"proc HCPCS:C7504 @DX+10 level=L2; {LOW}"),
        "a code that nobody verified": (NONE, f"proc HCPCS:C7508 @DX+10; {LOW}"),
        "an add-on alone": (UNKNOWN_LEVEL, f"proc 22515 @DX+10; {LOW}"),
        "an add-on beside a lumbar one": (PREMATURE, f"{EARLY}; proc 22515 @DX+10T12:00; {LOW}"),
        "an add-on beside a thoracic one": (NONE, f"proc 22513 @DX+10; proc 22515 @DX+10; {LOW}"),
        "another lumbar fracture": (UNKNOWN_LEVEL, f"{EARLY}; {LOW}; {OTHER}"),
        "another lumbar fracture, level given": (PREMATURE, f"{EARLY} level=L2; {LOW}; {OTHER}"),
        "another lumbar fracture 365 days before": (UNKNOWN_LEVEL, f"{EARLY}; {LOW}; cond S32.010A @DX-355"),
        "another lumbar fracture 366 days before": (PREMATURE, f"{EARLY}; {LOW}; cond S32.010A @DX-356"),
        "another lumbar fracture afterwards": (PREMATURE, f"{EARLY}; {LOW}; cond S32.010A @DX+11"),
        "a thoracic fracture": (PREMATURE, f"{EARLY}; {LOW}; cond S22.080A @DX"),
        "a fracture of no level": (PREMATURE, f"{EARLY}; {LOW}; cond M80.08XA @DX-60"),
        "unknown level goes before after three months": (UNKNOWN_LEVEL, f"proc 22514 @DX+100; {LOW}; {OTHER}"),
        "unknown level goes before indicated": (UNKNOWN_LEVEL, f"{EARLY}; {LOW}; {OTHER}; obs height-loss 50 @DX"),
    },
)

SITES = [
    *drawn("A1", {"before M3": ("pending/trigger_not_yet_possible", LOW)}, Site(as_of="DX+90")),
    *drawn("A1", {"the last day before M3": (NONE, LOW)}, Site(as_of="DX+91")),
    *drawn(
        "A1",
        {
            "procedures behind": ("pending/feed_incomplete", LOW),
            "procedures behind, the case over": (NONE, f"{LOW}; follow @DX-9 to=DX+90"),
        },
        Site(through=(("procedures", "DX+90"),)),
    ),
    *drawn("A1", {"no procedures": ("indeterminate/feed_absent", LOW)}, Site(absent=("procedures",))),
    *drawn(
        "A1",
        {
            "may be charted": ("pending/charting_grace", f"{EARLY}; {LOW}"),
            "may be charted, no data": ("pending/charting_grace", EARLY),
            "indicated already": ("met/indicated", f"{EARLY}; obs height-loss 50 @DX"),
        },
        Site(as_of="DX+11"),
    ),
    *drawn("A1", {"charted by then": (PREMATURE, f"{EARLY}; {LOW}")}, Site(as_of="DX+12")),
    *drawn(
        "A1",
        {
            "measured nowhere": ("indeterminate/feed_absent", f"{EARLY}; {LOW}"),
            "measured nowhere, no data": (NO_DATA, EARLY),
            "measured nowhere, but worse": ("met/indicated", f"{EARLY}; obs course worsening @DX"),
            "measured nowhere, after three months": ("met/after_three_months", f"proc 22514 @DX+92; {LOW}"),
        },
        Site(silent=("kyphosis-angle", "height-loss")),
    ),
    *drawn("A1", {"one of them measured": (PREMATURE, f"{EARLY}; {LOW}")}, Site(silent=("kyphosis-angle",))),
    *drawn(
        "A1",
        {"no observations": (NO_DATA, EARLY), "no observations, lungs": ("met/indicated", f"{EARLY}; cond J98.4 @DX")},
        Site(absent=("observations",)),
    ),
]


@pytest.mark.parametrize("point", [*WHEN, *INDICATED, *FLAGS, *LEVEL, *SITES], ids=str)
def test_a1(point):
    assert point.found == point.wanted
