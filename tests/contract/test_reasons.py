"""Which row carries which reason? One point a row, both sides of each threshold."""

from collections.abc import Callable

import pytest

from contract.drawn import Outcome

Judge = Callable[..., Outcome]
REJECTED = "rejected"
WARNING = "warning"

PAIN = {"code_system": "LOINC", "code": "72514-3"}


def local(code: str, **cells: str) -> dict[str, str]:
    return {"code_system": "LOCAL", "code": code, "value_number": ""} | cells


@pytest.mark.parametrize(
    ("table", "row", "column", "reason", "severity"),
    [
        # a required value is null
        ("conditions", {"code": ""}, "code", "null_required", REJECTED),
        ("conditions", {"condition_id": " "}, "condition_id", "null_required", REJECTED),
        ("encounters", {"class": ""}, "class", "null_required", REJECTED),
        ("followup", {"started_at": ""}, "started_at", "null_required", REJECTED),
        # a required value can't be read
        ("conditions", {"recorded_at": "12.03.2024"}, "recorded_at", "bad_value", REJECTED),
        ("conditions", {"recorded_at": "2024-02-30"}, "recorded_at", "bad_value", REJECTED),
        ("conditions", {"recorded_at": "2024-03-12 24:00"}, "recorded_at", "bad_value", REJECTED),
        ("conditions", {"recorded_at": "2024-03-12 10"}, "recorded_at", "bad_value", REJECTED),
        ("conditions", {"recorded_at": "2024-13"}, "recorded_at", "bad_value", REJECTED),
        ("conditions", {"recorded_at": "2024-03"}, "recorded_at", "time_precision", REJECTED),
        ("conditions", {"recorded_at": "2024"}, "recorded_at", "time_precision", REJECTED),
        # unknown words
        ("encounters", {"class": "ward"}, "class", "unknown_enum", REJECTED),
        ("imaging", {"status": "performed"}, "status", "unknown_enum", REJECTED),
        ("conditions", {"verification": "perhaps"}, "verification", "unknown_enum", REJECTED),
        ("conditions", {"role": "note"}, "role", "unknown_enum", REJECTED),
        ("observations", {"status": "done"}, "status", "unknown_enum", REJECTED),
        ("encounters", {"disposition": "hotel"}, "disposition", "unknown_enum", WARNING),
        ("encounters", {"fracture_related": "perhaps"}, "fracture_related", "unknown_enum", WARNING),
        ("referrals", {"priority": "soon"}, "priority", "unknown_enum", WARNING),
        ("medications", {"route": "rectal"}, "route", "unknown_enum", WARNING),
        ("imaging", {"modality": "pet"}, "modality", "unknown_enum", WARNING),
        ("imaging", {"contrast": "some"}, "contrast", "unknown_enum", WARNING),
        ("imaging", {"regions": "lumbar|knee"}, "regions", "unknown_enum", WARNING),
        ("observations", {"level": "LUMBAR2"}, "level", "unknown_enum", WARNING),
        ("observations", {"level": "C8"}, "level", "unknown_enum", WARNING),
        ("procedures", {"level": "L6"}, "level", "unknown_enum", WARNING),
        # optional values that can't be read
        ("conditions", {"onset_at": "2024"}, "onset_at", "time_precision", WARNING),
        ("conditions", {"onset_at": "last year"}, "onset_at", "bad_value", WARNING),
        ("medications", {"ended_at": "2024-05"}, "ended_at", "time_precision", WARNING),
        ("medications", {"days_supply": "four weeks"}, "days_supply", "bad_value", WARNING),
        ("medications", {"days_supply": "1,000"}, "days_supply", "bad_value", WARNING),
        ("observations", {"value_number": "nan"}, "value_number", "bad_value", WARNING),
        ("observations", {"value_number": "inf"}, "value_number", "bad_value", WARNING),
        ("observations", {"value_number": "1e999"}, "value_number", "bad_value", WARNING),
        ("observations", {"value_number": "<5"}, "value_number", "bad_value", WARNING),
        # ranges
        ("observations", {**PAIN, "value_number": "10.5"}, "value_number", "out_of_range", REJECTED),
        ("observations", {**PAIN, "value_number": "-1"}, "value_number", "out_of_range", REJECTED),
        ("observations", {**PAIN, "value_number": "72"}, "value_number", "out_of_range", REJECTED),
        ("observations", {**PAIN, "value_number": "101", "unit": "mm"}, "value_number", "out_of_range", REJECTED),
        ("observations", local("height-loss", value_number="100.1"), "value_number", "out_of_range", REJECTED),
        ("observations", local("height-loss", value_number="-1"), "value_number", "out_of_range", REJECTED),
        ("observations", local("fvc-percent-predicted", value_number="201"), "value_number", "out_of_range", REJECTED),
        ("observations", {"code": "19872-1", "value_number": "201"}, "value_number", "out_of_range", REJECTED),
        ("observations", local("kyphosis-angle", value_number="121"), "value_number", "out_of_range", REJECTED),
        ("observations", local("kyphosis-angle", value_number="-91"), "value_number", "out_of_range", REJECTED),
        # LOCAL values
        ("observations", local("neuro-exam", value_code="abnormal"), "value_code", "unknown_enum", WARNING),
        ("observations", local("course", value_code="deficit"), "value_code", "unknown_enum", WARNING),
        ("observations", local("fracture-level", value_code="L9"), "value_code", "unknown_enum", WARNING),
        (
            "observations",
            local("kyphosis-angle", value_number="5", value_code="sitting"),
            "value_code",
            "unknown_enum",
            WARNING,
        ),
        # a number that the code needs
        ("observations", {**PAIN, "value_number": ""}, "value_number", "null_required", WARNING),
        ("observations", local("tlics"), "value_number", "null_required", WARNING),
        ("observations", {"code": "19872-1", "value_number": ""}, "value_number", "null_required", WARNING),
        # patients
        ("conditions", {"patient_id": "P"}, "patient_id", "orphan", REJECTED),
        ("followup", {"patient_id": "nobody"}, "patient_id", "orphan", REJECTED),
        # impossible times
        ("conditions", {"recorded_at": "1948-06-13"}, "recorded_at", "impossible_time", REJECTED),
        ("conditions", {"onset_at": "1848-06-14"}, "onset_at", "impossible_time", REJECTED),
        ("encounters", {"ended_at": "2024-03-12 08:59"}, "ended_at", "impossible_time", REJECTED),
        ("medications", {"ended_at": "2024-03-12"}, "ended_at", "impossible_time", REJECTED),
        ("observations", {"observed_at": "2025-01-02 03:01"}, "observed_at", "impossible_time", REJECTED),
        ("observations", {"observed_at": "2025-01-03"}, "observed_at", "impossible_time", REJECTED),
        ("encounters", {"started_at": "2025-02-01"}, "started_at", "impossible_time", REJECTED),
        ("referrals", {"completed_at": "2025-02-01"}, "completed_at", "impossible_time", REJECTED),
    ],
)
def test_bad(judge: Judge, table: str, row: dict[str, str], column: str, reason: str, severity: str) -> None:
    outcome = judge(**{table: [row]})
    assert outcome.marks(table) == [(column, reason, severity)]
    assert outcome.clean[table].height == (severity == WARNING)
    feed = outcome.feed(table)
    assert (feed["rows_quarantined"], feed["rows_warned"]) == ((0, 1) if severity == WARNING else (1, 0))


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("observations", {**PAIN, "value_number": "10"}),
        ("observations", {**PAIN, "value_number": "0"}),
        ("observations", {**PAIN, "value_number": "100", "unit": "MM"}),
        ("observations", {**PAIN, "value_number": "+7.50"}),
        ("observations", {**PAIN, "value_number": "7e0"}),
        ("observations", {"code": "8480-6", "value_number": "140"}),
        ("observations", {"code": "8480-6", "value_number": ""}),
        ("observations", {**PAIN, "value_number": "", "status": "cancelled"}),
        ("observations", {**PAIN, "value_number": "", "status": "entered-in-error"}),
        ("observations", local("neuro-exam", value_code="abnormal", status="cancelled")),
        ("observations", local("neuro-exam")),
        ("observations", local("height-loss", value_number="100")),
        ("observations", local("fvc-percent-predicted", value_number="104")),
        ("observations", local("fvc-percent-predicted", value_number="200")),
        ("observations", local("kyphosis-angle", value_number="-90")),
        ("observations", local("kyphosis-angle", value_number="120", value_code="Standing")),
        ("observations", local("house-code", value_code="anything")),
        ("observations", {"level": "s5"}),
        ("conditions", {"recorded_at": "1948-06-14"}),
        ("conditions", {"onset_at": "2024-04-01"}),
        ("conditions", {"code_system": "CVX"}),
        ("encounters", {"ended_at": "2024-03-12 09:00"}),
        ("encounters", {"ended_at": "2024-03-12"}),
        ("encounters", {"started_at": "2025-02-01", "status": "planned"}),
        ("encounters", {"started_at": "2025-02-01", "status": "Cancelled"}),
        ("encounters", {"class": "EMERGENCY", "fracture_related": "TRUE"}),
        ("imaging", {"ordered_at": "2024-03-20"}),
        ("imaging", {"performed_at": "", "status": "ordered"}),
        ("imaging", {"regions": "Lumbar | SACRUM", "modality": "MRI", "contrast": "Both"}),
        ("medications", {"ended_at": "2030-01-01"}),
        ("followup", {"started_at": "2030-01-01", "ended_at": "2031-01-01"}),
        ("observations", {"observed_at": "2025-01-02 03:00"}),
        ("observations", {"observed_at": "2025-01-02"}),
    ],
)
def test_good(judge: Judge, table: str, row: dict[str, str]) -> None:
    outcome = judge(**{table: [row]})
    assert outcome.marks(table) == []
    assert outcome.clean[table].height == 1


