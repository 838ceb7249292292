"""Patients without a fracture, as most of a hospital's are: ordinary visits, vital signs, diagnoses and prescriptions."""

from flows.synth.describe import PAIN, code, drug, measure, study, visit
from flows.synth.dials import Dial, Option
from flows.synth.rows import Row, day, number

_SPAN = (-500, 200)


def _visit(specialty: str, kind: str = "ambulatory") -> Row:
    return visit(kind, day("dx", *_SPAN), specialty=specialty)


def _vital(loinc: str, low: int, high: int, unit: str) -> Row:
    return measure(loinc, number(low, high), day("dx", *_SPAN), unit, system="LOINC")


_FEW = (
    _visit("family"),
    _visit("family"),
    _vital("8480-6", 100, 170, "mm[Hg]"),
    _vital("8462-4", 60, 95, "mm[Hg]"),
    _vital("29463-7", 45, 110, "kg"),
    _vital("8867-4", 55, 100, "/min"),
)
_MORE = (
    _visit("cardiology"),
    _visit("orthopaedics"),
    _visit("family"),
    _visit("family", "virtual"),
    _vital("8480-6", 100, 170, "mm[Hg]"),
    _vital("8462-4", 60, 95, "mm[Hg]"),
    _vital("2339-0", 70, 220, "mg/dL"),
    _vital("4548-4", 5, 11, "%"),
    _vital("2160-0", 1, 3, "mg/dL"),
    _vital("8867-4", 55, 100, "/min"),
)


def _problems(*codes: str) -> tuple[Row, ...]:
    return tuple(code(word, day("dx", *_SPAN), role="problem-list") for word in codes)


DIALS = (
    Dial("contacts", {"few": Option(35, _FEW), "more": Option(65, _FEW + _MORE)}),
    Dial(
        "problems",
        {
            "heart": Option(30, _problems("I10", "E78.5", "I48.91")),
            "sugar": Option(25, _problems("I10", "E11.9", "N18.3")),
            "joints": Option(25, _problems("M17.11", "M54.50")),
            "lungs": Option(10, _problems("J44.9", "F32.9", "K21.9")),
            "none": Option(10),
        },
    ),
    Dial(
        "medicines",
        {
            "none": Option(15),
            "two": Option(
                50,
                (
                    drug("atorvastatin", day("dx", *_SPAN), days=90),
                    drug("paracetamol", day("dx", *_SPAN), days=number(5, 30)),
                ),
            ),
            "four": Option(
                35,
                (
                    drug("atorvastatin", day("dx", *_SPAN), days=90),
                    drug("metformin", day("dx", *_SPAN), days=90),
                    drug("metformin", day("dx", *_SPAN), days=90),
                    drug("tramadol", day("dx", *_SPAN), days=number(5, 20)),
                ),
            ),
        },
    ),
    Dial(
        "pain_asked",
        {
            "no": Option(60),
            "yes": Option(40, (measure(PAIN, number(0, 9), day("dx", *_SPAN), "{score}", system="LOINC"),)),
        },
    ),
    Dial(
        "pictures",
        {
            "no": Option(75),
            "spine": Option(10, (study("72148", day("dx", *_SPAN)),)),
            "films": Option(15, (study("72100", day("dx", *_SPAN)),)),
        },
    ),
    Dial("stay", {"no": Option(80), "yes": Option(20, (visit("inpatient", day("dx", *_SPAN), disposition="home"),))}),
)
