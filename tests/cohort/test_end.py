"""Until when a case is seen: death, the end of follow-up, a transfer out, the next fracture, a year."""

import pytest

from tests.cohort.drawing import patients
from tests.measures.drawing import Site


def ends(day: str, reason: str) -> str:
    return f"L2 end_date={day} end_reason={reason}"


OUT = "disposition=transfer-acute"
LEFT = ends("DX+3", "transferred_out")
YEAR = ends("DX+365", "episode_over")
ED = f"enc emergency @DX to=DX+3T12:00 {OUT}"

END = [
    *patients(
        {
            "end: a year": (YEAR, ""),
            "end: death": (ends("DX+30", "death"), "patient deceased_at=DX+30"),
            "end: follow-up": (ends("DX+30", "followup_ended"), "follow @DX-30 to=DX+30"),
            "end: open follow-up": (YEAR, "follow @DX-30"),
            "end: follow-up from DX": (ends("DX+30", "followup_ended"), "follow @DX+0 to=DX+30"),
            "end: follow-up until DX": (ends("DX+0", "followup_ended"), "follow @DX-30 to=DX+0"),
            "end: follow-up after DX only": (ends("DX+0", "followup_ended"), "follow @DX+1 to=DX+30"),
            "end: follow-up before DX only": (ends("DX+0", "followup_ended"), "follow @DX-30 to=DX-1"),
            "end: periods overlap": (ends("DX+60", "followup_ended"), "follow @DX-30 to=DX+30; follow @DX+20 to=DX+60"),
            "end: periods touch": (ends("DX+60", "followup_ended"), "follow @DX-30 to=DX+30; follow @DX+31 to=DX+60"),
            "end: a day between periods": (
                ends("DX+30", "followup_ended"),
                "follow @DX-30 to=DX+30; follow @DX+32 to=DX+60",
            ),
            "end: a period within another": (
                ends("DX+60", "followup_ended"),
                "follow @DX-30 to=DX+60; follow @DX-5 to=DX+9",
            ),
            "end: touching periods lead to DX": (
                ends("DX+30", "followup_ended"),
                "follow @DX-30 to=DX-1; follow @DX+0 to=DX+30",
            ),
            "end: next fracture": (
                f"{ends('DX+199', 'new_fracture')} ; L2 end_date=None end_reason=None",
                "cond S32.020A @DX+200",
            ),
            "end: next fracture by its onset": (
                f"{ends('DX+189', 'new_fracture')} ; L2 end_date=None end_reason=None",
                "cond S32.020A @DX+200 onset_at=DX+190",
            ),
            "end: next fracture of another level": (YEAR, "cond S32.010A @DX+200"),
            "tie: death and follow-up": (ends("DX+30", "death"), "patient deceased_at=DX+30; follow @DX-9 to=DX+30"),
            "tie: death and transfer": (ends("DX+3", "death"), f"patient deceased_at=DX+3T12:00; {ED}"),
            "tie: follow-up and transfer": (ends("DX+3", "followup_ended"), f"follow @DX-9 to=DX+3; {ED}"),
            "tie: follow-up and next fracture": (
                f"{ends('DX+199', 'followup_ended')} ; L2 end_date={'DX+200'} end_reason=followup_ended",
                "cond S32.020A @DX+200; follow @DX-9 to=DX+199",
            ),
            "tie: death and a year": (ends("DX+365", "death"), "patient deceased_at=DX+365"),
        }
    ),
    *patients(
        {
            "transfer: emergency": (LEFT, ED),
            "transfer: inpatient": (LEFT, f"enc inpatient @DX to=DX+3T12:00 {OUT}"),
            "transfer: observation": (LEFT, f"enc observation @DX to=DX+3T12:00 {OUT}"),
            "transfer: clinic": (YEAR, f"enc ambulatory @DX to=DX+3T12:00 {OUT}"),
            "transfer: home": (YEAR, "enc inpatient @DX to=DX+3T12:00 disposition=home"),
            "transfer: for something else": (LEFT, f"{ED} fracture_related=false"),
            "transfer: entered in error": (YEAR, f"{ED} status=entered-in-error"),
            "transfer: without an end": (ends("DX+2", "transferred_out"), f"enc emergency @DX+2 {OUT}"),
            "transfer: begun on day 28": (
                ends("DX+40", "transferred_out"),
                f"enc inpatient @DX+28 to=DX+40 {OUT}",
            ),
            "transfer: begun on day 29": (YEAR, f"enc inpatient @DX+29 to=DX+40 {OUT}"),
            "transfer: the day before DX": (
                ends("DX-1", "transferred_out"),
                f"enc emergency @DX-1 to=DX-1T20:00 {OUT}",
            ),
            "transfer: two days before DX": (YEAR, f"enc emergency @DX-2 to=DX-2T20:00 {OUT}"),
            "transfer: the first of two": (LEFT, f"{ED}; enc emergency @DX+20 to=DX+21 {OUT}"),
            "transfer: into another stay here": (YEAR, f"{ED}; enc inpatient @DX+3T11:00 to=DX+9"),
            "transfer: another stay runs": (YEAR, f"{ED}; enc inpatient @DX+1 to=DX+9"),
            "transfer: another stay ended before": (LEFT, f"{ED}; enc inpatient @DX+1 to=DX+3T11:00"),
            "transfer: a clinic visit runs": (LEFT, f"{ED}; enc ambulatory @DX+1 to=DX+9"),
            "transfer: back at the same instant": (YEAR, f"{ED}; enc ambulatory @DX+3T12:00"),
            "transfer: a visit a minute before": (LEFT, f"{ED}; enc ambulatory @DX+3T11:59 to=DX+3T12:30"),
            "transfer: back on the day": (YEAR, f"{ED}; enc ambulatory @DX+3"),
            "transfer: back after 7 days": (YEAR, f"{ED}; enc ambulatory @DX+10T23:00"),
            "transfer: back after 8 days": (LEFT, f"{ED}; enc ambulatory @DX+11T00:00"),
            "transfer: back only planned": (LEFT, f"{ED}; enc ambulatory @DX+5 status=planned"),
        }
    ),
    *patients({"end: a year not over": ("L2 end_date=None end_reason=None", "")}, Site(as_of="DX+364")),
    *patients({"end: a year just over": (YEAR, "")}, Site(as_of="DX+365")),
]


