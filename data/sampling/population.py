"""The other patients: ordinary courses in which each site does some things more often than others."""

import random

from .chart import L2, Chart, pick

# How often a site does what the algorithm asks for.
CARE = {"riverside": 0.94, "hillcrest": 0.87, "lakeside": 0.8, "prairie": 0.68}
KINDS = {"l2": 58, "no-level": 21, "other-level": 10, "later-care": 5, "no-fracture": 6}
L2_CODES = {L2: 70, "S32.028A": 8, "S32.029A": 10, "S32.021A": 12}
NO_LEVEL = {"M80.08XA": 70, "M48.56XA": 20, "M80.88XA": 10}
OTHER_LEVELS = {"S32.010A": 40, "S32.030A": 20, "S32.040A": 12, "S22.080A": 20, "S22.060A": 8}
CHRONIC = ("I10", "E11.9", "E78.5", "N18.30", "J44.9", "I48.91", "F32.A", "E03.9", "M17.11", "K21.9")
MRI_DAYS = {0: 20, 1: 16, 2: 14, 3: 11, 5: 11, 7: 9, 10: 8, 13: 5, 18: 4, 25: 2}


def person(c: Chart) -> None:
    """One patient of the population."""
    rng, care = c.rng, CARE[c.site]

    def did(often: float = 1.0) -> bool:
        return rng.random() < care * often

    for code in rng.sample(CHRONIC, rng.randint(0, 3)):
        c.history(code, rng.randint(1, 6))
    if rng.random() < 0.5:
        c.history("M81.0", rng.randint(1, 5))
    if rng.random() < 0.08:  # members of a health plan, for whom it is known when care could be seen here
        c.follow(-rng.randint(400, 2000), None if rng.random() < 0.7 else rng.randint(20, 300))
    kind = pick(rng, KINDS)
    if kind == "no-fracture":
        _back_pain_only(c)
        return
    if kind == "later-care":
        _later_care(c)
        return
    here = _diagnosis(c, kind, did)
    _images(c, did)
    _treatment(c, did)
    _afterwards(c, here, did)


def _back_pain_only(c: Chart) -> None:
    here = c.visit(0, "10:00", kind="emergency", specialty="emergency", hours=3, disposition="home")
    c.code("M54.50", 0, "10:30", here, role="diagnosis")
    c.pain(0, c.rng.randint(3, 8), "10:10", here)
    c.drug("ibuprofen", 0, "12:00", days=14)
    c.image("72100", 0, "11:00")


def _later_care(c: Chart) -> None:
    for day in (0, 45):
        here = c.visit(day, "10:00")
        c.code("S32.020D", day, "10:10", here, role="diagnosis")
        c.pain(day, c.rng.randint(1, 5), "10:05", here)


def _diagnosis(c: Chart, kind: str, did) -> str:  # type: ignore[no-untyped-def]
    rng = c.rng
    codes = {"l2": L2_CODES, "no-level": NO_LEVEL, "other-level": OTHER_LEVELS}[kind]
    emergency = rng.random() < 0.7
    admitted = emergency and rng.random() < 0.3
    disposition = pick(rng, {"home": 78, "snf": 14, "rehab": 7, "transfer-acute": 1})
    here = c.visit(
        0,
        "08:10",
        hours=5 if emergency else 0.6,
        kind="emergency" if emergency else "ambulatory",
        specialty="emergency" if emergency else pick(rng, {"family": 5, "internal": 3, "geriatric": 2}),
        disposition=("other" if admitted else disposition) if emergency else None,
    )
    if admitted:
        stay = rng.randint(30, 120)
        c.visit(0, "13:10", hours=stay, kind="inpatient", specialty="internal", disposition=disposition)
    onset = -rng.randint(1, 12) if rng.random() < 0.45 else None
    c.code(pick(rng, codes), 0, "09:40", here, onset=onset, role="diagnosis")
    if kind == "no-level" and rng.random() < 0.55:
        level = pick(rng, {"L2": 34, "L1": 34, "T12": 20, "L3": 12})
        c.note("fracture-level", level, rng.randint(0, 9), "16:00", level=level)
    if did():
        c.pain(0, rng.choice((5, 6, 6, 7, 7, 8, 8, 9)), "08:30", here)
    if did(0.95):
        deficit = rng.random() < 0.04
        c.note("neuro-exam", "deficit" if deficit else "no-deficit", 0, "09:15", here)
        if deficit and did():
            c.refer("spine", 0, "12:00", priority="urgent", encounter=here, completed=1)
    for sign in ("percussion-sign", "supine-sign"):
        if did(0.55):
            c.note(sign, "positive" if rng.random() < 0.75 else "negative", 0, "09:25", here)
    if rng.random() < 0.03:
        c.note("pathology-assessment", "suspicious", 3, "15:00")
        if did():
            c.image("30855-1", 6, system="LOINC")
        if did(0.7):
            c.procedure("20225", 14)
    elif did(0.85):
        c.note("pathology-assessment", "benign", rng.randint(0, 12), "15:00")
    if did(0.8):
        c.note("other-levels-reviewed", "yes", rng.randint(0, 20), "15:30")
    return here


