"""Short names for the rows that clinical courses are made of; codes as the value sets have them."""

import polars as pl

from flows.synth.rows import At, Cell, Row, Within

PAIN = "72514-3"  # LOINC: pain severity 0-10 verbal numeric rating
L2 = "S32.020A"
NUCC = {
    "emergency": "207P00000X",
    "family": "207Q00000X",
    "orthopaedics": "207X00000X",
    "neurosurgery": "207T00000X",
    "spine": "207XS0117X",
    "neurology": "2084N0400X",
    "rheumatology": "207RR0500X",
    "cardiology": "207RC0000X",
    "radiology": "2085R0204X",  # interventional
    "pain": "208VP0000X",
    "therapy": "225100000X",
    "practitioner": "363L00000X",  # does not tell the specialty
}
ATC = {
    "paracetamol": "N02BE01",
    "tramadol": "N02AX02",
    "calcitonin": "H05BA01",
    "alendronate": "M05BA04",
    "atorvastatin": "C10AA05",
    "metformin": "A10BA02",
}


def visit(
    kind: str,
    at: At,
    *,
    specialty: str | None = "family",
    related: bool | None = None,
    status: str = "finished",
    ended: At | None = None,
    disposition: Cell = None,
    name: str | None = None,
    **cells: Cell,
) -> Row:
    """An encounter."""
    return Row(
        "encounters",
        {
            "class": kind,
            "status": status,
            "started_at": at,
            "ended_at": ended,
            "specialty_system": "NUCC" if specialty else None,
            "specialty": NUCC[specialty] if specialty else None,
            "disposition": disposition,
            "fracture_related": related,
            "site_id": pl.col("site_id"),
            **cells,
        },
        name,
    )


def code(code: str, at: At, *, system: str = "ICD10CM", within: str | None = None, **cells: Cell) -> Row:
    """A condition."""
    return Row("conditions", {"code_system": system, "code": code, "recorded_at": at, **_within(within), **cells})


def note(fact: str, value: str, at: At, *, within: str | None = None, **cells: Cell) -> Row:
    """A LOCAL fact with a word."""
    common: dict[str, Cell] = {"code_system": "LOCAL", "code": fact, "value_code": value, "observed_at": at}
    return Row("observations", {**common, "status": "final", **_within(within), **cells})


def measure(fact: str, value: Cell, at: At, unit: str, *, system: str = "LOCAL", **cells: Cell) -> Row:
    """A LOCAL fact, or an observation of another system, with a number."""
    common: dict[str, Cell] = {"code_system": system, "code": fact, "value_number": value, "unit": unit}
    return Row("observations", {**common, "observed_at": at, "status": "final", **cells})


def score(value: Cell, at: At, *, within: str | None = None, **cells: Cell) -> Row:
    """A pain score."""
    return measure(PAIN, value, at, "{score}", system="LOINC", **_within(within), **cells)


def study(code: str, at: At | None, *, status: str = "completed", system: str = "CPT", **cells: Cell) -> Row:
    """An imaging study."""
    return Row("imaging", {"code_system": system, "code": code, "performed_at": at, "status": status, **cells})


def procedure(code: str, at: At, *, system: str = "CPT", level: str | None = None) -> Row:
    """A completed procedure."""
    return Row(
        "procedures",
        {"code_system": system, "code": code, "performed_at": at, "status": "completed", "level": level},
    )


def refer(
    specialty: str,
    at: At,
    *,
    priority: str | None = "routine",
    reason: str | None = L2,
    within: str | None = None,
    **cells: Cell,
) -> Row:
    """A referral that was made."""
    return Row(
        "referrals",
        {
            "specialty_system": "NUCC",
            "specialty": NUCC[specialty],
            "ordered_at": at,
            "priority": priority,
            "status": "active",
            "reason_code_system": "ICD10CM" if reason else None,
            "reason_code": reason,
            **_within(within),
            **cells,
        },
    )


def drug(what: str, at: At, *, days: Cell = 30, route: str = "oral", **cells: Cell) -> Row:
    """A prescription."""
    common: dict[str, Cell] = {"code_system": "ATC", "code": ATC[what], "started_at": at, "days_supply": days}
    return Row("medications", {**common, "route": route, "status": "completed", **cells})


def _within(name: str | None) -> dict[str, Cell]:
    return {"encounter_id": Within(name)} if name else {}
