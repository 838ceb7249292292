"""The tables of the extract while they are being filled, and how they are written."""

import csv
from pathlib import Path

COLUMNS: dict[str, list[str]] = {
    "patients": [
        "patient_id", "display_id", "birth_date", "sex", "deceased_at", "race", "ethnicity", "language", "payer",
        "site_id",
    ],
    "encounters": [
        "encounter_id", "patient_id", "class", "status", "started_at", "ended_at", "specialty_system", "specialty",
        "disposition", "fracture_related", "site_id", "unit", "clinician_id",
    ],
    "conditions": [
        "condition_id", "patient_id", "encounter_id", "code_system", "code", "onset_at", "recorded_at",
        "verification", "role",
    ],
    "observations": [
        "observation_id", "patient_id", "encounter_id", "code_system", "code", "observed_at", "recorded_at",
        "value_number", "unit", "value_code", "level", "status",
    ],
    "imaging": [
        "imaging_id", "patient_id", "encounter_id", "code_system", "code", "ordered_at", "performed_at", "status",
        "modality", "regions", "contrast", "accession",
    ],
    "procedures": [
        "procedure_id", "patient_id", "encounter_id", "code_system", "code", "performed_at", "status", "level",
    ],
    "referrals": [
        "referral_id", "patient_id", "encounter_id", "specialty_system", "specialty", "ordered_at", "priority",
        "status", "completed_at", "revoked_at", "reason_code_system", "reason_code",
    ],
    "medications": [
        "medication_id", "patient_id", "encounter_id", "code_system", "code", "started_at", "ended_at",
        "days_supply", "route", "status",
    ],
    "followup": ["patient_id", "started_at", "ended_at"],
}  # fmt: skip

PREFIXES = {
    "encounters": "enc",
    "conditions": "con",
    "observations": "obs",
    "imaging": "img",
    "procedures": "pro",
    "referrals": "ref",
    "medications": "med",
}

Row = dict[str, str]


class Record:
    """All tables of one extract; a row is a dict of the texts that its CSV cells will hold."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def add(self, table: str, **cells: object) -> str:
        """Append a row to `table` and return its id, which is made here (empty for tables without an id)."""
        key = ""
        if prefix := PREFIXES.get(table):
            key = f"{prefix}-{len(self.tables[table]) + 1:06d}"
            cells = {COLUMNS[table][0]: key, **cells}
        if unknown := set(cells) - set(COLUMNS[table]):
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        row = {column: _text(cells.get(column)) for column in COLUMNS[table]}
        self.tables[table].append(row)
        return key

    def write(self, folder: Path) -> None:
        """Write one CSV a table (RFC 4180, UTF-8, LF)."""
        folder.mkdir(parents=True, exist_ok=True)
        for table, rows in self.tables.items():
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, COLUMNS[table], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
