"""What the audit must say of each plan: for every measure a decision table over the plan's choices.

The first line of a table whose conditions hold gives the state and the reason; the last line needs none. A measure with
several instances has a table for each; where no line of a later table holds, there is no such instance. The tables
speak of choices ("the MRI is done on day 15"), never of rows: they were worked out by hand from the specification,
section 3, for the options of `flows/synth/courses/`.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from flows.synth.courses.surgery import AT_DIAGNOSIS
from flows.synth.dials import holds
from schemas.catalogue import MEASURES, STATES

_STAYS = "pain=lingers|severe|relapses|told_worse"
_EASED = "pain=eases|eases_quiet|eases_early|eases_soon|mild"
_UNKNOWN_PAIN = "pain=silent|unrecorded"
_TOLD_BETTER = "pain=told_better"
_EARLY_DEFICIT = f"deficit={AT_DIAGNOSIS}|charted_late|untimed"
_SUSPECTED = (
    "cancer=in_time|edge_in|edge_out|incomplete|wrong_contrast|no_gadolinium|no_mri|declined|ruled_out|ordered|missing"
    "|unknown_contrast|unknown_regions|urgent_in_time|urgent_late"
)
_WHOLE_SPINE = "cancer=in_time|edge_in|edge_out|wrong_contrast|no_gadolinium|urgent_in_time|urgent_late"
_URGENT = "cancer=urgent_in_time|urgent_late"
_MRI_IN_WINDOW = "at_once|before|in_window|edge_in|both|with_only|unknown_contrast|ct_then_mri"
_CT_ALONE = (
    "ct|ct_contraindicated|ct_contraindicated_edge|ct_contraindicated_late|ct_mri_unavailable|ct_unknown_device"
    "|ct_declined_mri"
)
_STARTED = (
    "course|short|until_better|edge_in|edge_out|stops_in_time|goes_on|long|paget|unknown_duration|stopped_for_calcium"
)
_ASKED_LATER = (
    "after_three_months=surgeon|surgeon_edge_in|surgeon_edge_out|surgeon_late|surgeon_discussed|radiology"
    "|radiology_late|radiology_discussed"
)
_NO_ANALGESIC = "therapy=brace|edge_in|edge_out|late|none"

_AFTER_CARE = f"""
    {{such_pain}} therapy=none: indeterminate no_conservative_care_record
    therapy=none: not_applicable no_conservative_care
    pain=eases|{{not_such}}: not_applicable not_triggered
    {_EASED}: not_applicable resolved
    {_UNKNOWN_PAIN}: indeterminate no_pain_record
    {_TOLD_BETTER}: indeterminate no_pain_record
"""
"""What S3, S7 and I1 say where pain after three months of care is not of the kind that they ask for."""


def _after_care(such_pain: str, not_such: str) -> str:
    return _AFTER_CARE.format(such_pain=f"pain={such_pain}", not_such=not_such)


def _sign(name: str) -> str:
    return f"""
    imaging=at_once|before: not_applicable mri_immediately_available
    {_EARLY_DEFICIT}: not_applicable deficit
    imaging=unknown_regions_at_once: indeterminate unknown_regions
    {name}=positive|negative|edge_in: met on_time
    {name}=edge_out|late: deviation late
    : deviation missing
"""


_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Q1": (
            f"""
    deficit={AT_DIAGNOSIS}|charted_late: met on_time
    exam=at_once|edge_in: met on_time
    {_URGENT} exam=none: deviation late
    deficit=untimed exam=none: deviation late
    deficit=later exam=none: deviation late
    exam=edge_out|late: deviation late
    : deviation missing
""",
        ),
        "Q2": (
            """
    first_score=at_once|next_day: met on_time
    first_score=late: deviation late
    : deviation missing
