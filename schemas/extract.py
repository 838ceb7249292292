"""The extract contract: the nine tables that come in (specification, section 1)."""

from types import MappingProxyType

from schemas.columns import Column, Table

LEVELS: tuple[str, ...] = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
)
"""The spine levels in spine order."""

MODALITIES: tuple[str, ...] = ("mri", "ct", "xray", "nm", "dxa", "other")
REGIONS: tuple[str, ...] = ("cervical", "thoracic", "lumbar", "sacrum", "pelvis", "other")
CONTRASTS: tuple[str, ...] = ("without", "with", "both", "unknown")

CODED_COLUMNS: MappingProxyType[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "encounters": (("specialty_system", "specialty"),),
        "conditions": (("code_system", "code"),),
        "observations": (("code_system", "code"),),
        "imaging": (("code_system", "code"),),
        "procedures": (("code_system", "code"),),
        "referrals": (("specialty_system", "specialty"), ("reason_code_system", "reason_code")),
        "medications": (("code_system", "code"),),
    }
)
"""(system, code) pairs of columns of each table."""

KEY_NAMES: MappingProxyType[str, str] = MappingProxyType(
    {"code": "code_key", "specialty": "specialty_key", "reason_code": "reason_key"}
)
"""The clean column that holds a code in the form in which codes are compared."""

SPANS: MappingProxyType[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "encounters": (("started_at", "ended_at"),),
        "medications": (("started_at", "ended_at"),),
        "followup": (("started_at", "ended_at"),),
    }
)
"""(start, end) pairs of times: an end before its start is impossible. An order is none: it may be entered later."""

PLANNED_STATUS: tuple[str, ...] = ("planned", "cancelled")
"""The states of an encounter whose times may lie after the extraction."""


def _id(name: str, description: str) -> Column:
    return Column(name, "VARCHAR", description, nullable=False, kind="id")


def _text(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, "VARCHAR", description, nullable=not required)


def _time(name: str, description: str, *, required: bool = False, future: bool = False) -> Column:
    return Column(name, "TIMESTAMPTZ", description, nullable=not required, kind="time", future=future)


def _enum(name: str, description: str, values: str, *, required: bool = False, strict: bool = False) -> Column:
    words = tuple(values.split(", "))
    return Column(name, "VARCHAR", description, nullable=not required, kind="enum", values=words, strict=strict)


def _coded(system: str, code: str, what: str, *, required: bool = True) -> tuple[Column, Column]:
    return (
        Column(system, "VARCHAR", f"Code system of {what}", nullable=not required, kind="system"),
        Column(code, "VARCHAR", f"Code of {what}", nullable=not required, kind="code"),
    )


_PATIENT = Column("patient_id", "VARCHAR", "The patient", nullable=False, kind="id", references="patients")
_ENCOUNTER = Column("encounter_id", "VARCHAR", "The encounter in which this was recorded", kind="id")
_LEVEL = Column("level", "VARCHAR", "Spine level C1 to S5", kind="level")

PATIENTS = Table(
    "patients",
    "One patient",
    (
        _id("patient_id", "Identifies the patient in every table"),
        _text("display_id", "What the ward calls the patient: the record number"),
        Column("birth_date", "DATE", "Date of birth", nullable=False, kind="date"),
        Column(
            "sex",
            "VARCHAR",
            "Administrative sex",
            kind="enum",
            values=("female", "male", "other", "unknown"),
            synonyms=MappingProxyType({"f": "female", "m": "male"}),
        ),
        _time("deceased_at", "Time of death"),
        _text("race", "Race as recorded"),
        _text("ethnicity", "Ethnicity as recorded"),
        _text("language", "Preferred language"),
        _text("payer", "Who pays for the care"),
        _text("site_id", "The site that the patient belongs to"),
    ),
    key=("patient_id",),
    required=True,
)

ENCOUNTERS = Table(
    "encounters",
    "One contact of a patient with the organisation",
    (
        _id("encounter_id", "Identifies the encounter"),
        _PATIENT,
        _enum(
            "class",
            "Kind of encounter",
            "emergency, inpatient, observation, ambulatory, virtual, home, other",
            required=True,
        ),
        _enum(
            "status",
            "State of the encounter",
            "planned, in-progress, finished, cancelled, no-show, entered-in-error",
            required=True,
        ),
        _time("started_at", "Start of the encounter", required=True),
        _time("ended_at", "End of the encounter"),
        *_coded("specialty_system", "specialty", "the specialty that saw the patient", required=False),
        _enum(
            "disposition",
            "Where the patient went afterwards",
            "home, snf, rehab, transfer-acute, hospice, expired, other",
        ),
        Column(
            "fracture_related", "BOOLEAN", "Whether it was about the fracture; null = unknown, never no", kind="flag"
        ),
        _text("site_id", "The site of the encounter"),
        _text("unit", "The ward or clinic"),
        _text("clinician_id", "Who saw the patient"),
    ),
    key=("encounter_id",),
)

