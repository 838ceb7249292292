"""Small tables drawn by hand, in the warehouse's shape: only what a test is about is written out."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import polars as pl

from flows.merge import merge
from flows.nights import Night
from flows.private import make_folder, work_folder
from flows.publish import publish
from schemas.catalogue import FLAGS, MEASURES_BY_ID, REASON_WORDS, SEVERITIES, STATES
from schemas.columns import Table
from schemas.parameters import load_parameters
from schemas.stored import OF_PARTS, STORED
from schemas.value_sets import load_value_sets
from schemas.warehouse import DATA_DICTIONARY, FROM_PARTS, WAREHOUSE, WORDED
from transforms import applied, rates
from transforms.concepts import Concepts
from transforms.stored import POSITIONS, URGENCIES, packed
from transforms.stored import in_words as verdicts_in_words

AS_OF = date(2024, 12, 31)
RUN_ID = "2024-12-31-0123abcd"
NIGHT = Night(RUN_ID, 0, "1", "value sets", "parameters")
SURGEONS = Concepts.of(load_value_sets()).bits["neurosurgery"]

_TYPES: dict[str, Any] = {
    "VARCHAR": pl.String,
    "BIGINT": pl.Int64,
    "INTEGER": pl.Int32,
    "DOUBLE": pl.Float64,
    "BOOLEAN": pl.Boolean,
    "DATE": pl.Date,
    "UBIGINT": pl.UInt64,
    "UINTEGER": pl.UInt32,
    "UTINYINT": pl.UInt8,
    "SMALLINT": pl.Int16,
    "TIMESTAMP": pl.Datetime("us"),
}
_NEUTRAL: dict[str, Any] = {"VARCHAR": "-", "BIGINT": 0, "INTEGER": 1, "BOOLEAN": True, "DATE": date(2024, 3, 1)}
_NEUTRAL |= {"UBIGINT": 0, "UINTEGER": 0, "UTINYINT": 1}


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The rows with every declared column: null where it may be, a neutral value where it may not."""
    blank = {c.name: None if c.nullable else _NEUTRAL[c.type] for c in table}
    schema = {c.name: _TYPES[c.type] for c in table}
    return pl.DataFrame([blank | dict(row) for row in rows], schema=schema)


def number(name: str) -> int:
    """The number by which something drawn is stored."""
    return crc32(name.encode())