""",
        ),
        "Q3": (": met on_time",),
        "G1": (
            f"""
    {_SUSPECTED}: not_applicable suspicion_or_infection_known
    imaging=at_once|before|in_window|edge_in|both|ct_then_mri: met on_time
    imaging=ct_contraindicated|ct_contraindicated_edge: met alternative
    imaging=ct_declined_mri|declined: exception patient_declined
    imaging=edge_out|late: deviation late
    imaging=unknown_regions|unknown_regions_at_once: indeterminate unknown_regions
    imaging=unknown_contrast: indeterminate unknown_contrast
    imaging=ct_unknown_device: indeterminate unknown_device
    imaging=with_only: deviation wrong_contrast
    imaging=ct|ct_contraindicated_late|ct_mri_unavailable: deviation wrong_modality
    imaging=ordered: deviation ordered_not_done
    : deviation missing
""",
        ),
        "G2": (
            f"""
    cancer=in_time|edge_in|edge_out|incomplete|wrong_contrast|no_gadolinium|unknown_contrast: not_applicable mri_done
    {_URGENT}: not_applicable mri_done
    imaging={_MRI_IN_WINDOW}: not_applicable mri_done
    imaging=ct_contraindicated|ct_contraindicated_edge|ct_mri_unavailable: met alternative
    imaging=ct_declined_mri: exception patient_declined
    imaging=ct_unknown_device: indeterminate unknown_device
    imaging=ct|ct_contraindicated_late: deviation wrong_modality
    : not_applicable no_ct
""",
        ),
        "G3": (
            """
    cancer=in_time|edge_in|edge_out|incomplete|unknown_contrast|urgent_in_time|urgent_late: met indicated
    cancer=wrong_contrast|no_gadolinium: met on_time
    imaging=at_once|before|in_window|edge_in|ct_then_mri: met on_time
    imaging=unknown_contrast: indeterminate unknown_contrast
    imaging=both|with_only: deviation not_indicated
    : not_applicable no_mri
""",
        ),
        "G4": (
            f"""
    {_SUSPECTED}: met on_time
    pathology=in_time|edge_in: met on_time
    pathology=edge_out|late: deviation late
    imaging={_MRI_IN_WINDOW}|{_CT_ALONE}: indeterminate report_not_available
    : deviation missing
""",
        ),
        "X1": (
            """
    cancer=none: not_applicable no_suspicion
    cancer=history pathology=in_time|edge_in: not_applicable assessed_benign
    cancer=history: indeterminate history_not_assessed
    cancer=in_time|edge_in|urgent_in_time: met on_time
    cancer=no_gadolinium: met alternative
    cancer=no_mri: exception contraindicated
    cancer=declined: exception patient_declined
    cancer=ruled_out: exception ruled_out
    cancer=unknown_contrast: indeterminate unknown_contrast
    cancer=unknown_regions: indeterminate unknown_regions
    cancer=edge_out|urgent_late: deviation late
    cancer=incomplete: deviation incomplete_extent
    cancer=wrong_contrast: deviation wrong_contrast
    cancer=ordered: deviation ordered_not_done
    : deviation missing
""",
        ),
        "X2": (
            """
    cancer=none|history: not_applicable no_suspicion
    biopsy=done|edge_in: met on_time
    biopsy=considered: met considered
    biopsy=declined: exception patient_declined
    cancer=ruled_out: exception ruled_out
    biopsy=edge_out|late: deviation late
    biopsy=cemented: indeterminate biopsy_may_be_bundled
    : deviation missing
""",
        ),
        "C1": (
            f"""
    {_WHOLE_SPINE}: met on_time
    other_levels=reviewed|edge_in|imaged|second_fracture: met on_time
    other_levels=edge_out|late: deviation late
    cancer=incomplete|unknown_contrast: indeterminate report_not_available
    imaging={_MRI_IN_WINDOW}|{_CT_ALONE}|edge_out|late|xray_only: indeterminate report_not_available
    : deviation missing
""",
        ),
        "C2": (
            f"""
    {_UNKNOWN_PAIN}: indeterminate no_pain_record
    pain=eases_early|eases_soon: not_applicable resolved
    {_EASED}: not_applicable not_triggered
    {_TOLD_BETTER}: not_applicable not_triggered
    sacrum=reviewed|imaged|edge_in: met on_time
    sacrum=edge_out|late: deviation late
    imaging=at_once|in_window|edge_in|edge_out|late|both|with_only|unknown_contrast|ct_then_mri: indeterminate report_not_available
    : deviation missing
