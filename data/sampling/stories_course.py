"""Calcitonin and other medicines, follow-up, deaths and transfers, and who is no case or an excluded one."""

from .chart import L2, Chart
from .course import diagnose, ordinary, treat
from .story import Story


def found_a_month_later(c: Chart) -> None:
    """The pain began 30 days before the fracture was found: too late for calcitonin."""
    ordinary(c, onset=-30)


def little_pain(c: Chart) -> None:
    """Pain 2 at the diagnosis: neither treatment is asked for."""
    ordinary(c, pain=2)


def treated_before(c: Chart) -> None:
    """On ibuprofen and calcitonin since before the fracture; calcitonin was prescribed again on day 40."""
    c.drug("ibuprofen", -20, days=90)
    c.drug("calcitonin", -20, days=60)
    ordinary(c, analgesic=None, calcitonin=None)
    c.drug("calcitonin", 40, days=60)


def declines_the_spray(c: Chart) -> None:
    """Declines calcitonin on day 3."""
    ordinary(c, calcitonin=None)
    c.note("declined", "medication", 3)


def low_calcium(c: Chart) -> None:
    """A low calcium is on the problem list: calcitonin is contraindicated."""
    c.code("E83.51", -60, None, role="problem-list")
    ordinary(c, calcitonin=None)


def spray_for_ten_days(c: Chart) -> None:
    """Calcitonin for ten days only, pain 6 and no reason."""
    ordinary(c, calcitonin=10, visits=((21, 5), (35, 3), (104, 1)))


def spray_until_better(c: Chart) -> None:
    """Calcitonin for 14 days; the pain had fallen to 3 on day 10."""
    ordinary(c, calcitonin=14, visits=((10, 3), (35, 2), (104, 1)))


def spray_stopped_for_low_calcium(c: Chart) -> None:
    """Calcitonin was stopped on day 9, when the calcium was low."""
    ordinary(c, calcitonin=None, visits=((21, 5), (35, 3), (104, 1)))
    c.drug("calcitonin", 1, ended=9, status="stopped")
    c.code("E83.51", 8, "15:00", role="diagnosis")


def spray_of_unknown_length(c: Chart) -> None:
    """A prescription of calcitonin that says neither when it ended nor how many days it covers."""
    ordinary(c, calcitonin=None)
    c.drug("calcitonin", 1, days=None)


def spray_for_three_months(c: Chart) -> None:
    """Calcitonin went on for ninety days."""
    ordinary(c, calcitonin=90)


def spray_for_paget(c: Chart) -> None:
    """Calcitonin for ninety days, but there is Paget's disease as well."""
    c.history("M88.9")
    ordinary(c, calcitonin=90)


def spray_not_finished(c: Chart) -> None:
    """Calcitonin since 17 days, prescribed for sixty."""
    ordinary(c, visits=((14, 4),), therapy=None, calcitonin=60)


def to_the_nursing_home(c: Chart) -> None:
    """Discharged to a nursing facility; what was done there is not in the data."""
    ordinary(c, kind="inpatient", disposition="snf", visits=(), therapy=None)


def reassessed_a_little_early(c: Chart) -> None:
    """Seen again on day 24: within the tolerance."""
    ordinary(c, visits=((24, 3), (104, 1)))


def reassessed_too_early(c: Chart) -> None:
    """Seen again on day 12 and then never."""
    ordinary(c, visits=((12, 4),))


def reassessed_on_day_60(c: Chart) -> None:
    """Seen again only on day 60."""
    ordinary(c, visits=((60, 2), (104, 1)))


def never_seen_again(c: Chart) -> None:
    """Never seen again after the emergency department."""
    ordinary(c, visits=(), therapy=None)


def missed_the_visit(c: Chart) -> None:
    """Did not come on day 35; the clinic called the next day."""
    ordinary(c, visits=((104, 1),))
    c.visit(35, "09:00", status="no-show")
    c.note("outreach", "no-show", 36, "11:00")


def declines_follow_up(c: Chart) -> None:
    """Does not want to come again, and says so on day 30."""
    ordinary(c, visits=(), therapy=None)
    c.note("declined", "follow-up", 30, "11:00")


