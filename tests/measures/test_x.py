"""X1 and X2: what a suspicion of a tumour asks for. DX is 2024-03-12 10:00, T0 the same day."""

import pytest

from tests.measures.drawing import Point, Site, drawn, population

SUSPICIOUS, BENIGN = "obs pathology-assessment suspicious", "obs pathology-assessment benign"
SUSPECTED = f"{SUSPICIOUS} @DX+3T10:00"  # so X1 is due on DX + 10, X2 on DX + 33
WHOLE, WHOLE_WITHOUT = "img LOINC:30855-1", "img LOINC:30854-4"  # without and with contrast / without
CERVICAL, THORACIC, LUMBAR = "img 72156", "img 72157", "img 72158"  # without and with contrast
HISTORY = "cond Z85.3 @DX-400"
VAGUE = "dx M80.08XA @DX"
DEFICIT = "obs neuro-exam deficit"
WITHOUT_IMAGING, WITHOUT_OBSERVATIONS = Site(absent=("imaging",)), Site(absent=("observations",))
WITHOUT_ASSESSMENTS = Site(silent=("pathology-assessment",))

X1 = [
    *drawn("X1", population("not_applicable/no_suspicion", pathway=False)),
    *drawn(
        "X1",
        {
            "nothing": ("not_applicable/no_suspicion", ""),
            "a benign assessment": ("not_applicable/no_suspicion", f"{BENIGN} @DX"),
            "a neoplastic fracture is in the population": ("deviation/missing", "cond C79.51 @DX"),
            "a high-energy fracture is in the population": ("deviation/missing", f"cond V43.52XA @DX; {SUSPECTED}"),
            "no level stated": ("deviation/missing flags=level_unspecified", f"{VAGUE}; {SUSPECTED}"),
            "suspected by an assessment": ("deviation/missing due=DX+10 severity=high", SUSPECTED),
            "an assessment charted later": ("deviation/missing due=DX+12", f"{SUSPECTED} rec=DX+5T10:00"),
            "a cancer before the diagnosis counts from it": ("deviation/missing due=DX+7", "cond C34.90 @DX-100"),
            "a cancer a year before T0": ("deviation/missing due=DX+7", "cond C34.90 @DX-365"),
            "a cancer earlier": ("not_applicable/no_suspicion", "cond C34.90 @DX-366"),
            "a cancer recorded again": ("deviation/missing due=DX+7", "cond C34.90 @DX-800; cond C34.90 @DX-10"),
            "a cancer refuted": ("not_applicable/no_suspicion", "cond C34.90 @DX verification=refuted"),
            "the first of two suspicions": ("deviation/missing due=DX+9", f"{SUSPECTED}; cond C34.90 @DX+2"),
            "whole spine on the deadline": ("met/on_time action=DX+10", f"{SUSPECTED}; {WHOLE} @DX+10"),
            "whole spine a day late": ("deviation/late late=1", f"{SUSPECTED}; {WHOLE} @DX+11"),
            "whole spine 7 days before": ("met/on_time", f"{SUSPECTED}; {WHOLE} @DX-4"),
            "whole spine 8 days before": ("deviation/missing", f"{SUSPECTED}; {WHOLE} @DX-5"),
            "three studies within 7 days": (
                "met/on_time action=DX+9",
                f"{SUSPECTED}; {CERVICAL} @DX+2; {THORACIC} @DX+5; {LUMBAR} @DX+9",
            ),
            "three studies within 8 days": (
                "deviation/incomplete_extent",
                f"{SUSPECTED}; {CERVICAL} @DX+2; {THORACIC} @DX+5; {LUMBAR} @DX+10",
            ),
            "three studies, the last late": (
                "deviation/late late=1",
                f"{SUSPECTED}; {CERVICAL} @DX+5; {THORACIC} @DX+5; {LUMBAR} @DX+11",
            ),
            "a region missing": ("deviation/incomplete_extent", f"{SUSPECTED}; {THORACIC} @DX+5; {LUMBAR} @DX+5"),
            "the whole spine without contrast": ("deviation/wrong_contrast", f"{SUSPECTED}; {WHOLE_WITHOUT} @DX+5"),
            "one region without contrast": (
                "deviation/wrong_contrast",
                f"{SUSPECTED}; {CERVICAL} @DX+5; {THORACIC} @DX+5; img 72148 @DX+5",
            ),
            "the whole spine without, then both but late": (
                "deviation/late",
                f"{SUSPECTED}; {WHOLE_WITHOUT} @DX+5; {WHOLE} @DX+12",
            ),
            "without contrast, gadolinium contraindicated": (
                "met/alternative",
                f"{SUSPECTED}; {WHOLE_WITHOUT} @DX+5; obs gadolinium-contraindication present @DX+10",
            ),
            "gadolinium contraindicated after the deadline": (
                "deviation/wrong_contrast",
                f"{SUSPECTED}; {WHOLE_WITHOUT} @DX+5; obs gadolinium-contraindication present @DX+11",
            ),
            "gadolinium not contraindicated": (
                "deviation/wrong_contrast",
                f"{SUSPECTED}; {WHOLE_WITHOUT} @DX+5; obs gadolinium-contraindication absent @DX+5",
            ),
            "both, gadolinium contraindicated": (
                "met/on_time",
                f"{SUSPECTED}; {WHOLE} @DX+5; obs gadolinium-contraindication present @DX+5",
            ),
            "CT of the whole spine": (
                "deviation/missing",
                f"{SUSPECTED}; img 72127 @DX+5; img 72130 @DX+5; img 72133 @DX+5",
            ),
            "ordered": (
                "deviation/ordered_not_done",
                f"{SUSPECTED}; img LOINC:30855-1 ordered_at=DX+10 status=ordered",
            ),
            "ordered after the deadline": (
                "deviation/missing",
                f"{SUSPECTED}; img LOINC:30855-1 ordered_at=DX+11 status=ordered",
            ),
            "ordered, and a part done": (
                "deviation/incomplete_extent",
                f"{SUSPECTED}; img LOINC:30855-1 ordered_at=DX+4 status=ordered; {LUMBAR} @DX+5",
            ),
            "MRI declined": ("exception/patient_declined", f"{SUSPECTED}; obs declined mri @DX+17"),
            "MRI declined too late": ("deviation/missing", f"{SUSPECTED}; obs declined mri @DX+18"),
            "imaging declined the day before": (
                "exception/patient_declined",
                f"{SUSPECTED}; obs declined imaging @DX+2",
            ),
            "imaging declined earlier": ("deviation/missing", f"{SUSPECTED}; obs declined imaging @DX+1"),
            "MRI contraindicated": (
                "exception/contraindicated",
                f"{SUSPECTED}; obs mri-contraindication present @DX+10",
            ),
            "MRI contraindicated too late": (
                "deviation/missing",
                f"{SUSPECTED}; obs mri-contraindication present @DX+11",
            ),
            "MRI contraindicated by a code": ("exception/contraindicated", f"{SUSPECTED}; cond Z18.11 @DX-900"),
            "an unknown device is none": (
                "deviation/missing",
                f"{SUSPECTED}; obs mri-contraindication unknown-device @DX+4",
            ),
            "ruled out by the deadline": ("exception/ruled_out", f"{SUSPECTED}; {BENIGN} @DX+10"),
            "ruled out after the deadline": ("deviation/missing", f"{SUSPECTED}; {BENIGN} @DX+11"),
            "benign before the suspicion": ("deviation/missing", f"{SUSPECTED}; {BENIGN} @DX+2"),
            "declined goes before contraindicated": (
                "exception/patient_declined",
                f"{SUSPECTED}; obs mri-contraindication present @DX+4; obs declined mri @DX+4",
            ),
            "contraindicated goes before hospice": (
                "exception/contraindicated",
                f"{SUSPECTED}; obs mri-contraindication present @DX+4; proc 99377 @DX+4",
            ),
            "hospice goes before ruled out": (
                "exception/goals_of_care",
                f"{SUSPECTED}; {BENIGN} @DX+4; proc 99377 @DX+4",
            ),
            "hospice the day before the suspicion": ("excluded/hospice", f"{SUSPECTED}; proc 99377 @DX+2"),
            "hospice on the deadline": ("exception/goals_of_care", f"{SUSPECTED}; proc 99377 @DX+10"),
            "hospice after the deadline": ("deviation/missing", f"{SUSPECTED}; proc 99377 @DX+11"),
            "hospice and no suspicion": ("not_applicable/no_suspicion", "proc 99377 @DX-2"),
            "death the day before the deadline": (
                "censored/ended_before_deadline",
                f"{SUSPECTED}; patient deceased_at=DX+9",
            ),
            "death on the deadline": ("deviation/missing", f"{SUSPECTED}; patient deceased_at=DX+10"),
            "MRI of unknown region": (
                "indeterminate/unknown_regions",
                f"{SUSPECTED}; img CPT:00000 modality=mri contrast=both @DX+10",
            ),
            "MRI of unknown region after the deadline": (
                "deviation/missing",
                f"{SUSPECTED}; img CPT:00000 modality=mri contrast=both @DX+11",
            ),
            "MRI of unknown contrast": (
                "indeterminate/unknown_contrast",
                f"{SUSPECTED}; img LOINC:30855-1 contrast=unknown @DX+5",
            ),
            "unknown region goes before unknown contrast": (
                "indeterminate/unknown_regions",
                f"{SUSPECTED}; img LOINC:24968-0 @DX+4; img CPT:00000 modality=mri contrast=both @DX+8",
            ),
            "unknown contrast, later complete": (
                "deviation/late",
                f"{SUSPECTED}; img LOINC:24968-0 @DX+4; {WHOLE} @DX+12",
            ),
            # with a deficit: 24 hours after the later of suspicion and deficit, at most the end of day t + 7
            "a deficit before the suspicion": (
                "deviation/missing due=DX+4T10:00 severity=critical",
                f"{SUSPECTED}; {DEFICIT} @DX+1T08:00",
            ),
            "a deficit after the suspicion": (
                "deviation/missing due=DX+6T09:00 severity=critical",
                f"{SUSPECTED}; {DEFICIT} @DX+5T09:00",
            ),
            "a deficit, done in 24 hours": (
                "met/on_time action=DX+4T10:00",
                f"{SUSPECTED}; {DEFICIT} @DX+1T08:00; {WHOLE} @DX+4T10:00",
            ),
            "a deficit, done a minute later": (
                "deviation/late late=0.02",
                f"{SUSPECTED}; {DEFICIT} @DX+1T08:00; {WHOLE} @DX+4T10:01",
            ),
            "a deficit, done the next day, no hour": (
                "met/on_time flags=date_only",
                f"{SUSPECTED}; {DEFICIT} @DX+1T08:00; {WHOLE} @DX+4",
            ),
            "a deficit, done after two days, no hour": (
                "deviation/late late=1",
                f"{SUSPECTED}; {DEFICIT} @DX+1T08:00; {WHOLE} @DX+5",
            ),
            "a deficit in the last hours, done that day": (
                "met/on_time",
                f"{SUSPECTED}; {DEFICIT} @DX+10T20:00; {WHOLE} @DX+10T23:30",
            ),
            "a deficit in the last hours, done the next day": (
                "deviation/late",
                f"{SUSPECTED}; {DEFICIT} @DX+10T20:00; {WHOLE} @DX+11T10:00",
            ),
            "a deficit after that day": (
                "deviation/missing due=DX+10 severity=high",
                f"{SUSPECTED}; {DEFICIT} @DX+11T08:00",
            ),
            # a history, and no suspicion
            "a former cancer": ("indeterminate/history_not_assessed", HISTORY),
            "a sign of cancer on day 14": ("indeterminate/history_not_assessed", "cond R63.4 @DX+14"),
            "a sign of cancer on day 15": ("not_applicable/no_suspicion", "cond R63.4 @DX+15"),
            "a former cancer, benign on day 14": ("not_applicable/assessed_benign", f"{HISTORY}; {BENIGN} @DX+14"),
            "a former cancer, benign on day 15": ("indeterminate/history_not_assessed", f"{HISTORY}; {BENIGN} @DX+15"),
            "a former cancer, benign 28 days before": (
                "not_applicable/assessed_benign",
                f"{HISTORY}; {BENIGN} @DX-28",
            ),
            "a former cancer, benign 29 days before": (
                "indeterminate/history_not_assessed",
                f"{HISTORY}; {BENIGN} @DX-29",
            ),
            "a former cancer and a suspicion": ("deviation/missing due=DX+10", f"{HISTORY}; {SUSPECTED}"),
            "a former cancer, death on day 13": (
                "censored/ended_before_trigger",
                f"{HISTORY}; patient deceased_at=DX+13",
            ),
            "a former cancer, death on day 14": (
                "indeterminate/history_not_assessed",
                f"{HISTORY}; patient deceased_at=DX+14",
            ),
        },
    ),
    *drawn(
        "X1",
        {
            "day 9": ("pending/not_yet_due due=DX+10", SUSPECTED),
            "day 9, nothing": ("not_applicable/no_suspicion", ""),
            "day 9, a former cancer": ("pending/trigger_not_yet_possible", HISTORY),
            "day 9, a former cancer, benign": ("not_applicable/assessed_benign", f"{HISTORY}; {BENIGN} @DX"),
        },
        Site(as_of="DX+9"),
    ),
    *drawn("X1", {"day 10": ("deviation/missing", SUSPECTED)}, Site(as_of="DX+10")),
    *drawn("X1", {"day 13": ("pending/trigger_not_yet_possible", HISTORY)}, Site(as_of="DX+13")),
    *drawn("X1", {"day 14": ("indeterminate/history_not_assessed", HISTORY)}, Site(as_of="DX+14")),
    *drawn(
        "X1",
        {
            "imaging loaded to day 9": ("pending/feed_incomplete", SUSPECTED),
            "imaging loaded to day 9, nothing": ("not_applicable/no_suspicion", ""),
        },
        Site(through=(("imaging", "DX+9"),)),
    ),
    *drawn(
        "X1",
        {
            "observations loaded to day 13": ("pending/feed_incomplete", ""),
            "observations loaded to day 13, a former cancer": ("pending/feed_incomplete", HISTORY),
            "observations loaded to day 13, a suspicion": ("deviation/missing", SUSPECTED),
        },
        Site(through=(("observations", "DX+13"),)),
    ),
    *drawn(
        "X1",
        {
            "no imaging": ("indeterminate/feed_absent", SUSPECTED),
            "no imaging, nothing": ("not_applicable/no_suspicion", ""),
            "no imaging, ruled out": ("exception/ruled_out", f"{SUSPECTED}; {BENIGN} @DX+4"),
        },
        WITHOUT_IMAGING,
    ),
    *drawn(
        "X1",
        {
            "no observations": ("indeterminate/feed_absent", ""),
            "no observations, a former cancer": ("indeterminate/feed_absent", HISTORY),
            "no observations, a cancer": ("deviation/missing", "cond C34.90 @DX"),
        },
        WITHOUT_OBSERVATIONS,
    ),
    *drawn(
        "X1",
        {
            "no assessment anywhere": ("not_applicable/no_suspicion", ""),
            "no assessment anywhere, a former cancer": ("indeterminate/feed_absent", HISTORY),
            "no assessment anywhere, a cancer": ("deviation/missing", "cond C34.90 @DX"),
        },
        WITHOUT_ASSESSMENTS,
    ),
    *drawn(
        "X1",
        {"switched off where no level is stated": ("no finding", f"{VAGUE}; {SUSPECTED}")},
        Site(parameters=(("switches.safety_unspecified", "false"),)),
    ),
]

