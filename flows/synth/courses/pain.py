"""What the case is about, and how the pain goes: scores at the diagnosis, in weeks 2, 5 and 10, and after 3 months."""

import polars as pl

from flows.synth.describe import note, score
from flows.synth.dials import Dial, Option
from flows.synth.rows import Number, Row, after, day, number

STORY = Dial(
    "story",
    {
        "plain": Option(30),
        "refractory": Option(16),
        "silent": Option(6),
        "deficit": Option(14, tag="deficits"),
        "instability": Option(6),
        "deformity": Option(6),
        "elective": Option(6),
        "radiology": Option(4),
        "cement": Option(5),
        "cancer": Option(7),
    },
)


def _later(*values: float | Number) -> tuple[Row, ...]:
    """Scores of weeks 2, 5, 10 and 15, as far as given."""
    return tuple(score(value, day(f"v{week}")) for value, week in zip(values, (14, 35, 70, 105), strict=False))


PAIN = Dial(
    "pain",
    {
        "eases": Option(
            40,
            _later(number(2, 3), number(0, 1), number(0, 1), number(0, 1)),
            "story!=refractory|silent",
        ),
        # nobody asks again once it is gone
        "eases_quiet": Option(14, _later(number(2, 3), number(0, 1)), "story=plain|deficit|instability|cancer"),
        "eases_early": Option(8, _later(number(1, 2)), "story=plain|deficit|instability"),
        "eases_soon": Option(3, (score(number(1, 3), day("dx", 8, 10)),), "story=plain"),
        # without numbers
        "told_better": Option(
            4, (note("course", "improving", day("v14")), note("course", "improving", day("v35"))), "story=plain"
        ),
        "mild": Option(6, _later(1, 1), "story=plain"),
        "lingers": Option(14, _later(5, 5, 5, 5), "story=plain|refractory|deficit|instability|elective|radiology"),
        "severe": Option(10, _later(8, 8, 8, 8), "story=refractory|deficit|instability"),
        "relapses": Option(10, _later(5, 5, 5, number(8, 9)), "story=refractory|deficit|instability"),
        # by telephone, without a number
        "told_worse": Option(5, (*_later(5, 5, 5), note("course", "worsening", day("v105"))), "story=refractory"),
        "silent": Option(4, (), "story=silent|deficit|instability|cancer"),
        "unrecorded": Option(3, (), "story=silent|radiology|cement"),
    },
)

FIRST_VALUE = {
    "eases": 7,
    "eases_quiet": 7,
    "eases_early": 7,
    "eases_soon": 7,
    "told_better": 7,
    "mild": 2,
    "lingers": 5,
    "severe": 8,
    "relapses": 8,
    "told_worse": 8,
    "silent": 7,
    "unrecorded": 0,
}
"""The first score of each course; one point more for half of the cases."""

_VALUE = pl.col("first_value")

FIRST_SCORE = Dial(
    "first_score",
    {
        "none": Option(1, (), "pain=unrecorded"),
        "at_once": Option(80, (score(_VALUE, after("dx", -40, 60), within="index"),), "pain!=unrecorded"),
        "next_day": Option(8, (score(_VALUE, day("dx", 1)),), "pain!=unrecorded story!=cement"),
        "late": Option(8, (score(_VALUE, day("dx", 3, 6)),), "pain!=unrecorded story!=cement", "undocumented"),
    },
)

DIALS = (STORY, PAIN, FIRST_SCORE)