""",
        ),
        "B1": (_sign("percussion"),),
        "B2": (_sign("supine"),),
        "M1": (
            f"""
    {_EARLY_DEFICIT}: not_applicable deficit_or_instability
    {_URGENT}: not_applicable deficit_or_instability
    instability!=none: not_applicable deficit_or_instability
    pain=mild: not_applicable little_pain
    therapy=analgesic|opioid|brace|edge_in: met on_time
    therapy=running calcitonin={_STARTED}: met on_time
    therapy=running: met already_under_care
    therapy=after_cement: deviation early
    therapy=edge_out|late: deviation late
    : deviation missing
""",
        ),
        "M2": (
            f"""
    {_EARLY_DEFICIT}: not_applicable deficit
    {_URGENT}: not_applicable deficit
    pain=mild: not_applicable little_pain
    calcitonin={_STARTED}|start_edge_in: met on_time
    calcitonin=running: met already_under_care
    calcitonin=declined: exception patient_declined
    calcitonin=contraindicated: exception contraindicated
    cancer=history: exception contraindicated
    calcitonin=start_edge_out|start_late: deviation late
    : deviation missing
""",
        ),
        "M3": (
            f"""
    calcitonin=course|edge_in|stops_in_time|goes_on|long|paget|start_edge_in: met on_time
    calcitonin=unknown_duration: indeterminate unknown_duration
    calcitonin=stopped_for_calcium: exception contraindicated
    calcitonin=short|until_better|edge_out pain=mild|eases_soon: exception pain_subsided
    calcitonin=until_better|edge_out {_EASED}: exception pain_subsided
    calcitonin=short|until_better|edge_out: deviation early
    : not_applicable no_calcitonin
""",
        ),
        "M4": (
            """
    calcitonin=none|declined|contraindicated|running: not_applicable no_calcitonin
    calcitonin=unknown_duration: indeterminate unknown_duration
    calcitonin=paget: exception other_indication
    calcitonin=goes_on|long: deviation continued
    : met on_time
""",
        ),
        "S1": (
            """
    deficit=referred|no_priority|edge_in|seen|charted_late|twice: met on_time
    deficit=under_care: met already_under_care
    deficit=discussed: met alternative
    deficit=declined: exception patient_declined
    deficit=operated: exception treated_before_arrival
    deficit=untimed: indeterminate deficit_time_unknown
    deficit=unknown: indeterminate unknown_specialty
    deficit=edge_out|late: deviation late
    deficit=routine: deviation wrong_priority
    deficit=wrong: deviation wrong_specialty
    deficit=missing|later: deviation missing
    cancer=urgent_in_time|urgent_late: deviation missing
    deficit=soft: indeterminate soft_deficit_only
    exam=none: not_applicable no_deficit_recorded
    : not_applicable intact
""",
            "deficit=twice: deviation missing",
        ),
        "S2": (
            """
    instability=none: not_applicable no_instability_recorded
    instability=referred|edge_in|seen: met on_time
    instability=under_care: met already_under_care
    instability=discussed: met alternative
    instability=declined: exception patient_declined
    instability=operated: exception treated_before_arrival
    instability=ruled_out: exception ruled_out
    instability=unknown: indeterminate unknown_specialty
    instability=edge_out|late: deviation late
    instability=wrong: deviation wrong_specialty
    : deviation missing
""",
        ),
        "S3": (
            f"""
    {_after_care("relapses", "lingers|severe")}
    pain=told_worse: indeterminate severity_not_recorded
    after_three_months=surgeon|surgeon_edge_in: met on_time
    after_three_months=surgeon_discussed: met alternative
    after_three_months=surgeon_declined: exception patient_declined
    after_three_months=surgeon_edge_out|surgeon_late: deviation late
    after_three_months=practitioner: indeterminate unknown_specialty
    after_three_months=radiology|rheumatology: deviation wrong_specialty
    pain_clinic=referred|edge_in|edge_out|late: deviation wrong_specialty
    physiotherapy=referred|edge_in|edge_out|late: deviation wrong_specialty
    : deviation missing
