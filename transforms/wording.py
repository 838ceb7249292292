"""How a finding is written down: times, what a reason means, and the facts that would settle what can't be told."""

from collections.abc import Mapping

import polars as pl

from schemas.catalogue import MEASURES, REASONS

from .clock import Moment


def stamp(at: pl.Expr, timezone: str) -> pl.Expr:
    """An instant in local time with its offset, fractions of a second cut."""
    return at.dt.convert_time_zone(timezone).dt.truncate("1s").dt.to_string("%Y-%m-%dT%H:%M:%S%:z")


def written(moment: Moment, timezone: str) -> pl.Expr:
    """`YYYY-MM-DDTHH:MM:SS+HH:MM` in local time where a minute is known, else `YYYY-MM-DD`; null stays null."""
    exact = moment.is_minute.fill_null(False)
    return pl.when(exact).then(stamp(moment.at, timezone)).otherwise(moment.date.dt.to_string("%Y-%m-%d"))


def meanings() -> pl.DataFrame:
    """measure_id, state, reason -> meaning: of every reason that a measure may give, its own words or the common ones."""
    common = REASONS.filter(pl.col("measure_id") == "*").select(
        "state", "reason", meaning=pl.col("meaning").str.replace(r" \([^()]*\)\.$", ".")
    )
    everywhere = pl.DataFrame({"measure_id": [measure.id for measure in MEASURES]}).join(common, how="cross")
    own = REASONS.filter(pl.col("measure_id") != "*")
    return pl.concat([own, everywhere.select(own.columns)]).unique(
        ["measure_id", "state", "reason"], keep="first", maintain_order=True
    )


def plain(meaning: str) -> pl.Expr:
    """A meaning without the full stop at its end: the dates that decided are put behind it."""
    return pl.col(meaning).str.strip_chars_end(".")


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


def missing_facts(absent: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """What would settle an `indeterminate` (of measure_id, state, reason); null for other states.

    absent: measure_id -> the tables that it looks at and the extract lacks.
    """
    own, reason = pl.col("measure_id"), pl.col("reason")
    no_feed = {
        measure: "|".join(f"{feed}.*" for feed in feeds) or LOCAL_OF_MEASURE.get(measure, "observations.*")
        for measure, feeds in absent.items()
    }
    told = pl.coalesce(
        pl.when(reason == "feed_absent").then(own.replace_strict(no_feed, default=None, return_dtype=pl.String)),
        *(pl.when((own == m) & (reason == word)).then(pl.lit(facts)) for (m, word), facts in _OWN_WORDS.items()),
        reason.replace_strict(MISSING_FACTS, default=None, return_dtype=pl.String),
    )
    return pl.when(pl.col("state") == "indeterminate").then(told)
