"""Q1 to Q3: what was documented at the diagnosis. DX is 2024-03-12 10:00, T0 the same day."""

import pytest

from tests.measures.drawing import Point, Site, drawn, population

EXAM = "obs neuro-exam no-deficit"
FIRST_DAY = Site(as_of="DX+0")
SECOND_DAY = Site(as_of="DX+1")
BEHIND = Site(through=(("observations", "DX+0"),))
WITHOUT_OBSERVATIONS = Site(absent=("observations",))
WITHOUT_EXAMS = Site(silent=("neuro-exam",))

Q1 = [
    *drawn("Q1", population("deviation/missing", pathway=False)),
    *drawn(
        "Q1",
        {
            "nothing": ("deviation/missing trigger=DX due=DX+24h severity=moderate", ""),
            "24 hours before": ("met/on_time action=DX-24h flags=none", f"{EXAM} @DX-24h"),
            "a minute more than 24 hours before": ("deviation/missing", f"{EXAM} @DX-24h-1m"),
            "24 hours after": ("met/on_time due=DX+24h action=DX+24h flags=none", f"{EXAM} @DX+24h"),
            "a minute more than 24 hours after": ("deviation/late late=0.02 action=DX+24h+1m", f"{EXAM} @DX+24h+1m"),
            "the next day, no hour": ("met/on_time flags=date_only action=DX+1", f"{EXAM} @DX+1"),
            "two days later, no hour": ("deviation/late late=1", f"{EXAM} @DX+2"),
            "the day before, no hour": ("met/on_time flags=date_only", f"{EXAM} @DX-1"),
            "two days before, no hour": ("deviation/missing", f"{EXAM} @DX-2"),
            "a diagnosis without an hour, late the next day": (
                "met/on_time due=DX+1 flags=date_only",
                f"dx S32.020A @DX+0; {EXAM} @DX+1T23:59",
            ),
            "a diagnosis without an hour, two days later": (
                "deviation/late late=1",
                f"dx S32.020A @DX+0; {EXAM} @DX+2T00:01",
            ),
            "a deficit at the examination": ("met/on_time", "obs neuro-exam deficit @DX"),
            "an old deficit at the examination": ("met/on_time", "obs neuro-exam deficit-known @DX"),
            "an examination entered in error": ("deviation/missing", f"{EXAM} @DX status=entered-in-error"),
            "a deficit coded": ("met/on_time action=DX+2h", "cond G83.4 @DX+2h"),
            "a deficit coded 24 hours before": ("met/on_time", "cond G83.4 @DX-24h"),
            "a deficit coded more than 24 hours before": ("deviation/missing", "cond G83.4 @DX-24h-1m"),
            "a deficit coded late": ("deviation/late late=24", "cond G83.4 @DX+48h"),
            "a deficit refuted": ("deviation/missing", "cond G83.4 @DX verification=refuted"),
            "a deficit of an order": ("deviation/missing", "cond G83.4 @DX role=order"),
            "a soft deficit is no deficit": ("deviation/missing", "cond R32 @DX"),
            "a deficit billed late goes by its record": (
                "deviation/late",
                "enc inpatient @DX id=e to=DX+72h; cond G83.4 @DX+80h role=billing in=e",
            ),
            "late after the end is missing": ("deviation/missing", f"patient deceased_at=DX+5; {EXAM} @DX+6"),
            "late on the last day": ("deviation/late late=4", f"patient deceased_at=DX+5; {EXAM} @DX+5"),
            "death before the deadline": ("censored/ended_before_deadline", "patient deceased_at=DX+24h-1m"),
            "death at the deadline": ("deviation/missing", "patient deceased_at=DX+24h"),
            "death that day, no hour": ("censored/ended_before_deadline", "patient deceased_at=DX+0"),
            "death the next day, no hour": ("deviation/missing", "patient deceased_at=DX+1"),
            "followup ends that day": ("censored/ended_before_deadline", "follow @DX-100 to=DX+0"),
            "followup ends the next day": ("deviation/missing", "follow @DX-100 to=DX+1"),
            "followup elsewhere": ("censored/ended_before_deadline", "follow @DX+30 to=DX+60"),
            "done before death": ("met/on_time", f"patient deceased_at=DX+3h; {EXAM} @DX+1h"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "hospice by disposition the day before": (
                "excluded/hospice",
                "enc inpatient @DX-3 to=DX-1 disposition=hospice",
            ),
            "hospice that day": ("exception/goals_of_care", "proc 99377 @DX+0"),
            "hospice the next day": ("exception/goals_of_care", "proc 99377 @DX+1"),
            "hospice after the deadline": ("deviation/missing", "proc 99377 @DX+2"),
            "hospice, and done": ("met/on_time", f"proc 99377 @DX+0; {EXAM} @DX"),
            "hospice before death": ("exception/goals_of_care", "proc 99377 @DX+0; patient deceased_at=DX+3h"),
        },
    ),
    *drawn("Q1", {"due tomorrow": ("pending/not_yet_due due=DX+24h", "")}, FIRST_DAY),
    *drawn("Q1", {"met before it is due": ("met/on_time", f"{EXAM} @DX")}, FIRST_DAY),
    *drawn("Q1", {"due today": ("deviation/missing", "")}, SECOND_DAY),
    *drawn(
        "Q1",
        {
            "loaded to the day before": ("pending/feed_incomplete", ""),
            "rows after the loaded day count": ("met/on_time", f"{EXAM} @DX+24h"),
            "death before it could be loaded": ("censored/ended_before_deadline", "patient deceased_at=DX+0"),
        },
        BEHIND,
    ),
    *drawn("Q1", {"loaded to the deadline": ("deviation/missing", "")}, Site(through=(("observations", "DX+1"),))),
    *drawn(
        "Q1",
        {
            "no observations": ("indeterminate/feed_absent", ""),
            "no observations, a deficit coded": ("met/on_time", "cond G83.4 @DX"),
            "no observations, a deficit coded late": ("deviation/late", "cond G83.4 @DX+48h"),
            "no observations, hospice": ("exception/goals_of_care", "proc 99377 @DX+0"),
        },
        WITHOUT_OBSERVATIONS,
    ),
    *drawn(
        "Q1",
        {
            "no examination anywhere": ("indeterminate/feed_absent", ""),
            "no examination anywhere, a deficit coded": ("met/on_time", "cond G83.4 @DX"),
        },
        WITHOUT_EXAMS,
    ),
]

Q2 = [
    *drawn("Q2", population("deviation/missing", pathway=False)),
    *drawn(
        "Q2",
        {
            "nothing": ("deviation/missing trigger=DX+0 due=DX+1 severity=low", ""),
            "the day before": ("met/on_time", "score 5 @DX-1T00:00"),
            "two days before": ("deviation/missing", "score 5 @DX-2T23:59"),
            "the next day": ("met/on_time due=DX+1 action=DX+1T23:59", "score 5 @DX+1T23:59"),
            "two days later": ("deviation/late late=1", "score 5 @DX+2T00:00"),
            "before T0 too": ("met/on_time", "score 5 @DX-1"),
            "no pain at all": ("met/on_time", "score 0 @DX"),
            "in millimetres": ("met/on_time", "score 55 @DX unit=mm"),
            "of an encounter about something else": (
                "deviation/missing",
                "enc ambulatory @DX id=e fracture_related=false; score 5 @DX in=e",
            ),
            "of an encounter that may be about it": ("met/on_time", "enc ambulatory @DX id=e; score 5 @DX in=e"),
            "a score cancelled": ("deviation/missing", "score 5 @DX status=cancelled"),
            "a statement is no score": ("deviation/missing", "obs course improving @DX"),
            "late after the end is missing": ("deviation/missing", "patient deceased_at=DX+5; score 5 @DX+6"),
            "death that day": ("censored/ended_before_deadline", "patient deceased_at=DX+3h"),
            "death the next day": ("deviation/missing", "patient deceased_at=DX+1T01:00"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "hospice the next day": ("exception/goals_of_care", "proc 99377 @DX+1"),
            "hospice after the deadline": ("deviation/missing", "proc 99377 @DX+2"),
        },
    ),
    *drawn("Q2", {"due tomorrow": ("pending/not_yet_due", "")}, FIRST_DAY),
    *drawn("Q2", {"due today": ("deviation/missing", "")}, SECOND_DAY),
    *drawn("Q2", {"loaded to the day before": ("pending/feed_incomplete", "")}, BEHIND),
    *drawn("Q2", {"no observations": ("indeterminate/feed_absent", "")}, WITHOUT_OBSERVATIONS),
]

VAGUE = "dx M80.08XA @DX"
Q3 = [
    *drawn("Q3", population("met/on_time", pathway=False)),
    *drawn(
        "Q3",
        {
            "the code says the level": ("met/on_time level=L2 due=DX+30 severity=low", ""),
            "the code says none": ("deviation/missing level=unspecified due=DX+30", VAGUE),
            "a report 30 days after": ("met/on_time level=L2", f"{VAGUE}; obs fracture-level L2 @DX+30"),
            "a report 31 days after": ("deviation/missing level=unspecified", f"{VAGUE}; obs fracture-level L2 @DX+31"),
            "a report 14 days before": ("met/on_time level=L2", f"{VAGUE}; obs fracture-level L2 @DX-14"),
            "a report 15 days before": (
                "deviation/missing level=unspecified",
                f"{VAGUE}; obs fracture-level L2 @DX-15",
            ),
            "the nearer report": (
                "met/on_time level=L2",
                f"{VAGUE}; obs fracture-level L1 @DX-3; obs fracture-level L2 @DX+2",
            ),
            "of two as near the earlier": (
                "met/on_time level=L2",
                f"{VAGUE}; obs fracture-level L2 @DX-2; obs fracture-level L1 @DX+2",
            ),
            "seventeen and no level": ("excluded/age", f"{VAGUE}; patient birth_date=2006-03-13"),
            "no level, death before day 30": (
                "censored/ended_before_deadline",
                f"{VAGUE}; patient deceased_at=DX+29",
            ),
            "no level, death on day 30": ("deviation/missing", f"{VAGUE}; patient deceased_at=DX+30"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "no level, hospice on day 30": ("exception/goals_of_care", f"{VAGUE}; proc 99377 @DX+30"),
            "no level, hospice on day 31": ("deviation/missing", f"{VAGUE}; proc 99377 @DX+31"),
        },
    ),
    *drawn("Q3", {"due tomorrow": ("pending/not_yet_due", VAGUE)}, Site(as_of="DX+29")),
    *drawn("Q3", {"due today": ("deviation/missing", VAGUE)}, Site(as_of="DX+30")),
    *drawn(
        "Q3",
        {
            "loaded to day 29": ("pending/feed_incomplete", VAGUE),
            "loaded to day 29, level known": ("met/on_time", ""),
        },
        Site(through=(("observations", "DX+29"),)),
    ),
    *drawn(
        "Q3",
        {"conditions loaded to day 29": ("pending/feed_incomplete", VAGUE)},
        Site(through=(("conditions", "DX+29"),)),
    ),
    *drawn("Q3", {"no observations": ("indeterminate/feed_absent", VAGUE)}, WITHOUT_OBSERVATIONS),
]


@pytest.mark.parametrize("point", Q1, ids=str)
def test_q1(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", Q2, ids=str)
def test_q2(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", Q3, ids=str)
def test_q3(point: Point) -> None:
    assert point.found == point.wanted