""",
        ),
        "S4": (
            """
    deformity=none|slight|moderate: not_applicable no_significant_deformity
    deformity=unmeasured: indeterminate unmeasured_deformity
    deformity=postures: indeterminate posture_mismatch
    deformity=referred|edge_in: met on_time
    deformity=discussed: met alternative
    deformity=declined: exception patient_declined
    deformity=edge_out|late: deviation late
    deformity=unknown: indeterminate unknown_specialty
    deformity=wrong: deviation wrong_specialty
    physiotherapy=referred|edge_in|edge_out: deviation wrong_specialty
    : deviation missing
""",
        ),
        "S5": (
            """
    deficit=referred|no_priority|edge_in|edge_out|late|routine|charted_late|twice: met indicated
    instability=referred|edge_in|edge_out|late: met indicated
    deformity=referred|edge_in|edge_out|late: met indicated
    elective=none: not_applicable no_surgical_referral
    elective=unrelated: not_applicable unrelated_reason
    deformity=moderate: met indicated
    elective=at_once: met emergency_consult
    elective=no_reason: indeterminate unknown_reason
    exam=none: indeterminate no_neuro_exam
    : deviation not_indicated
""",
        ),
        "S6": (
            """
    deficit=referred|no_priority|edge_in|edge_out|late|routine|charted_late|twice: indeterminate pain_course_unknown
    instability=referred|edge_in|edge_out|late: indeterminate pain_course_unknown
    deformity=referred|edge_in|edge_out|late: met red_flag
    elective=none: not_applicable no_surgical_referral
    elective=unrelated: not_applicable unrelated_reason
    elective=at_once: indeterminate pain_course_unknown
    pain=lingers: not_applicable not_improving
    deformity=moderate: met red_flag
    elective=no_reason: indeterminate unknown_reason
    : deviation not_indicated
""",
        ),
        "S7": (
            f"""
    {_after_care("severe", "lingers|relapses")}
    pain=told_worse: indeterminate severity_not_recorded
    after_three_months=surgeon|surgeon_edge_in|radiology: met on_time
    pain_clinic=referred|edge_in|edge_out|late: met on_time
    images_again=cemented: met on_time
    after_three_months=surgeon_discussed|radiology_discussed: met alternative
    pain_clinic=discussed: met alternative
    after_three_months=surgeon_considered|radiology_considered: met considered
    pain_clinic=considered: met considered
    after_three_months=surgeon_declined: exception patient_declined
    after_three_months=surgeon_edge_out|surgeon_late|radiology_late: deviation late
    after_three_months=practitioner: indeterminate unknown_specialty
    : deviation missing
""",
        ),
        "I1": (
            f"""
    {_after_care("lingers|severe|relapses|told_worse", "eases")}
    after_three_months=radiology: met on_time
    radiology=plain|no_reason: met on_time
    images_again=cemented: met on_time
    after_three_months=radiology_discussed: met alternative
    after_three_months=radiology_considered: met considered
    after_three_months=radiology_declined: exception patient_declined
    after_three_months=no_candidate: exception contraindicated
    after_three_months=radiology_late: deviation late
    : deviation missing
""",
        ),
        "I2": (": not_applicable switched_off",),
        "I3": (
            """
    radiology=none: not_applicable no_ir_referral
    radiology=unrelated: not_applicable unrelated_reason
    deformity=moderate: met indicated
    radiology=no_reason: indeterminate unknown_reason
    pain=unrecorded deformity=none: indeterminate no_indication_data
    : deviation not_indicated
""",
        ),
        "A1": (
            """
    biopsy=cemented: met indicated
    images_again=cemented: deviation premature
    cement=none: not_applicable no_augmentation
    cement=level_unknown: indeterminate level_unknown
    cement=vertebroplasty other_levels=second_fracture: indeterminate level_unknown
    cement=after|edge_in: met after_three_months
    deformity=moderate: met indicated
    pain=unrecorded deformity=none: indeterminate no_indication_data
    : deviation premature
