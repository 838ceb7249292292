"""C1 and C2: other levels and the sacrum. DX is 2024-03-12 10:00, T0 the same day."""

import pytest

from tests.measures.drawing import Point, Site, drawn, population

LUMBAR_MRI = "img 72148"
WITHOUT_IMAGING, WITHOUT_OBSERVATIONS = Site(absent=("imaging",)), Site(absent=("observations",))

C1 = [
    *drawn("C1", population("deviation/missing", pathway=True)),
    *drawn(
        "C1",
        {
            "nothing": ("deviation/missing trigger=DX+0 due=DX+42 severity=advisory", ""),
            "thoracic MRI on the deadline": ("met/on_time action=DX+42", "img 72146 @DX+42"),
            "thoracic MRI a day late": ("deviation/late late=1", "img 72146 @DX+43"),
            "thoracic MRI 28 days before": ("met/on_time", "img 72146 @DX-28"),
            "thoracic MRI 29 days before": ("deviation/missing", "img 72146 @DX-29"),
            "cervical CT": ("met/on_time", "img 72125 @DX+3"),
            "sacral radiograph": ("met/on_time", "img 72220 @DX+3"),
            "radiograph of the junction": ("met/on_time", "img 72080 @DX+3"),
            "bone scan": ("met/on_time", "img 78306 @DX+3"),
            "pelvis": ("deviation/missing", "img 72195 @DX+3"),
            "thoracic MRI ordered": ("deviation/missing", "img 72146 ordered_at=DX+3 status=ordered"),
            "lumbar MRI": ("indeterminate/report_not_available", f"{LUMBAR_MRI} @DX+42"),
            "lumbar MRI after the deadline": ("deviation/missing", f"{LUMBAR_MRI} @DX+43"),
            "lumbar MRI 28 days before": ("indeterminate/report_not_available", f"{LUMBAR_MRI} @DX-28"),
            "lumbar MRI 29 days before": ("deviation/missing", f"{LUMBAR_MRI} @DX-29"),
            "lumbar radiograph": ("indeterminate/report_not_available", "img 72100 @DX+3"),
            "lumbar MRI, thoracic late": ("deviation/late", f"{LUMBAR_MRI} @DX+3; img 72146 @DX+43"),
            "reviewed on the deadline": ("met/on_time", "obs other-levels-reviewed yes @DX+42"),
            "reviewed a day late": ("deviation/late late=1", "obs other-levels-reviewed yes @DX+43"),
            "reviewed 28 days before": ("met/on_time", "obs other-levels-reviewed yes @DX-28"),
            "reviewed 29 days before": ("deviation/missing", "obs other-levels-reviewed yes @DX-29"),
            "an old fracture of L4 coded": ("met/on_time", "cond S32.040S @DX+42"),
            "an old fracture of L4 coded late": ("deviation/late", "cond S32.040S @DX+43"),
            "an old fracture of L4 coded 28 days before": ("met/on_time", "cond S32.040S @DX-28"),
            "an old fracture of L4 coded 29 days before": ("deviation/missing", "cond S32.040S @DX-29"),
            "an old fracture of L4 refuted": ("deviation/missing", "cond S32.040S @DX verification=refuted"),
            "the same level coded again": ("deviation/missing", "cond S32.020D @DX+20"),
            "a fracture of no stated level": ("deviation/missing", "cond M80.08XA @DX+20"),
            "late after the end is missing": ("deviation/missing", "patient deceased_at=DX+50; img 72146 @DX+51"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "hospice on the deadline": ("exception/goals_of_care", "proc 99377 @DX+42"),
            "hospice after the deadline": ("deviation/missing", "proc 99377 @DX+43"),
            "declined imaging is no exception here": ("deviation/missing", "obs declined imaging @DX+4"),
            "death the day before the deadline": ("censored/ended_before_deadline", "patient deceased_at=DX+41"),
            "death on the deadline": ("deviation/missing", "patient deceased_at=DX+42"),
        },
    ),
    *drawn("C1", {"day 41": ("pending/not_yet_due", "")}, Site(as_of="DX+41")),
    *drawn("C1", {"day 41, lumbar MRI": ("pending/not_yet_due", f"{LUMBAR_MRI} @DX")}, Site(as_of="DX+41")),
    *drawn("C1", {"day 42": ("deviation/missing", "")}, Site(as_of="DX+42")),
    *drawn("C1", {"loaded to day 41": ("pending/feed_incomplete", "")}, Site(through=(("imaging", "DX+41"),))),
    *drawn("C1", {"no imaging": ("indeterminate/feed_absent", "")}, WITHOUT_IMAGING),
    *drawn(
        "C1",
        {
            "no observations": ("indeterminate/feed_absent", ""),
            "no observations, lumbar MRI": ("indeterminate/report_not_available", f"{LUMBAR_MRI} @DX"),
            "no observations, thoracic MRI late": ("deviation/late", "img 72146 @DX+43"),
        },
        WITHOUT_OBSERVATIONS,
    ),
]

PERSISTS = "obs course persistent @DX+28"  # the trigger, so the deadline is DX + 42
C2 = [
    *drawn("C2", population("indeterminate/no_pain_record", pathway=True)),
    *drawn(
        "C2",
        {
            "nothing": ("indeterminate/no_pain_record", ""),
            "pain persists on day 28": ("deviation/missing trigger=DX+28 due=DX+42 severity=advisory", PERSISTS),
            "pain persists on day 27": ("indeterminate/no_pain_record", "obs course persistent @DX+27"),
            "pain worsens": ("deviation/missing due=DX+42", "obs course worsening @DX+28"),
            "pain improves": ("not_applicable/not_triggered", "obs course improving @DX+28"),
            "two scores of 4, 7 days apart": ("deviation/missing due=DX+42", "score 4 @DX+21; score 4 @DX+28"),
            "two scores of 4, 6 days apart": ("not_applicable/not_triggered", "score 4 @DX+22; score 4 @DX+28"),
            "the later score 3": ("not_applicable/not_triggered", "score 4 @DX+21; score 3 @DX+28"),
            "the earlier score 3": ("not_applicable/not_triggered", "score 3 @DX+21; score 4 @DX+28"),
            "a low score between": (
                "not_applicable/not_triggered",
                "score 5 @DX+10; score 3 @DX+20; score 5 @DX+28",
            ),
            "high scores between": ("deviation/missing due=DX+42", "score 5 @DX+10; score 4 @DX+25; score 5 @DX+28"),
            "scores before day 28 only": ("indeterminate/no_pain_record", "score 5 @DX+10; score 5 @DX+27"),
            "an earlier score before T0": ("not_applicable/not_triggered", "score 5 @DX-1; score 5 @DX+28"),
            "an earlier score on T0": ("deviation/missing due=DX+42", "score 5 @DX; score 5 @DX+28"),
            "persistent later on": ("deviation/missing due=DX+114", "score 2 @DX+30; score 5 @DX+90; score 5 @DX+100"),
            "of an encounter about something else": (
                "indeterminate/no_pain_record",
                "enc ambulatory @DX+28 id=e fracture_related=false; obs course persistent @DX+28 in=e",
            ),
            "gone on day 20": ("not_applicable/resolved", "score 3 @DX+20"),
            "said to be gone on day 20": ("not_applicable/resolved", "obs course resolved @DX+20"),
            "gone, then back before day 28": ("indeterminate/no_pain_record", "score 3 @DX+20; score 4 @DX+21"),
            "gone on day 28": ("not_applicable/not_triggered", "score 3 @DX+28"),
            "a score after a year only": ("indeterminate/no_pain_record", "score 5 @DX+366"),
            "a score on the last day": ("not_applicable/not_triggered", "score 5 @DX+365"),
            "sacrum on the deadline": ("met/on_time action=DX+42", f"{PERSISTS}; img 72220 @DX+42"),
            "sacrum a day late": ("deviation/late late=1", f"{PERSISTS}; img 72220 @DX+43"),
            "sacrum on T0": ("met/on_time", f"{PERSISTS}; img 72220 @DX+0"),
            "sacrum before T0": ("deviation/missing", f"{PERSISTS}; img 72220 @DX-1"),
            "pelvis": ("met/on_time", f"{PERSISTS}; img 72195 @DX+30"),
            "sacrum ordered": ("deviation/missing", f"{PERSISTS}; img 72220 ordered_at=DX+30 status=ordered"),
            "sacrum reviewed on the deadline": ("met/on_time", f"{PERSISTS}; obs sacrum-reviewed yes @DX+42"),
            "sacrum reviewed late": ("deviation/late", f"{PERSISTS}; obs sacrum-reviewed yes @DX+43"),
            "sacrum reviewed before T0": ("deviation/missing", f"{PERSISTS}; obs sacrum-reviewed yes @DX-1"),
            "lumbar MRI": ("indeterminate/report_not_available", f"{PERSISTS}; {LUMBAR_MRI} @DX+0"),
            "lumbar MRI before T0": ("deviation/missing", f"{PERSISTS}; {LUMBAR_MRI} @DX-1"),
            "lumbar CT": ("deviation/missing", f"{PERSISTS}; img 72131 @DX+30"),
            "lumbar MRI, sacrum late": ("deviation/late", f"{PERSISTS}; {LUMBAR_MRI} @DX+30; img 72220 @DX+43"),
            "hospice the day before": ("excluded/hospice", f"{PERSISTS}; proc 99377 @DX+27"),
            "hospice on the deadline": ("exception/goals_of_care", f"{PERSISTS}; proc 99377 @DX+42"),
            "hospice later": ("deviation/missing", f"{PERSISTS}; proc 99377 @DX+43"),
            "death the day before the deadline": (
                "censored/ended_before_deadline",
                f"{PERSISTS}; patient deceased_at=DX+41",
            ),
            "death on the deadline": ("deviation/missing", f"{PERSISTS}; patient deceased_at=DX+42"),
            "death on day 57, no record": ("censored/ended_before_trigger", "patient deceased_at=DX+57"),
            "death on day 58, no record": ("indeterminate/no_pain_record", "patient deceased_at=DX+58"),
            "a low score, death on day 57": (
                "not_applicable/not_triggered",
                "score 3 @DX+28; patient deceased_at=DX+57",
            ),
        },
    ),
    *drawn("C2", {"day 41, pain persists": ("pending/not_yet_due", PERSISTS)}, Site(as_of="DX+41")),
    *drawn("C2", {"day 42, pain persists": ("deviation/missing", PERSISTS)}, Site(as_of="DX+42")),
    *drawn(
        "C2",
        {
            "day 57": ("pending/trigger_not_yet_possible", ""),
            "day 57, gone": ("pending/trigger_not_yet_possible", "score 3 @DX+20"),
            "day 57, low": ("not_applicable/not_triggered", "score 3 @DX+28"),
        },
        Site(as_of="DX+57"),
    ),
    *drawn(
        "C2",
        {
            "day 58": ("indeterminate/no_pain_record", ""),
            "day 58, gone": ("not_applicable/resolved", "score 3 @DX+20"),
        },
        Site(as_of="DX+58"),
    ),
    *drawn(
        "C2",
        {
            "loaded to day 57": ("pending/feed_incomplete", ""),
            "loaded to day 57, low": ("pending/feed_incomplete", "score 3 @DX+28"),
            "loaded to day 57, pain persists": ("deviation/missing", PERSISTS),
            "loaded to day 57, death that day": (
                "not_applicable/not_triggered",
                "score 3 @DX+28; patient deceased_at=DX+57",
            ),
        },
        Site(through=(("observations", "DX+57"),)),
    ),
    *drawn("C2", {"imaging to day 41": ("pending/feed_incomplete", PERSISTS)}, Site(through=(("imaging", "DX+41"),))),
    *drawn(
        "C2",
        {
            "no imaging": ("indeterminate/feed_absent", PERSISTS),
            "no imaging, reviewed late": ("deviation/late", f"{PERSISTS}; obs sacrum-reviewed yes @DX+43"),
            "no imaging, low": ("not_applicable/not_triggered", "score 3 @DX+28"),
        },
        WITHOUT_IMAGING,
    ),
    *drawn("C2", {"no observations": ("indeterminate/feed_absent", "")}, WITHOUT_OBSERVATIONS),
]


@pytest.mark.parametrize("point", C1, ids=str)
def test_c1(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", C2, ids=str)
def test_c2(point: Point) -> None:
    assert point.found == point.wanted
