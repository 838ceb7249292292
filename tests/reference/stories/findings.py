"""Chapters: deficits, imaging, cause, deformity, and what answers them."""

from __future__ import annotations

from datetime import datetime

from tests.reference.extract import LOCAL_VALUES
from tests.reference.stories.course import reply
from tests.reference.stories.site import (
    BEFORE,
    FAR,
    LATER,
    NEAR,
)
from tests.reference.stories.story import Story


def deficit(story: Story) -> None:
    s, rng = story, story.rng
    if s.maybe(0.7):
        s.local("neuro-exam", s.soon(s.dx), rng.choice(["no-deficit", "no-deficit", "no-deficit", "deficit-known"]))
    if not s.maybe(0.45):
        return
    base = s.keep(s.after(s.dx, NEAR, [-6, -7, -8, -20, -31, 364, 365, 100]))
    for _ in range(rng.choice([1, 1, 2, 3])):
        roll = rng.random()
        if roll < 0.35:
            s.local("neuro-exam", base, "deficit")
        elif roll < 0.75:
            code = s.site.code(rng.choice(["neuro_deficit", "neuro_deficit", "neuro_deficit_major"]))
            role = "billing" if s.maybe(0.2) else None
            onset = s.after(s.t0, [-29, -30, -31, 0]) if s.maybe(0.1) else None
            s.condition(code, base, onset, role=role)
            if s.maybe(0.15):
                s.condition(code, s.after(s.t0, [-29, -30, -31, -32, -100]))
            if s.maybe(0.1) and code[1].startswith("G82"):
                s.condition(("ICD10CM", "G82.21"), s.after(s.t0, [-31, -40]))
        elif roll < 0.9:
            s.condition(s.site.code("neuro_deficit_soft"), base)
        else:
            s.local("post-void-residual", base, rng.choice([199, 200, 201, 350]))
        if s.maybe(0.4):
            s.local("neuro-exam", s.soon(base), rng.choice(["no-deficit", "deficit", "deficit-known"]))
        base = s.keep(s.soon(base) if s.maybe(0.6) else s.after(base, [3, 4, 10]))
    for _ in range(rng.choice([0, 1, 1, 2])):
        answer(s, base if s.maybe(0.5) else s.some())


def answer(s: Story, base: datetime) -> None:
    """Something that answers a trigger, around its deadline."""
    rng = s.rng
    at = s.soon(base) if s.maybe(0.5) else s.after(base, NEAR, [-90, -91, -89, -8, -7, 30, 31, 28, 29, 35, 60])
    roll = rng.random()
    surgical = rng.choice(["orthopaedic_surgery", "neurosurgery", "spine_surgery"])
    names = [
        surgical,
        surgical,
        "interventional_radiology",
        "pain_management",
        "neurology",
        "other_specialty",
        "unknown_specialty",
    ]
    if roll < 0.5:
        s.referral(rng.choice(names), at)
    elif roll < 0.65:
        s.encounter(
            at,
            rng.choice(["ambulatory", "inpatient", "emergency"]),
            rng.choice([None, 1, 30, 400]),
            specialty=s.specialty(rng.choice(names)),
        )
    elif roll < 0.72:
        s.procedure(s.site.code("spine_surgery_procedure"), at)
    elif roll < 0.8:
        s.local("discussed-with", at, rng.choice(LOCAL_VALUES["discussed-with"]))
    elif roll < 0.9:
        s.local("considered", at, rng.choice(LOCAL_VALUES["considered"]))
    else:
        s.local("declined", at, rng.choice(LOCAL_VALUES["declined"]))