""",
        ),
        "P1": (
            f"""
    {_NO_ANALGESIC}: not_applicable no_analgesic_record
    {_UNKNOWN_PAIN}: indeterminate no_pain_record
    pain=eases_soon: not_applicable resolved
    {_EASED}: not_applicable not_triggered
    {_TOLD_BETTER}: not_applicable not_triggered
    pain_clinic=referred|edge_in: met on_time
    pain_clinic=discussed: met alternative
    deficit=referred|no_priority|edge_in|edge_out|late|routine|discussed|seen|charted_late|untimed|twice: met alternative
    instability=referred|edge_in|edge_out|late|discussed|seen: met alternative
    elective=at_once: met alternative
    pain_clinic=considered: met considered
    pain_clinic=declined: exception patient_declined
    pain_clinic=edge_out|late: deviation late
    elective=plain|no_reason: deviation late
    radiology=plain|no_reason: deviation late
    images_again=cemented: deviation late
    {_ASKED_LATER}: deviation late
    : deviation missing
""",
        ),
        "P2": (
            f"""
    {_UNKNOWN_PAIN}: not_applicable no_persistent_pain
    {_EASED}: not_applicable no_persistent_pain
    {_TOLD_BETTER}: not_applicable no_persistent_pain
    block=done|unasked: met on_time
    block=considered: met considered
    : not_applicable not_done
""",
        ),
        "P3": (
            f"""
    block=none|considered: not_applicable no_nerve_root_block
    block=unasked: indeterminate no_pain_record
    {_TOLD_BETTER}: indeterminate no_pain_record
    {_STAYS}: met indicated
    : deviation not_indicated
""",
        ),
        "F1": (
            """
    cement=before_treatment: not_applicable intervention_before_reassessment
    biopsy=cemented: not_applicable intervention_before_reassessment
    review=seen|by_content: met on_time
    review=soon|a_little_late|edge_in: met tolerance
    review=declined: exception patient_declined
    review=no_show: exception outreach_no_show
    review=edge_out|late: deviation late
    review=unknown_content: indeterminate unknown_content
    review=elsewhere: indeterminate care_elsewhere
    early_visit=seen: deviation early
    : deviation missing
""",
        ),
        "F2": (
            """
    pain=silent|unrecorded|told_better: indeterminate no_pain_record
    pain=eases: not_applicable not_triggered
    pain=eases_quiet|eases_early|eases_soon|mild: not_applicable resolved
    images_again=done|edge_in: met on_time
    images_again=cemented: met alternative
    images_again=considered: met considered
    images_again=declined: exception patient_declined
    images_again=edge_out|late: deviation late
    : deviation missing
""",
        ),
        "T1": (
            f"""
    {_UNKNOWN_PAIN}: indeterminate no_pain_record
    pain=eases_soon: indeterminate no_pain_record
    {_TOLD_BETTER}: not_applicable not_triggered
    pain=severe: not_applicable pain_still_severe
    physiotherapy=referred|treated|edge_in: met on_time
    physiotherapy=edge_out {_STAYS}: met on_time
    physiotherapy=considered: met considered
    physiotherapy=declined: exception patient_declined
    physiotherapy=edge_out|late: deviation late
    : deviation missing
