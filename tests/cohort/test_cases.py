"""From codes to cases: which codes open one, at which level, since when, of which cause."""

import pytest

from tests.cohort.drawing import patients
from tests.measures.drawing import Site

NO_LEVEL = "dx M80.08XA @DX"
ACUTE = "obs fracture-acuity acute"
CHRONIC = "obs fracture-acuity chronic"

LINES = [
    *patients(
        {
            "initial": ("L2=audited", ""),
            "open, initial": ("L2=audited", "dx S32.020B @DX"),
            "provisional": ("L2=audited", "dx S32.020A @DX verification=provisional"),
            "differential": ("L2=not_confirmed", "dx S32.020A @DX verification=differential"),
            "refuted": ("L2=not_confirmed", "dx S32.020A @DX verification=refuted"),
            "on an order": ("L2=not_confirmed", "dx S32.020A @DX role=order"),
            "billed": ("L2=audited", "dx S32.020A @DX role=billing"),
            "routine healing": ("L2=prevalent_only", "dx S32.020D @DX"),
            "delayed healing": ("L2=prevalent_only", "dx S32.020G @DX"),
            "nonunion": ("L2=prevalent_only", "dx S32.020K @DX"),
            "sequela": ("L2=prevalent_only", "dx S32.020S @DX"),
            "no 7th character": ("L2=no_initial_character", "dx S32.020 @DX"),
            "a system without one": ("unspecified=unspecified_level", "dx SNOMED:207957008 @DX"),
            "chronic": ("L2=chronic", f"{CHRONIC} @DX"),
            "chronic 14 days after": ("L2=chronic", f"{CHRONIC} @DX+14"),
            "chronic 14 days before": ("L2=chronic", f"{CHRONIC} @DX-14"),
            "chronic 15 days after": ("L2=audited", f"{CHRONIC} @DX+15"),
            "chronic 15 days before": ("L2=audited", f"{CHRONIC} @DX-15"),
            "chronic at the level": ("L2=chronic", f"{CHRONIC} @DX level=L2"),
            "chronic at another level": ("L2=audited", f"{CHRONIC} @DX level=L1"),
            "chronic at a level, code without": ("unspecified=chronic", f"{NO_LEVEL}; {CHRONIC} @DX level=L1"),
            "another level": ("L1=other_level", "dx S32.010A @DX"),
            "two levels": ("L1=other_level L2=audited", "cond S32.010A @DX"),
            "no level": ("unspecified=unspecified_level", NO_LEVEL),
            "no fracture": ("", "nodx"),
            "a report of the level": ("L2=audited", f"{NO_LEVEL}; obs fracture-level L2 @DX"),
            "a report 30 days after": ("L2=audited", f"{NO_LEVEL}; obs fracture-level L2 @DX+30"),
            "a report 31 days after": ("unspecified=unspecified_level", f"{NO_LEVEL}; obs fracture-level L2 @DX+31"),
            "a report 14 days before": ("L2=audited", f"{NO_LEVEL}; obs fracture-level L2 @DX-14"),
            "a report 15 days before": ("unspecified=unspecified_level", f"{NO_LEVEL}; obs fracture-level L2 @DX-15"),
            "the nearer report": (
                "L2=audited",
                f"{NO_LEVEL}; obs fracture-level L1 @DX-5; obs fracture-level L2 @DX+4",
            ),
            "a tie, the earlier report": (
                "L2=audited",
                f"{NO_LEVEL}; obs fracture-level L1 @DX+5; obs fracture-level L2 @DX-5",
            ),
            "a tie of the same time, the smaller id": (
                "L2=audited",
                f"{NO_LEVEL}; obs fracture-level L1 @DX id=z; obs fracture-level L2 @DX id=a",
            ),
            "the code's level goes before a report": ("L2=audited", "obs fracture-level L1 @DX"),
            "absorbed tells no line": ("L2=audited", "cond M80.08XA @DX+30"),
            "not absorbed": ("L2=audited unspecified=unspecified_level", "cond M80.08XA @DX+31"),
            "absorbed from before": ("L2=audited", "cond M80.08XA @DX-30"),
            "not absorbed from before": ("L2=audited unspecified=unspecified_level", "cond M80.08XA @DX-31"),
        }
    ),
    *patients(
        {
            "before the period": ("L2=outside_period", "dx S32.020A @2024-02-29"),
            "on its first day": ("L2=audited", "dx S32.020A @2024-03-01"),
            "on its last day": ("L2=audited", "dx S32.020A @2024-03-31"),
            "after the period": ("L2=outside_period", "dx S32.020A @2024-04-01"),
            "T0 decides, not DX": ("L2=outside_period", "dx S32.020A @2024-03-05 onset_at=2024-02-20"),
        },
        Site(parameters=(("cohort.period_from", "2024-03-01"), ("cohort.period_to", "2024-03-31"))),
    ),
    *patients(
        {
            "any: another level": ("L1=audited", "dx S32.010A @DX"),
            "any: no level": ("unspecified=unspecified_level", NO_LEVEL),
        },
        Site(parameters=(("cohort.levels", '"any"'),)),
    ),
]