BIOPSY = "proc 20225"
X2 = [
    *drawn("X2", population("not_applicable/no_suspicion", pathway=False)),
    *drawn(
        "X2",
        {
            "nothing": ("not_applicable/no_suspicion", ""),
            "a cancer is no such suspicion": ("not_applicable/no_suspicion", "cond C34.90 @DX"),
            "suspected": ("deviation/missing due=DX+33 severity=advisory", SUSPECTED),
            "charted later": ("deviation/missing due=DX+35", f"{SUSPECTED} rec=DX+5T10:00"),
            "suspected before the diagnosis": ("deviation/missing due=DX+30", f"{SUSPICIOUS} @DX-20"),
            "suspected a year before T0": ("deviation/missing", f"{SUSPICIOUS} @DX-365"),
            "suspected earlier": ("not_applicable/no_suspicion", f"{SUSPICIOUS} @DX-366"),
            "the first of two": ("deviation/missing due=DX+33", f"{SUSPECTED}; {SUSPICIOUS} @DX+9"),
            "a tumour of the spine known before": ("not_applicable/known_malignancy", f"{SUSPECTED}; cond C41.2 @DX+2"),
            "a tumour of the spine known after": ("deviation/missing", f"{SUSPECTED}; cond C41.2 @DX+4"),
            "a cancer elsewhere known before": ("deviation/missing", f"{SUSPECTED}; cond C34.90 @DX+2"),
            "biopsy on the deadline": ("met/on_time action=DX+33", f"{SUSPECTED}; {BIOPSY} @DX+33"),
            "biopsy a day late": ("deviation/late late=1", f"{SUSPECTED}; {BIOPSY} @DX+34"),
            "biopsy 30 days before": ("met/on_time", f"{SUSPECTED}; {BIOPSY} @DX-27"),
            "biopsy 31 days before": ("deviation/missing", f"{SUSPECTED}; {BIOPSY} @DX-28"),
            "biopsy among the imaging": ("met/on_time", f"{SUSPECTED}; img 20225 @DX+5"),
            "biopsy stopped": ("deviation/missing", f"{SUSPECTED}; {BIOPSY} @DX+5 status=stopped"),
            "considered on the deadline": ("met/considered", f"{SUSPECTED}; obs considered biopsy @DX+33"),
            "considered too late is missing": ("deviation/missing", f"{SUSPECTED}; obs considered biopsy @DX+34"),
            "considered 30 days before": ("met/considered", f"{SUSPECTED}; obs considered biopsy @DX-27"),
            "considered 31 days before": ("deviation/missing", f"{SUSPECTED}; obs considered biopsy @DX-28"),
            "considered and done": ("met/on_time", f"{SUSPECTED}; obs considered biopsy @DX+4; {BIOPSY} @DX+20"),
            "something else considered": ("deviation/missing", f"{SUSPECTED}; obs considered imaging @DX+4"),
            "declined a week after": ("exception/patient_declined", f"{SUSPECTED}; obs declined biopsy @DX+40"),
            "declined later": ("deviation/missing", f"{SUSPECTED}; obs declined biopsy @DX+41"),
            "declined the day before": ("exception/patient_declined", f"{SUSPECTED}; obs declined biopsy @DX+2"),
            "declined earlier": ("deviation/missing", f"{SUSPECTED}; obs declined biopsy @DX+1"),
            "MRI declined": ("deviation/missing", f"{SUSPECTED}; obs declined mri @DX+4"),
            "ruled out on the deadline": ("exception/ruled_out", f"{SUSPECTED}; {BENIGN} @DX+33"),
            "ruled out later": ("deviation/missing", f"{SUSPECTED}; {BENIGN} @DX+34"),
            "benign before": ("deviation/missing", f"{SUSPECTED}; {BENIGN} @DX+2"),
            "augmentation on the deadline": (
                "indeterminate/biopsy_may_be_bundled",
                f"{SUSPECTED}; proc 22514 @DX+33",
            ),
            "augmentation later": ("deviation/missing", f"{SUSPECTED}; proc 22514 @DX+34"),
            "augmentation, biopsy late": ("deviation/late", f"{SUSPECTED}; proc 22514 @DX+30; {BIOPSY} @DX+34"),
            "hospice the day before": ("excluded/hospice", f"{SUSPECTED}; proc 99377 @DX+2"),
            "hospice goes before not applicable": (
                "excluded/hospice",
                f"{SUSPECTED}; proc 99377 @DX+2; cond C41.2 @DX+2",
            ),
            "hospice on the deadline": ("exception/goals_of_care", f"{SUSPECTED}; proc 99377 @DX+33"),
            "hospice later": ("deviation/missing", f"{SUSPECTED}; proc 99377 @DX+34"),
            "hospice goes before ruled out": (
                "exception/goals_of_care",
                f"{SUSPECTED}; proc 99377 @DX+4; {BENIGN} @DX+4",
            ),
            "death the day before the deadline": (
                "censored/ended_before_deadline",
                f"{SUSPECTED}; patient deceased_at=DX+32",
            ),
            "death on the deadline": ("deviation/missing", f"{SUSPECTED}; patient deceased_at=DX+33"),
            "no level stated": ("no finding", f"{VAGUE}; {SUSPECTED}"),
        },
    ),
    *drawn(
        "X2",
        {
            "day 9": ("pending/not_yet_due", SUSPECTED),
            "day 9, nothing": ("not_applicable/no_suspicion", ""),
            "day 9, considered": ("met/considered", f"{SUSPECTED}; obs considered biopsy @DX+4"),
        },
        Site(as_of="DX+9"),
    ),
    *drawn("X2", {"day 32": ("pending/not_yet_due", SUSPECTED)}, Site(as_of="DX+32")),
    *drawn("X2", {"day 33": ("deviation/missing", SUSPECTED)}, Site(as_of="DX+33")),
    *drawn(
        "X2",
        {
            "loaded to day 13": ("pending/feed_incomplete", ""),
            "loaded to day 13, suspected": ("pending/feed_incomplete", SUSPECTED),
        },
        Site(through=(("observations", "DX+13"),)),
    ),
    *drawn("X2", {"no observations": ("indeterminate/feed_absent", BIOPSY + " @DX")}, WITHOUT_OBSERVATIONS),
    *drawn("X2", {"no assessment anywhere": ("indeterminate/feed_absent", "")}, WITHOUT_ASSESSMENTS),
    *drawn(
        "X2",
        {
            "no procedures": ("indeterminate/feed_absent", SUSPECTED),
            "no procedures, nothing": ("not_applicable/no_suspicion", ""),
            "no procedures, considered": ("met/considered", f"{SUSPECTED}; obs considered biopsy @DX+4"),
        },
        Site(absent=("procedures",)),
    ),
]


@pytest.mark.parametrize("point", X1, ids=str)
def test_x1(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", X2, ids=str)
def test_x2(point: Point) -> None:
    assert point.found == point.wanted
