"""Pain that stays: specialists, blocks, augmentation, repeat imaging, the sacrum, physical therapy."""

from .chart import Chart
from .course import ordinary
from .story import Story

SEVERE = ((21, 7), (35, 7), (60, 7), (100, 9))  # severe throughout, and worse after three months


def severe(c: Chart, *, mri_day: int = 2, visits: tuple[tuple[int, int | None], ...] = SEVERE, **more) -> None:  # type: ignore[no-untyped-def]
    """The course that every story here begins with."""
    ordinary(c, mri_day=mri_day, visits=visits, therapy=None, **more)


def everyone_asked(c: Chart) -> None:
    """Severe pain for a hundred days: pain clinic, root block, films, sacrum, radiology and surgeon, each in time."""
    severe(c)
    c.refer("pain", 30, "10:00", completed=44)
    c.note("sacrum-reviewed", "yes", 40)
    c.procedure("64483", 47, level="L2")
    c.image("72100", 70)
    c.refer("radiology-interventional", 110, "10:00")
    c.refer("spine", 110, "10:10")


def nobody_asked(c: Chart) -> None:
    """The same hundred days, and nobody was asked and nothing was imaged again."""
    severe(c, mri_day=-2)


def everyone_asked_too_late(c: Chart) -> None:
    """The same, and everything came, each after its deadline."""
    severe(c, mri_day=-2)
    c.note("sacrum-reviewed", "yes", 60)
    c.image("72100", 95)
    c.refer("orthopaedics", 140, "10:00")
    c.refer("radiology-interventional", 145, "10:00")


def declines_everyone(c: Chart) -> None:
    """The same; the patient declines pain clinic, films, radiology and surgery."""
    severe(c)
    for what, day in (("pain-management", 25), ("imaging", 65), ("interventional-radiology", 105), ("surgery", 105)):
        c.note("declined", what, day)


def considered_and_written_down(c: Chart) -> None:
    """The same; each specialist, the block and new films were considered, and the notes say why not."""
    severe(c)
    for what, day in (
        ("pain-management", 30),
        ("nerve-root-block", 40),
        ("imaging", 65),
        ("interventional-radiology", 105),
        ("surgery", 105),
    ):
        c.note("considered", what, day)


def discussed_at_the_board(c: Chart) -> None:
    """The same; discussed with pain management on day 30, with radiology and surgery at the spine board."""
    severe(c)
    for what, day in (("pain-management", 30), ("interventional-radiology", 110), ("surgery", 110)):
        c.note("discussed-with", what, day)


def rheumatology_after_three_months(c: Chart) -> None:
    """The same; after three months only rheumatology was asked."""
    severe(c)
    c.refer("rheumatology", 110, "10:00")


def nurse_practitioner_after_three_months(c: Chart) -> None:
    """The same; referred after three months, but not to which specialty."""
    severe(c)
    c.refer("nurse-practitioner", 110, "10:00")


def no_candidate_for_cement(c: Chart) -> None:
    """The same; not a candidate for augmentation. Radiology was asked on day 40, for which nothing spoke."""
    severe(c)
    c.note("augmentation-candidate", "no", 80)
    c.note("declined", "surgery", 106)


def worse_and_never_treated(c: Chart) -> None:
    """The same, but no treatment is recorded from which three months could be counted."""
    severe(c, analgesic=None, calcitonin=None)


def better_and_never_treated(c: Chart) -> None:
    """No treatment is recorded at all, and the pain went away."""
    ordinary(c, analgesic=None, calcitonin=None, therapy=None)


def silent_after_six_weeks(c: Chart) -> None:
    """Pain 6 on day 35, then no word about it again."""
    ordinary(c, visits=((21, 6), (35, 6)), therapy=None)


def silent_after_ten_days(c: Chart) -> None:
    """Pain 6 on day 10, then no word about it again; the visit on day 35 does not say what it was for."""
    ordinary(c, visits=((10, 6),), therapy=None)
    c.visit(35, "09:00", related=None)


def gone_after_ten_days(c: Chart) -> None:
    """Pain 2 on day 10, and no later word: taken as resolved."""
    ordinary(c, visits=((10, 2),), therapy=None)


def worse_without_a_score(c: Chart) -> None:
    """Said to be worsening after three months, but no score tells how severe it was."""
    ordinary(c, visits=((21, 3), (35, 2)))
    c.note("course", "worsening", 100, "09:00", c.visit(100))