def _images(c: Chart, did) -> None:  # type: ignore[no-untyped-def]
    rng = c.rng
    if rng.random() < 0.75:
        c.image("72100", 0, "08:50")
    if did(0.92):
        day = int(pick(rng, {str(d): w for d, w in MRI_DAYS.items()}))
        c.image(pick(rng, {"72148": 92, "72158": 8}), day, f"{rng.randint(10, 13)}:{rng.randint(0, 59):02d}")
    elif rng.random() < 0.6:
        c.image("72131", rng.randint(0, 3), "12:20")
        if rng.random() < 0.4:
            c.note("mri-contraindication", "present", 0, "09:50")
    if rng.random() < 0.3:
        c.note("height-loss", rng.randint(10, 48), rng.randint(0, 10), "15:40", level="L2")
    if rng.random() < 0.2:
        c.note("kyphosis-angle", rng.randint(4, 27), 35, "15:40", level="L2", posture="standing")


def _treatment(c: Chart, did) -> None:  # type: ignore[no-untyped-def]
    rng = c.rng
    if did():
        c.drug(pick(rng, {"paracetamol": 6, "ibuprofen": 1, "oxycodone": 2, "tramadol": 2}), rng.randint(0, 2))
    if did(0.55):
        days = int(pick(rng, {"28": 70, "30": 14, "14": 8, "60": 8}))
        c.drug("calcitonin", rng.randint(0, 12), "12:30", days=days)
    if rng.random() < 0.15:
        c.procedure("L0450", 1, "15:00", system="HCPCS")
    if did(0.5):
        c.drug("alendronate", rng.randint(20, 60), days=90)


def _afterwards(c: Chart, here: str, did) -> None:  # type: ignore[no-untyped-def]
    rng = c.rng
    pace = pick(rng, {"recovers": 62, "slowly": 22, "stays": 11, "worsens": 5})
    gone = rng.randint(3, 300) if rng.random() < 0.06 else 999
    score = rng.randint(5, 8)
    therapy = False
    for day in (15, 36, 64, 99, 190):
        day += rng.randint(-6, 6)
        if day >= gone or not did(0.95 if day < 50 else 0.6):
            continue
        drop = {"recovers": rng.randint(1, 4), "slowly": rng.randint(0, 2), "stays": rng.randint(-1, 1)}.get(pace, -1)
        score = max(0, min(10, score - drop))
        visit = c.visit(day, f"{rng.randint(8, 12):02d}:{rng.choice(('00', '20', '40'))}", kind=_kind(rng))
        if did():
            c.pain(day, score, "13:05", visit)
        if did(0.35):
            c.note("neuro-exam", "no-deficit", day, "13:10", visit)
        if not therapy and score <= 4 and did(0.8):
            therapy = True
            c.refer("physical-therapy", day, "13:15", encounter=visit, completed=day + rng.randint(5, 16))
            c.procedure("97161", day + 16, "11:00")
        if score >= 5 and day > 28:
            _persistent(c, day, visit, did)
    if rng.random() < 0.35:
        c.visit(rng.randint(5, 120), "14:00", specialty="internal", related=False)
    if gone < 999:
        if rng.random() < 0.4:
            c.visit(gone - 3, "10:00", hours=60, kind="inpatient", specialty="geriatric", disposition="hospice")
        if c.shown(c.at(gone + 4, None)):
            c.died(gone + 4)


def _persistent(c: Chart, day: int, visit: str, did) -> None:  # type: ignore[no-untyped-def]
    rng = c.rng
    if did(0.45):
        c.refer("pain", day, "13:20", encounter=visit)
    if day > 56 and did(0.7):
        c.image("72100", day + rng.randint(1, 20), "10:30")
    if did(0.2):
        c.refer("radiology-interventional", day, "13:25", encounter=visit)
        if rng.random() < 0.4:
            c.procedure("22514", day + rng.randint(8, 20), "10:00", level="L2")
    if did(0.2):
        c.refer(pick(rng, {"orthopaedics": 2, "spine": 1}), day, "13:30", encounter=visit, completed=day + 12)
    if did(0.3):
        c.note("sacrum-reviewed", "yes", day + 3, "15:00")


def _kind(rng: random.Random) -> str:
    return pick(rng, {"ambulatory": 85, "virtual": 15})
