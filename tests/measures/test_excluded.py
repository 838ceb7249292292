"""Who is out of a measure's population before anything is triggered, in their order."""

import pytest

from tests.measures.drawing import drawn

PATHWAY = ("S3", "S4", "S5", "S6", "S7", "I1", "I3", "A1", "P1", "P2", "P3", "F1", "F2", "T1")
SAFETY = ("S1", "S2")
MINOR, CRASH, TUMOUR, OLD = (
    "patient birth_date=2006-03-13",
    "cond V43.52XA @DX",
    "cond C79.51 @DX",
    "cond S32.020D @DX-9",
)
BOTH = "obs neuro-exam deficit @DX; obs stability unstable @DX"

POINTS = [
    *(
        point
        for measure in PATHWAY
        for point in drawn(
            measure,
            {
                "out: a minor": ("excluded/age", f"{MINOR}; {OLD}; {TUMOUR}"),
                "out: high energy": ("excluded/high_energy", f"{CRASH}; {OLD}"),
                "out: a tumour": ("excluded/neoplastic", f"{TUMOUR}; {CRASH}; {OLD}"),
                "out: under care before": ("excluded/prevalent", OLD),
                "out: no level": ("no finding", "dx M80.08XA @DX"),
            },
        )
    ),
    *(
        point
        for measure in SAFETY
        for point in drawn(
            measure,
            {
                "out: a minor": ("excluded/age", f"{MINOR}; {BOTH}"),
                "in: high energy": ("deviation/missing", f"{CRASH}; {BOTH}"),
                "in: a tumour": ("deviation/missing", f"{TUMOUR}; {BOTH}"),
                "in: under care before": ("deviation/missing", f"{OLD}; {BOTH}"),
            },
        )
    ),
]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point.measure}-{point.name}")
def test_excluded(point):
    assert point.found == point.wanted