def radiology_early(c: Chart) -> None:
    """Persistent pain: radiology instead of the pain clinic on day 40, for which the algorithm names no reason."""
    ordinary(c, visits=((21, 6), (35, 6), (70, 3), (110, 2)))
    c.refer("radiology-interventional", 40, "10:00", completed=52)


def radiology_for_the_deformity(c: Chart) -> None:
    """22 degrees of kyphosis: radiology on day 40 fits the algorithm."""
    ordinary(c)
    c.note("kyphosis-angle", 22, 35, level="L2", posture="standing")
    c.note("augmentation-candidate", "yes", 36)
    c.refer("radiology-interventional", 40, "10:00")


def radiology_without_a_word(c: Chart) -> None:
    """Referred to radiology on day 9; no pain, course or deformity is on record before."""
    ordinary(c, pain=None)
    c.refer("radiology-interventional", 9, "10:00")


def cement_on_day_20(c: Chart) -> None:
    """Kyphoplasty on day 20: pain 6 and steady, no deformity, nothing that the algorithm names."""
    ordinary(c, pain=6, visits=((17, 6), (35, 3), (60, 2), (104, 1)))
    c.procedure("22514", 20, level="L2")


def cement_while_worsening(c: Chart) -> None:
    """Pain rises from 6 to 9 in two weeks; vertebroplasty on day 18 fits the algorithm."""
    ordinary(c, pain=6, visits=((15, 9), (35, 3), (60, 2), (104, 1)))
    c.note("augmentation-candidate", "yes", 16)
    c.procedure("22511", 18, level="L2")


def cement_after_three_months(c: Chart) -> None:
    """Persistent pain; kyphoplasty on day 105, and the pain is gone."""
    severe(c, visits=((21, 6), (35, 6), (60, 6), (100, 6), (130, 2)))
    c.procedure("22514", 105, level="L2")


def cement_without_a_word(c: Chart) -> None:
    """Kyphoplasty on day 25; no pain, course or deformity is on record before."""
    ordinary(c, pain=None, visits=((35, 2), (104, 1)))
    c.procedure("22514", 25, level="L2")


def cement_before_any_tablet(c: Chart) -> None:
    """Kyphoplasty the day after the diagnosis, before any treatment."""
    ordinary(c, analgesic=None, calcitonin=None)
    c.procedure("22514", 1, level="L2")
    c.drug("paracetamol", 5)


def cement_in_place_of_films(c: Chart) -> None:
    """Pain 5 on day 60: kyphoplasty on day 75 in place of new films."""
    ordinary(c, visits=((21, 5), (35, 5), (60, 5), (104, 1)), therapy=42)
    c.procedure("22514", 75, level="L2")


def cement_at_which_level(c: Chart) -> None:
    """L2 and L4 broke together; one kyphoplasty, and the record does not say where."""
    ordinary(c)
    c.code("S32.040A", 0, "09:45", role="diagnosis")
    c.procedure("22514", 30)


def block_for_little_pain(c: Chart) -> None:
    """A nerve root block on day 40 although the pain was 2."""
    ordinary(c)
    c.procedure("64483", 40, level="L2")


def block_and_no_score(c: Chart) -> None:
    """A nerve root block on day 60, and no score in the two weeks before."""
    ordinary(c)
    c.procedure("64483", 60, level="L2")


def therapy_declined(c: Chart) -> None:
    """Pain 3 on day 21; the patient declines physical therapy on day 30."""
    ordinary(c, therapy=None)
    c.note("declined", "physical-therapy", 30)


def therapy_considered(c: Chart) -> None:
    """Pain 3 on day 21; physical therapy was considered and put off, and the note says so."""
    ordinary(c, therapy=None)
    c.note("considered", "physical-therapy", 35)


def therapy_too_late(c: Chart) -> None:
    """Pain 3 on day 21; physical therapy was asked for on day 70."""
    ordinary(c, therapy=70)


def therapy_forgotten(c: Chart) -> None:
    """Pain 3 on day 21, and no physical therapy."""
    ordinary(c, therapy=None)


def improving_is_no_score(c: Chart) -> None:
    """The notes say that it got better, but neither a score nor an end of the pain is recorded."""
    ordinary(c, visits=((104, 4),), therapy=None)
    c.note("course", "improving", 30, "09:00", c.visit(30))


