"""The 34 measures, grouped as in 3-measures.md. Each gives the rows of one case, not yet decided."""

from __future__ import annotations

from collections.abc import Callable

from tests.reference.engine import Context, Row
from tests.reference.measures import data, followup, imaging, interventional, medical, pain, surgery

MEASURE_ROWS: dict[str, Callable[[Context], list[Row]]] = {
    "Q1": data.neuro_exam_documented,
    "Q2": data.pain_score_documented,
    "Q3": data.level_established,
    "G1": imaging.initial_mri,
    "G2": imaging.ct_instead_of_mri,
    "G3": imaging.contrast_not_indicated,
    "G4": imaging.pathological_cause_assessed,
    "X1": imaging.whole_spine_mri,
    "X2": imaging.biopsy_considered,
    "C1": imaging.other_levels_assessed,
    "C2": imaging.sacrum_assessed,
    "B1": lambda ctx: imaging.bedside_sign(ctx, "percussion-sign"),
    "B2": lambda ctx: imaging.bedside_sign(ctx, "supine-sign"),
    "M1": medical.medical_management_first,
    "M2": medical.calcitonin_started,
    "M3": medical.calcitonin_course,
    "M4": medical.calcitonin_continued,
    "S1": surgery.urgent_surgical_referral,
    "S2": surgery.instability_surgical_referral,
    "S3": surgery.refractory_pain_surgical_referral,
    "S4": surgery.deformity_surgical_referral,
    "S5": surgery.surgical_referral_not_indicated,
    "S6": surgery.surgical_referral_while_improving,
    "S7": surgery.unresponsive_pain_specialist_referral,
    "I1": interventional.ir_referral_after_three_months,
    "I2": interventional.ir_referral_when_indicated,
    "I3": interventional.ir_referral_not_indicated,
    "A1": interventional.premature_augmentation,
    "P1": pain.pain_management_referral,
    "P2": pain.nerve_root_block,
    "P3": pain.nerve_root_block_not_indicated,
    "F1": followup.reassessment,
    "F2": followup.imaging_after_eight_weeks,
    "T1": followup.physical_therapy_referral,
}
