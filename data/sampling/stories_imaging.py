"""MRI, CT, contrast, the cause of the fracture, the whole spine."""

from .chart import Chart
from .course import diagnose, ordinary, see, treat
from .story import Story

WHOLE_SPINE_BOTH, WHOLE_SPINE_PLAIN = "30855-1", "30854-4"  # LOINC
LUMBAR_CONTRAST_UNKNOWN, SPINE_REGION_UNKNOWN = "24968-0", "36531-2"  # LOINC


def ct_for_the_pacemaker(c: Chart) -> None:
    """A pacemaker that rules out MRI; the CT on day 1 was right."""
    here = ordinary(c, mri="72131", mri_day=1)
    c.note("mri-contraindication", "present", 0, "10:30", here)


def ct_and_no_reason(c: Chart) -> None:
    """A CT on day 1, never an MRI, and nothing that speaks against one."""
    ordinary(c, mri="72131", mri_day=1)


def ct_for_a_device_of_unknown_kind(c: Chart) -> None:
    """A CT on day 1; whether the implanted device rules out MRI is not recorded."""
    here = ordinary(c, mri="72131", mri_day=1)
    c.note("mri-contraindication", "unknown-device", 0, "10:30", here)


def declines_the_tube(c: Chart) -> None:
    """Declines MRI on the day of the diagnosis and accepts a CT."""
    here = ordinary(c, mri="72131", mri_day=1)
    c.note("declined", "mri", 0, "10:30", here)


def no_mri_at_night(c: Chart) -> None:
    """MRI was not available at night, CT instead; the MRI was never made up for. Signs charted on day 5 only."""
    here = ordinary(c, mri="72131", mri_day=0, signs=False)
    c.note("mri-unavailable", "yes", 0, "10:30", here)
    c.note("percussion-sign", "positive", 5, "09:00")


def contrast_only(c: Chart) -> None:
    """The MRI was made with contrast only, without any suspicion."""
    ordinary(c, mri="72149")


def contrast_without_suspicion(c: Chart) -> None:
    """MRI without and with contrast, and neither a tumour nor an infection was suspected."""
    ordinary(c, mri="72158")


def discitis(c: Chart) -> None:
    """A disc infection is known on day 1, so contrast was right and the plain MRI is not the question."""
    ordinary(c, mri="72158")
    c.code("M46.46", 1, "09:00", role="diagnosis")


def mri_on_day_20(c: Chart) -> None:
    """The MRI came on day 20, six days after the deadline."""
    ordinary(c, mri_day=20)


def mri_ordered_and_forgotten(c: Chart) -> None:
    """An MRI was ordered on day 3 and never done."""
    ordinary(c, mri=None)
    c.image("72148", 3, status="ordered")


def mri_of_unknown_contrast(c: Chart) -> None:
    """A lumbar MRI whose report does not say whether contrast was given."""
    ordinary(c, mri=LUMBAR_CONTRAST_UNKNOWN, mri_system="LOINC")


def mri_of_unknown_region(c: Chart) -> None:
    """An MRI of the spine five hours after the diagnosis, of which part is not recorded."""
    ordinary(c, mri=SPINE_REGION_UNKNOWN, mri_day=0, mri_system="LOINC")


def mri_at_once(c: Chart) -> None:
    """MRI within five hours: the bedside signs are not needed."""
    ordinary(c, mri_day=0, signs=False)


def ct_then_mri(c: Chart) -> None:
    """A CT in the emergency department and the MRI two days later."""
    ordinary(c)
    c.image("72131", 0, "12:00")


def reports_not_in_the_data(c: Chart) -> None:
    """MRI in time, but no report says a word about the cause or other levels."""
    ordinary(c, pathology=None, other_levels=False)


def nothing_looked_at(c: Chart) -> None:
    """No MRI, no signs, no word about the cause or other levels."""
    ordinary(c, mri=None, signs=False, pathology=None, other_levels=False)


def everything_late(c: Chart) -> None:
    """Examination, score, signs, MRI, cause, other levels, treatment, visit and therapy: all after the deadline."""
    diagnose(c, exam=None, pain=None, signs=False, pathology=None, other_levels=False)
    for sign in ("percussion-sign", "supine-sign"):
        c.note(sign, "positive", 3, "09:00")
    c.note("neuro-exam", "no-deficit", 3, "09:00")
    c.pain(3, 7, "09:00")
    c.image("72148", 20)
    c.note("pathology-assessment", "benign", 21)
    c.note("other-levels-reviewed", "yes", 50)
    c.drug("paracetamol", 10)
    c.drug("calcitonin", 33, days=14)
    see(c, ((20, 3), (70, 2), (110, 2)), therapy=None)
    c.refer("physical-therapy", 70, "10:00")


def suspicion_done_right(c: Chart) -> None:
    """A suspicious vertebra on day 2: whole-spine MRI without and with contrast on day 5, biopsy on day 12."""
    ordinary(c, pathology="suspicious")
    c.image(WHOLE_SPINE_BOTH, 5, system="LOINC")
    c.procedure("20225", 12)


