"""Deficits, instability, deformity: who was sent to a surgeon, when, and who should not have been."""

from .chart import Chart
from .course import diagnose, ordinary, see, treat
from .story import Story

BURST, UNSTABLE_BURST = "S32.021A", "S32.022A"


def textbook(c: Chart) -> None:
    """The control: examined, imaged, treated, seen again and sent to physical therapy, all in time."""
    ordinary(c)


def nobody_called_a_surgeon(c: Chart) -> None:
    """Leg weakness at the diagnosis of an unstable burst fracture; no surgeon was ever involved."""
    ordinary(c, code=UNSTABLE_BURST, exam="deficit")


def surgeon_three_hours_late(c: Chart) -> None:
    """A deficit at the diagnosis; the urgent referral to neurosurgery came 27 hours later."""
    here = ordinary(c, code=BURST, exam="deficit")
    c.refer("neurosurgery", 1, "12:40", priority="urgent", encounter=here, completed=2)


def routine_instead_of_urgent(c: Chart) -> None:
    """A deficit; orthopaedics was asked the same afternoon, but as a routine referral, and saw nobody in time."""
    here = ordinary(c, code=BURST, exam="deficit")
    c.refer("orthopaedics", 0, "13:00", encounter=here)


def neurology_instead_of_surgery(c: Chart) -> None:
    """A deficit and a TLICS of 6; the referral went to neurology, which is no surgical specialty."""
    here = ordinary(c, code=UNSTABLE_BURST, exam="deficit")
    c.note("tlics", 6, 0, "12:00", here)
    c.refer("neurology", 0, "12:30", priority="urgent", encounter=here)


def referred_to_a_nurse_practitioner(c: Chart) -> None:
    """A deficit, an unstable spine and 34 degrees of kyphosis; referred to a nurse practitioner of unknown service."""
    here = ordinary(c, code=UNSTABLE_BURST, exam="deficit")
    c.note("kyphosis-angle", 34, 2, "15:00", level="L2", posture="standing")
    c.refer("nurse-practitioner", 0, "12:30", priority="urgent", encounter=here)


def cauda_equina_done_right(c: Chart) -> None:
    """Cauda equina syndrome on day 12: neurosurgery within two hours, operated that night."""
    ordinary(c, visits=((35, 3), (60, 2)), calcitonin=14)
    here = c.visit(12, "10:00", hours=4, kind="emergency", specialty="emergency", disposition="other")
    c.note("neuro-exam", "deficit", 12, "10:40", here)
    c.code("G83.4", 12, "11:00", here, role="diagnosis")
    c.refer("neurosurgery", 12, "12:15", priority="stat", encounter=here, completed=12)
    ward = c.visit(12, "14:00", hours=140, kind="inpatient", specialty="neurosurgery", disposition="rehab")
    c.procedure("63005", 12, "20:10", encounter=ward, level="L2")


def deficit_on_the_orthopaedic_ward(c: Chart) -> None:
    """Admitted to orthopaedics at the diagnosis; weakness and a SINS of 8 there on day 3."""
    ordinary(c)
    ward = c.visit(0, "14:00", hours=150, kind="inpatient", specialty="orthopaedics", disposition="home")
    c.note("sins", 8, 3, "08:00", ward)
    c.note("neuro-exam", "deficit", 3, "08:30", ward)


def discussed_by_telephone(c: Chart) -> None:
    """A deficit, a SINS of 8 and 33 degrees of kyphosis; discussed with the surgeon on call, no referral."""
    here = ordinary(c, code=BURST, exam="deficit")
    c.note("sins", 8, 0, "11:00", here)
    c.note("kyphosis-angle", 33, 1, "15:00", level="L2", posture="standing")
    c.note("discussed-with", "surgery", 0, "13:00", here)


def declines_surgery(c: Chart) -> None:
    """The same three reasons to ask a surgeon; the patient declines surgery the next morning."""
    here = ordinary(c, code=BURST, exam="deficit")
    c.note("stability", "unstable", 0, "11:00", here)
    c.note("kyphosis-angle", 31, 1, "08:00", level="L2", posture="standing")
    c.note("declined", "surgery", 1, "09:00")


def operated_before_arrival(c: Chart) -> None:
    """Fused elsewhere nine days before; comes with a deficit and an unstable burst fracture."""
    c.procedure("22612", -9, None, level="L2")
    ordinary(c, code=UNSTABLE_BURST, exam="deficit")


