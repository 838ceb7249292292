"""The facts about a case that the measures used, one documented column each: `audit.case_facts`.

A fact that a measure needs and a reader may want to check gets a line here; `transforms/facts.py` makes the column.
"""

from schemas.columns import Column

_RATIO = "ratio"
_PROBABILITY = "probability 0-1"


def _bedside(sign: str, positive: str) -> tuple[Column, ...]:
    """The four columns of a bedside sign: its likelihood ratio with 95 % interval, and the post-test probability."""
    return (
        Column(
            f"{sign}_lr",
            "DOUBLE",
            f"Likelihood ratio of the recorded {sign} sign in the cited study (Langdon 2010, n = 78): LR+ where"
            f" {positive}, LR- where not; null where the sign is not recorded.",
            _RATIO,
        ),
        Column(f"{sign}_lr_low", "DOUBLE", f"Lower end of the 95 % interval of {sign}_lr.", _RATIO),
        Column(f"{sign}_lr_high", "DOUBLE", f"Upper end of the 95 % interval of {sign}_lr.", _RATIO),
        Column(
            f"{sign}_post_test_probability",
            "DOUBLE",
            f"Probability of a fracture after the {sign} sign alone, from the parameter bedside.pretest_probability;"
            " never multiplied with the other sign's.",
            _PROBABILITY,
        ),
    )


CASE_FACTS: tuple[Column, ...] = (
    Column("case_id", "VARCHAR", "The case.", nullable=False),
    Column(
        "deficit_known_at",
        "VARCHAR",
        "When the first neurological deficit of the case was known: event time or record, whichever came later;"
        " null where none is recorded.",
        "ISO 8601 local time or date",
    ),
    Column(
        "surgical_contact_at",
        "VARCHAR",
        "When a surgical specialty was first asked or involved from that deficit on; null where it never was.",
        "ISO 8601 local time or date",
    ),
    Column(
        "surgeon_seen_at",
        "VARCHAR",
        "When a surgeon first saw the patient: an encounter, an operation, a transfer, or a completed referral.",
        "ISO 8601 local time or date",
    ),
    *_bedside("percussion", "positive"),
    *_bedside("supine", "positive (unable to lie supine for pain)"),
)
