"""Bad rows, as every real feed has them: a few of each kind, always far below the share that stops a run."""

from .record import COLUMNS, Record, Row


def spoil(record: Record, population: range) -> list[str]:
    """Append bad rows to `record`; patients of `population` lend their ids. Returns raw lines for observations."""
    who = [f"pat-{number:04d}" for number in population]

    def copy(table: str, patient: str, **changes: str) -> Row:
        row = next(row for row in record.tables[table] if row["patient_id"] == patient)
        key = {COLUMNS[table][0]: f"{row[COLUMNS[table][0]]}-bad"} if table != "patients" else {}
        return {**row, **key, **changes}

    def put(table: str, row: Row) -> None:
        record.tables[table].append(row)

    def any_of(table: str, skip: int = 0) -> str:
        """A patient who has a row in `table`."""
        having = [p for p in who if any(row["patient_id"] == p for row in record.tables[table])]
        return having[skip]

    # Rejected rows.
    put("encounters", copy("encounters", any_of("encounters", 1), **{"class": "day-care"}))  # unknown_enum
    put("encounters", copy("encounters", any_of("encounters", 2), ended_at="2025-01-03T10:00"))  # impossible_time
    put("encounters", copy("encounters", any_of("encounters", 3), started_at=""))  # null_required
    put("conditions", copy("conditions", any_of("conditions", 4), recorded_at="2026-05"))  # time_precision
    put("conditions", copy("conditions", any_of("conditions", 5), patient_id="pat-9999"))  # orphan
    put("conditions", copy("conditions", any_of("conditions", 6), recorded_at="05/17/2026"))  # bad_value
    put("observations", copy("observations", any_of("observations", 7), code_system="LOINC", code="72514-3",
                             value_number="14", value_code=""))  # out_of_range  # fmt: skip
    put("observations", copy("observations", any_of("observations", 8), status="maybe"))  # unknown_enum
    put("imaging", copy("imaging", any_of("imaging", 9), performed_at="2027-02-03T10:00"))  # impossible_time
    put("referrals", copy("referrals", any_of("referrals", 10), status="sent"))  # unknown_enum
    put("medications", copy("medications", any_of("medications", 11), code=""))  # null_required
    twice = copy("observations", any_of("observations", 12))
    put("observations", {**twice, "observation_id": "obs-twice", "value_number": "5", "recorded_at": ""})
    put("observations", {**twice, "observation_id": "obs-twice", "value_number": "6", "recorded_at": ""})
    # Kept with a warning: the value becomes null.
    put("referrals", {**copy("referrals", any_of("referrals", 13)), "priority": "soonish"})
    put("observations", copy("observations", any_of("observations", 14), level="L9"))
    put("conditions", copy("conditions", any_of("conditions", 15), onset_at="2026"))
    put("encounters", copy("encounters", any_of("encounters", 16), disposition="gone"))
    # The same row delivered twice.
    for table in ("encounters", "observations", "medications"):
        put(table, dict(record.tables[table][-40]))
    # A patient whose own row is unusable: the few rows of that patient become orphans.
    put("patients", {**copy("patients", who[0]), "patient_id": "pat-0998", "display_id": "MRN-000998",
                     "birth_date": "unknown"})  # fmt: skip
    put("conditions", {**copy("conditions", who[0]), "patient_id": "pat-0998", "condition_id": "con-998"})
    # A birth date after the death: the death is not believed.
    put("patients", {**copy("patients", who[1]), "patient_id": "pat-0999", "display_id": "MRN-000999",
                     "deceased_at": "1911-05-04"})  # fmt: skip
    # A record with a field too many, as an unquoted comma makes it.
    return [f"obs-comma,{who[2]},,LOINC,72514-3,2026-04-02T10:00,,6,{{score}},moderate, worse at night,,final"]