CLOCKS = patients(
    {
        "onset on DX": ("L2 t0=DX+0", "dx S32.020A @DX onset_at=DX+0"),
        "onset 30 days before": ("L2 t0=DX-30", "dx S32.020A @DX onset_at=DX-30"),
        "onset 31 days before": ("L2 t0=DX+0", "dx S32.020A @DX onset_at=DX-31"),
        "onset after DX": ("L2 t0=DX+0", "dx S32.020A @DX onset_at=DX+1"),
        "earliest onset of the day": (
            "L2 t0=DX-9",
            "dx S32.020A @DX onset_at=DX-3; cond S32.029A @DX+1h onset_at=DX-9",
        ),
        "onset of a later day": ("L2 t0=DX+0", "cond S32.020A @DX+1 onset_at=DX-9"),
        "179 days after": ("L2 t0=DX+0", "cond S32.020A @DX+179"),
        "180 days after": ("L2 t0=DX+0 ; L2 t0=DX+180", "cond S32.020A @DX+180"),
        "179 and 179 days": ("L2 t0=DX+0", "cond S32.020A @DX+179; cond S32.020A @DX+358"),
        "a year after by short steps": (
            "L2 t0=DX+0",
            "cond S32.020A @DX+150; cond S32.020A @DX+300; cond S32.020A @DX+365",
        ),
        "over a year after by short steps": (
            "L2 t0=DX+0 ; L2 t0=DX+366",
            "cond S32.020A @DX+150; cond S32.020A @DX+300; cond S32.020A @DX+366",
        ),
        "subsequent codes keep nothing open": (
            "L2 t0=DX+0 ; L2 t0=DX+180",
            "cond S32.020D @DX+90; cond S32.020A @DX+180",
        ),
        "acute again": ("L2 t0=DX+0 ; L2 t0=DX+60", f"cond S32.020A @DX+60; {ACUTE} @DX+60 level=L2"),
        "acute 14 days before the code": (
            "L2 t0=DX+0 ; L2 t0=DX+60",
            f"cond S32.020A @DX+60; {ACUTE} @DX+46 level=L2",
        ),
        "acute 15 days before the code": ("L2 t0=DX+0", f"cond S32.020A @DX+60; {ACUTE} @DX+45 level=L2"),
        "acute after the code": ("L2 t0=DX+0", f"cond S32.020A @DX+60; {ACUTE} @DX+61 level=L2"),
        "acute 31 days after T0": ("L2 t0=DX+0 ; L2 t0=DX+40", f"cond S32.020A @DX+40; {ACUTE} @DX+31 level=L2"),
        "acute 30 days after T0": ("L2 t0=DX+0", f"cond S32.020A @DX+40; {ACUTE} @DX+30 level=L2"),
        "acute at another level": ("L2 t0=DX+0", f"cond S32.020A @DX+60; {ACUTE} @DX+60 level=L1"),
        "acute at no level": ("L2 t0=DX+0", f"cond S32.020A @DX+60; {ACUTE} @DX+60"),
        "no level, acute again": (
            "unspecified t0=DX+0 ; unspecified t0=DX+60",
            f"{NO_LEVEL}; cond M80.08XA @DX+60; {ACUTE} @DX+60",
        ),
        "no level, acute at a level": (
            "unspecified t0=DX+0",
            f"{NO_LEVEL}; cond M80.08XA @DX+60; {ACUTE} @DX+60 level=L2",
        ),
        "absorbed moves nothing": ("L2 t0=DX+0", "cond M80.08XA @DX-20 onset_at=DX-25"),
    }
)

