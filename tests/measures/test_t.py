"""T1: physical therapy once the acute pain has subsided."""

import pytest

from tests.measures.drawing import Site, drawn

HOSPICE = "cond SNOMED:385763009"
MISSING = "deviation/missing"
NO_RECORD = "indeterminate/no_pain_record"
SEVERE = "not_applicable/pain_still_severe"
CALM = "score 3 @DX+14"  # at x = DX + 14, due DX + 42

T1 = [
    *drawn(
        "T1",
        {
            "3 on day 14": ("deviation/missing trigger=DX+14 due=DX+42 severity=low", CALM),
            "3 on day 13": (NO_RECORD, "score 3 @DX+13"),
            "4 on day 14": ("deviation/missing trigger=DX+42 due=DX+70", "score 4 @DX+14"),
            "said to be resolved on day 14": ("deviation/missing trigger=DX+14", "obs course resolved @DX+14"),
            "said to be resolved on day 13": (NO_RECORD, "obs course resolved @DX+13"),
            "6 on day 42": ("deviation/missing trigger=DX+42", "score 6 @DX+42"),
            "7 on day 42": (SEVERE, "score 6 @DX+41; score 7 @DX+42"),
            "7, then 6": ("deviation/missing trigger=DX+42", "score 7 @DX+20; score 6 @DX+30"),
            "7, then 3 later": ("deviation/missing trigger=DX+60 due=DX+88", "score 7 @DX+30; score 3 @DX+60"),
            "7, then resolved later": ("deviation/missing trigger=DX+60", "score 7 @DX+30; obs course resolved @DX+60"),
            "7, then 4 later": (SEVERE, "score 7 @DX+30; score 4 @DX+60"),
            "6 on day 43 only": (NO_RECORD, "score 6 @DX+43"),
            "3 on day 43 only": ("deviation/missing trigger=DX+43", "score 3 @DX+43"),
            "a statement only": ("not_applicable/not_triggered", "obs course persistent @DX+30"),
            "a statement and 6": ("deviation/missing trigger=DX+42", "obs course persistent @DX+30; score 6 @DX+20"),
            "no record": (NO_RECORD, ""),
            "5, and 3 before day 42": ("deviation/missing trigger=DX+30", "score 5 @DX+20; score 3 @DX+30"),
            "followed until day 41": ("censored/ended_before_trigger", "follow @DX-9 to=DX+41"),
            "followed until day 42": (NO_RECORD, "follow @DX-9 to=DX+42"),
            "followed until the day before the deadline": (
                "censored/ended_before_deadline",
                f"{CALM}; follow @DX-9 to=DX+41",
            ),
            "neoplastic": ("excluded/neoplastic", f"{CALM}; cond C79.51 @DX"),
            "hospice before": ("excluded/hospice", f"{CALM}; {HOSPICE} @DX+13"),
        },
    ),
    *drawn(
        "T1",
        {
            "referred on T0": ("met/on_time", "ref physical_therapy_specialty @DX"),
            "referred before T0": (MISSING, "ref physical_therapy_specialty @DX-1"),
            "referred on the deadline": ("met/on_time", "ref physical_therapy @DX+42"),
            "referred the day after": ("deviation/late late=1", "ref physical_therapy_specialty @DX+43"),
            "referred for something else": (
                MISSING,
                "ref physical_therapy_specialty @DX+20 reason_code_system=ICD10CM reason_code=I10",
            ),
            "a therapist's visit": (
                "met/on_time",
                "enc ambulatory @DX+20 specialty_system=LOCAL specialty=physical_therapy",
            ),
            "a therapist's visit for something else": (
                MISSING,
                "enc ambulatory @DX+20 specialty_system=LOCAL specialty=physical_therapy fracture_related=false",
            ),
            "a session": ("met/on_time", "proc 97161 @DX+42"),
            "a session late": ("deviation/late late=1", "proc 97161 @DX+43"),
            "considered": ("met/considered", "obs considered physical-therapy @DX+42"),
            "considered late": (MISSING, "obs considered physical-therapy @DX+43"),
            "declined": ("exception/patient_declined", "obs declined physical-therapy @DX+13"),
            "declined two days before": (MISSING, "obs declined physical-therapy @DX+12"),
            "declined 7 days after": ("exception/patient_declined", "obs declined physical-therapy @DX+49"),
            "declined 8 days after": (MISSING, "obs declined physical-therapy @DX+50"),
            "hospice": ("exception/goals_of_care", f"{HOSPICE} @DX+42"),
            "on time goes before considered": ("met/on_time", "obs considered physical-therapy @DX; proc 97161 @DX+20"),
        },
        also=CALM,
    ),
    *drawn(
        "T1",
        {
            "no record by day 41": ("pending/trigger_not_yet_possible", ""),
            "not due": ("pending/not_yet_due", CALM),
            "5 by day 41": ("pending/trigger_not_yet_possible", "score 5 @DX+20"),
        },
        Site(as_of="DX+41"),
    ),
    *drawn(
        "T1",
        {
            "no record by day 42": (NO_RECORD, ""),
            "due": (MISSING, CALM),
            "5 by day 42": ("pending/not_yet_due", "score 5 @DX+20"),
            "7 by day 42": (SEVERE, "score 7 @DX+20"),
        },
        Site(as_of="DX+42"),
    ),
    *drawn("T1", {"no observations": ("indeterminate/feed_absent", "")}, Site(absent=("observations",))),
    *drawn("T1", {"no referrals": ("indeterminate/feed_absent", CALM)}, Site(absent=("referrals",))),
    *drawn("T1", {"observations behind": ("pending/feed_incomplete", "")}, Site(through=(("observations", "DX+41"),))),
]


@pytest.mark.parametrize("point", T1, ids=str)
def test_t1(point):
    assert point.found == point.wanted