def retention_and_no_exam(c: Chart) -> None:
    """Urinary retention is coded on day 9 by telephone; nobody examined the patient within a day."""
    ordinary(c)
    here = c.visit(9, "16:00", kind="virtual")
    c.code("R33.9", 9, "16:10", here, role="diagnosis")


def residual_urine(c: Chart) -> None:
    """350 mL left after voiding on day 20, no examination: a sign that may mean a deficit."""
    ordinary(c)
    c.note("post-void-residual", 350, 20, "11:00")


def deficit_coded_at_discharge(c: Chart) -> None:
    """Cauda equina syndrome appears only in the codes of the discharge; surgery was asked on the third day."""
    diagnose(c, disposition="other")
    ward = c.visit(0, "18:00", hours=113, kind="inpatient", specialty="internal", disposition="rehab")
    c.image("72148", 1, "09:00", encounter=ward)
    c.refer("neurosurgery", 2, "10:00", priority="urgent", encounter=ward, completed=2)
    c.code("G83.4", 5, "18:30", ward, role="diagnosis")
    treat(c, calcitonin=None)
    see(c)


def billed_deficit(c: Chart) -> None:
    """Foot drop on the bill of a four-day stay, recorded a week later; no surgeon anywhere."""
    ordinary(c)
    ward = c.visit(3, "10:00", hours=96, kind="inpatient", specialty="internal", disposition="home")
    c.code("M21.371", 10, "12:00", ward, role="billing")


def two_deficits(c: Chart) -> None:
    """Weakness at the diagnosis, referred at once and recovered by day 4; cauda equina on day 40, nobody asked."""
    here = ordinary(c, exam="deficit")
    c.refer("spine", 0, "11:30", priority="stat", encounter=here, completed=1)
    c.note("neuro-exam", "no-deficit", 4, "09:00")
    c.code("G83.4", 40, "10:00", c.visit(40, "09:30"), role="diagnosis")


def old_foot_drop(c: Chart) -> None:
    """A foot drop since a stroke two years ago, examined and unchanged: no new deficit."""
    c.history("M21.372", 2)
    ordinary(c, exam="deficit-known")


def died_with_every_alarm(c: Chart) -> None:
    """Weakness, a SINS of 10, 34 degrees and a suspicion of a tumour within a day; died on day 4."""
    diagnose(c, pathology=None, kind="inpatient", disposition="expired")
    c.note("pathology-assessment", "suspicious", 3, "15:00")
    c.note("neuro-exam", "deficit", 3, "20:00")
    c.note("sins", 10, 3, "20:00")
    c.note("kyphosis-angle", 34, 3, "20:00", level="L2", posture="supine")
    treat(c, calcitonin=None)
    c.died(4, "06:00")


def deficit_this_evening(c: Chart) -> None:
    """Diagnosed four days ago; on the last evening of the data weakness, an unstable spine and a suspicion."""
    diagnose(c, pathology=None)
    treat(c)
    here = c.visit(4, "18:00", hours=3, kind="emergency", specialty="emergency", disposition="home")
    c.note("neuro-exam", "deficit", 4, "18:30", here)
    c.note("stability", "unstable", 4, "19:00", here)
    c.note("kyphosis-angle", 32, 4, "19:00", here, level="L2", posture="standing")
    c.note("pathology-assessment", "suspicious", 4, "19:30", here)


def unstable_and_five_days(c: Chart) -> None:
    """A SINS of 9 on day 1 and 36 degrees of kyphosis on day 3; the surgeon was asked on day 5."""
    ordinary(c)
    c.note("sins", 9, 1, "10:00")
    c.note("kyphosis-angle", 36, 3, "10:00", level="L2", posture="standing")
    c.refer("spine", 5, "10:00", priority="urgent", completed=8)


def unstable_then_stable(c: Chart) -> None:
    """Called unstable at the diagnosis, found stable on standing films two days later."""
    here = ordinary(c)
    c.note("stability", "unstable", 0, "11:00", here)
    c.note("stability", "stable", 2, "10:00")


def kyphosis_grows(c: Chart) -> None:
    """An unstable burst fracture, seen by the spine surgeon the next day; standing kyphosis grows from 12 to 24."""
    ordinary(c, code=UNSTABLE_BURST, visits=((21, 3), (35, 2), (60, 3)))
    c.refer("spine", 1, "09:00", completed=2)
    c.note("kyphosis-angle", 12, 2, "15:00", level="L2", posture="standing")
    c.note("kyphosis-angle", 24, 100, "15:00", level="L2", posture="standing")
    c.refer("orthopaedics", 105, "09:00", completed=119)


