"""What every record holds besides: other illnesses, other visits, vital signs; none of it speaks of the fracture."""

from flows.synth.describe import code, drug, measure, score, visit
from flows.synth.dials import Dial, Option
from flows.synth.rows import Row, day, number

BONES = Dial(
    "bones",
    {
        "osteoporosis": Option(60, (code("M81.0", day("dx", -800, -200), role="problem-list"),)),
        "treated": Option(
            15,
            (
                code("M81.0", day("dx", -800, -200), role="problem-list"),
                drug("alendronate", day("dx", -190, -100), days=90),
            ),
        ),
        "unknown": Option(25),
    },
)

ILLNESS = Dial(
    "illness",
    {
        "none": Option(20),
        "pressure": Option(
            45,
            (
                code("I10", day("dx", -900, -300), role="problem-list"),
                drug("atorvastatin", day("dx", -80, -20), days=90),
            ),
        ),
        "diabetes": Option(
            35,
            (
                code("E11.9", day("dx", -900, -300), role="problem-list"),
                code("I10", day("dx", -900, -300), role="problem-list"),
                drug("metformin", day("dx", -80, -20), days=90),
            ),
        ),
    },
)

_VITALS = (
    measure("8480-6", number(105, 165), day("dx", -200, -30), "mm[Hg]", system="LOINC"),
    measure("8462-4", number(60, 95), day("dx", -200, -30), "mm[Hg]", system="LOINC"),
    measure("29463-7", number(45, 95), day("dx", -200, -30), "kg", system="LOINC"),
    measure("8480-6", number(105, 165), day("dx", 60, 200), "mm[Hg]", system="LOINC"),
    measure("8867-4", number(55, 98), day("dx", 60, 200), "/min", system="LOINC"),
)

VITALS = Dial("vitals", {"few": Option(30, _VITALS[:2]), "usual": Option(70, _VITALS)})

OTHER_VISITS = Dial(
    "other_visits",
    {
        "none": Option(20),
        "one": Option(30, (visit("ambulatory", day("dx", 110, 300), specialty="cardiology", related=False),)),
        "two": Option(
            40,
            (
                visit("ambulatory", day("dx", -150, -60), specialty="family", related=False),
                visit("ambulatory", day("dx", 15, 100), specialty="cardiology", related=False),
            ),
        ),
        # a score that was taken for another complaint is none of this fracture's
        "knee": Option(
            10,
            (
                visit(
                    "ambulatory",
                    day("dx", 75, 95, same_as="knee"),
                    specialty="rheumatology",
                    related=False,
                    name="knee",
                ),
                score(number(6, 9), day("dx", 75, 95, same_as="knee"), within="knee"),
            ),
        ),
    },
)

FOLLOWED = Dial(
    "followed",
    {
        "throughout": Option(70),  # no row says so
        "since": Option(30, (Row("followup", {"started_at": day("dx", -1500, -1000)}),), "arc!=moved"),
    },
)

DIALS = (FOLLOWED, BONES, ILLNESS, VITALS, OTHER_VISITS)
