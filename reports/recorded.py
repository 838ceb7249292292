"""What Prefect keeps of a night for whoever may open its pages: counts none of which is about a few patients, and times.

Of a count up to FEW only that is said. No total stands beside its parts: what is left out could be had by subtraction.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from reports.small_counts import FEW, shown
from reports.summary import SEVERITIES, status


def markdown(
    as_of: date,
    counts: Mapping[str, Any],
    guideline: str,
    review_status: str,
    stages: Sequence[tuple[str, float]],
) -> str:
    """A page of Markdown. counts: of flows.run.summary. stages: name and seconds of each."""
    rows = [
        ("Fractures audited", shown(counts["cases"])),
        ("Fractures whose level no code states", shown(counts["cases_without_level"])),
        ("Cases with a deviation to review", shown(counts["cases_with_deviation"])),
        *(
            (f"Deviations to review, {severity}", shown(counts["deviations"].get(severity, 0)))
            for severity in SEVERITIES
        ),
        ("Still open, deadline ahead", shown(counts["pending"])),
        ("Could not be told from the data", shown(counts["indeterminate"])),
        ("Tables that the extract lacks", str(len(counts["absent_feeds"]))),
        ("Rows set aside as faulty", shown(counts["rows_quarantined"])),
        ("Rows read", shown(counts["rows_read"])),
    ]
    return "\n".join(
        [
            f"# Audit through {as_of}",
            "",
            f"{guideline}{status(review_status)}",
            "",
            "| what | number |",
            "| --- | ---: |",
            *(f"| {what} | {number} |" for what, number in rows),
            "",
            "| stage | seconds |",
            "| --- | ---: |",
            *(f"| {name} | {seconds:,.1f} |" for name, seconds in stages),
            "",
            f"Numbers from 1 to {FEW} are not shown. A deviation is one from the configured algorithm, for review: no"
            " statement about a clinician.",
            "",
        ]
    )