def answers(story: Story) -> None:
    for _ in range(story.rng.choice([0, 1, 2, 3, 4])):
        answer(story, story.some())
    for _ in range(story.rng.choice([0, 0, 1, 2])):
        word = story.rng.choice(LOCAL_VALUES["declined"])
        story.local("declined", story.after(story.some(), NEAR, [21, 22, 37, 38]), word)
    if story.maybe(0.3):
        story.local("considered", story.after(story.some(), NEAR, FAR), story.rng.choice(LOCAL_VALUES["considered"]))
    if story.maybe(0.3):
        story.referral(
            story.rng.choice(["neurosurgery", "spine_surgery", "interventional_radiology"]),
            story.after(story.dx, NEAR, FAR),
        )


def pictures(story: Story) -> None:
    s, rng = story, story.rng
    region = {"T": "thoracic", "C": "cervical", "S": "sacrum"}.get(s.level[0], "lumbar")
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        modality = rng.choice(["mri", "mri", "mri", "ct", "xray", "nm"])
        where = rng.choice(
            [
                region,
                region,
                region,
                region,
                None,
                "not stated",
                rng.choice(["cervical", "thoracic", "lumbar", "sacrum", "pelvis"]),
            ]
        )
        at = s.soon(s.dx) if s.maybe(0.35) else s.after(s.dx, NEAR, [-28, -29, 42, 43, 44, 60, 85])
        s.study(
            s.keep(at),
            modality,
            None if modality in ("nm", "xray") else where,
            rng.choice(["without", "without", "with", "both", None]),
        )
    if s.maybe(0.12):
        s.local(
            "mri-contraindication",
            s.after(s.some(), [-3, 0, 2, 3, 4]),
            rng.choice(["present", "unknown-device", "absent"]),
        )
        s.study(s.after(s.dx, NEAR), "ct", region, "without", status="completed")
    if s.maybe(0.03):
        s.condition(s.site.code("mri_contraindication"), s.anywhere())
    if s.maybe(0.12):
        s.local("mri-unavailable", s.soon(s.some()), "yes")
    for sign in ("percussion-sign", "supine-sign"):
        if s.maybe(0.3):
            s.local(sign, s.soon(s.dx) if s.maybe(0.6) else s.after(s.dx, NEAR), rng.choice(["positive", "negative"]))
    for code in ("other-levels-reviewed", "sacrum-reviewed"):
        if s.maybe(0.15):
            s.local(code, s.after(s.dx, NEAR, FAR, [-28, -29]), "yes")
    if s.maybe(0.15):
        s.study(
            s.after(s.t0, FAR, [43, 42, 85]), rng.choice(["xray", "ct"]), rng.choice([region, "sacrum", "pelvis"]), None
        )


def cause(story: Story) -> None:
    s, rng = story, story.rng
    if s.maybe(0.35):
        word = rng.choice(["benign", "benign", "suspicious"])
        s.local("pathology-assessment", s.keep(s.after(s.dx, NEAR, [-28, -29])), word)
    if s.maybe(0.2):
        name = rng.choice(["malignancy_history", "malignancy_sign", "spine_infection", "spine_malignancy"])
        s.condition(s.site.code(name), s.after(s.dx, NEAR, BEFORE))
    if not s.maybe(0.22):
        return
    at = s.keep(s.after(s.dx, NEAR, [-20]) if s.maybe(0.8) else s.after(s.t0, [-364, -365, -366]))
    if s.maybe(0.5):
        s.condition(s.site.code("malignancy_suspicion"), at)
    else:
        s.local("pathology-assessment", at, "suspicious")
    base = max(at, s.dx)
    if s.maybe(0.3):
        s.local("neuro-exam", s.soon(base), "deficit")
    if s.maybe(0.3):
        s.local(
            "gadolinium-contraindication",
            s.after(base, [-9, -1, 0, 7, 8]),
            rng.choice(["present", "present", "absent"]),
        )
    contrast = rng.choice(["both", "both", "without", "without", "with"])
    if s.maybe(0.6):
        for region in rng.choice([["cervical", "thoracic", "lumbar"]] * 3 + [["lumbar"], ["thoracic", "lumbar"]]):
            when = s.after(base, [-7, -8, -1, 0, 0, 1, 1, 2, 6, 7, 8])
            s.study(when, "mri", region, contrast)
    elif s.maybe(0.4):
        s.study(
            s.after(base, [0, 1, 7]),
            "mri",
            rng.choice(["lumbar", "not stated"]),
            None,
            status=rng.choice(["ordered", "completed"]),
        )
    if s.maybe(0.4):
        s.procedure(s.site.code("biopsy", ("CPT", "ICD10PCS")), s.after(base, [-30, -31, 0, 5, 29, 30, 31, 40]))
    if s.maybe(0.3):
        s.local("pathology-assessment", s.after(base, [0, 1, 6, 7, 8, 30, 31]), "benign")
    if s.maybe(0.2):
        s.local(rng.choice(["declined", "considered"]), s.after(base, [-2, -1, 0, 14, 15, 37, 38]), "biopsy")