@pytest.mark.parametrize("patient", END, ids=str)
def test_end(patient):
    assert patient.said("end_date", "end_reason") == patient.wanted


TREATMENT = patients(
    {
        "treatment: none": ("L2 conservative_start=None treatment_start=DX+0", ""),
        "treatment: on T0": (
            "L2 conservative_start=DX-9 treatment_start=DX+0",
            "dx S32.020A @DX onset_at=DX-9; med N02BE01 @DX-9 days=10",
        ),
        "treatment: runs on T0": ("L2 conservative_start=DX+0 treatment_start=DX+0", "med N02BE01 @DX-5 days=6"),
        "treatment: until the day before": (
            "L2 conservative_start=DX+2 treatment_start=DX+2",
            "med N02BE01 @DX-5 days=5; proc HCPCS:L0450 @DX+2",
        ),
        "treatment: ended on T0": (
            "L2 conservative_start=DX+0 treatment_start=DX+0",
            "med N02BE01 @DX-5 to=DX+0",
        ),
        "treatment: the end goes before the supply": (
            "L2 conservative_start=None treatment_start=DX+0",
            "med N02BE01 @DX-5 to=DX-1 days=90",
        ),
        "treatment: on day 28": ("L2 conservative_start=DX+28 treatment_start=DX+28", "med N02BE01 @DX+28"),
        "treatment: on day 29": ("L2 conservative_start=DX+29 treatment_start=DX+0", "med N02BE01 @DX+29"),
        "treatment: after the end": (
            "L2 conservative_start=None treatment_start=DX+20",
            "med N02BE01 @DX+20; follow @DX-9 to=DX+19",
        ),
    }
)


@pytest.mark.parametrize("patient", TREATMENT, ids=str)
def test_treatment(patient):
    assert patient.said("conservative_start", "treatment_start") == patient.wanted