M3 = patients(
    {
        "clipped to the end of the month": ("L2 m3_date=2025-02-28", "dx S32.020A @2024-11-30"),
        "the same day": ("L2 m3_date=2024-06-12", ""),
    }
)

HIGH_ENERGY = "cond V43.52XA"
AETIOLOGY = patients(
    {
        "other": ("L2 aetiology=other", ""),
        "neoplastic by code": ("unspecified aetiology=neoplastic", "dx M84.58XA @DX"),
        "neoplastic by an absorbed code": ("L2 aetiology=neoplastic", "cond M84.58XA @DX+9"),
        "neoplastic by metastasis": ("L2 aetiology=neoplastic", "cond C79.51 @DX-900"),
        "metastasis 30 days after": ("L2 aetiology=neoplastic", "cond C79.51 @DX+30"),
        "metastasis 31 days after": ("L2 aetiology=other", "cond C79.51 @DX+31"),
        "metastasis refuted": ("L2 aetiology=other", "cond C79.51 @DX verification=refuted"),
        "another tumour": ("L2 aetiology=other", "cond C41.2 @DX"),
        "osteoporotic by code": ("unspecified aetiology=osteoporotic", NO_LEVEL),
        "osteoporotic by an absorbed code": ("L2 aetiology=osteoporotic", "cond M80.08XA @DX+30"),
        "osteoporosis on record": ("L2 aetiology=osteoporotic", "cond M81.0 @DX-900"),
        "osteoporosis 30 days after": ("L2 aetiology=osteoporotic", "cond M81.0 @DX+30"),
        "osteoporosis 31 days after": ("L2 aetiology=other", "cond M81.0 @DX+31"),
        "high energy": ("L2 aetiology=traumatic_high_energy", f"{HIGH_ENERGY} @DX"),
        "high energy the day before": ("L2 aetiology=traumatic_high_energy", f"{HIGH_ENERGY} @DX-1"),
        "high energy the day after": ("L2 aetiology=traumatic_high_energy", f"{HIGH_ENERGY} @DX+1"),
        "high energy two days before": ("L2 aetiology=other", f"{HIGH_ENERGY} @DX-2"),
        "high energy two days after": ("L2 aetiology=other", f"{HIGH_ENERGY} @DX+2"),
        "neoplastic goes first": ("L2 aetiology=neoplastic", f"cond C79.51 @DX; cond M81.0 @DX; {HIGH_ENERGY} @DX"),
        "osteoporotic goes before high energy": ("L2 aetiology=osteoporotic", f"cond M81.0 @DX; {HIGH_ENERGY} @DX"),
    }
)


@pytest.mark.parametrize("patient", LINES, ids=str)
def test_line(patient):
    assert patient.lines == patient.expected


@pytest.mark.parametrize("patient", CLOCKS, ids=str)
def test_episodes(patient):
    assert patient.said("t0") == patient.wanted


@pytest.mark.parametrize("patient", M3, ids=str)
def test_m3(patient):
    assert patient.said("m3_date") == patient.wanted


@pytest.mark.parametrize("patient", AETIOLOGY, ids=str)
def test_aetiology(patient):
    assert patient.said("aetiology") == patient.wanted