def case(case_id: str, **given: Any) -> dict[str, Any]:
    """One case: L2, diagnosed on 1 March 2024, 70 years old, at site north, unless said otherwise."""
    row = {
        "case_number": number(case_id),
        "patient_number": number(f"patient-of-{case_id}"),
        "case_id": case_id,
        "key_case_id": case_id,
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
    """One finding of that case (instance 1 unless said otherwise); given: times as they are written, flags, lateness."""
    flags = given.pop("flags", "").split("|")
    urgency = given.pop("urgency", None)
    numbers = {
        "measure": POSITIONS[measure_id],
        "state": STATES.index(state),
        "reason": REASON_WORDS.index(reason),
        "flags": sum(1 << bit for bit, flag in enumerate(FLAGS) if flag in flags),
        "severity": SEVERITIES.index(MEASURES_BY_ID[measure_id].severity),
        "urgency": URGENCIES.index(urgency),
    }
    verdict = pl.select(packed(**{name: pl.lit(value) for name, value in numbers.items()})).item()
    row = {"case_number": number(case_id), "verdict": verdict, "instance": 1}
    for name in ("trigger", "due", "action"):
        row |= moment(name, given.pop(f"{name}_at", None))
    return row | given


def moment(name: str, written: str | None) -> dict[str, Any]:
    """The two stored columns of a time as it is written."""
    at = datetime.fromisoformat(written) if written else None
    offset = at.utcoffset() if at else None
    return {
        f"{name}_local": at.replace(tzinfo=None) if at else None,
        f"{name}_offset": None if offset is None else int(offset.total_seconds() // 60),
    }


def event(patient_id: str, table_name: str, row_id: str, event_at: str, **given: Any) -> dict[str, Any]:
    """One event of that patient."""
    row = {"event_number": number(row_id), "patient_number": number(patient_id), "sets": 0}
    row |= {"table_name": table_name, "row_id": row_id} | moment("event", event_at) | moment("known", event_at)
    return row | given


def evidence(case_id: str, measure_id: str, role: str, row_id: str) -> dict[str, Any]:
    """One event that decided the first instance of a finding."""
    return {
        "case_number": number(case_id),
        "measure": POSITIONS[measure_id],
        "instance": 1,
        "role": ("action", "exception", "exclusion", "justification", "trigger").index(role) + 1,
        "event_number": number(row_id),
    }


def cases(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(STORED["cases"], rows)


def findings(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return frame(STORED["findings"], rows)


def rated(findings_: pl.DataFrame, cases_: pl.DataFrame) -> rates.Counts:
    """What the rates are made of."""
    return rates.added([rates.counted(findings_.lazy(), cases_)])


def measured(findings_: pl.DataFrame, cases_: pl.DataFrame) -> pl.DataFrame:
    """`audit.measures` of these findings."""
    return rates.measures(rated(findings_, cases_))


def in_words(findings_: pl.DataFrame, cases_: pl.DataFrame) -> pl.DataFrame:
    """The findings as the view tells them, as far as they are counted: case_id, level, measure_id, state, reason."""
    words = verdicts_in_words(findings_["verdict"]).select("verdict", "measure_id", "state", "reason")
    return findings_.join(words, on="verdict").join(cases_.select("case_number", "case_id", "level"), on="case_number")


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


Night = dict[str, pl.DataFrame]
"""Frames by name: those of the parts (stored tables, and tables that parts bring), of the whole night, and runs."""

BROUGHT = (*OF_PARTS, *FROM_PARTS)


def night_of(cases_: pl.DataFrame, findings_: pl.DataFrame, **other: pl.DataFrame) -> Night:
    """Everything that is published: the two given, the rates made from them, the rest empty or as given."""
    feeds_ = other.get("feeds", feeds())
    counts = rated(findings_, cases_)
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
    tables = {name: frame(STORED[name], []) for name in OF_PARTS}
    tables |= {
        name: frame(table, [])
        for name, table in WAREHOUSE.items()
        if name not in WORDED and table is not DATA_DICTIONARY
    }
    tables |= {
        "cases": cases_,
        "findings": findings_,
        "measures": rates.measures(counts),
        "measure_periods": rates.measure_periods(counts, feeds_, AS_OF),
        "measure_reasons": rates.measure_reasons(counts),
        "feeds": feeds_,
        "measure_catalogue": applied.measure_catalogue(),
        "parameters": applied.parameters(load_parameters({})),
        "value_sets": applied.value_sets(load_value_sets()),
        "runs": frame(WAREHOUSE["runs"], [run]),
    }
    return tables | other


def published(night: Night, out: Path, parts: int = 1) -> Path:
    """The night, merged and published to `out`; its cases and their rows are spread over so many parts."""
    make_folder(out)
    with work_folder(out) as work:
        folders = [work / f"{part:04}" for part in range(parts)]
        for part, folder in enumerate(folders):
            folder.mkdir()
            for name in BROUGHT:
                if name in night:
                    _of_part(night, name, part, parts).write_parquet(folder / f"{name}.parquet")
        whole = {name: rows for name, rows in night.items() if name not in (*BROUGHT, "runs")}
        merged = merge(folders, whole, NIGHT, load_value_sets(), work / "new.duckdb")
        return publish(merged, night["runs"], out)


def _of_part(night: Night, name: str, part: int, parts: int) -> pl.DataFrame:
    """The rows of one part: all rows of a patient lie in one."""
    if parts == 1:
        return night[name]
    people = night["cases"].select("case_number", "case_id", "patient_number", "patient_id")
    people = people.filter(pl.col("patient_number") % parts == part)
    key = next(key for key in people.columns if key in night[name].columns)
    return night[name].filter(pl.col(key).is_in(people[key].implode()))


def night() -> Night:
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
            "late",
            "S1",
            "deviation",
            "late",
            action_at="2024-03-03T20:30:00+00:00",
            late_by_hours=10.5,
            urgency="urgent",
            **deficit,
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
        finding("dead", "Q1", "indeterminate", "feed_absent"),
        finding("unlevelled", "Q3", "deviation", "missing", due_at="2024-03-31"),
        finding("unlevelled", "S1", "deviation", "missing", flags="level_unspecified", **deficit),
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
    asked = {"code_system": "NUCC", "code": "207T00000X", "value": "urgent", "sets": SURGEONS}
    bad = {"table_name": "observations", "source_file": "observations.csv", "reason": "bad_value"}
    return night_of(
        cases_,
        findings_,
        case_facts=frame(WAREHOUSE["case_facts"], facts),
        events=frame(
            STORED["events"],
            [
                event("patient-of-late", "conditions", "c1", "2024-03-02T10:00:00+00:00"),
                event("patient-of-late", "referrals", "r1", "2024-03-03T20:30:00+00:00", **asked),
            ],
        ),
        evidence=frame(
            STORED["evidence"], [evidence("late", "S1", "trigger", "c1"), evidence("late", "S1", "action", "r1")]
        ),
        quarantine=frame(
            WAREHOUSE["quarantine"],
            [
                bad | {"row_number": 1, "column_name": "observed_at", "severity": "rejected", "row": '{"a": "secret"}'},
                bad | {"row_number": 2, "column_name": "value_number", "severity": "warning", "row": "{}"},
                bad | {"row_number": 3, "reason": "malformed_record", "severity": "rejected", "row": "x,y"},
            ],
        ),
    )