def suspicion_lumbar_only(c: Chart) -> None:
    """A suspicious vertebra; only the lumbar spine was examined again, and no biopsy."""
    ordinary(c, pathology="suspicious")
    c.image("72158", 4)


def suspicion_plain_whole_spine(c: Chart) -> None:
    """A suspicious vertebra; the whole spine was examined without contrast; a biopsy was considered."""
    ordinary(c, pathology="suspicious", mri=WHOLE_SPINE_PLAIN, mri_system="LOINC")
    c.note("considered", "biopsy", 10)


def suspicion_too_late(c: Chart) -> None:
    """A suspicious vertebra on day 2; whole-spine MRI on day 13, biopsy on day 40."""
    ordinary(c, pathology="suspicious", mri=None)
    c.image(WHOLE_SPINE_BOTH, 13, system="LOINC")
    c.procedure("20225", 40)


def suspicion_forgotten(c: Chart) -> None:
    """A suspicious vertebra on CT; no MRI and no biopsy."""
    ordinary(c, pathology="suspicious", mri="72131", mri_day=1)


def suspicion_ordered_only(c: Chart) -> None:
    """A suspicious vertebra on CT; the whole-spine MRI was ordered and not done, the biopsy declined."""
    ordinary(c, pathology="suspicious", mri="72131", mri_day=1)
    c.image(WHOLE_SPINE_BOTH, 4, system="LOINC", status="ordered")
    c.note("declined", "biopsy", 6)


def suspicion_and_kidney_disease(c: Chart) -> None:
    """A suspicious vertebra; gadolinium is contraindicated, so the plain whole-spine MRI is enough."""
    here = ordinary(c, pathology="suspicious", mri=WHOLE_SPINE_PLAIN, mri_day=4, mri_system="LOINC")
    c.note("gadolinium-contraindication", "present", 0, "12:00", here)
    c.procedure("20225", 15)


def suspicion_declines_mri(c: Chart) -> None:
    """A suspicious vertebra on CT; the patient declines MRI."""
    ordinary(c, pathology="suspicious", mri="72131", mri_day=1)
    c.note("declined", "mri", 4)


def suspicion_and_defibrillator(c: Chart) -> None:
    """A suspicious vertebra on CT; a defibrillator rules out MRI."""
    here = ordinary(c, pathology="suspicious", mri="72131", mri_day=1)
    c.note("mri-contraindication", "present", 0, "11:00", here)


def suspicion_ruled_out(c: Chart) -> None:
    """Called suspicious on day 2 and benign after comparison with old films on day 6."""
    ordinary(c, pathology="suspicious")
    c.note("pathology-assessment", "benign", 6)


def suspicion_contrast_unknown(c: Chart) -> None:
    """A suspicious vertebra; an MRI on day 4 whose contrast is not recorded."""
    ordinary(c, pathology="suspicious", mri=LUMBAR_CONTRAST_UNKNOWN, mri_day=4, mri_system="LOINC")


def suspicion_region_unknown(c: Chart) -> None:
    """A suspicious vertebra; an MRI of the spine on day 4 whose region is not recorded."""
    ordinary(c, pathology="suspicious", mri=SPINE_REGION_UNKNOWN, mri_day=4, mri_system="LOINC")


def former_cancer_assessed(c: Chart) -> None:
    """Breast cancer nine years ago; the fracture was assessed as benign."""
    c.history("Z85.3", 9)
    ordinary(c)


def former_cancer_not_assessed(c: Chart) -> None:
    """Breast cancer six years ago, and nobody wrote what caused the fracture; no calcitonin because of it."""
    c.history("Z85.3", 6)
    ordinary(c, pathology=None, calcitonin=None)


def myeloma_known(c: Chart) -> None:
    """Myeloma for three months; the fracture is called suspicious; whole-spine MRI in four days."""
    c.code("C90.00", -90, None, role="problem-list")
    ordinary(c, pathology="suspicious", mri=WHOLE_SPINE_BOTH, mri_day=4, mri_system="LOINC")


def cement_after_suspicion(c: Chart) -> None:
    """A suspicious vertebra; a kyphoplasty on day 20, into which a biopsy may be bundled."""
    ordinary(c, pathology="suspicious", mri=WHOLE_SPINE_BOTH, mri_day=5, mri_system="LOINC")
    c.procedure("22514", 20, level="L2")


def suspicion_with_deficit(c: Chart) -> None:
    """A suspicious vertebra and a deficit: whole-spine MRI is due within a day and came on day 4."""
    here = diagnose(c, exam="deficit", pathology=None)
    c.note("pathology-assessment", "suspicious", 0, "12:00", here)
    c.refer("spine", 0, "12:10", priority="stat", encounter=here, completed=0)
    c.image(WHOLE_SPINE_BOTH, 4, system="LOINC")
    treat(c, calcitonin=None)
    see(c)


