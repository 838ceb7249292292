"""What is stored once, schema `stored` of the warehouse file: numbers that the views of schema `audit` put into words.

A case, a patient and an event have numbers over all parts of the patients (part * 2^32 + number within the part); they
mean nothing outside one file and stand in no table of `audit`. A moment is two columns: `<x>_local`, the wall clock at
the site, and `<x>_offset`, minutes from UTC; where only the day is known the clock is that day's midnight and the
offset is null. The columns of the audit tables that are stored as they are keep their declaration.
"""

from schemas.columns import Column, Table
from schemas.warehouse import CASE_EVENTS, CASES, FINDINGS, RECOMMENDATIONS


def _number(name: str, description: str, kind: str = "UBIGINT", *, null: bool = False) -> Column:
    return Column(name, kind, description, nullable=null)


def _moment(name: str, description: str, *, null: bool = True) -> tuple[Column, Column]:
    return (
        Column(f"{name}_local", "TIMESTAMP", description, "local time, or midnight of a day", nullable=null),
        Column(f"{name}_offset", "SMALLINT", f"Offset of {name}_local; null where it is a day.", "minutes from UTC"),
    )


_CASE = _number("case_number", "The case.")
_PATIENT = _number("patient_number", "The patient.")
_INSTANCE = FINDINGS["instance"]
_VERDICT = _number("verdict", "The verdict: measure, state, reason, flags, severity and urgency.", "UINTEGER")
_MEASURE = _number("measure", "The measure: its position in measure_catalogue.", "UTINYINT")
_SETS = _number("sets", "The value sets that hold its code, one bit each.")

_AS_IT_IS = Column("key_case_id", "VARCHAR", "The case_id by which finding_key knows the case.", nullable=False)

STORED_CASES = Table(
    "cases",
    "One case: the columns of audit.cases, and what its findings need of it.",
    (
        _CASE,
        _PATIENT,
        *CASES.columns,
        _AS_IT_IS,
        Column("dx_encounter_id", "VARCHAR", "Encounter of the index diagnosis."),
        Column("dx_site_id", "VARCHAR", "Site of that encounter."),
        Column(
            "stay_encounter_id",
            "VARCHAR",
            "The emergency, inpatient or observation encounter that goes on, the newest; null: none is on record.",
        ),
    ),
    key=("case_number",),
)

STORED_FINDINGS = Table(
    "findings",
    "One case, measure and instance: its verdict and its moments.",
    (
        _CASE,
        _VERDICT,
        _INSTANCE,
        *_moment("trigger", "When the measure was triggered; null where it was not."),
        *_moment("due", "The deadline."),
        *_moment("action", "The action that decided."),
        FINDINGS["late_by_hours"],
        FINDINGS["late_by_days"],
        _number("trigger_event", "The event that triggered; null where none did: a clock of the case.", null=True),
        FINDINGS["trigger_table"],
        FINDINGS["trigger_row_id"],
        Column("trigger_encounter_id", "VARCHAR", "Encounter of the event that triggered."),
        Column("trigger_site_id", "VARCHAR", "Site of that encounter."),
    ),
    key=("case_number", "verdict", "instance"),
)

STORED_EVIDENCE = Table(
    "evidence",
    "One event that decided a finding, in one role.",
    (
        _CASE,
        _MEASURE,
        _INSTANCE,
        _number("role", "1 action, 2 exception, 3 exclusion, 4 justification, 5 trigger.", "UTINYINT"),
        _number("event_number", "The event."),
    ),
    key=("case_number", "measure", "instance", "role", "event_number"),
)

INDEX_CONDITIONS = Table(
    "index_conditions",
    "One condition of the extract that belongs to a case: a case keeps its identity while it shares one with last night.",
    (_CASE, Column("condition_id", "VARCHAR", "The condition.", nullable=False)),
    key=("case_number", "condition_id"),
)

EVENTS = Table(
    "events",
    "One row of the extract of a patient who has a case, once however many cases it belongs to.",
    (
        _number("event_number", "The event."),
        _PATIENT,
        CASE_EVENTS["table_name"],
        CASE_EVENTS["row_id"],
        *_moment("event", "When it happened."),
        *_moment("known", "When it was known: the later of event and record."),
        _SETS,
        CASE_EVENTS["code_system"],
        CASE_EVENTS["code"],
        CASE_EVENTS["value"],
        CASE_EVENTS["level"],
        CASE_EVENTS["encounter_id"],
        CASE_EVENTS["site_id"],
        CASE_EVENTS["unit"],
    ),
    key=("event_number",),
)