""",
        ),
    }
)

_ALL = tuple(_OWN)
_PATHWAY = tuple(measure for measure in _OWN if measure not in ("Q1", "Q2", "Q3", "S1", "S2", "X1", "X2"))
_UNSPECIFIED = ("Q3", "S1", "S2", "X1")
"""The measures of a case whose level nothing states."""

_BRIEFLY_SEEN = "arc=died|moved"
_RECENT = "arc=recent|recent_referred|recent_feed_behind"
_GONE_AT_ONCE = "arc=died_at_once|transferred"
_NOT_YET = f"{_RECENT}|today"

ARC_LINES: tuple[tuple[tuple[str, ...], str], ...] = (
    (_ALL, "arc=minor: excluded age"),
    (_PATHWAY, "arc=high_energy: excluded high_energy"),
    (_PATHWAY, "arc=neoplastic|neoplastic_seen: excluded neoplastic"),
    (_PATHWAY, "arc=prevalent: excluded prevalent"),
    (("X1",), "arc=neoplastic|neoplastic_seen: deviation missing"),
    (("X2",), "arc=neoplastic_seen: not_applicable known_malignancy"),
    (("Q3",), "arc=unspecified: deviation missing"),
    (
        ("Q1", "Q2", "Q3", "G1", "G4", "C1", "B1", "B2", "M1", "M2", "F1", "T1"),
        "arc=hospice_before: excluded hospice",
    ),
    (("G3",), "arc=hospice_before imaging=in_window: excluded hospice"),
    (("M3", "M4"), "arc=hospice_before calcitonin=course: excluded hospice"),
    (("G1", "M2"), "arc=hospice_after: exception goals_of_care"),
    (("G4",), "arc=hospice_after pathology=none: exception goals_of_care"),
    (("C1",), "arc=hospice_after other_levels=none: exception goals_of_care"),
    (("F1",), "arc=hospice_after review=none: exception goals_of_care"),
    (("T1",), "arc=hospice_after: excluded hospice"),
    # the onset lies four weeks back
    (("M2",), "arc=late_presenter: not_applicable presented_late"),
    (("M3",), "arc=late_presenter: not_applicable no_calcitonin"),
    # seen for ten days only
    (("G1",), f"{_BRIEFLY_SEEN} cancer=none imaging=xray_only|none: censored ended_before_deadline"),
    (("G4",), f"{_BRIEFLY_SEEN} cancer=none: censored ended_before_deadline"),
    (("X2",), f"{_BRIEFLY_SEEN} cancer=missing: censored ended_before_deadline"),
    (("M2",), f"{_BRIEFLY_SEEN} calcitonin=none: censored ended_before_deadline"),
    (("M3",), f"{_BRIEFLY_SEEN} calcitonin=course: censored ended_before_deadline"),
    (("C1", "F1"), f"{_BRIEFLY_SEEN}: censored ended_before_deadline"),
    (("C2", "S3", "S7", "I1", "P1", "F2", "T1"), f"{_BRIEFLY_SEEN}: censored ended_before_trigger"),
    # dead after six hours, or in another hospital after two
    (("Q1",), f"{_GONE_AT_ONCE} deficit=none exam=none: censored ended_before_deadline"),
    (("S1",), "arc=died_at_once deficit=missing: censored ended_before_deadline"),
    (("S2",), "arc=died_at_once instability=missing: censored ended_before_deadline"),
    (("S1",), "arc=transferred deficit=missing: met on_time"),
    (("S2",), "arc=transferred instability=missing: met on_time"),
    (("B1", "B2"), f"{_GONE_AT_ONCE} deficit=none: censored ended_before_trigger"),
    (("M2",), f"{_GONE_AT_ONCE} deficit=none: censored ended_before_deadline"),
    (("G1", "G4", "C1", "F1"), f"{_GONE_AT_ONCE}: censored ended_before_deadline"),
    (("C2", "S3", "S7", "I1", "P1", "F2", "T1"), f"{_GONE_AT_ONCE}: censored ended_before_trigger"),
    # diagnosed on the extract's last day
    (("Q1",), "arc=today deficit=none exam=none: pending not_yet_due"),
    (("S1",), "arc=today deficit=missing: pending not_yet_due"),
    (("S2",), "arc=today instability=missing: pending not_yet_due"),
    (("B1", "B2"), "arc=today deficit=none: pending trigger_not_yet_possible"),
    (("M1",), "arc=today deficit=none instability=none therapy=none: pending not_yet_due"),
    (("M2",), "arc=today deficit=none: pending not_yet_due"),
    (("G1", "G4", "C1", "F1"), "arc=today: pending not_yet_due"),
    (("G2", "G3"), "arc=today: pending trigger_not_yet_possible"),
    # diagnosed five days ago, or sixteen days ago with an imaging feed that is three days behind
    (("Q3",), "arc=recent_unspecified: pending not_yet_due"),
    (("G1",), "arc=recent|recent_referred cancer=none imaging=xray_only|none: pending not_yet_due"),
    (("G1",), "arc=recent_feed_behind cancer=none imaging=xray_only|none: pending feed_incomplete"),
    (("G2", "G3"), "arc=recent|recent_referred imaging=xray_only|none: pending trigger_not_yet_possible"),
    (("G2", "G3"), "arc=recent_feed_behind imaging=xray_only|none: pending feed_incomplete"),
    (("G4",), "arc=recent|recent_referred cancer=none: pending not_yet_due"),
    (("G4",), "arc=recent_feed_behind cancer=none: pending feed_incomplete"),
    (("X1",), "arc=recent cancer=missing: pending not_yet_due"),
    (("X2",), f"{_RECENT} cancer=missing: pending not_yet_due"),
    (("C1", "F1"), f"{_RECENT}: pending not_yet_due"),
    (("M1",), "arc=recent|recent_referred therapy=none: pending not_yet_due"),
    (("M2",), f"{_RECENT} calcitonin=none: pending not_yet_due"),
    (("M3", "M4"), f"{_RECENT} calcitonin=course: pending not_yet_due"),
    (("S5",), "arc=recent_referred: pending charting_grace"),
    (("S6",), "arc=recent_referred: indeterminate pain_course_unknown"),
    (("C2", "F2", "T1"), f"{_NOT_YET}: pending trigger_not_yet_possible"),
    (("S3", "S7", "I1", "P1"), f"{_NOT_YET} therapy=analgesic|opioid: pending trigger_not_yet_possible"),
    (("S5", "S6", "I3", "A1"), f"{_NOT_YET}: pending trigger_not_yet_possible"),
)
"""What comes before a measure's own table: (measures, line)."""

