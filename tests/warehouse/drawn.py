"""Small tables drawn by hand, in the warehouse's shape: only what a test is about is written out."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from schemas.catalogue import MEASURES_BY_ID
from schemas.columns import Table
from schemas.parameters import load_parameters
from schemas.value_sets import load_value_sets
from schemas.warehouse import DATA_DICTIONARY, WAREHOUSE
from transforms import applied, rates

AS_OF = date(2024, 12, 31)
RUN_ID = "2024-12-31-0123abcd"

_TYPES: dict[str, Any] = {
    "VARCHAR": pl.String,
    "BIGINT": pl.Int64,
    "INTEGER": pl.Int32,
    "DOUBLE": pl.Float64,
    "BOOLEAN": pl.Boolean,
    "DATE": pl.Date,
}
_NEUTRAL: dict[str, Any] = {"VARCHAR": "-", "BIGINT": 0, "INTEGER": 1, "BOOLEAN": True, "DATE": date(2024, 3, 1)}


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The rows with every declared column: null where it may be, a neutral value where it may not."""
    blank = {c.name: None if c.nullable else _NEUTRAL[c.type] for c in table}
    schema = {c.name: _TYPES[c.type] for c in table}
    return pl.DataFrame([blank | dict(row) for row in rows], schema=schema)


def case(case_id: str, **given: Any) -> dict[str, Any]:
    """One case: L2, diagnosed on 1 March 2024, 70 years old, at site north, unless said otherwise."""
    row = {
        "case_id": case_id,
        "patient_id": f"patient-of-{case_id}",
        "level": "L2",
        "t0": date(2024, 3, 1),
        "dx_at": "2024-03-01",
        "age_at_t0": 70,
        "sex": "female",
        "site_id": "north",
        "case_basis": "confirmed",
    }
    return row | {"audited": given.get("level", "L2") != "unspecified"} | given


def finding(case_id: str, measure_id: str, state: str, reason: str, **given: Any) -> dict[str, Any]:
    """One finding of that case (level L2 and instance 1 unless said otherwise)."""
    measure = MEASURES_BY_ID[measure_id]
    row = {
        "case_id": case_id,
        "measure_id": measure_id,
        "instance": 1,
        "patient_id": f"patient-of-{case_id}",
        "level": "L2",
        "t0": date(2024, 3, 1),
        "state": state,
        "reason": reason,
        "severity": measure.severity,
        "force": measure.force,
        "explanation": f"{measure.title}: {reason}.",
        "run_id": RUN_ID,
    }
    row |= given
    return row | {"finding_key": f"{case_id}-{measure_id}-{row['instance']}"}