@pytest.mark.parametrize(
    ("row", "column", "reason", "severity"),
    [
        ({"birth_date": ""}, "birth_date", "null_required", REJECTED),
        ({"birth_date": "1948"}, "birth_date", "time_precision", REJECTED),
        ({"birth_date": "14/06/1948"}, "birth_date", "bad_value", REJECTED),
        ({"birth_date": "2025-01-03"}, "birth_date", "impossible_time", REJECTED),
        ({"sex": "x"}, "sex", "unknown_enum", WARNING),
        ({"deceased_at": "1948-06-13"}, "deceased_at", "impossible_time", WARNING),
        ({"deceased_at": "2024"}, "deceased_at", "time_precision", WARNING),
        ({"deceased_at": "2025-01-03"}, "deceased_at", "impossible_time", REJECTED),
    ],
)
def test_bad_patient(judge: Judge, row: dict[str, str], column: str, reason: str, severity: str) -> None:
    outcome = judge(patients=[row])
    assert outcome.marks("patients") == [(column, reason, severity)]
    assert outcome.marks("conditions") == ([] if severity == WARNING else [("patient_id", "orphan", REJECTED)])


def test_a_death_before_birth_is_dropped_whole(judge: Judge) -> None:
    patient = judge(patients=[{"deceased_at": "1948-06-13"}]).clean["patients"].row(0, named=True)
    assert (patient["deceased_at"], patient["deceased_date"], patient["deceased_is_minute"]) == (None, None, None)