CONDITIONS = Table(
    "conditions",
    "One recorded diagnosis",
    (
        _id("condition_id", "Identifies the condition"),
        _PATIENT,
        _ENCOUNTER,
        *_coded("code_system", "code", "the diagnosis"),
        _time("onset_at", "When it began"),
        _time("recorded_at", "When it was recorded", required=True),
        _enum(
            "verification",
            "How sure the diagnosis is; null = confirmed",
            "confirmed, provisional, differential, refuted, entered-in-error",
            strict=True,
        ),
        _enum(
            "role",
            "What the code was recorded for; null = diagnosis",
            "diagnosis, problem-list, billing, order",
            strict=True,
        ),
    ),
    key=("condition_id",),
    required=True,
)

OBSERVATIONS = Table(
    "observations",
    "One observation, measurement, score or documented statement",
    (
        _id("observation_id", "Identifies the observation"),
        _PATIENT,
        _ENCOUNTER,
        *_coded("code_system", "code", "what was observed"),
        _time("observed_at", "When it was observed", required=True),
        _time("recorded_at", "When it was recorded"),
        Column("value_number", "DOUBLE", "The value as a number, in the row's unit", kind="number"),
        _text("unit", "Unit of the number"),
        _text("value_code", "The value as a word"),
        _LEVEL,
        _enum(
            "status",
            "State of the observation; null = final",
            "final, amended, corrected, preliminary, cancelled, entered-in-error",
            strict=True,
        ),
    ),
    key=("observation_id",),
)

IMAGING = Table(
    "imaging",
    "One imaging study, ordered or done",
    (
        _id("imaging_id", "Identifies the study's row"),
        _PATIENT,
        _ENCOUNTER,
        *_coded("code_system", "code", "the study"),
        _time("ordered_at", "When it was ordered"),
        _time("performed_at", "When it was done"),
        _enum("status", "State of the study", "ordered, completed, cancelled, entered-in-error", required=True),
        Column("modality", "VARCHAR", "Modality; overrides what the code says", kind="enum", values=MODALITIES),
        Column(
            "regions",
            "VARCHAR",
            "Regions imaged, separated by |; override what the code says",
            kind="regions",
            values=REGIONS,
        ),
        Column("contrast", "VARCHAR", "Contrast; overrides what the code says", kind="enum", values=CONTRASTS),
        _text("accession", "Number of the study; the same in every row of it"),
    ),
    key=("imaging_id",),
)

PROCEDURES = Table(
    "procedures",
    "One procedure",
    (
        _id("procedure_id", "Identifies the procedure"),
        _PATIENT,
        _ENCOUNTER,
        *_coded("code_system", "code", "the procedure"),
        _time("performed_at", "When it was done", required=True),
        _enum(
            "status",
            "State of the procedure",
            "completed, in-progress, stopped, cancelled, entered-in-error",
            required=True,
        ),
        _LEVEL,
    ),
    key=("procedure_id",),
)

REFERRALS = Table(
    "referrals",
    "One referral to a specialty",
    (
        _id("referral_id", "Identifies the referral"),
        _PATIENT,
        _ENCOUNTER,
        *_coded("specialty_system", "specialty", "the specialty asked"),
        _time("ordered_at", "When it was ordered", required=True),
        _enum("priority", "Priority", "routine, urgent, asap, stat"),
        _enum("status", "State of the referral", "draft, active, completed, revoked, entered-in-error", required=True),
        _time("completed_at", "When the patient was seen"),
        _time("revoked_at", "When it was withdrawn"),
        *_coded("reason_code_system", "reason_code", "the reason; null = unknown, never none", required=False),
    ),
    key=("referral_id",),
)

MEDICATIONS = Table(
    "medications",
    "One order, supply or administration of a drug",
    (
        _id("medication_id", "Identifies the row"),
        _PATIENT,
        _ENCOUNTER,
        *_coded("code_system", "code", "the drug"),
        _time("started_at", "Start of the treatment", required=True),
        _time("ended_at", "End of the treatment, planned or real", future=True),
        Column("days_supply", "DOUBLE", "How long the supply lasts from the start", unit="days", kind="number"),
        _enum("route", "Route", "oral, nasal, parenteral, topical, other"),
        _enum(
            "status",
            "State of the treatment",
            "active, completed, stopped, cancelled, on-hold, entered-in-error",
            required=True,
        ),
    ),
    key=("medication_id",),
)

FOLLOWUP = Table(
    "followup",
    "One period in which this organisation would see the patient's care",
    (
        _PATIENT,
        _time("started_at", "Start of the period", required=True, future=True),
        _time("ended_at", "End of the period", future=True),
    ),
    key=("patient_id", "started_at"),
)

EXTRACT: dict[str, Table] = {
    table.name: table
    for table in (
        PATIENTS,
        ENCOUNTERS,
        CONDITIONS,
        OBSERVATIONS,
        IMAGING,
        PROCEDURES,
        REFERRALS,
        MEDICATIONS,
        FOLLOWUP,
    )
}
"""The nine tables in the contract's order; patients first, because the others refer to them."""