def seventeen(c: Chart) -> None:
    """Seventeen years old: too young for every measure."""
    ordinary(c, osteoporosis=False)


def car_crash(c: Chart) -> None:
    """A car crash: the pathway is not meant for it, the safety measures are."""
    ordinary(c, code="S32.021A", osteoporosis=False)
    c.code("V43.52XA", 0, "09:50", role="diagnosis")


def bone_metastasis(c: Chart) -> None:
    """A bone metastasis is on record: the pathway is not meant for it, the whole spine is due."""
    c.code("C79.51", -40, None, role="problem-list")
    ordinary(c, pathology="suspicious")


def already_under_care(c: Chart) -> None:
    """The same fracture was seen 100 days before with a code for later care: no clocks start."""
    c.code("S32.020D", -100, "10:00", role="diagnosis")
    ordinary(c)


def in_hospice(c: Chart) -> None:
    """In hospice care since a month before the fracture."""
    c.visit(-30, "10:00", hours=50, kind="inpatient", specialty="geriatric", disposition="hospice")
    diagnose(c, signs=False)
    treat(c, calcitonin=None)


def hospice_on_day_5(c: Chart) -> None:
    """Enters hospice care on day 5; what was open then is no longer a duty."""
    diagnose(c, kind="inpatient", disposition="other", pathology=None, other_levels=False)
    c.drug("oxycodone", 0)
    c.visit(1, "10:00", hours=100, kind="inpatient", specialty="geriatric", disposition="hospice")
    c.note("kyphosis-angle", 33, 3, level="L2", posture="supine")
    c.died(61)


def died_on_the_day(c: Chart) -> None:
    """Died in the evening of the day of the diagnosis."""
    diagnose(c, kind="inpatient", disposition="expired", pathology=None, signs=False, other_levels=False)
    c.died(0, "21:00")


def died_on_day_13(c: Chart) -> None:
    """A former cancer; died on day 13, before most deadlines."""
    c.history("Z85.3", 7)
    diagnose(c, pathology=None, other_levels=False)
    treat(c, calcitonin=None)
    c.died(13)


def died_on_day_62(c: Chart) -> None:
    """Pain 6 on day 60; died two days later."""
    ordinary(c, visits=((21, 5), (35, 6), (60, 6)), therapy=None)
    c.died(62)


def transferred_out(c: Chart) -> None:
    """Transferred to another hospital from the emergency department and not seen again."""
    diagnose(c, disposition="transfer-acute", pathology=None, other_levels=False)
    c.drug("oxycodone", 0, "11:30")


def moved_away(c: Chart) -> None:
    """Moved away on day 30: what happened later can't be seen."""
    ordinary(c, visits=((10, 5),), therapy=None)
    c.follow(-900, 30)


def broken_again(c: Chart) -> None:
    """Two months after the first fracture of L2 the MRI shows fresh oedema there: a second case."""
    ordinary(c, visits=((21, 4), (35, 3)))
    c.note("fracture-acuity", "acute", 60, "15:00", level="L2")
    here = c.visit(66, "09:00", hours=3, kind="emergency", specialty="emergency", disposition="home")
    c.code(L2, 66, "09:30", here, role="diagnosis")
    c.pain(66, 8, "09:20", here)
    c.note("neuro-exam", "no-deficit", 66, "09:25", here)
    c.drug("tramadol", 66, "12:00")
    c.image("72148", 69)


def two_levels_at_once(c: Chart) -> None:
    """L2 and L1 broke in the same fall."""
    here = ordinary(c)
    c.code("S32.010A", 0, "09:45", here, role="diagnosis")


def level_from_the_report(c: Chart) -> None:
    """The diagnosis code names no level; the MRI report of day 2 says L2."""
    ordinary(c, code="M80.08XA")
    c.note("fracture-level", "L2", 2, "16:00", level="L2")


def no_level_and_a_deficit(c: Chart) -> None:
    """An osteoporotic fracture whose level nobody recorded, with weakness, and no surgeon was involved."""
    ordinary(c, code="M80.08XA", exam="deficit")