def kyphosis_and_seven_weeks(c: Chart) -> None:
    """35 degrees on day 35; the surgeon was asked 45 days later."""
    ordinary(c)
    c.note("kyphosis-angle", 35, 35, "15:00", level="L2", posture="standing")
    c.note("augmentation-candidate", "no", 36)
    c.refer("orthopaedics", 80, "09:00")


def height_lost_and_nobody_asked(c: Chart) -> None:
    """More than half of the vertebra's height is lost; nobody was asked about it."""
    ordinary(c, therapy=None)
    c.note("height-loss", 56, 35, "15:00", level="L2")
    c.note("augmentation-candidate", "yes", 36)


def kyphosis_to_rheumatology(c: Chart) -> None:
    """33 degrees; the referral went to rheumatology."""
    ordinary(c)
    c.note("kyphosis-angle", 33, 35, "15:00", level="L2", posture="standing")
    c.refer("rheumatology", 36, "09:00")


def kyphosis_without_a_number(c: Chart) -> None:
    """A kyphosis is coded at six weeks, and nobody measured it."""
    ordinary(c)
    c.code("M40.204", 42, "10:00", role="diagnosis")


def lying_then_standing(c: Chart) -> None:
    """14 degrees lying, 27 degrees standing: it can't be told whether the kyphosis grew."""
    ordinary(c)
    c.note("kyphosis-angle", 14, 2, "15:00", level="L2", posture="supine")
    c.note("kyphosis-angle", 27, 60, "15:00", level="L2", posture="standing")


def referred_while_improving(c: Chart) -> None:
    """Pain fell from 7 to 3 in three weeks and no red flag; still sent to orthopaedics on day 24."""
    ordinary(c)
    c.refer("orthopaedics", 24, "10:00", completed=38)


def referred_never_examined(c: Chart) -> None:
    """Sent to neurosurgery on day 10 with one pain score and no neurological examination on record."""
    ordinary(c, exam=None, visits=((21, 3), (35, 2)))
    c.refer("neurosurgery", 10, "10:00")


def referred_without_a_reason(c: Chart) -> None:
    """A spine surgeon and interventional radiology are asked on day 24, and no reason is given."""
    ordinary(c)
    c.refer("spine", 24, "10:00", reason=None)
    c.refer("radiology-interventional", 24, "10:05", reason=None)


def referred_for_knee_and_veins(c: Chart) -> None:
    """Sent to orthopaedics for a knee and to interventional radiology for varicose veins."""
    ordinary(c)
    c.refer("orthopaedics", 28, "10:00", reason="M17.11")
    c.refer("radiology-interventional", 40, "10:00", reason="I83.90")


def surgeon_in_the_emergency_department(c: Chart) -> None:
    """An orthopaedic consult in the emergency department at the diagnosis, no red flag."""
    here = ordinary(c)
    c.refer("orthopaedics", 0, "11:00", priority="urgent", encounter=here, completed=0)


def improving_but_collapsing(c: Chart) -> None:
    """Improving, but 45 % of the height is lost: the referral on day 24 is right."""
    ordinary(c)
    c.note("height-loss", 45, 21, "15:00", level="L2")
    c.refer("orthopaedics", 24, "10:00")


def not_improving_and_referred(c: Chart) -> None:
    """Pain went from 6 to 7; sent to orthopaedics on day 24 without a red flag."""
    ordinary(c, pain=6, visits=((21, 7), (35, 5), (60, 3), (104, 2)))
    c.refer("orthopaedics", 24, "10:00")


def decided_yesterday(c: Chart) -> None:
    """Yesterday: sent to a surgeon and to radiology while improving, a root block, a kyphoplasty. Notes may follow."""
    ordinary(c, visits=((21, 3),), therapy=21)
    c.pain(29, 2, "09:00")
    c.refer("orthopaedics", 29, "10:00")
    c.refer("radiology-interventional", 29, "10:00")
    c.procedure("64483", 29, "11:00")
    c.procedure("22514", 29, "14:00", level="L2")


