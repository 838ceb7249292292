"""What Prefect keeps of a night: counts that are about no few, the times of the stages, and where the reports lie."""

from datetime import date
from typing import Any

import pytest

from reports.recorded import markdown

COUNTS: dict[str, Any] = {
    "cases": 230,
    "cases_without_level": 10,
    "deviations": {"critical": 7, "high": 28, "moderate": 85},
    "cases_with_deviation": 11,
    "pending": 363,
    "indeterminate": 1,
    "indeterminate_reasons": [("no_pain_record", 1)],
    "absent_feeds": [],
    "rows_quarantined": 16,
    "rows_read": 6109,
}


@pytest.fixture
def page() -> str:
    return markdown(date(2026, 9, 30), COUNTS, "L2 referrals, 2025-10-29", "under_review", [("land", 0.614)])


@pytest.mark.parametrize(
    "row",
    [
        "| Fractures audited | 230 |",
        "| Fractures whose level no code states | 1–10 |",
        "| Cases with a deviation to review | 11 |",
        "| Deviations to review, critical | 1–10 |",
        "| Deviations to review, high | 28 |",
        "| Deviations to review, low | 0 |",
        "| Could not be told from the data | 1–10 |",
        "| Rows read | 6,109 |",
        "| land | 0.6 |",
    ],
)
def test_a_count_below_eleven_is_not_shown(page: str, row: str) -> None:
    assert row in page.splitlines()


def test_no_total_lets_a_small_count_be_had_by_subtraction(page: str) -> None:
    assert str(7 + 28 + 85) not in page


def test_what_was_not_approved_says_so(page: str) -> None:
    assert "L2 referrals, 2025-10-29 (guideline text under review, not approved yet)" in page
