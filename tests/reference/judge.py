"""Judges a whole extract, one patient at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from tests.reference.chart import Chart
from tests.reference.cohort import Case, cases_of, cohort_lines
from tests.reference.engine import MEASURES, Context, finding
from tests.reference.extract import LEVELS, Extract, read_extract
from tests.reference.facts import Facts
from tests.reference.measures import MEASURE_ROWS

WITHOUT_LEVEL = ("Q3", "S1", "S2", "X1")


def judge_case(extract: Extract, case: Case) -> dict:
    """The case's own columns and all its findings."""
    facts = Facts(case)
    names = list(MEASURE_ROWS)
    if case.level == "unspecified":
        names = [n for n in names if n in WITHOUT_LEVEL and (n == "Q3" or case.parameters.switches.safety_unspecified)]
    findings = []
    for name in names:
        ctx = Context(extract, case, facts, MEASURES[name])
        findings += [finding(ctx, row, n) for n, row in enumerate(MEASURE_ROWS[name](ctx), 1)]
    shown = case.end <= extract.as_of
    return {
        **case_columns(case),
        "end_date": case.end.isoformat() if shown else None,
        "end_reason": case.end_reason if shown else None,
        "disposition": disposition(case, findings),
        "findings": findings,
    }


def disposition(case: Case, findings: list[dict]) -> str | None:
    """The strongest referral pathway triggered so far."""
    if case.level == "unspecified":
        return None
    on = {f["measure_id"] for f in findings if f["trigger_at"] and f["state"] not in ("excluded", "not_applicable")}
    if "S1" in on:
        return "urgent_surgical_referral"
    if on & {"S2", "S3", "S4"}:
        return "surgical_referral"
    if on & {"I1", "I2"}:
        return "interventional_radiology_referral"
    if on & {"P1", "S7"}:
        return "pain_management_referral"
    return "conservative_management"


def levels_same_episode(case: Case) -> str | None:
    """Other levels with DX within 30 days, in spine order."""
    near = {c.level for c in case.siblings if c.level != case.level and abs((c.dx.day - case.dx.day).days) <= 30}
    return "|".join(level for level in LEVELS if level in near) or None


def case_columns(case: Case) -> dict:
    cons: date | None = case.conservative_start
    return {
        "case_id": case.case_id,
        "patient_id": case.chart.patient.id,
        "level": case.level,
        "line": case.line,
        "t0": case.t0.isoformat(),
        "dx_at": case.dx.text(),
        "m3_date": case.m3.isoformat(),
        "conservative_start": cons.isoformat() if cons else None,
        "treatment_start": case.treatment_start.isoformat(),
        "end_date": case.end.isoformat(),
        "end_reason": case.end_reason,
        "aetiology": case.aetiology,
        "age_at_t0": case.age,
        "prevalent": case.prevalent,
        "previous_case_id": case.previous.case_id if case.previous else None,
        "levels_same_episode": levels_same_episode(case),
        "disposition": None,
        "audited": case.line == "audited",
        "findings": [],
    }


def judge_patient(extract: Extract, patient) -> dict:
    chart = Chart(extract, patient)
    cases = cases_of(chart)
    judged = [
        judge_case(extract, case) if case.line in ("audited", "unspecified_level") else case_columns(case)
        for case in cases
    ]
    return {"patient_id": patient.id, "lines": cohort_lines(chart, cases), "cases": judged}


def judge(extract: Extract) -> list[dict]:
    """One dict a patient: patient_id, lines {level: cohort line}, cases."""
    return [judge_patient(extract, patient) for patient in extract.tables["patients"]]


def judge_extract(folder: Path, settings: Mapping, base: Path | None = None) -> list[dict]:
    """All patients of a native extract folder, judged with the settings (a parsed settings.toml)."""
    return judge(read_extract(Path(folder), settings, base))
