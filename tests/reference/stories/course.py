"""Chapters: the fracture, pain and its treatment, visits, ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.reference.clocks import add_three_months
from tests.reference.stories.site import (
    BEFORE,
    FAR,
    FRACTURES,
    LATER,
    NEAR,
    NO_LEVEL,
)
from tests.reference.stories.story import Story


def fracture(story: Story) -> None:
    """The diagnosis, its encounter, its onset; other levels, codes without a level, codes of healed fractures."""
    rng, s = story.rng, story
    if s.maybe(0.5):
        back = rng.choice([0, 1, 5, 7, 13, 14, 20, 26, 27, 28, 29, 30, 31])
        s.t0 = s.dx - timedelta(days=back)
    visit = s.dx - timedelta(hours=1)
    if s.maybe(0.8):
        klass = rng.choice(["emergency", "emergency", "inpatient", "ambulatory", "observation"])
        out = rng.choice([None, "home", "home", "snf", "rehab", "transfer-acute", "hospice", "expired"])
        stay = rng.choice([2, 5, 30, 72, 300]) if s.maybe(0.85) else None
        s.encounter(visit, klass, stay, disposition=out, related=rng.choice(["true", None, "true"]))
    own = s.encounters[0] if s.encounters and s.maybe(0.8) else None
    kind = rng.random()
    onset = s.t0 if s.t0 != s.dx else None
    if kind < 0.7 or s.level not in FRACTURES:
        codes = FRACTURES.get(s.level, {"T12": ["S22.080"], "C5": ["S12.400"], "S2": ["M48.58X"]}.get(s.level, []))
        code = rng.choice(codes) + rng.choice(["A"] * 9 + ["B"])
        s.condition(("ICD10CM", code), s.dx, onset, encounter_id=own)
    elif kind < 0.95:
        s.condition(("ICD10CM", rng.choice(NO_LEVEL) + "A"), s.dx, onset, encounter_id=own)
        if s.maybe(0.5):
            s.local("fracture-level", s.after(s.dx, NEAR, [-14, -15]), rng.choice(["L2", "L2", s.level, "L1"]))
    else:
        s.condition(("SNOMED", "207957008"), s.dx, onset, encounter_id=own)
    if s.maybe(0.15):
        s.condition(("ICD10CM", rng.choice(FRACTURES["L2"]) + rng.choice("AADGS")), s.after(s.dx, NEAR, FAR, LATER))
    if s.maybe(0.15):
        level = rng.choice(["L1", "L4", "L2"])
        s.condition(("ICD10CM", FRACTURES[level][0] + "A"), s.after(s.dx, NEAR, FAR, BEFORE))
    if s.maybe(0.12):
        s.condition(("ICD10CM", rng.choice(NO_LEVEL) + "A"), s.after(s.dx, NEAR, BEFORE, [30, 31, 29]))
    if s.maybe(0.06):
        s.condition(("ICD10CM", "S32.020" + rng.choice("DGKPS")), s.after(s.dx, BEFORE))
    if s.maybe(0.12):
        when = s.after(s.dx, NEAR, [31, 32, 44, 45, 46])
        s.local("fracture-acuity", when, rng.choice(["acute", "acute", "chronic"]), rng.choice(["L2", None, "L1"]))
    if s.maybe(0.4):
        s.condition(
            rng.choice([("ICD10CM", "M81.0"), s.site.code("osteoporosis")]), s.after(s.dx, BEFORE, [29, 30, 31])
        )
    elif s.maybe(0.08):
        s.condition(s.site.code("high_energy"), s.after(s.dx, [-2, -1, 0, 1, 2]))
    if s.maybe(0.02):
        s.condition(("ICD10CM", "C79.51"), s.after(s.dx, [29, 30, 31, 0, -5]))


def pain(story: Story) -> None:
    """Scores and statements in the first weeks and, often, after three months of treatment."""
    s, rng = story, story.rng
    level = rng.choice([2, 3, 4, 5, 6, 7, 8])
    for _ in range(rng.choice([0, 1, 2, 3, 5])):
        value = max(0, min(10, level + rng.choice([-3, -2, -2, -1, 0, 0, 1, 2, 3, 0.2, -0.2])))
        s.score(s.after(rng.choice([s.dx, s.t0]), NEAR, FAR), value)
    if s.maybe(0.4):
        for _ in range(rng.choice([1, 2, 3])):
            word = rng.choice(["improving", "worsening", "persistent", "resolved", "persistent"])
            s.local("course", s.after(s.t0, NEAR, FAR, LATER), word)
    if s.maybe(0.45):
        start = add_three_months(s.t0.date(), rng.choice(["calendar", "calendar", "90d", "84d"]))
        at = datetime(start.year, start.month, start.day, 9) + timedelta(
            days=rng.choice([-1, 0, 1, 5, 6, 7, 20, 30, 31])
        )
        top = rng.choice([3, 4, 6, 7, 8])
        for back in rng.sample([0, 5, 6, 7, 8, 20, 27, 28, 29, 89, 90, 91], rng.choice([1, 2, 3, 4])):
            s.score(at - timedelta(days=back), top if back == 0 else max(0, top - rng.choice([0, 0, 1, 2, 3, -1])))
        s.keep(at)
        if s.maybe(0.6):
            reply(s, at)
    if s.maybe(0.4):
        severe_for_long(s)
    if s.maybe(0.15):
        s.keep(at := s.after(s.t0, [56, 57, 58, 28, 29, 14, 42]))
        s.score(at, rng.choice([3, 4, 7]))


def severe_for_long(s: Story) -> None:
    """Severe scores four weeks apart after three months; sometimes only words; sometimes an answer."""
    rng = s.rng
    start = add_three_months(s.t0.date(), "calendar")
    at = datetime(start.year, start.month, start.day, 10) + timedelta(days=rng.choice([0, 1, 7, 27, 28, 29, 40, 60]))
    if s.maybe(0.2):
        s.local("course", at, rng.choice(["persistent", "worsening"]))
        if s.maybe(0.3):
            s.score(at + timedelta(days=rng.choice([-8, -7, 7, 8])), rng.choice([4, 6]))
        return
    s.score(at - timedelta(days=rng.choice([27, 28, 29, 28])), rng.choice([7, 8, 6]))
    if s.maybe(0.3):
        s.score(at - timedelta(days=rng.choice([7, 10, 20])), rng.choice([4, 5, 6, 7]))
    s.score(s.keep(at), rng.choice([7, 8, 8, 9]))
    if s.maybe(0.6):
        s.drug("analgesic", s.after(s.t0, [0, 0, 0, 1, 2]))
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        reply(s, at)


def reply(s: Story, at: datetime) -> None:
    """What answers pain that stays: a referral, a talk, a thought, a refusal, near the deadline."""
    rng = s.rng
    when = s.after(at, [-91, -90, -89, -2, -1, 0, 1, 14, 27, 28, 29, 30, 31, 32, 36, 37, 38, 45])
    names = ["surgery", "interventional-radiology", "pain-management"]
    roll = rng.random()
    if roll < 0.4:
        some = ["neurosurgery", "interventional_radiology", "pain_management", "unknown_specialty", "unknown_specialty"]
        some.append("neurology")
        s.referral(rng.choice(some), when)
    elif roll < 0.55:
        s.local("discussed-with", when, rng.choice(names))
    elif roll < 0.7:
        s.local("considered", when, rng.choice([*names, "imaging", "physical-therapy"]))
    else:
        s.local("declined", when, rng.choice([*names, *names, "surgery", "imaging", "physical-therapy"]))


def treatment(story: Story) -> None:
    s, rng = story, story.rng
    if s.maybe(0.75):
        s.drug("analgesic", s.after(rng.choice([s.dx, s.t0]), [0, 0, 0, 0, 1, 5, 6, 7, 8, -1, -2, -10, 14, 28, 29]))
    if s.maybe(0.45):
        begin = s.keep(s.after(s.t0, [0, 0, 1, 2, 4, 5, 6, 10, 27, 28, 29, -1, -13, -27, -28, -30, 60]))
        s.drug("calcitonin", begin)
        if s.maybe(0.12):
            s.condition(s.site.code("calcitonin_contraindication"), s.after(begin, [0, 1, 5, 20, 26, 27, 28, 29]))
        if s.maybe(0.15):
            s.score(s.after(begin, [5, 9, 10, 13, 14, 20]), rng.choice([2, 3, 4]))
        while s.maybe(0.35):
            s.drug("calcitonin", s.after(begin, [6, 13, 14, 15, 20, 28, 30, 34, 35, 36, 40]))
    if s.maybe(0.12):
        s.procedure(s.site.code("brace"), s.after(s.dx, NEAR))
    if s.maybe(0.25):
        name = "physical_therapy_specialty"
        if s.maybe(0.4):
            s.referral(name, s.anywhere())
        elif s.maybe(0.5):
            s.procedure(s.site.code("physical_therapy"), s.anywhere())
        else:
            s.encounter(s.anywhere(), "ambulatory", rng.choice([None, 1]), specialty=s.specialty(name))
    if s.maybe(0.06):
        s.condition(
            s.site.code(rng.choice(["calcitonin_contraindication", "calcitonin_other_indication"])), s.anywhere()
        )


def visits(story: Story) -> None:
    s, rng = story, story.rng
    tx = [6, 7, 8, 19, 20, 21, 22, 27, 28, 29, 35, 41, 42, 43, 48, 49, 50, 51, 60, 80]
    for _ in range(rng.choice([0, 1, 1, 2])):
        klass = rng.choice(["ambulatory", "ambulatory", "virtual", "home", "inpatient"])
        at = s.keep(s.after(s.dx, tx))
        out = rng.choice([None, None, "home", "snf", "rehab", "transfer-acute"])
        eid = s.encounter(at, klass, rng.choice([None, 1, 1, 100, 400]), disposition=out)
        if s.maybe(0.3):
            s.score(at, rng.choice([1, 3, 4, 6]), eid)
        if s.maybe(0.15):
            s.local(rng.choice(["course"]), at, rng.choice(["improving", "persistent"]), encounter_id=eid)
    if s.maybe(0.1):
        s.local("outreach", s.after(s.dx, tx), "no-show")
    if s.maybe(0.1):
        s.local("declined", s.after(s.dx, tx), "follow-up")


def ends(story: Story) -> tuple[str | None, list[tuple[datetime, datetime | None]]]:
    """Death, hospice, transfer out, follow-up."""
    s, rng = story, story.rng
    death = s.text(s.anywhere()) if s.maybe(0.1) else None
    if s.maybe(0.08):
        at = s.after(s.some(), [-1, 0, 1, 5, 14, 15, 30])
        if s.maybe(0.5):
            s.condition(s.site.code("hospice"), at)
        elif s.maybe(0.5):
            s.procedure(s.site.code("hospice", ("CPT", "HCPCS")), at)
        else:
            s.encounter(at, "inpatient", 24, disposition="hospice")
    if s.maybe(0.07):
        at = s.after(s.dx, [0, 1, 5, 27, 28, 29, -1, -2])
        s.encounter(at, rng.choice(["emergency", "inpatient"]), rng.choice([3, 30]), disposition="transfer-acute")
        if s.maybe(0.5):
            s.encounter(s.after(at, [0, 1, 6, 7, 8, 9]), rng.choice(["inpatient", "ambulatory"]), rng.choice([1, None]))
    periods: list[tuple[datetime, datetime | None]] = []
    if s.maybe(0.25):
        start = s.dx - timedelta(days=rng.choice([0, 1, 400, 700]))
        stop = s.after(s.dx, NEAR, FAR, LATER) if s.maybe(0.7) else None
        if stop is None or stop.date() >= start.date():
            periods.append((start, stop))
        if stop and s.maybe(0.3):
            periods.append((stop + timedelta(days=rng.choice([0, 1, 2])), None))
    return death, periods


def just_now(story: Story) -> None:
    """Referrals, studies, blocks and augmentations of the last days before as_of: the charting grace."""
    s, rng = story, story.rng
    last = datetime(s.site.as_of.year, s.site.as_of.month, s.site.as_of.day, rng.randrange(24))
    if not s.maybe(0.35) or last - s.dx > timedelta(days=100):
        return
    for _ in range(rng.choice([1, 2, 3])):
        at = last - timedelta(days=rng.choice([0, 1, 1, 2, 3]))
        roll = rng.random()
        if roll < 0.3:
            s.referral(rng.choice(["neurosurgery", "interventional_radiology"]), at)
        elif roll < 0.5:
            s.procedure(("CPT", "22514"), at, s.level)
        elif roll < 0.65:
            s.procedure(("CPT", "64483"), at)
        elif roll < 0.8:
            s.study(
                at, rng.choice(["mri", "ct"]), "lumbar", rng.choice(["with", "both", "without"]), status="completed"
            )
        else:
            s.score(at, rng.choice([2, 3, 5, 8]))