STORIES = (
    Story(everyone_asked, 168, ("S3 met on_time", "S7 met on_time", "I1 met on_time", "P1 met on_time",
                                "P2 met on_time", "P3 met indicated", "F2 met on_time", "C2 met on_time",
                                "T1 not_applicable pain_still_severe"), fhir=True),
    Story(nobody_asked, 172, ("S3 deviation missing", "S7 deviation missing", "I1 deviation missing",
                              "P1 deviation missing", "P2 not_applicable not_done", "F2 deviation missing",
                              "C2 deviation missing"), fhir=True),
    Story(everyone_asked_too_late, 183, ("S3 deviation late", "S7 deviation late", "I1 deviation late",
                                         "P1 deviation late", "F2 deviation late", "C2 deviation late")),
    Story(declines_everyone, 194, ("S3 exception patient_declined", "S7 exception patient_declined",
                                   "I1 exception patient_declined", "P1 exception patient_declined",
                                   "F2 exception patient_declined", "C2 indeterminate report_not_available")),
    Story(considered_and_written_down, 205, ("S3 deviation missing", "S7 met considered", "I1 met considered",
                                             "P1 met considered", "P2 met considered", "F2 met considered")),
    Story(discussed_at_the_board, 178, ("S3 met alternative", "S7 met alternative", "I1 met alternative",
                                        "P1 met alternative"), fhir=True),
    Story(rheumatology_after_three_months, 216, ("S3 deviation wrong_specialty", "S7 deviation missing")),
    Story(nurse_practitioner_after_three_months, 227, ("S3 indeterminate unknown_specialty",
                                                       "S7 indeterminate unknown_specialty")),
    Story(no_candidate_for_cement, 238, ("I1 exception contraindicated", "S3 exception patient_declined")),
    Story(worse_and_never_treated, 249, ("S3 indeterminate no_conservative_care_record",
                                         "S7 indeterminate no_conservative_care_record",
                                         "I1 indeterminate no_conservative_care_record",
                                         "P1 not_applicable no_analgesic_record", "M1 deviation missing",
                                         "M2 deviation missing")),
    Story(better_and_never_treated, 260, ("S3 not_applicable no_conservative_care",
                                          "S7 not_applicable no_conservative_care",
                                          "I1 not_applicable no_conservative_care", "M1 deviation missing")),
    Story(silent_after_six_weeks, 271, ("S3 indeterminate no_pain_record", "S7 indeterminate no_pain_record",
                                        "I1 indeterminate no_pain_record", "F2 indeterminate no_pain_record")),
    Story(silent_after_ten_days, 282, ("C2 indeterminate no_pain_record", "P1 indeterminate no_pain_record",
                                       "T1 indeterminate no_pain_record", "F1 indeterminate unknown_content")),
    Story(gone_after_ten_days, 293, ("C2 not_applicable resolved", "P1 not_applicable resolved",
                                     "F2 not_applicable resolved", "S3 not_applicable resolved",
                                     "S7 not_applicable resolved", "I1 not_applicable resolved")),
    Story(worse_without_a_score, 304, ("S3 indeterminate severity_not_recorded",
                                       "S7 indeterminate severity_not_recorded")),
    Story(radiology_early, 215, ("P1 met alternative", "I3 deviation not_indicated")),
    Story(radiology_for_the_deformity, 226, ("I3 met indicated",)),
    Story(radiology_without_a_word, 237, ("I3 indeterminate no_indication_data", "Q2 deviation late")),
    Story(cement_on_day_20, 166, ("A1 deviation premature", "F1 not_applicable intervention_before_reassessment"),
          fhir=True),
    Story(cement_while_worsening, 174, ("A1 met indicated",), fhir=True),
    Story(cement_after_three_months, 270, ("A1 met after_three_months", "I1 met on_time")),
    Story(cement_without_a_word, 281, ("A1 indeterminate no_indication_data",)),
    Story(cement_before_any_tablet, 292, ("M1 deviation early", "A1 deviation premature")),
    Story(cement_in_place_of_films, 303, ("F2 met alternative", "A1 deviation premature")),
    Story(cement_at_which_level, 314, ("A1 indeterminate level_unknown", "C1 met on_time")),
    Story(block_for_little_pain, 325, ("P3 deviation not_indicated",)),
    Story(block_and_no_score, 336, ("P3 indeterminate no_pain_record",)),
    Story(therapy_declined, 241, ("T1 exception patient_declined",)),
    Story(therapy_considered, 252, ("T1 met considered",)),
    Story(therapy_too_late, 263, ("T1 deviation late",)),
    Story(therapy_forgotten, 149, ("T1 deviation missing",), fhir=True),
    Story(improving_is_no_score, 274, ("T1 not_applicable not_triggered",)),
)  # fmt: skip