STORIES = (
    Story(textbook, 170, ("Q1 met on_time", "Q2 met on_time", "G1 met on_time", "G3 met on_time", "G4 met on_time",
                          "C1 met on_time", "B1 met on_time", "B2 met on_time", "M1 met on_time", "M2 met on_time",
                          "M3 met on_time", "M4 met on_time", "F1 met on_time", "T1 met on_time",
                          "S1 not_applicable intact", "A1 not_applicable no_augmentation"), fhir=True),
    Story(nobody_called_a_surgeon, 130, ("S1 deviation missing", "S2 deviation missing", "B1 not_applicable deficit",
                                         "M1 not_applicable deficit_or_instability", "M2 not_applicable deficit"),
          fhir=True),
    Story(surgeon_three_hours_late, 141, ("S1 deviation late",), fhir=True),
    Story(routine_instead_of_urgent, 152, ("S1 deviation wrong_priority", "S5 met indicated"), fhir=True),
    Story(neurology_instead_of_surgery, 163, ("S1 deviation wrong_specialty", "S2 deviation wrong_specialty"),
          fhir=True),
    Story(referred_to_a_nurse_practitioner, 190, ("S1 indeterminate unknown_specialty",
                                                  "S2 indeterminate unknown_specialty",
                                                  "S4 indeterminate unknown_specialty")),
    Story(cauda_equina_done_right, 185, ("S1 met on_time", "F1 not_applicable intervention_before_reassessment"),
          fhir=True),
    Story(deficit_on_the_orthopaedic_ward, 201, ("S1 met already_under_care", "S2 met already_under_care")),
    Story(discussed_by_telephone, 212, ("S1 met alternative", "S2 met alternative", "S4 met alternative")),
    Story(declines_surgery, 223, ("S1 exception patient_declined", "S2 exception patient_declined",
                                  "S4 exception patient_declined")),
    Story(operated_before_arrival, 234, ("S1 exception treated_before_arrival", "S2 exception treated_before_arrival")),
    Story(retention_and_no_exam, 145, ("S1 indeterminate soft_deficit_only",), fhir=True),
    Story(residual_urine, 246, ("S1 indeterminate soft_deficit_only",)),
    Story(deficit_coded_at_discharge, 139, ("S1 indeterminate deficit_time_unknown",), fhir=True),
    Story(billed_deficit, 159, ("S1 deviation missing",)),
    Story(two_deficits, 177, ("S1 met on_time", "S1 deviation missing")),
    Story(old_foot_drop, 188, ("S1 not_applicable intact",)),
    Story(died_with_every_alarm, 199, ("S1 censored ended_before_deadline", "S2 censored ended_before_deadline",
                                       "S4 censored ended_before_deadline", "X1 censored ended_before_deadline",
                                       "X2 censored ended_before_deadline", "G4 met on_time")),
    Story(deficit_this_evening, 4, ("S1 pending not_yet_due", "S2 pending not_yet_due", "S4 pending not_yet_due",
                                    "X1 pending not_yet_due", "X2 pending not_yet_due")),
    Story(unstable_and_five_days, 210, ("S2 deviation late", "S4 met on_time")),
    Story(unstable_then_stable, 221, ("S2 exception ruled_out",)),
    Story(kyphosis_grows, 232, ("S2 met on_time", "S4 met on_time")),
    Story(kyphosis_and_seven_weeks, 243, ("S4 deviation late",)),
    Story(height_lost_and_nobody_asked, 150, ("S4 deviation missing",), fhir=True),
    Story(kyphosis_to_rheumatology, 254, ("S4 deviation wrong_specialty",)),
    Story(kyphosis_without_a_number, 265, ("S4 indeterminate unmeasured_deformity",)),
    Story(lying_then_standing, 276, ("S4 indeterminate posture_mismatch",)),
    Story(referred_while_improving, 155, ("S5 deviation not_indicated", "S6 deviation not_indicated"), fhir=True),
    Story(referred_never_examined, 287, ("S5 indeterminate no_neuro_exam", "S6 indeterminate pain_course_unknown",
                                         "Q1 deviation missing")),
    Story(referred_without_a_reason, 298, ("S5 indeterminate unknown_reason", "S6 indeterminate unknown_reason",
                                           "I3 indeterminate unknown_reason"), who={"site": "riverside"}),
    Story(referred_for_knee_and_veins, 309, ("S5 not_applicable unrelated_reason", "S6 not_applicable unrelated_reason",
                                             "I3 not_applicable unrelated_reason")),
    Story(surgeon_in_the_emergency_department, 320, ("S5 met emergency_consult",)),
    Story(improving_but_collapsing, 144, ("S5 met indicated", "S6 met red_flag"), fhir=True),
    Story(not_improving_and_referred, 156, ("S5 deviation not_indicated", "S6 not_applicable not_improving")),
    Story(decided_yesterday, 30, ("S5 pending charting_grace", "S6 pending charting_grace",
                                  "I3 pending charting_grace", "A1 pending charting_grace",
                                  "P3 pending charting_grace")),
)  # fmt: skip
