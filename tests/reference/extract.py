"""Reads a native CSV extract and applies the contract, row by row (1-extract-contract.md)."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import SimpleNamespace

from tests.reference.clocks import CoarseTimeError, Moment, parse_moment
from tests.reference.values import ValueSets, load_parameters

CONDITION_STATES = ["confirmed", "provisional", "differential", "refuted", "entered-in-error"]
ROLES = ["diagnosis", "problem-list", "billing", "order"]
OBSERVATION_STATES = ["final", "amended", "corrected", "preliminary", "cancelled", "entered-in-error"]

# name -> (column, kind, required, strict): kind is text, id, time, date, number, bool, level, value or a list of
# words; strict: an unknown word rejects the row although the column may be null.
TABLES: dict[str, list[tuple[str, object, bool, bool]]] = {}


def _table(name: str, *columns: tuple) -> None:
    TABLES[name] = [(c[0], c[1], "required" in c[2:], "strict" in c[2:]) for c in columns]


_text = [(n, "text") for n in ("race", "ethnicity", "language", "payer", "site_id")]
_table(
    "patients", ("patient_id", "text", "required"), ("display_id", "text"), ("birth_date", "date", "required"),
    ("sex", ["female", "male", "other", "unknown", "f", "m"]), ("deceased_at", "time"), *_text,
)  # fmt: skip
_table(
    "encounters", ("encounter_id", "text", "required"), ("patient_id", "text", "required"),
    ("class", ["emergency", "inpatient", "observation", "ambulatory", "virtual", "home", "other"], "required"),
    ("status", ["planned", "in-progress", "finished", "cancelled", "no-show", "entered-in-error"], "required"),
    ("started_at", "time", "required"), ("ended_at", "time"), ("specialty_system", "text"), ("specialty", "text"),
    ("disposition", ["home", "snf", "rehab", "transfer-acute", "hospice", "expired", "other"]),
    ("fracture_related", "bool"),
    ("site_id", "text"), ("unit", "text"), ("clinician_id", "text"),
)  # fmt: skip
_table(
    "conditions", ("condition_id", "text", "required"), ("patient_id", "text", "required"), ("encounter_id", "text"),
    ("code_system", "text", "required"), ("code", "text", "required"), ("onset_at", "time"),
    ("recorded_at", "time", "required"), ("verification", CONDITION_STATES, "strict"), ("role", ROLES, "strict"),
)  # fmt: skip
_table(
    "observations", ("observation_id", "text", "required"), ("patient_id", "text", "required"),
    ("encounter_id", "text"), ("code_system", "text", "required"), ("code", "text", "required"),
    ("observed_at", "time", "required"), ("recorded_at", "time"), ("value_number", "number"), ("unit", "text"),
    ("value_code", "value"), ("level", "level"), ("status", OBSERVATION_STATES, "strict"),
)  # fmt: skip
_table(
    "imaging", ("imaging_id", "text", "required"), ("patient_id", "text", "required"), ("encounter_id", "text"),
    ("code_system", "text", "required"), ("code", "text", "required"), ("ordered_at", "time"), ("performed_at", "time"),
    ("status", ["ordered", "completed", "cancelled", "entered-in-error"], "required"),
    ("modality", ["mri", "ct", "xray", "nm", "dxa", "other"]), ("regions", "regions"),
    ("contrast", ["without", "with", "both", "unknown"]), ("accession", "text"),
)  # fmt: skip
_table(
    "procedures", ("procedure_id", "text", "required"), ("patient_id", "text", "required"), ("encounter_id", "text"),
    ("code_system", "text", "required"), ("code", "text", "required"), ("performed_at", "time", "required"),
    ("status", ["completed", "in-progress", "stopped", "cancelled", "entered-in-error"], "required"),
    ("level", "level"),
)  # fmt: skip
_table(
    "referrals", ("referral_id", "text", "required"), ("patient_id", "text", "required"), ("encounter_id", "text"),
    ("specialty_system", "text", "required"), ("specialty", "text", "required"), ("ordered_at", "time", "required"),
    ("priority", ["routine", "urgent", "asap", "stat"]),
    ("status", ["draft", "active", "completed", "revoked", "entered-in-error"], "required"),
    ("completed_at", "time"), ("revoked_at", "time"), ("reason_code_system", "text"), ("reason_code", "text"),
)  # fmt: skip
_table(
    "medications", ("medication_id", "text", "required"), ("patient_id", "text", "required"), ("encounter_id", "text"),
    ("code_system", "text", "required"), ("code", "text", "required"), ("started_at", "time", "required"),
    ("ended_at", "time"), ("days_supply", "number"), ("route", ["oral", "nasal", "parenteral", "topical", "other"]),
    ("status", ["active", "completed", "stopped", "cancelled", "on-hold", "entered-in-error"], "required"),
)  # fmt: skip
_table("followup", ("patient_id", "text", "required"), ("started_at", "time", "required"), ("ended_at", "time"))

LEVELS = (
    [f"C{n}" for n in range(1, 8)] + [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]
    + [f"S{n}" for n in range(1, 6)]
)  # fmt: skip
REGIONS = ["cervical", "thoracic", "lumbar", "sacrum", "pelvis", "other"]
_specialists = ["surgery", "interventional-radiology", "pain-management"]
LOCAL_VALUES: dict[str, list[str] | None] = {  # None: the value is a number
    "fracture-level": LEVELS,
    "fracture-acuity": ["acute", "chronic"],
    "neuro-exam": ["deficit", "no-deficit", "deficit-known"],
    "post-void-residual": None,
    "course": ["improving", "worsening", "persistent", "resolved"],
    "kyphosis-angle": None,
    "height-loss": None,
    "stability": ["stable", "unstable"],
    "tlics": None,
    "sins": None,
    "fvc-percent-predicted": None,
    "percussion-sign": ["positive", "negative"],
    "supine-sign": ["positive", "negative"],
    "pathology-assessment": ["benign", "suspicious"],
    "other-levels-reviewed": ["yes"],
    "sacrum-reviewed": ["yes"],
    "mri-contraindication": ["present", "absent", "unknown-device"],
    "gadolinium-contraindication": ["present", "absent"],
    "augmentation-candidate": ["yes", "no"],
    "mri-unavailable": ["yes"],
    "considered": [*_specialists, "physical-therapy", "imaging", "biopsy", "nerve-root-block"],
    "discussed-with": _specialists,
    "declined": [*_specialists, "physical-therapy", "imaging", "mri", "biopsy", "medication", "follow-up"],
    "outreach": ["no-show"],
}
RANGES = {"height-loss": (0, 100), "fvc-percent-predicted": (0, 200), "kyphosis-angle": (-90, 120)}


@dataclass
class Extract:
    """The accepted rows by table and the facts about the extract as a whole."""

    parameters: SimpleNamespace
    sets: ValueSets
    zone: str
    as_of: date
    tables: dict[str, list[SimpleNamespace]] = field(default_factory=dict)
    loaded_through: dict[str, date] = field(default_factory=dict)
    quarantine: list[dict] = field(default_factory=list)
    local_codes: set[str] = field(default_factory=set)
    has_calcitonin: bool = False
    by_patient: dict[str, dict[str, list[SimpleNamespace]]] = field(default_factory=dict)

    def horizon(self, feeds: list[str]) -> date:
        """The earliest day through which the feeds that are there are complete."""
        ends = [self.loaded_through.get(feed, self.as_of) for feed in feeds if feed in self.tables]
        return min([self.as_of, *ends])

    def absent(self, feeds: list[str]) -> bool:
        return any(feed not in self.tables for feed in feeds)


class _BadRow(Exception):
    def __init__(self, reason: str, column: str) -> None:
        super().__init__(reason)
        self.reason, self.column = reason, column


def _files(folder: Path, table: str) -> list[Path]:
    found = [folder / f"{table}{ending}" for ending in (".csv", ".csv.gz")]
    found = [path for path in found if path.is_file()]
    part_folder = folder / table
    if part_folder.is_dir():
        found += sorted(p for p in part_folder.iterdir() if p.name.endswith((".csv", ".csv.gz")))
    return found


def _records(path: Path) -> Iterator[tuple[int, list[str] | None, dict[str, str]]]:
    data = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    header = [name.strip() for name in next(reader)]
    number = 0
    for record in reader:
        if not record:
            continue
        number += 1
        if len(record) != len(header):
            yield number, record, {}
        else:
            yield number, None, dict(zip(header, (cell.strip() for cell in record), strict=True))


def _convert(column: str, kind: object, text: str, zone: str) -> object:
    if kind == "time":
        try:
            return parse_moment(text, zone)
        except CoarseTimeError:
            raise _BadRow("time_precision", column) from None
        except ValueError:
            raise _BadRow("bad_value", column) from None
    if kind == "date":
        try:
            return parse_moment(text, zone).day
        except CoarseTimeError:
            raise _BadRow("time_precision", column) from None
        except ValueError:
            raise _BadRow("bad_value", column) from None
    if kind == "number":
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise _BadRow("bad_value", column) from None
        if not value.is_finite():
            raise _BadRow("bad_value", column)
        return value
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise _BadRow("unknown_enum", column)
        return text.lower() == "true"
    if kind == "level":
        if text.upper() not in LEVELS:
            raise _BadRow("unknown_enum", column)
        return text.upper()
    if kind == "regions":
        words = [word.strip().lower() for word in text.split("|")]
        if any(word not in REGIONS for word in words):
            raise _BadRow("unknown_enum", column)
        return frozenset(words)
    if isinstance(kind, list):
        if text.lower() not in kind:
            raise _BadRow("unknown_enum", column)
        return text.lower()
    return text


class _Reader:
    def __init__(self, folder: Path, extract: Extract, extracted_at: Moment | None) -> None:
        self.folder, self.extract, self.extracted_at = folder, extract, extracted_at
        self.births: dict[str, date] = {}

    def note(self, table: str, row_id: str | None, column: str | None, reason: str, severity: str) -> None:
        self.extract.quarantine.append(
            {
                "table_name": table,
                "row_id": row_id or "",
                "column": column or "",
                "reason": reason,
                "severity": severity,
            }
        )

    def read(self, table: str) -> None:
        files = _files(self.folder, table)
        if not files:
            return
        columns = TABLES[table]
        id_column = columns[0][0] if table != "followup" else None
        seen: set[tuple] = set()
        accepted: list[SimpleNamespace] = []
        for path in files:
            for _number, malformed, raw in _records(path):
                if malformed is not None:
                    self.note(table, None, None, "malformed_record", "rejected")
                    continue
                cells = tuple(raw.get(c[0], "") for c in columns)
                if id_column and raw.get(id_column):
                    if cells in seen:
                        continue
                    seen.add(cells)
                row_id = raw.get(id_column, "") if id_column else ""
                try:
                    row, warnings = self.check(table, raw)
                except _BadRow as bad:
                    self.note(table, row_id, bad.column, bad.reason, "rejected")
                    continue
                row.source = path.name
                row.warnings = warnings
                accepted.append(row)
        self.extract.tables[table] = self.settle_ids(table, accepted, id_column) if id_column else accepted
        for row in self.extract.tables[table]:
            for column, reason in row.warnings:
                self.note(table, row.id, column, reason, "warning")

    def settle_ids(self, table: str, rows: list[SimpleNamespace], id_column: str) -> list[SimpleNamespace]:
        by_id: dict[str, list[SimpleNamespace]] = {}
        for row in rows:
            by_id.setdefault(row.id, []).append(row)
        kept = []
        for row_id, group in by_id.items():
            winner = group[0] if len(group) == 1 else None
            if winner is None:
                dated = [r for r in group if getattr(r, "recorded_at", None)]
                newest = max((r.recorded_at.order for r in dated), default=None)
                best = [r for r in dated if r.recorded_at.order == newest]
                if len(best) == 1:
                    winner = best[0]
                elif len(last := [r for r in group if r.source == max(x.source for x in group)]) == 1:
                    winner = last[0]
            for row in group:
                if row is winner:
                    kept.append(row)
                else:
                    self.note(table, row_id, id_column, "conflicting_id", "rejected")
        return kept

    def check(self, table: str, raw: Mapping[str, str]) -> tuple[SimpleNamespace, list[tuple[str, str]]]:
        row = SimpleNamespace(table=table)
        warnings: list[tuple[str, str]] = []
        columns = TABLES[table]
        for column, _kind, required, _strict in columns:
            if required and not raw.get(column):
                raise _BadRow("null_required", column)
        for column, kind, required, strict in columns:
            text = raw.get(column) or ""
            value = None
            if text:
                try:
                    value = _convert(column, kind, text, self.extract.zone)
                except _BadRow as bad:
                    if required or strict or (bad.reason == "time_precision" and column != "onset_at"):
                        raise
                    warnings.append((column, bad.reason))
            setattr(row, "klass" if column == "class" else column, value)
        row.id = getattr(row, columns[0][0]) if table != "followup" else ""
        self.canonical_codes(table, row, warnings)
        if table == "patients":
            if row.sex in ("f", "m"):
                row.sex = {"f": "female", "m": "male"}[row.sex]
            if row.deceased_at and row.deceased_at.day < row.birth_date:
                row.deceased_at = None
                warnings.append(("deceased_at", "impossible_time"))
        elif row.patient_id not in self.births:
            raise _BadRow("orphan", "patient_id")
        self.check_times(table, row)
        if table == "patients":
            self.births[row.patient_id] = row.birth_date
        return row, warnings

    def canonical_codes(self, table: str, row: SimpleNamespace, warnings: list[tuple[str, str]]) -> None:
        sets = self.extract.sets
        if hasattr(row, "code"):
            row.system, row.key = sets.canonical(row.code_system, row.code)
        if hasattr(row, "specialty"):
            row.specialty_key = None
            if row.specialty:
                row.specialty_system, row.specialty_key = sets.canonical(row.specialty_system or "", row.specialty)
        if table == "referrals":
            row.reason_system = row.reason_key = None
            if row.reason_code:
                row.reason_system, row.reason_key = sets.canonical(row.reason_code_system or "", row.reason_code)
        if table != "observations":
            return
        row.local = row.key if row.system == "LOCAL" else None
        if (row.system, row.key) == ("LOINC", "19872-1"):
            row.local = "fvc-percent-predicted"
        row.is_score = sets.has("pain_score", row.system, row.key)
        number = row.value_number
        if row.is_score and number is not None:
            if (row.unit or "").strip().lower() == "mm":
                number = row.value_number = number / 10
            if not 0 <= number <= 10:
                raise _BadRow("out_of_range", "value_number")
        if row.local in RANGES and number is not None:
            low, high = RANGES[row.local]
            if not low <= number <= high:
                raise _BadRow("out_of_range", "value_number")
        if row.system == "LOCAL" and row.local in LOCAL_VALUES:
            allowed = LOCAL_VALUES[row.local]
            if allowed is None:
                if row.local == "kyphosis-angle" and row.value_code:
                    row.value_code = row.value_code.lower()
                    if row.value_code not in ("standing", "supine"):
                        warnings.append(("value_code", "unknown_enum"))
                        row.value_code = None
                if number is None:
                    warnings.append(("value_number", "null_required"))
            elif row.value_code is not None:
                word = row.value_code.upper() if row.local == "fracture-level" else row.value_code.lower()
                if word not in allowed:
                    warnings.append(("value_code", "unknown_enum"))
                row.value_code = word if word in allowed else None
        elif (row.is_score or row.local == "fvc-percent-predicted") and number is None:
            warnings.append(("value_number", "null_required"))

    def check_times(self, table: str, row: SimpleNamespace) -> None:
        birth = row.birth_date if table == "patients" else self.births[row.patient_id]
        bound = self.extracted_at
        free = table == "followup" or (table == "encounters" and row.status in ("planned", "cancelled"))
        for column, kind, _required, _strict in TABLES[table]:
            value = getattr(row, "klass" if column == "class" else column)
            if kind != "time" or value is None:
                continue
            if value.day < birth:
                raise _BadRow("impossible_time", column)
            if column == "ended_at" and not _ordered(row.started_at, value):
                raise _BadRow("impossible_time", column)
            if bound is None or free or (table, column) == ("medications", "ended_at"):
                continue
            if value.minute and bound.minute:
                if value.instant > bound.instant + timedelta(days=1):
                    raise _BadRow("impossible_time", column)
            elif value.day > bound.day + timedelta(days=1):
                raise _BadRow("impossible_time", column)


def _ordered(start: Moment, end: Moment) -> bool:
    return end.instant >= start.instant if start.minute and end.minute else end.day >= start.day


def _as_date(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def read_extract(folder: Path, settings: Mapping, base: Path | None = None) -> Extract:
    """The accepted rows of a folder. `base`: what relative paths of the settings are relative to."""
    parameters = load_parameters(settings)
    for name in ("period_from", "period_to"):
        setattr(parameters.cohort, name, _as_date(getattr(parameters.cohort, name)))
    zone = settings.get("timezone", "UTC")
    mapping = settings.get("concept_map")
    sets = ValueSets(parameters.input.include_unverified_codes, (base or folder) / mapping if mapping else None)
    manifest = json.loads((folder / "manifest.json").read_text()) if (folder / "manifest.json").exists() else {}
    extracted_at = parse_moment(manifest["extracted_at"], zone) if manifest.get("extracted_at") else None
    as_of = _as_date(settings.get("as_of"))
    if as_of is None and extracted_at is not None:
        as_of = extracted_at.day - timedelta(days=1) if extracted_at.minute else extracted_at.day
    if as_of is None:
        raise ValueError("as_of is needed")
    extract = Extract(parameters, sets, zone, as_of)
    extract.loaded_through = {t: date.fromisoformat(d) for t, d in (manifest.get("loaded_through") or {}).items()}
    reader = _Reader(folder, extract, extracted_at)
    for table in TABLES:
        reader.read(table)
    for table, rows in extract.tables.items():
        for row in rows:
            extract.by_patient.setdefault(row.patient_id, {}).setdefault(table, []).append(row)
    extract.local_codes = {r.local for r in extract.tables.get("observations", []) if r.system == "LOCAL"}
    extract.has_calcitonin = any(sets.has("calcitonin", r.system, r.key) for r in extract.tables.get("medications", []))
    return extract