VERDICTS = Table(
    "verdicts",
    "One verdict that occurs, in words.",
    (
        _VERDICT,
        *(FINDINGS[name] for name in ("measure_id", "state", "reason", "flags", "severity", "force")),
        Column("urgency", "VARCHAR", "Urgency of the recommendation that it makes; null where it makes none."),
        Column("pathway", "VARCHAR", "Pathway of that recommendation."),
        RECOMMENDATIONS["cited_line"],
        FINDINGS["missing_facts"],
        Column("meaning", "VARCHAR", "What the reason means, without a full stop.", nullable=False),
        FINDINGS["run_id"],
    ),
    key=("verdict",),
)

MEASURE_NUMBERS = Table("measures", "The number of one measure.", (_MEASURE, FINDINGS["measure_id"]), key=("measure",))

SET_NAMES = Table(
    "set_names",
    "One combination of value sets that occurs, in words.",
    (_SETS, CASE_EVENTS["value_sets"]),
    key=("sets",),
)

PATIENTS = Table(
    "patients",
    "One patient whose rows were kept: what tells whether they must be judged again.",
    (
        Column("patient_id", "VARCHAR", "The patient.", nullable=False),
        _number("content", "The sum of the hashes of all clean rows."),
        Column(
            "turns_on", "DATE", "The first as-of date on which findings may be others without another row; null: none."
        ),
    ),
    key=("patient_id",),
)

NIGHT = Table(
    "night",
    "This night and the one before; one row.",
    (
        FINDINGS["run_id"],
        Column("previous_run_id", "VARCHAR", "The run that was published before; null on the first night of all."),
        _number("generation", "How many times this folder was published before; part of the numbers."),
        Column("token", "VARCHAR", "Of this one publication: what was kept of it goes with no other.", nullable=False),
        Column("lost_feeds", "VARCHAR", "Tables of the night before that are not in tonight's extract, |-separated."),
        Column("rules", "VARCHAR", "Version of what judges.", nullable=False),
        Column("value_sets", "VARCHAR", "SHA-256 over the value sets and the concept map.", nullable=False),
        Column("parameters", "VARCHAR", "SHA-256 over the parameters and the time zone.", nullable=False),
    ),
    key=("run_id",),
)

CHANGES = Table(
    "changes",
    "One finding that differs from the night before.",
    (
        FINDINGS["finding_key"],
        _AS_IT_IS,
        Column("case_id", "VARCHAR", "The case as it is known now, else as it was.", nullable=False),
        FINDINGS["measure_id"],
        FINDINGS["instance"],
        Column("state_before", "VARCHAR", "State on the night before; null: it was not there."),
        Column("reason_before", "VARCHAR", "Reason on the night before."),
        Column("state_after", "VARCHAR", "State now; null: it is not there any more."),
        Column("reason_after", "VARCHAR", "Reason now."),
        Column("severity_before", "VARCHAR", "Severity on the night before; null: it was not there."),
        Column(
            "urgency_before", "VARCHAR", "Urgency of what was recommended on the night before; null where nothing was."
        ),
        Column(
            "was_triggered", "BOOLEAN", "Whether its trigger was known on the night before; null: it was not there."
        ),
        Column("cause", "VARCHAR", "rule, value set, parameter, corrected row, new event or as-of.", nullable=False),
    ),
    key=("finding_key",),
)

CASE_REDATED = Table(
    "case_redated",
    "One case whose case_id is another than on the night before.",
    (
        _AS_IT_IS,
        Column("case_id_before", "VARCHAR", "The case_id on the night before.", nullable=False),
        Column("case_id_after", "VARCHAR", "The case_id now.", nullable=False),
    ),
    key=("key_case_id",),
)

TWINS = Table(
    "twins",
    "One finding whose trigger has the row id that another one of its case and measure has, in another table.",
    (_CASE, _VERDICT, _INSTANCE, _number("twin", "Which of them it is, from 2 on.", "INTEGER")),
    key=("case_number", "verdict", "instance"),
)

STORED: dict[str, Table] = {
    table.name: table
    for table in (
        STORED_CASES,
        STORED_FINDINGS,
        STORED_EVIDENCE,
        INDEX_CONDITIONS,
        PATIENTS,
        EVENTS,
        VERDICTS,
        MEASURE_NUMBERS,
        SET_NAMES,
        NIGHT,
        CHANGES,
        CASE_REDATED,
        TWINS,
    )
}
"""Every table of schema `stored`."""

OF_PARTS: tuple[str, ...] = ("cases", "findings", "evidence", "index_conditions", "patients", "events")
"""Those of them that every part of the patients brings, in a file of that name."""