def no_level_and_a_suspicion(c: Chart) -> None:
    """A collapsed vertebra of unknown level, called suspicious and unstable; surgeon in time, MRI not."""
    ordinary(c, code="M48.56XA", pathology="suspicious", mri="72131")
    c.note("stability", "unstable", 2, "16:00")
    c.refer("spine", 3, "09:00", priority="urgent", completed=4)


def prevalent_only(c: Chart) -> None:
    """Only ever seen with a code for later care: no case."""
    c.history("M81.0")
    here = c.visit(0)
    c.code("S32.020D", 0, "09:10", here, role="diagnosis")
    c.pain(0, 3, "09:10", here)


def old_fracture_on_mri(c: Chart) -> None:
    """Coded as fresh, but the MRI of day 6 calls the fracture old: no case."""
    ordinary(c, mri_day=6)
    c.note("fracture-acuity", "chronic", 6, "15:00", level="L2")


def ruled_out(c: Chart) -> None:
    """An L2 fracture was the question on the request and a differential diagnosis, nothing else: no case."""
    here = c.visit(0, "10:00", hours=3, kind="emergency", specialty="emergency", disposition="home")
    c.code(L2, 0, "10:20", here, role="order")
    c.code(L2, 0, "10:30", here, verification="differential")
    c.code("M54.50", 0, "12:30", here, role="diagnosis")
    c.image("72100", 0, "11:00")


def sacral_side_note(c: Chart) -> None:
    """Pain 5 on day 35; the sacrum was imaged a week later, as it should be."""
    ordinary(c, visits=((21, 5), (35, 5), (70, 2), (104, 1)), therapy=49)
    c.image("36521-3", 42, system="LOINC")


def open_on_the_last_day(c: Chart) -> None:
    """Diagnosed on the last day of the data: almost everything is still open."""
    diagnose(c, exam=None, pain=None, signs=False, pathology=None, other_levels=False)


def worse_three_weeks_ago(c: Chart) -> None:
    """Severe and worse since twelve days, after three months: specialists are due in the coming weeks."""
    ordinary(c, visits=((21, 7), (35, 7), (60, 7), (100, 9)), therapy=None)


def persistent_two_weeks_ago(c: Chart) -> None:
    """Pain 6 on day 21, ten days ago: pain clinic and reassessment are due, nothing is late yet."""
    ordinary(c, visits=((21, 6), (28, 6)), therapy=None)


def subsided_last_week(c: Chart) -> None:
    """Pain 2 a week ago: physical therapy is due in three weeks."""
    ordinary(c, visits=((17, 2),), therapy=None)


def persistent_at_nine_weeks(c: Chart) -> None:
    """Pain 5 after nine weeks: new films are due in the next three weeks."""
    ordinary(c, visits=((21, 3), (35, 3), (63, 5)))


