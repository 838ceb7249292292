"""What the gate asks of the warehouse before it is published: each check is one SQL file that a person may also run.

Files of `sql/warehouse/checks/` return rows only where something is wrong. Those of `sql/warehouse/nights/` return what
they looked at, marked where it lies outside of its bounds; they are for an earlier night to be compared with.
"""

from dataclasses import dataclass

from flows.sql_files import SqlFile, sql_file

KINDS: dict[str, str] = {
    "uniqueness": "No key occurs twice",
    "references": "No row speaks of one that isn't there",
    "conservation": "All rows of the feeds are accounted for",
    "states": "Every case has every measure, and the states add up",
    "rates": "Rates lie in their bounds, and the findings bear them out",
    "rows": "As many rows as the night before",
    "freshness": "Every feed has moved",
    "indeterminate": "No more that can't be told than the night before",
    "drift": "Codes are used as the night before",
    "unmapped": "Value sets know the codes",
}
"""What a check is for, by the word of its switch `[gate] block_<kind>`, and how it is when all is well."""


@dataclass(frozen=True)
class Check:
    """One SQL file, and the switch that says whether it holds back the night."""

    kind: str
    name: str
    compares: bool = False
    """True where it belongs to the comparisons: no earlier night, no verdict."""

    @property
    def file(self) -> SqlFile:
        """The SQL with its title."""
        return sql_file(f"warehouse/{'nights' if self.compares else 'checks'}/{self.name}")


CHECKS: tuple[Check, ...] = (
    Check("uniqueness", "cases_twice"),
    Check("uniqueness", "findings_twice"),
    Check("uniqueness", "keys_twice"),
    Check("uniqueness", "evidence_twice"),
    Check("uniqueness", "events_twice"),
    Check("references", "cases_without_facts"),
    Check("references", "findings_without_case"),
    Check("references", "findings_without_verdict"),
    Check("references", "evidence_without_case"),
    Check("references", "events_missing"),
    Check("references", "evidence_without_finding"),
    Check("references", "evidence_without_measure"),
    Check("references", "events_without_patient"),
    Check("conservation", "feeds_lose_rows"),
    Check("conservation", "quarantine_adds_up"),
    Check("states", "cases_without_findings"),
    Check("states", "states_add_up"),
    Check("states", "strata_add_up"),
    Check("rates", "rates_within_bounds"),
    Check("rates", "measures_match_findings"),
    Check("rows", "rows_as_before", compares=True),
    Check("freshness", "feeds_are_fresh", compares=True),
    Check("indeterminate", "indeterminate_as_before", compares=True),
    Check("drift", "codes_as_before", compares=True),
    Check("unmapped", "codes_are_known", compares=True),
)
"""Every file of both folders, once."""

BOUNDS: tuple[str, ...] = (
    "rows_change_share",
    "feed_behind_days",
    "indeterminate_rise_share",
    "code_drift_share",
    "unmapped_share",
)
"""The numbers of `[gate]` that the SQL reads as variables of that name."""
