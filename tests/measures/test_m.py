"""M1 to M4: medical management. DX is 2024-03-12 10:00, T0 the same day unless an onset is given."""

import pytest

from tests.measures.drawing import CALCITONIN, Point, Site, drawn, population

DRUG = "med N02BE01"  # an analgesic
SPRAY = "med H05BA01"  # calcitonin
KYPHOPLASTY, FUSION = "proc 22514", "proc 22612"
OFF = Site(parameters=(("switches.calcitonin_start", "false"),))
WITHOUT_MEDICATIONS = Site(absent=("medications",))
WITHOUT_OBSERVATIONS = Site(absent=("observations",))

M1 = [
    *drawn("M1", population("deviation/missing", pathway=True)),
    *drawn(
        "M1",
        {
            "nothing": ("deviation/missing trigger=DX+0 due=DX+7 severity=moderate", ""),
            "an analgesic on the deadline": ("met/on_time action=DX+7", f"{DRUG} @DX+7"),
            "an analgesic a day late": ("deviation/late late=1", f"{DRUG} @DX+8"),
            "an analgesic from the day before": ("met/on_time", f"{DRUG} @DX-1 days=1"),
            "an analgesic that still runs": ("met/already_under_care", f"{DRUG} @DX-2 days=3"),
            "an analgesic that ran to the day before": ("deviation/missing", f"{DRUG} @DX-2 days=2"),
            "an analgesic that ends that day": ("met/already_under_care", f"{DRUG} @DX-9 to=DX+0"),
            "an analgesic that ended the day before": ("deviation/missing", f"{DRUG} @DX-9 to=DX-1"),
            "one that runs and one started": ("met/on_time", f"{DRUG} @DX-9 to=DX+0; {DRUG} @DX+3"),
            "an analgesic cancelled": ("deviation/missing", f"{DRUG} @DX status=cancelled"),
            "another drug": ("deviation/missing", "med C09AA05 @DX"),
            "calcitonin": ("met/on_time", f"{SPRAY} @DX+3"),
            "a brace": ("met/on_time", "proc HCPCS:L0456 @DX+7"),
            "a brace late": ("deviation/late", "proc HCPCS:L0456 @DX+8"),
            "physical therapy done": ("met/on_time", "proc 97161 @DX+7"),
            "a referral to physical therapy": ("met/on_time", "ref physical_therapy_specialty @DX+7"),
            "a referral to physical therapy, draft": (
                "deviation/missing",
                "ref physical_therapy_specialty @DX+7 status=draft",
            ),
            "a referral to physical therapy for another reason": (
                "deviation/missing",
                "ref physical_therapy_specialty @DX+7 reason_code_system=ICD10CM reason_code=H25.9",
            ),
            "an encounter of physical therapy": (
                "met/on_time",
                "enc ambulatory @DX+7 specialty_system=LOCAL specialty=physical_therapy_specialty",
            ),
            "an encounter of physical therapy about something else": (
                "deviation/missing",
                "enc ambulatory @DX+7 specialty_system=LOCAL specialty=physical_therapy_specialty"
                " fracture_related=false",
            ),
            "augmented before the analgesic": ("deviation/early", f"{KYPHOPLASTY} @DX+3; {DRUG} @DX+5"),
            "augmented after the analgesic": ("met/on_time", f"{DRUG} @DX+3; {KYPHOPLASTY} @DX+5"),
            "augmented on the deadline, no treatment": ("deviation/early", f"{KYPHOPLASTY} @DX+7"),
            "augmented after the deadline, no treatment": ("deviation/missing", f"{KYPHOPLASTY} @DX+8"),
            "augmented before the diagnosis": ("met/on_time", f"{KYPHOPLASTY} @DX-1; {DRUG} @DX+5"),
            "augmentation stopped": ("met/on_time", f"{KYPHOPLASTY} @DX+3 status=stopped; {DRUG} @DX+5"),
            "augmented before a treatment that is late": ("deviation/early", f"{KYPHOPLASTY} @DX+3; {DRUG} @DX+9"),
            "augmented while an analgesic runs": (
                "met/already_under_care",
                f"{DRUG} @DX-9 to=DX+30; {KYPHOPLASTY} @DX+3",
            ),
            "operated on before the analgesic": ("deviation/early", f"{FUSION} @DX+3; {DRUG} @DX+5"),
            "operated on after the analgesic": ("met/on_time", f"{DRUG} @DX+3; {FUSION} @DX+5"),
            "a deficit on day 7": ("not_applicable/deficit_or_instability", "obs neuro-exam deficit @DX+7"),
            "a deficit on day 8": ("deviation/missing", "obs neuro-exam deficit @DX+8"),
            "a deficit of day 7, known on day 8": ("deviation/missing", "obs neuro-exam deficit @DX+7 rec=DX+8"),
            "a deficit coded": ("not_applicable/deficit_or_instability", "cond G83.4 @DX+7"),
            "unstable on day 7": ("not_applicable/deficit_or_instability", "obs stability unstable @DX+7"),
            "unstable on day 8": ("deviation/missing", "obs stability unstable @DX+8"),
            "stable": ("deviation/missing", "obs stability stable @DX"),
            "TLICS 5": ("not_applicable/deficit_or_instability", "obs tlics 5 @DX"),
            "TLICS 4": ("deviation/missing", "obs tlics 4 @DX"),
            "SINS 7": ("not_applicable/deficit_or_instability", "obs sins 7 @DX"),
            "SINS 6": ("deviation/missing", "obs sins 6 @DX"),
            "instability coded": ("not_applicable/deficit_or_instability", "cond M53.2X6 @DX"),
            "an unstable fracture of this level": ("not_applicable/deficit_or_instability", "cond S32.022A @DX"),
            "an unstable fracture of another level": ("deviation/missing", "cond S32.032A @DX"),
            "first score 3": ("not_applicable/little_pain", "score 3 @DX+7"),
            "first score 4": ("deviation/missing", "score 4 @DX+7"),
            "first score 3 on day 8": ("deviation/missing", "score 3 @DX+8"),
            "first score 3 the day before": ("not_applicable/little_pain", "score 3 @DX-1; score 8 @DX"),
            "first score 3 two days before": ("deviation/missing", "score 3 @DX-2; score 8 @DX"),
            "first score 8, then 3": ("deviation/missing", "score 8 @DX; score 3 @DX+2"),
            "little pain, and treated": ("not_applicable/little_pain", f"score 3 @DX; {DRUG} @DX"),
            "declined medication is no exception here": ("deviation/missing", "obs declined medication @DX"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1; score 3 @DX"),
            "hospice on the deadline": ("exception/goals_of_care", "proc 99377 @DX+7"),
            "hospice later": ("deviation/missing", "proc 99377 @DX+8"),
            "death the day before the deadline": ("censored/ended_before_deadline", "patient deceased_at=DX+6"),
            "death on the deadline": ("deviation/missing", "patient deceased_at=DX+7"),
            "late after the end is missing": ("deviation/missing", f"patient deceased_at=DX+9; {DRUG} @DX+10"),
        },
    ),
    *drawn("M1", {"day 6": ("pending/not_yet_due", "")}, Site(as_of="DX+6")),
    *drawn("M1", {"day 7": ("deviation/missing", "")}, Site(as_of="DX+7")),
    *drawn("M1", {"medications to day 6": ("pending/feed_incomplete", "")}, Site(through=(("medications", "DX+6"),))),
    *drawn(
        "M1",
        {
            "no medications": ("indeterminate/feed_absent", ""),
            "no medications, a brace late": ("deviation/late", "proc HCPCS:L0456 @DX+8"),
        },
        WITHOUT_MEDICATIONS,
    ),
    *drawn("M1", {"no procedures": ("indeterminate/feed_absent", "")}, Site(absent=("procedures",))),
    *drawn("M1", {"no referrals": ("indeterminate/feed_absent", "")}, Site(absent=("referrals",))),
    *drawn("M1", {"no encounters": ("indeterminate/feed_absent", "")}, Site(absent=("encounters",))),
    *drawn("M1", {"no observations": ("deviation/missing", "")}, WITHOUT_OBSERVATIONS),
]

EARLIER = "dx S32.020A @DX onset=DX-10"
M2 = [
    *drawn("M2", population("deviation/missing", pathway=True)),
    *drawn(
        "M2",
        {
            "nothing": ("deviation/missing trigger=DX+0 due=DX+28 severity=advisory", ""),
            "on the deadline": ("met/on_time action=DX+28 flags=none", f"{SPRAY} @DX+28"),
            "a day late": ("deviation/late late=1", f"{SPRAY} @DX+29"),
            "on day 5": ("met/on_time flags=acute", f"{SPRAY} @DX+5"),
            "on day 6": ("met/on_time flags=none", f"{SPRAY} @DX+6"),
            "on T0": ("met/on_time flags=acute", f"{SPRAY} @DX+0"),
            "running on T0": ("met/already_under_care", f"{SPRAY} @DX-10 days=11"),
            "ended before T0": ("deviation/missing", f"{SPRAY} @DX-10 days=10"),
            "running on T0 by its end": ("met/already_under_care", f"{SPRAY} @DX-10 to=DX+0"),
            "another drug": ("deviation/missing", f"{DRUG} @DX"),
            "cancelled": ("deviation/missing", f"{SPRAY} @DX status=cancelled"),
            "injected": ("met/on_time", "proc HCPCS:L0456 @DX; med HCPCS:J0630 @DX+3"),
            "T0 is ten days before the diagnosis": ("deviation/missing trigger=DX-10 due=DX+18", EARLIER),
            "started between onset and diagnosis": ("met/on_time", f"{EARLIER}; {SPRAY} @DX-9"),
            "diagnosed 28 days after the onset": ("deviation/missing due=DX+0", "dx S32.020A @DX onset=DX-28"),
            "diagnosed 29 days after the onset": ("not_applicable/presented_late", "dx S32.020A @DX onset=DX-29"),
            "a deficit on day 28": ("not_applicable/deficit", "obs neuro-exam deficit @DX+28"),
            "a deficit on day 29": ("deviation/missing", "obs neuro-exam deficit @DX+29"),
            "a deficit of day 28 known later": ("not_applicable/deficit", "obs neuro-exam deficit @DX+28 rec=DX+40"),
            "first score 3": ("not_applicable/little_pain", "score 3 @DX+7"),
            "first score 4": ("deviation/missing", "score 4 @DX+7"),
            "first score 3 on day 8": ("deviation/missing", "score 3 @DX+8"),
            "first score 3 the day before": ("not_applicable/little_pain", "score 3 @DX-1; score 8 @DX"),
            "declined a week after": ("exception/patient_declined", "obs declined medication @DX+35"),
            "declined later": ("deviation/missing", "obs declined medication @DX+36"),
            "declined the day before T0": ("exception/patient_declined", "obs declined medication @DX-1"),
            "declined earlier": ("deviation/missing", "obs declined medication @DX-2"),
            "hypocalcaemia on the deadline": ("exception/contraindicated", "cond E83.51 @DX+28"),
            "hypocalcaemia later": ("deviation/missing", "cond E83.51 @DX+29"),
            "a cancer": ("exception/contraindicated", "cond C34.90 @DX+28"),
            "a cancer later": ("deviation/missing", "cond C34.90 @DX+29"),
            "a cancer long ago": ("exception/contraindicated", "cond C34.90 @DX-2000"),
            "a former cancer": ("exception/contraindicated", "cond Z85.3 @DX-2000"),
            "a tumour of the spine": ("exception/contraindicated", "cond C41.2 @DX+9"),
            "a sign of cancer": ("deviation/missing", "cond R63.4 @DX"),
            "started despite a cancer": ("met/on_time", f"cond C34.90 @DX; {SPRAY} @DX+9"),
            "declined goes first": ("exception/patient_declined", "cond C34.90 @DX; obs declined medication @DX"),
            "contraindicated goes before hospice": ("exception/contraindicated", "cond C34.90 @DX; proc 99377 @DX"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "hospice on the deadline": ("exception/goals_of_care", "proc 99377 @DX+28"),
            "hospice later": ("deviation/missing", "proc 99377 @DX+29"),
            "death the day before the deadline": ("censored/ended_before_deadline", "patient deceased_at=DX+27"),
            "death on the deadline": ("deviation/missing", "patient deceased_at=DX+28"),
        },
    ),
    *drawn("M2", {"day 27": ("pending/not_yet_due", "")}, Site(as_of="DX+27")),
    *drawn("M2", {"day 28": ("deviation/missing", "")}, Site(as_of="DX+28")),
    *drawn("M2", {"loaded to day 27": ("pending/feed_incomplete", "")}, Site(through=(("medications", "DX+27"),))),
    *drawn("M2", {"no medications": ("indeterminate/feed_absent", "")}, WITHOUT_MEDICATIONS),
    *drawn("M2", {"no calcitonin anywhere": ("indeterminate/feed_absent", "")}, Site(silent=(CALCITONIN,))),
    *drawn("M2", {"no observations": ("deviation/missing", "")}, WITHOUT_OBSERVATIONS),
    *drawn(
        "M2",
        {
            "switched off": ("not_applicable/switched_off", ""),
            "switched off, started": ("not_applicable/switched_off", f"{SPRAY} @DX"),
        },
        OFF,
    ),
]

M3 = [
    *drawn("M3", population("not_applicable/no_calcitonin", pathway=True)),
    *drawn(
        "M3",
        {
            "nothing": ("not_applicable/no_calcitonin", ""),
            "started on day 28": ("met/on_time trigger=DX+28 due=DX+56 severity=advisory", f"{SPRAY} @DX+28 days=28"),
            "started on day 29": ("not_applicable/no_calcitonin", f"{SPRAY} @DX+29 days=28"),
            "started before T0": ("not_applicable/no_calcitonin", f"{SPRAY} @DX-1 days=28"),
            "supplied for 21 days": ("met/on_time action=DX+22", f"{SPRAY} @DX+2 days=21"),
            "supplied for 20 days": ("deviation/early", f"{SPRAY} @DX+2 days=20"),
            "ended on the 21st day": ("met/on_time", f"{SPRAY} @DX+2 to=DX+22"),
            "ended on the 20th day": ("deviation/early", f"{SPRAY} @DX+2 to=DX+21"),
            "the end goes before the supply": ("deviation/early", f"{SPRAY} @DX+2 to=DX+21 days=30"),
            "two supplies with a gap": ("met/on_time action=DX+29", f"{SPRAY} @DX+2 days=14; {SPRAY} @DX+23 days=14"),
            "two supplies, the second from day 22": (
                "deviation/early",
                f"{SPRAY} @DX+2 days=14; {SPRAY} @DX+24 days=14",
            ),
            "the same days twice": ("deviation/early", f"{SPRAY} @DX+2 days=14; {SPRAY} @DX+2 days=14"),
            "neither end nor supply": ("indeterminate/unknown_duration", f"{SPRAY} @DX+2"),
            "enough beside a row of unknown duration": ("met/on_time", f"{SPRAY} @DX+2 days=21; {SPRAY} @DX+9"),
            "too little beside a row of unknown duration": (
                "indeterminate/unknown_duration",
                f"{SPRAY} @DX+2 days=14; {SPRAY} @DX+16",
            ),
            "an unknown row that can't change the answer": (
                "deviation/early",
                f"{SPRAY} @DX+2 days=14; {SPRAY} @DX+27",
            ),
            "hypocalcaemia on the last day of the course": (
                "exception/contraindicated",
                f"{SPRAY} @DX+2 days=20; cond E83.51 @DX+29",
            ),
            "hypocalcaemia before the course": (
                "deviation/early",
                f"{SPRAY} @DX+2 days=20; cond E83.51 @DX+1",
            ),
            "score 3 on the last covered day": ("exception/pain_subsided", f"{SPRAY} @DX+2 days=20; score 3 @DX+21"),
            "score 3 after the last covered day": ("deviation/early", f"{SPRAY} @DX+2 days=20; score 3 @DX+22"),
            "score 4 on the last covered day": ("deviation/early", f"{SPRAY} @DX+2 days=20; score 4 @DX+21"),
            "score 3 on T0": ("exception/pain_subsided", f"{SPRAY} @DX+2 days=20; score 3 @DX"),
            "score 3 before T0": ("deviation/early", f"{SPRAY} @DX+2 days=20; score 3 @DX-1"),
            "contraindicated goes before subsided": (
                "exception/contraindicated",
                f"{SPRAY} @DX+2 days=20; cond E83.51 @DX+9; score 3 @DX+9",
            ),
            "hospice before the start": ("excluded/hospice", f"{SPRAY} @DX+2 days=20; proc 99377 @DX+1"),
            "hospice on the deadline": ("exception/goals_of_care", f"{SPRAY} @DX+2 days=20; proc 99377 @DX+30"),
            "hospice later": ("deviation/early", f"{SPRAY} @DX+2 days=20; proc 99377 @DX+31"),
            "hospice and no calcitonin": ("not_applicable/no_calcitonin", "proc 99377 @DX-3"),
            "death the day before the deadline": (
                "censored/ended_before_deadline",
                f"{SPRAY} @DX+2 days=20; patient deceased_at=DX+29",
            ),
            "death on the deadline": ("deviation/early", f"{SPRAY} @DX+2 days=20; patient deceased_at=DX+30"),
        },
    ),
    *drawn(
        "M3",
        {
            "20 days so far": ("pending/not_yet_due due=DX+29", f"{SPRAY} @DX+1 days=28"),
            "21 days so far": ("met/on_time", f"{SPRAY} @DX+0 days=28"),
            "early, not due yet": ("pending/not_yet_due", f"{SPRAY} @DX+0 days=5"),
            "none so far": ("not_applicable/no_calcitonin", ""),
        },
        Site(as_of="DX+20"),
    ),
    *drawn("M3", {"day 27": ("pending/not_yet_due", f"{SPRAY} @DX+0 days=5")}, Site(as_of="DX+27")),
    *drawn("M3", {"day 28": ("deviation/early", f"{SPRAY} @DX+0 days=5")}, Site(as_of="DX+28")),
    *drawn(
        "M3",
        {
            "loaded to day 27": ("pending/feed_incomplete", f"{SPRAY} @DX+0 days=5"),
            "loaded to day 27, none": ("pending/feed_incomplete", ""),
        },
        Site(through=(("medications", "DX+27"),)),
    ),
    *drawn(
        "M3",
        {"loaded to day 28, none": ("not_applicable/no_calcitonin", "")},
        Site(through=(("medications", "DX+28"),)),
    ),
    *drawn("M3", {"no medications": ("indeterminate/feed_absent", "")}, WITHOUT_MEDICATIONS),
    *drawn("M3", {"no calcitonin anywhere": ("not_applicable/no_calcitonin", "")}, Site(silent=(CALCITONIN,))),
    *drawn(
        "M3",
        {
            "switched off": ("not_applicable/switched_off", ""),
            "switched off, started": ("not_applicable/switched_off", f"{SPRAY} @DX days=5"),
        },
        OFF,
    ),
]

M4 = [
    *drawn("M4", population("not_applicable/no_calcitonin", pathway=True)),
    *drawn(
        "M4",
        {
            "nothing": ("not_applicable/no_calcitonin", ""),
            "covered to day 35": ("met/on_time trigger=DX+2 severity=moderate", f"{SPRAY} @DX+2 days=36"),
            "covered to day 36": ("deviation/continued", f"{SPRAY} @DX+2 days=37"),
            "ended on day 35": ("met/on_time", f"{SPRAY} @DX+2 to=DX+37"),
            "ended on day 36": ("deviation/continued", f"{SPRAY} @DX+2 to=DX+38"),
            "another start on day 36": ("deviation/continued", f"{SPRAY} @DX+2 days=5; {SPRAY} @DX+38 days=1"),
            "another start on day 35": ("met/on_time", f"{SPRAY} @DX+2 days=5; {SPRAY} @DX+37 days=1"),
            "another start half a year later": ("deviation/continued", f"{SPRAY} @DX+2 days=5; {SPRAY} @DX+182 days=1"),
            "first start on the last day": ("met/on_time", f"{SPRAY} @DX+365 days=5"),
            "first start after the end": ("not_applicable/no_calcitonin", f"{SPRAY} @DX+366 days=5"),
            "Paget's disease": ("exception/other_indication", f"{SPRAY} @DX+2 days=90; cond M88.0 @DX-900"),
            "hypercalcaemia during it": ("exception/other_indication", f"{SPRAY} @DX+2 days=90; cond E83.52 @DX+60"),
            "hypercalcaemia refuted": (
                "deviation/continued",
                f"{SPRAY} @DX+2 days=90; cond E83.52 @DX+60 verification=refuted",
            ),
            "calcitonin ran on the day before T0": (
                "exception/other_indication",
                f"{SPRAY} @DX-30 to=DX-1; {SPRAY} @DX+2 days=90",
            ),
            "calcitonin ended two days before T0": (
                "deviation/continued",
                f"{SPRAY} @DX-30 to=DX-2; {SPRAY} @DX+2 days=90",
            ),
            "neither end nor supply": ("indeterminate/unknown_duration", f"{SPRAY} @DX+2"),
            "unknown, and one that continues": ("deviation/continued", f"{SPRAY} @DX+2; {SPRAY} @DX+40 days=5"),
            "unknown, another indication": ("exception/other_indication", f"{SPRAY} @DX+2; cond M88.0 @DX"),
            "hospice before the start": ("excluded/hospice", f"{SPRAY} @DX+2 days=90; proc 99377 @DX+1"),
            "hospice during it is no exception": ("deviation/continued", f"{SPRAY} @DX+2 days=90; proc 99377 @DX+9"),
            "switches don't matter": ("deviation/continued", f"{SPRAY} @DX+2 days=37; cond M81.0 @DX"),
        },
    ),
    *drawn("M4", {"switched off": ("deviation/continued", f"{SPRAY} @DX+2 days=37")}, OFF),
    *drawn(
        "M4",
        {
            "day 35, supply ends in time": ("met/on_time", f"{SPRAY} @DX+0 days=36"),
            "day 35, supply goes on": ("pending/not_yet_due", f"{SPRAY} @DX+0 days=37"),
            "day 35, none": ("not_applicable/no_calcitonin", ""),
        },
        Site(as_of="DX+35"),
    ),
    *drawn("M4", {"day 36, supply goes on": ("deviation/continued", f"{SPRAY} @DX+0 days=37")}, Site(as_of="DX+36")),
    *drawn(
        "M4", {"loaded to day 35, none": ("pending/feed_incomplete", "")}, Site(through=(("medications", "DX+35"),))
    ),
    *drawn("M4", {"no medications": ("indeterminate/feed_absent", "")}, WITHOUT_MEDICATIONS),
    *drawn("M4", {"no calcitonin anywhere": ("not_applicable/no_calcitonin", "")}, Site(silent=(CALCITONIN,))),
]


@pytest.mark.parametrize("point", M1, ids=str)
def test_m1(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", M2, ids=str)
def test_m2(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", M3, ids=str)
def test_m3(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", M4, ids=str)
def test_m4(point: Point) -> None:
    assert point.found == point.wanted
