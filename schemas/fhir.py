"""FHIR R4: which resource types fill which table, what FHIR's words become (specification, section 1, "FHIR R4").

Tables of words only: the mapping itself is SQL (sql/fhir/), which reads these as fhir.word(field, given, becomes).
"""

from types import MappingProxyType

FEEDS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "patients": ("Patient",),
        "encounters": ("Encounter",),
        "conditions": ("Condition",),
        "observations": ("Observation",),
        "imaging": ("ImagingStudy", "DiagnosticReport"),
        "procedures": ("Procedure",),
        "referrals": ("ServiceRequest",),
        "medications": (
            "MedicationRequest",
            "MedicationAdministration",
            "MedicationDispense",
            "MedicationStatement",
        ),
    }
)
"""Table → the resource types of which one must be in the extract for the feed to be there. `followup` has none."""

LOOKED_UP: tuple[str, ...] = ("Medication", "Appointment", "Task")
"""Types that other resources refer to: read, but no rows of a table."""

MAPPED: tuple[str, ...] = tuple(resource for types in FEEDS.values() for resource in types)

NAMES_IN_FILE_NAMES: tuple[str, ...] = tuple(
    sorted((*MAPPED, *LOOKED_UP, "ObservationDefinition", "MedicationKnowledge"), key=len, reverse=True)
)
"""Types looked for in the name of a file that holds nothing, the longest first: MedicationRequest is no Medication."""

SPECIALTY_SYSTEMS: tuple[str, ...] = ("NUCC", "CMS")
"""Code systems that hold nothing but specialties: such a code names one even where no value set knows it."""

_WORDS: dict[str, dict[str, str]] = {
    # http://terminology.hl7.org/CodeSystem/v3-ActCode; anything else is `other`.
    "encounter.class": {
        "emer": "emergency",
        "imp": "inpatient",
        "acute": "inpatient",
        "nonac": "inpatient",
        "obsenc": "observation",
        "amb": "ambulatory",
        "vr": "virtual",
        "hh": "home",
    },
    "encounter.status": {"arrived": "in-progress", "triaged": "in-progress", "onleave": "in-progress"},
    # http://terminology.hl7.org/CodeSystem/discharge-disposition; anything else is `other`.
    "encounter.disposition": {
        "home": "home",
        "snf": "snf",
        "rehab": "rehab",
        "hosp": "transfer-acute",
        "hospice": "hospice",
        "exp": "expired",
    },
    "condition.verification": {"unconfirmed": "provisional"},
    "condition.role": {"encounter-diagnosis": "diagnosis", "problem-list-item": "problem-list"},
    "observation.status": {"registered": "preliminary", "unknown": "final"},
    # `unknown` is decided by the times, as for encounters.
    "procedure.status": {"preparation": "in-progress", "on-hold": "in-progress", "not-done": "cancelled"},
    "procedure.imaging_status": {
        "preparation": "ordered",
        "in-progress": "ordered",
        "on-hold": "ordered",
        "not-done": "cancelled",
        "stopped": "cancelled",
    },
    "study.status": {"registered": "ordered", "available": "completed"},
    "report.status": {
        "registered": "ordered",
        "partial": "completed",
        "preliminary": "completed",
        "final": "completed",
        "amended": "completed",
        "corrected": "completed",
        "appended": "completed",
    },
    "request.imaging_status": {
        "active": "ordered",
        "on-hold": "ordered",
        "completed": "ordered",
        "draft": "ordered",
        "unknown": "ordered",
        "revoked": "cancelled",
    },
    "request.status": {"on-hold": "active", "unknown": "active"},
    # DICOM CID 29; anything else is `other`, but for the series that are no images.
    "study.modality": {
        "ct": "ct",
        "mr": "mri",
        "dx": "xray",
        "cr": "xray",
        "nm": "nm",
        "dxa": "dxa",
    },
    "study.no_image": {"sr": "", "ko": "", "pr": "", "doc": "", "reg": "", "seg": "", "au": ""},
    # What has not begun has no word in the contract: `cancelled` is the one that never counts.
    "MedicationRequest.status": {"draft": "cancelled", "unknown": "active"},
    "MedicationAdministration.status": {"in-progress": "active", "not-done": "cancelled", "unknown": "completed"},
    "MedicationDispense.status": {
        "preparation": "cancelled",
        "in-progress": "active",
        "declined": "cancelled",
        "unknown": "completed",
    },
    "MedicationStatement.status": {"intended": "cancelled", "not-taken": "cancelled", "unknown": "active"},
    # SNOMED CT route codes of http://hl7.org/fhir/ValueSet/route-codes, v3 and v2 routes, EDQM standard terms.
    "medication.route": {
        "26643006": "oral",
        "po": "oral",
        "20053000": "oral",
        "46713006": "nasal",
        "ns": "nasal",
        "nasinhl": "nasal",
        "nasspray": "nasal",
        "20049000": "nasal",
        "47625008": "parenteral",
        "78421000": "parenteral",
        "34206005": "parenteral",
        "iv": "parenteral",
        "im": "parenteral",
        "sc": "parenteral",
        "sq": "parenteral",
        "20045000": "parenteral",
        "20035000": "parenteral",
        "20066000": "parenteral",
        "6064005": "topical",
        "45890007": "topical",
        "tp": "topical",
        "td": "topical",
        "topical": "topical",
        "trnsderm": "topical",
        "20003000": "topical",
        "20070000": "topical",
    },
    # Unit of a supply → days; UCUM first, then the words that are written for it.
    "duration.days": {
        **dict.fromkeys(("d", "day", "days"), "1"),
        **dict.fromkeys(("wk", "week", "weeks"), "7"),
        **dict.fromkeys(("mo", "month", "months"), "30"),
        **dict.fromkeys(("a", "year", "years"), "365"),
    },
}

WORDS: tuple[tuple[str, str, str], ...] = tuple(
    (name, given, becomes) for name, words in _WORDS.items() for given, becomes in words.items()
)
"""(field, given in lower case, becomes): a word that isn't here stays what it is, for the contract to judge."""