def contrast_yesterday(c: Chart) -> None:
    """Diagnosed six days ago; yesterday an MRI with contrast. Nothing justifies it yet, but notes may follow."""
    diagnose(c)
    treat(c)
    c.image("72158", 3, "10:00")


def mri_due_while_the_feed_is_behind(c: Chart) -> None:
    """No MRI so far; it was due yesterday, but the imaging feed stops three days earlier."""
    ordinary(c, mri=None, visits=(), therapy=None)


STORIES = (
    Story(ct_for_the_pacemaker, 147, ("G1 met alternative", "G2 met alternative", "G3 not_applicable no_mri"),
          fhir=True),
    Story(ct_and_no_reason, 158, ("G1 deviation wrong_modality", "G2 deviation wrong_modality"), fhir=True),
    Story(ct_for_a_device_of_unknown_kind, 169, ("G1 indeterminate unknown_device", "G2 indeterminate unknown_device")),
    Story(declines_the_tube, 180, ("G1 exception patient_declined", "G2 exception patient_declined")),
    Story(no_mri_at_night, 191, ("G1 deviation wrong_modality", "G2 met alternative", "B1 deviation late",
                                 "B2 deviation missing")),
    Story(contrast_only, 202, ("G1 deviation wrong_contrast", "G3 deviation not_indicated")),
    Story(contrast_without_suspicion, 213, ("G1 met on_time", "G3 deviation not_indicated")),
    Story(discitis, 224, ("G1 not_applicable suspicion_or_infection_known", "G3 met indicated")),
    Story(mri_on_day_20, 235, ("G1 deviation late", "G2 not_applicable no_ct")),
    Story(mri_ordered_and_forgotten, 161, ("G1 deviation ordered_not_done",), fhir=True),
    Story(mri_of_unknown_contrast, 247, ("G1 indeterminate unknown_contrast", "G3 indeterminate unknown_contrast")),
    Story(mri_of_unknown_region, 258, ("G1 indeterminate unknown_regions", "B1 indeterminate unknown_regions",
                                       "B2 indeterminate unknown_regions")),
    Story(mri_at_once, 269, ("B1 not_applicable mri_immediately_available",
                             "B2 not_applicable mri_immediately_available")),
    Story(ct_then_mri, 280, ("G1 met on_time", "G2 not_applicable mri_done")),
    Story(reports_not_in_the_data, 291, ("G4 indeterminate report_not_available",
                                         "C1 indeterminate report_not_available")),
    Story(nothing_looked_at, 302, ("G1 deviation missing", "G4 deviation missing", "C1 deviation missing",
                                   "B1 deviation missing", "B2 deviation missing")),
    Story(everything_late, 200, ("Q1 deviation late", "Q2 deviation late", "G1 deviation late", "G4 deviation late",
                                 "C1 deviation late", "B1 deviation late", "B2 deviation late", "M1 deviation late",
                                 "M2 deviation late", "M3 not_applicable no_calcitonin", "F1 deviation late",
                                 "T1 deviation late")),
    Story(suspicion_done_right, 148, ("X1 met on_time", "X2 met on_time", "G4 met on_time"), fhir=True),
    Story(suspicion_lumbar_only, 162, ("X1 deviation incomplete_extent", "X2 deviation missing"), fhir=True),
    Story(suspicion_plain_whole_spine, 173, ("X1 deviation wrong_contrast", "X2 met considered")),
    Story(suspicion_too_late, 184, ("X1 deviation late", "X2 deviation late")),
    Story(suspicion_forgotten, 195, ("X1 deviation missing", "X2 deviation missing")),
    Story(suspicion_ordered_only, 206, ("X1 deviation ordered_not_done", "X2 exception patient_declined")),
    Story(suspicion_and_kidney_disease, 217, ("X1 met alternative", "X2 met on_time")),
    Story(suspicion_declines_mri, 228, ("X1 exception patient_declined",)),
    Story(suspicion_and_defibrillator, 239, ("X1 exception contraindicated",)),
    Story(suspicion_ruled_out, 250, ("X1 exception ruled_out", "X2 exception ruled_out")),
    Story(suspicion_contrast_unknown, 261, ("X1 indeterminate unknown_contrast",)),
    Story(suspicion_region_unknown, 272, ("X1 indeterminate unknown_regions",)),
    Story(former_cancer_assessed, 165, ("X1 not_applicable assessed_benign",), fhir=True),
    Story(former_cancer_not_assessed, 283, ("X1 indeterminate history_not_assessed", "M2 exception contraindicated")),
    Story(myeloma_known, 294, ("X1 met on_time", "X2 not_applicable known_malignancy")),
    Story(cement_after_suspicion, 305, ("X2 indeterminate biopsy_may_be_bundled", "A1 met indicated")),
    Story(suspicion_with_deficit, 316, ("S1 met on_time", "X1 deviation late")),
    Story(contrast_yesterday, 4, ("G3 pending charting_grace",)),
    Story(mri_due_while_the_feed_is_behind, 15, ("G1 pending feed_incomplete",)),
)  # fmt: skip
