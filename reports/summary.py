"""The closing words of a run, for the person who asked for it: counts, no value of a patient's row."""

from collections.abc import Mapping
from datetime import date
from typing import Any

SEVERITIES: tuple[str, ...] = ("critical", "high", "moderate", "low", "advisory")
_WIDTH = 36


def closing(
    as_of: date, counts: Mapping[str, Any], guideline: str, review_status: str, places: Mapping[str, str]
) -> str:
    """Plain text of some twenty lines. counts: of flows.run.summary. places: what → where it lies."""
    deviations = counts["deviations"]
    lines = [
        f"Audit through {as_of}: {guideline}{status(review_status)}",
        "",
        _line("Fractures audited", counts["cases"]),
    ]
    if counts["cases_without_level"]:
        lines.append(_line("  more, level not stated by any code", counts["cases_without_level"]))
    lines.append(_line("Deviations to review", sum(deviations.values()), f"in {counts['cases_with_deviation']} cases"))
    lines += [_line(f"  {name}", deviations[name]) for name in SEVERITIES if deviations.get(name)]
    lines.append(_line("Still open, deadline ahead", counts["pending"]))
    why = ", ".join(f"{_words(reason)} {n}" for reason, n in counts["indeterminate_reasons"])
    lines.append(_line("Could not be told from the data", counts["indeterminate"], f"mostly: {why}" if why else ""))
    if counts["absent_feeds"]:
        lines.append(
            _line("Tables that the extract lacks", len(counts["absent_feeds"]), ", ".join(counts["absent_feeds"]))
        )
    lines.append(_line("Rows set aside as faulty", counts["rows_quarantined"], f"of {counts['rows_read']:,} read"))
    lines += ["", *(f"{what:<{_WIDTH}}  {where}" for what, where in places.items())]
    lines += ["", "A deviation is one from the configured algorithm, for review: no statement about a clinician."]
    return "\n".join(lines)


def status(review_status: str) -> str:
    """What is said behind a guideline's version that nobody has approved yet."""
    return "" if review_status == "approved" else f" (guideline text {_words(review_status)}, not approved yet)"


def _line(label: str, number: int, remark: str = "") -> str:
    return f"{label:<{_WIDTH}}  {number:>7,}  {remark}".rstrip()


def _words(text: str) -> str:
    return text.replace("_", " ")