@pytest.mark.parametrize(("given", "meant"), [("f", "female"), ("M", "male"), ("Female", "female"), ("", None)])
def test_sex_is_spelled_in_several_ways(judge: Judge, given: str, meant: str | None) -> None:
    assert judge(patients=[{"sex": given}]).clean["patients"]["sex"].item() == meant


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        # null before unreadable, unreadable in column order, range before orphan, orphan before impossible
        ({"observed_at": "x", "code": ""}, "code", "null_required"),
        ({"observed_at": "2024", "status": "done"}, "observed_at", "time_precision"),
        ({"value_number": "72", "status": "done"}, "status", "unknown_enum"),
        ({"value_number": "72", "patient_id": "P"}, "value_number", "out_of_range"),
        ({"patient_id": "P", "observed_at": "2030-01-01"}, "patient_id", "orphan"),
        ({"observed_at": "2030-01-01", "recorded_at": "2030-01-01"}, "observed_at", "impossible_time"),
    ],
)
def test_first_reason(judge: Judge, row: dict[str, str], column: str, reason: str) -> None:
    assert judge(observations=[row]).marks("observations") == [(column, reason, REJECTED)]


def test_a_rejected_row_has_no_warnings_and_an_accepted_one_has_one_for_each_lost_value(judge: Judge) -> None:
    outcome = judge(
        observations=[
            {"observation_id": "a", "level": "X", "status": "done"},
            {"observation_id": "b", "level": "X", "value_number": "y"},
        ]
    )
    assert outcome.marks("observations") == [
        ("status", "unknown_enum", REJECTED),
        ("level", "unknown_enum", WARNING),
        ("value_number", "bad_value", WARNING),
    ]
    assert outcome.feed("observations")["rows_warned"] == 1


def test_without_extracted_at_the_future_is_not_known(judge: Judge) -> None:
    assert judge(extracted_at=None, observations=[{"observed_at": "2030-01-01"}]).marks("observations") == []


def test_a_bad_row_is_kept_whole(judge: Judge) -> None:
    row = judge(observations=[{}, {"observation_id": "x", "status": "done"}]).quarantine.row(0, named=True)
    assert (row["source_file"], row["row_number"], row["row_id"]) == ("observations.csv", 2, "x")
    assert '"status":"done"' in row["row"]
    assert '"level":null' in row["row"]