MEASURE = pl.Enum([info.id for info in MEASURES])
STATE = pl.Enum(list(STATES))


def lines(table: str) -> list[tuple[str, str, str]]:
    """(condition, state, reason) of every line of a table."""
    parts = (line.strip().rpartition(":") for line in table.splitlines() if line.strip())
    return [(condition, *verdict.split()) for condition, _, verdict in parts]  # type: ignore[misc]


def _with_arcs(measure: str, instance: int) -> list[tuple[str, str, str]]:
    own = lines(_OWN[measure][instance - 1])
    before = [line for measures, text in ARC_LINES if measure in measures for line in lines(text)]
    return before + own if instance == 1 else own


TABLES = tuple((measure, at, _with_arcs(measure, at)) for measure in _OWN for at in range(1, len(_OWN[measure]) + 1))
REASON = pl.Enum(sorted({reason for _, _, table in TABLES for _, _, reason in table}))


def truth(plan: pl.DataFrame) -> pl.DataFrame:
    """The verdicts of all cases of a plan: patient_id, level, t0, measure_id, instance, state, reason."""
    keys = ("patient_id", "level", "t0")
    found = plan.select(*keys, *(first_line(table).alias(f"{measure}.{at}") for measure, at, table in TABLES))
    frames = []
    for measure, instance, table in TABLES:
        line = found[f"{measure}.{instance}"]
        frame = found.select(
            *keys,
            pl.lit(measure, dtype=MEASURE).alias("measure_id"),
            pl.lit(instance, dtype=pl.Int32).alias("instance"),
            pl.Series("state", [state for _, state, _ in table], dtype=STATE).gather(line),
            pl.Series("reason", [reason for _, _, reason in table], dtype=REASON).gather(line),
        )
        there_is = pl.col("state").is_not_null()
        if measure not in _UNSPECIFIED:
            there_is &= pl.col("level") != "unspecified"
        frames.append(frame.filter(there_is))
    return pl.concat(frames)


def first_line(table: list[tuple[str, str, str]]) -> pl.Expr:
    """The number of the first line whose conditions hold; null where there is none."""
    result = pl.lit(None, dtype=pl.UInt32)
    for number, (condition, _, _) in reversed(list(enumerate(table))):
        line = pl.lit(number, dtype=pl.UInt32)
        result = pl.when(holds(condition)).then(line).otherwise(result) if condition else line
    return result