STORIES = (
    Story(found_a_month_later, 171, ("M2 not_applicable presented_late",), fhir=True),
    Story(little_pain, 182, ("M1 not_applicable little_pain", "M2 not_applicable little_pain")),
    Story(treated_before, 193, ("M1 met already_under_care", "M2 met already_under_care",
                                "M4 exception other_indication")),
    Story(declines_the_spray, 204, ("M2 exception patient_declined",)),
    Story(low_calcium, 215, ("M2 exception contraindicated",)),
    Story(spray_for_ten_days, 157, ("M3 deviation early",), fhir=True),
    Story(spray_until_better, 226, ("M3 exception pain_subsided",)),
    Story(spray_stopped_for_low_calcium, 237, ("M3 exception contraindicated",)),
    Story(spray_of_unknown_length, 248, ("M3 indeterminate unknown_duration", "M4 indeterminate unknown_duration")),
    Story(spray_for_three_months, 160, ("M4 deviation continued",), fhir=True),
    Story(spray_for_paget, 259, ("M4 exception other_indication",)),
    Story(spray_not_finished, 18, ("M3 pending not_yet_due", "M4 pending not_yet_due", "F1 pending not_yet_due")),
    Story(to_the_nursing_home, 270, ("F1 indeterminate care_elsewhere",)),
    Story(reassessed_a_little_early, 281, ("F1 met tolerance",)),
    Story(reassessed_too_early, 292, ("F1 deviation early",)),
    Story(reassessed_on_day_60, 303, ("F1 deviation late",)),
    Story(never_seen_again, 153, ("F1 deviation missing",), fhir=True),
    Story(missed_the_visit, 314, ("F1 exception outreach_no_show",)),
    Story(declines_follow_up, 325, ("F1 exception patient_declined",)),
    Story(seventeen, 220, ("G1 excluded age", "S1 excluded age", "Q1 excluded age"), who={"age": 17, "sex": "male"}),
    Story(car_crash, 231, ("G1 excluded high_energy", "F1 excluded high_energy", "S1 not_applicable intact"),
          who={"age": 34, "sex": "male"}),
    Story(bone_metastasis, 242, ("G1 excluded neoplastic", "X1 deviation incomplete_extent",
                                 "X2 not_applicable known_malignancy")),
    Story(already_under_care, 253, ("G1 excluded prevalent", "F1 excluded prevalent", "S1 not_applicable intact")),
    Story(in_hospice, 264, ("G1 excluded hospice", "Q1 excluded hospice", "F1 excluded hospice")),
    Story(hospice_on_day_5, 275, ("G1 exception goals_of_care", "G4 exception goals_of_care",
                                  "C1 exception goals_of_care", "F1 exception goals_of_care",
                                  "S4 exception goals_of_care")),
    Story(died_on_the_day, 286, ("G1 censored ended_before_deadline", "B1 censored ended_before_trigger",
                                 "M1 censored ended_before_deadline")),
    Story(died_on_day_13, 297, ("G4 censored ended_before_deadline", "C2 censored ended_before_trigger",
                                "X1 censored ended_before_trigger", "T1 censored ended_before_trigger")),
    Story(died_on_day_62, 308, ("F2 censored ended_before_deadline", "S3 censored ended_before_trigger",
                                "S7 censored ended_before_trigger", "I1 censored ended_before_trigger")),
    Story(transferred_out, 319, ("G1 censored ended_before_deadline", "F1 censored ended_before_deadline")),
    Story(moved_away, 330, ("F1 censored ended_before_deadline", "C1 met on_time",
                            "F2 censored ended_before_trigger")),
    Story(broken_again, 300, ("G1 met on_time", "T1 met on_time")),
    Story(two_levels_at_once, 219, ("C1 met on_time", "G1 met on_time")),
    Story(level_from_the_report, 164, ("Q3 met on_time", "G1 met on_time"), fhir=True),
    Story(no_level_and_a_deficit, 146, ("Q3 deviation missing", "S1 deviation missing"), level="unspecified",
          fhir=True),
    Story(no_level_and_a_suspicion, 208, ("Q3 deviation missing", "S2 met on_time", "X1 deviation missing"),
          level="unspecified"),
    Story(prevalent_only, 197, ()),
    Story(old_fracture_on_mri, 186, ()),
    Story(ruled_out, 175, ()),
    Story(sacral_side_note, 229, ("C2 met on_time",)),
    Story(open_on_the_last_day, 0, ("Q1 pending not_yet_due", "Q2 pending not_yet_due", "G1 pending not_yet_due",
                                    "M1 pending not_yet_due", "F1 pending not_yet_due",
                                    "S5 pending trigger_not_yet_possible")),
    Story(worse_three_weeks_ago, 112, ("S3 pending not_yet_due", "S7 pending not_yet_due", "I1 pending not_yet_due")),
    Story(persistent_two_weeks_ago, 31, ("P1 pending not_yet_due", "C2 pending not_yet_due")),
    Story(subsided_last_week, 24, ("T1 pending not_yet_due", "F1 pending not_yet_due")),
    Story(persistent_at_nine_weeks, 70, ("F2 pending not_yet_due", "S3 pending trigger_not_yet_possible")),
)  # fmt: skip