def cases(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(WAREHOUSE["cases"], rows)


def findings(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(WAREHOUSE["findings"], rows)


def feeds(horizons: Mapping[str, date | None] | None = None) -> pl.DataFrame:
    """All nine feeds, complete through the as-of date but for those given (None: absent)."""
    names = ["patients", "encounters", "conditions", "observations", "imaging", "procedures", "referrals"]
    names += ["medications", "followup"]
    given = dict.fromkeys(names, AS_OF) | dict(horizons or {})
    return frame(
        WAREHOUSE["feeds"],
        (
            {"table_name": name, "present": horizon is not None, "horizon": horizon, "rows_read": 4, "rows_accepted": 4}
            for name, horizon in given.items()
        ),
    )


def warehouse(cases_: pl.DataFrame, findings_: pl.DataFrame, **other: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Every table that `publish` takes: the two given, the rates made from them, the rest empty or as given."""
    findings_ = findings_.drop("site_id").join(cases_.select("case_id", "site_id"), on="case_id", how="left")
    feeds_ = other.get("feeds", feeds())
    run = {
        "run_id": RUN_ID,
        "as_of": AS_OF,
        "timezone": "UTC",
        "guideline": "L2 compression fracture referrals",
        "guideline_version": "2025-10-29",
        "review_status": "under_review",
        "package_version": "0.1.0",
        "format": "native",
        "receipt": "{}",
    }
    tables = {name: frame(table, []) for name, table in WAREHOUSE.items() if table is not DATA_DICTIONARY}
    tables |= {
        "cases": cases_,
        "findings": findings_,
        "measures": rates.measures(findings_, cases_),
        "measure_periods": rates.measure_periods(findings_, cases_, feeds_, AS_OF),
        "measure_reasons": rates.measure_reasons(findings_),
        "feeds": feeds_,
        "measure_catalogue": applied.measure_catalogue(),
        "parameters": applied.parameters(load_parameters({})),
        "value_sets": applied.value_sets(load_value_sets()),
        "runs": frame(WAREHOUSE["runs"], [run]),
    }
    return tables | other


def night() -> dict[str, pl.DataFrame]:
    """A small night with every kind of row that the views and saved queries speak of."""
    cases_ = cases(
        case("late", display_id="MRN-1", end_date=None),
        case("missing", display_id="MRN-2", site_id="south", sex="male"),
        case("waiting", display_id="MRN-3", site_id=None),
        case("dead", display_id="MRN-4", end_date=date(2024, 4, 1), end_reason="death"),
        case("unlevelled", display_id="MRN-5", level="unspecified"),
    )
    deficit = {"trigger_at": "2024-03-02T10:00:00+00:00", "due_at": "2024-03-03T10:00:00+00:00"}
    findings_ = findings(
        finding(
            "late", "S1", "deviation", "late", action_at="2024-03-03T20:30:00+00:00", late_by_hours=10.5, **deficit
        ),
        finding("late", "G1", "met", "on_time", due_at="2024-03-15", action_at="2024-03-05"),
        finding(
            "late",
            "A1",
            "deviation",
            "premature",
            trigger_at="2024-04-01",
            flags="aaos_vertebroplasty|meets_coverage_like",
        ),
        finding("missing", "S1", "deviation", "missing", **deficit),
        finding("missing", "G1", "deviation", "missing", trigger_at="2024-03-01", due_at="2024-03-15"),
        finding("waiting", "S1", "pending", "not_yet_due", trigger_at="2024-12-31", due_at="2025-01-01"),
        finding("waiting", "X1", "pending", "trigger_not_yet_possible"),
        finding("waiting", "F1", "pending", "not_yet_due", trigger_at="2024-12-01", due_at="2025-01-19"),
        finding("waiting", "G1", "pending", "feed_incomplete", trigger_at="2024-03-01", due_at="2024-03-15"),
        finding("dead", "S1", "not_applicable", "no_deficit_recorded"),
        finding("dead", "G1", "deviation", "missing", trigger_at="2024-03-01", due_at="2024-03-15"),
        finding(
            "dead",
            "Q1",
            "indeterminate",
            "feed_absent",
            missing_facts="conditions.neuro_deficit|observations.neuro-exam",
        ),
        finding("unlevelled", "Q3", "deviation", "missing", level="unspecified", due_at="2024-03-31"),
        finding("unlevelled", "S1", "deviation", "missing", level="unspecified", flags="level_unspecified", **deficit),
    )
    facts = [
        {
            "case_id": "late",
            "deficit_known_at": "2024-03-02T10:00:00+00:00",
            "surgical_contact_at": "2024-03-03T20:30:00+00:00",
            "surgeon_seen_at": "2024-03-04",
        },
        {"case_id": "missing", "deficit_known_at": "2024-03-02T10:00:00+00:00"},
    ]
    referral = {"table_name": "referrals", "row_id": "r1", "event_at": "2024-03-03T20:30:00+00:00"}
    late = {"case_id": "late", "measure_id": "S1", "instance": 1}
    bad = {"table_name": "observations", "source_file": "observations.csv", "reason": "bad_value"}
    return warehouse(
        cases_,
        findings_,
        case_facts=frame(WAREHOUSE["case_facts"], facts),
        evidence=frame(
            WAREHOUSE["evidence"],
            [
                late | {"role": "trigger", "table_name": "conditions", "row_id": "c1"},
                late | referral | {"role": "action", "code_system": "NUCC", "code": "207T00000X", "value": "urgent"},
            ],
        ),
        case_events=frame(
            WAREHOUSE["case_events"],
            [{"case_id": "late", "day": 2, "value_sets": "neurosurgery", "code": "207T00000X"} | referral],
        ),
        quarantine=frame(
            WAREHOUSE["quarantine"],
            [
                bad | {"row_number": 1, "column_name": "observed_at", "severity": "rejected", "row": '{"a": "secret"}'},
                bad | {"row_number": 2, "column_name": "value_number", "severity": "warning", "row": "{}"},
                bad | {"row_number": 3, "reason": "malformed_record", "severity": "rejected", "row": "x,y"},
            ],
        ),
        recommendations=frame(
            WAREHOUSE["recommendations"],
            [late | {"pathway": "urgent_surgical_referral", "urgency": "urgent", "triggered_at": "2024-03-02"}],
        ),
    )
