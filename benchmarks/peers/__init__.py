"""The contestants: six measures, counted by state, from the same clean tables and the same cases (benchmarks/prepare.py).

Each module has `counts(folder) -> Counts`. They say what an analyst would write without this project: the numbers of the
guideline stand in the code. None gives reasons, evidence or explanations; all must count the same.
"""

from pathlib import Path

Counts = list[tuple[str, str, int]]
"""(measure_id, state, rows), sorted."""

MEASURES: tuple[str, ...] = ("Q1", "G1", "M4", "P2", "P3", "T1")
"""An examination within hours; imaging with its alternatives; a course of a drug; pain that persists; a procedure that must
be justified by what was known; a referral that pain triggers."""


def tables(folder: Path, name: str) -> list[str]:
    """The files of one clean table, however many parts it has."""
    return sorted(str(path) for path in (folder / "clean").rglob(f"{name}.parquet"))


COLUMNS: dict[str, tuple[str, ...]] = {
    "conditions": (
        "patient_id",
        "code_system",
        "code_key",
        "recorded_at",
        "recorded_date",
        "recorded_is_minute",
        "verification",
        "role",
    ),
    "observations": (
        "observation_id",
        "patient_id",
        "encounter_id",
        "code_system",
        "code_key",
        "observed_at",
        "observed_date",
        "observed_is_minute",
        "recorded_at",
        "recorded_date",
        "recorded_is_minute",
        "value_number",
        "unit",
        "value_code",
        "status",
    ),
    "imaging": (
        "patient_id",
        "code_system",
        "code_key",
        "ordered_at",
        "ordered_date",
        "ordered_is_minute",
        "performed_at",
        "performed_date",
        "performed_is_minute",
        "status",
        "modality",
        "regions",
        "contrast",
        "accession",
    ),
    "procedures": (
        "patient_id",
        "code_system",
        "code_key",
        "performed_at",
        "performed_date",
        "performed_is_minute",
        "status",
    ),
    "referrals": (
        "patient_id",
        "specialty_system",
        "specialty_key",
        "ordered_date",
        "status",
        "completed_date",
        "reason_code_system",
        "reason_code",
        "reason_key",
    ),
    "medications": (
        "patient_id",
        "code_system",
        "code_key",
        "started_date",
        "ended_date",
        "days_supply",
        "status",
    ),
    "encounters": (
        "encounter_id",
        "patient_id",
        "started_date",
        "status",
        "fracture_related",
        "specialty_system",
        "specialty_key",
    ),
}
"""What the six measures need of the clean tables: the floor reads these columns and nothing else."""

RELATED = (
    "vertebral_fracture",
    "osteoporosis",
    "back_pain",
    "neuro_deficit",
    "neuro_deficit_soft",
    "spinal_instability",
    "kyphosis",
    "malignancy_suspicion",
    "malignancy_history",
    "malignancy_sign",
    "spine_malignancy",
    "spine_infection",
)
"""A referral for a code of one of these value sets is about the fracture."""
