"""What a run says of the file that it made: rows by table, and the counts of its closing words. No value of a patient's
row. `con` is of flows/published.py."""

from collections.abc import Mapping
from typing import Any

import duckdb

from schemas.warehouse import RUNS, WAREHOUSE

_COUNTED = {
    "findings": "stored.findings",
    # Every row of evidence has its case and its event: the merge has looked.
    "evidence": "stored.evidence",
    "recommendations": "stored.findings JOIN stored.verdicts USING (verdict) WHERE urgency IS NOT NULL",
    # Every deviation has one line; which of them changed need not be told to count them.
    "finding_changes": """(
        SELECT 1 FROM stored.findings JOIN stored.verdicts USING (verdict) WHERE state = 'deviation'
        UNION ALL SELECT 1 FROM finding_changes WHERE state_after IS DISTINCT FROM 'deviation'
    )""",
}
"""Where the rows of a view can be counted without making them."""


def written(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table of the warehouse but the dictionary, and the receipt that is still to come."""
    return {
        name: con.execute(f"SELECT count(*) FROM {_COUNTED.get(name, name)}").fetchall()[0][0]
        for name in sorted(WAREHOUSE)
        if name not in (RUNS.name, "data_dictionary")
    }


_VERDICTS = """
SELECT v.state, v.reason, v.severity, sum(f.n)::BIGINT AS n
FROM (SELECT verdict, count(*) AS n FROM stored.findings GROUP BY verdict) AS f
JOIN stored.verdicts AS v USING (verdict)
GROUP BY ALL
"""
_CASES = "SELECT count(*) FILTER (audited), count(*) FILTER (NOT audited) FROM cases"
_DEVIATING = """
SELECT count(DISTINCT f.case_number)
FROM stored.findings AS f JOIN stored.verdicts AS v USING (verdict)
WHERE v.state = 'deviation'
"""
_FEEDS = "SELECT table_name, present, rows_read, rows_quarantined FROM feeds ORDER BY table_name"


def summary(con: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
    """The counts of the closing words (reports/summary.py)."""
    verdicts = con.execute(_VERDICTS).fetchall()
    ((audited, without_level),) = con.execute(_CASES).fetchall()
    ((deviating,),) = con.execute(_DEVIATING).fetchall()
    feeds = con.execute(_FEEDS).fetchall()
    deviations: dict[str, int] = {}
    untold: dict[str, int] = {}
    for state, reason, severity, n in verdicts:
        if state == "deviation":
            deviations[severity] = deviations.get(severity, 0) + n
        if state == "indeterminate":
            untold[reason] = untold.get(reason, 0) + n
    return {
        "cases": audited,
        "cases_without_level": without_level,
        "deviations": deviations,
        "cases_with_deviation": deviating,
        "pending": sum(n for state, _, _, n in verdicts if state == "pending"),
        "indeterminate": sum(untold.values()),
        "indeterminate_reasons": sorted(untold.items(), key=lambda item: (-item[1], item[0]))[:3],
        "absent_feeds": [name for name, present, _, _ in feeds if not present],
        "rows_read": sum(read for _, _, read, _ in feeds),
        "rows_quarantined": sum(bad for *_, bad in feeds),
    }
