"""How a finding is written down: times, the plain sentence, and the facts that would settle what can't be told."""

import polars as pl

from schemas.catalogue import REASONS

from .clock import Moment


def stamp(at: pl.Expr, timezone: str) -> pl.Expr:
    """An instant in local time with its offset, fractions of a second cut."""
    return at.dt.convert_time_zone(timezone).dt.truncate("1s").dt.to_string("%Y-%m-%dT%H:%M:%S%:z")


def written(moment: Moment, timezone: str) -> pl.Expr:
    """`YYYY-MM-DDTHH:MM:SS+HH:MM` in local time where a minute is known, else `YYYY-MM-DD`; null stays null."""
    exact = moment.is_minute.fill_null(False)
    return pl.when(exact).then(stamp(moment.at, timezone)).otherwise(moment.date.dt.to_string("%Y-%m-%d"))


def with_meaning(findings: pl.DataFrame) -> pl.DataFrame:
    own = REASONS.filter(pl.col("measure_id") != "*")
    common = REASONS.filter(pl.col("measure_id") == "*").select("state", "reason", common="meaning")
    plain = pl.col("common").str.replace(r" \([^()]*\)\.$", ".")
    return (
        findings.join(own, on=["measure_id", "state", "reason"], how="left", maintain_order="left")
        .join(common, on=["state", "reason"], how="left", maintain_order="left")
        .with_columns(meaning=pl.coalesce("meaning", plain))
        .drop("common")
    )


def explanation() -> pl.Expr:
    """One plain sentence: what the reason means, and the dates that decided."""

    def spoken(column: str) -> pl.Expr:
        return pl.col(column).str.slice(0, 16).str.replace("T", " ", literal=True)

    late = (
        pl.when(pl.col("late_by_hours").is_not_null())
        .then(pl.format("{} h late", pl.col("late_by_hours").round(1)))
        .when(pl.col("late_by_days").is_not_null())
        .then(pl.format("{} d late", "late_by_days"))
    )
    details = pl.concat_str(
        pl.format("counted from {}", spoken("trigger_at")),
        pl.format("due by {}", spoken("due_at")),
        pl.format("recorded {}", spoken("action_at")),
        late,
        separator=", ",
        ignore_nulls=True,
    )
    sentence = pl.col("meaning").str.strip_chars_end(".")
    return pl.when(details == "").then(sentence + ".").otherwise(pl.format("{} ({}).", sentence, details))


PAIN = "observations.pain_score|observations.course"
MISSING_FACTS: dict[str, str] = {
    "soft_deficit_only": "observations.neuro-exam",
    "deficit_time_unknown": "conditions.onset_at",
    "unknown_specialty": "referrals.specialty",
    "unknown_contrast": "imaging.contrast",
    "unknown_regions": "imaging.regions",
    "unknown_device": "observations.mri-contraindication",
    "report_not_available": "observations.pathology-assessment",
    "history_not_assessed": "observations.pathology-assessment",
    "biopsy_may_be_bundled": "procedures.biopsy",
    "no_pain_record": PAIN,
    "severity_not_recorded": "observations.pain_score",
    "no_conservative_care_record": "medications.analgesic|procedures.physical_therapy",
    "unmeasured_deformity": "observations.height-loss|observations.kyphosis-angle",
    "posture_mismatch": "observations.kyphosis-angle",
    "unknown_reason": "referrals.reason_code",
    "no_neuro_exam": "observations.neuro-exam",
    "pain_course_unknown": PAIN,
    "no_indication_data": "observations.height-loss|observations.kyphosis-angle|observations.pain_score",
    "level_unknown": "procedures.level",
    "unknown_duration": "medications.days_supply|medications.ended_at",
    "unknown_content": "encounters.fracture_related",
    "care_elsewhere": "encounters.encounter_id",
    "candidate_not_recorded": "observations.augmentation-candidate",
}
_OWN_WORDS = {
    ("C1", "report_not_available"): "observations.other-levels-reviewed",
    ("C2", "report_not_available"): "observations.sacrum-reviewed",
}
LOCAL_OF_MEASURE = {
    "Q1": "observations.neuro-exam",
    "S5": "observations.neuro-exam",
    "B1": "observations.percussion-sign",
    "B2": "observations.supine-sign",
    "G4": "observations.pathology-assessment",
    "X1": "observations.pathology-assessment",
    "X2": "observations.pathology-assessment",
    "S4": "observations.height-loss|observations.kyphosis-angle",
    "A1": "observations.height-loss|observations.kyphosis-angle",
    "I3": "observations.height-loss|observations.kyphosis-angle",
    "M2": "medications.calcitonin",
}


def missing_facts(measure_id: str, absent_feeds: tuple[str, ...]) -> pl.Expr:
    """What would settle an `indeterminate` of one measure; null for other states."""
    reasons = {r: _OWN_WORDS.get((measure_id, r), facts) for r, facts in MISSING_FACTS.items()}
    reasons["feed_absent"] = "|".join(f"{feed}.*" for feed in absent_feeds) or LOCAL_OF_MEASURE.get(
        measure_id, "observations.*"
    )
    told = pl.col("reason").replace_strict(reasons, default=None, return_dtype=pl.String)
    return pl.when(pl.col("state") == "indeterminate").then(told)