def spine(story: Story) -> None:
    """Deformity, instability, lungs, augmentation, blocks."""
    s, rng = story, story.rng
    for _ in range(rng.choice([0, 0, 0, 1, 2, 3])):
        level = rng.choice([s.level, s.level, None, "T12"])
        at = s.keep(s.after(s.t0, NEAR, FAR, [-13, -14, -15]))
        if s.maybe(0.5):
            posture = rng.choice([None, "standing", "supine"])
            s.local(
                "kyphosis-angle", at, rng.choice([5, 10, 14, 15, 19, 20, 24, 25, 29, 30, 31]), level, posture=posture
            )
        else:
            if s.maybe(0.2):
                s.local("kyphosis-angle", at, 20, s.level, posture=rng.choice(["supine", "standing", None]))
                s.local(
                    "kyphosis-angle", s.after(at, [5, 20, 40]), rng.choice([29, 28, 30]), s.level, posture="standing"
                )
            if s.maybe(0.25):
                reply(s, at)
            s.local("height-loss", at, rng.choice([10, 19, 20, 25, 39, 40, 45, 49, 50, 51]), level, unit="%")
    if s.maybe(0.06):
        s.condition(s.site.code("kyphosis"), s.anywhere())
    if s.maybe(0.15):
        at = s.keep(s.after(s.dx, NEAR, [-10, -14, -15]))
        code, value = rng.choice(
            [("stability", "unstable"), ("stability", "stable"), ("tlics", 4), ("tlics", 5), ("sins", 6), ("sins", 7)]
        )
        s.local(code, at, value)
        if s.maybe(0.5):
            s.local("stability", s.soon(at), rng.choice(["stable", "unstable"]))
        if s.maybe(0.5):
            answer(s, at)
    if s.maybe(0.03):
        s.condition(s.site.code("spinal_instability"), s.anywhere())
    if s.maybe(0.1):
        s.local("fvc-percent-predicted", s.anywhere(), rng.choice([79, 80, 81, 60]), unit="%")
    if s.maybe(0.06):
        s.condition(s.site.code(rng.choice(["pulmonary_dysfunction", "pulmonary_dysfunction_acute"])), s.anywhere())
    if s.maybe(0.35):
        s.local("augmentation-candidate", s.anywhere(), rng.choice(["yes", "yes", "no"]))
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        at = s.keep(s.after(s.t0, NEAR, FAR, LATER))
        name = rng.choice(["vertebroplasty", "kyphoplasty"])
        s.procedure(s.site.code(name), at, rng.choice([s.level, "L2", None, None, "L1"]))
        if s.maybe(0.15):
            s.procedure(("CPT", rng.choice(["22512", "22515"])), at)
        if s.maybe(0.4):
            s.score(s.after(at, [-8, -2, -1, 0, 1]), rng.choice([4, 5, 6, 7, 8]))
    if s.maybe(0.15):
        at = s.after(s.t0, NEAR, FAR)
        s.procedure(s.site.code("nerve_root_block"), at)
        if s.maybe(0.6):
            s.score(s.after(at, [-15, -14, -13, -1, 0, 1]), rng.choice([2, 3, 4, 6]))
