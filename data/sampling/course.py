"""The ordinary course, with everything that can be left out of it."""

from .chart import L2, Chart

Visits = tuple[tuple[int, int | None], ...]
USUAL: Visits = ((21, 3), (35, 2), (104, 1))


def diagnose(
    c: Chart,
    *,
    code: str | None = L2,
    exam: str | None = "no-deficit",
    pain: int | None = 7,
    signs: bool = True,
    pathology: str | None = "benign",
    other_levels: bool = True,
    onset: int | None = None,
    kind: str = "emergency",
    disposition: str | None = "home",
    osteoporosis: bool = True,
) -> str:
    """The visit that finds the fracture (day 0, diagnosis at 09:40). Returns its encounter id."""
    specialty = "emergency" if kind == "emergency" else "family"
    here = c.visit(0, "08:10", hours=5, kind=kind, specialty=specialty, disposition=disposition)
    if osteoporosis:
        c.history("M81.0")
    if code:
        c.code(code, 0, "09:40", here, onset=onset, role="diagnosis")
    if pain is not None:
        c.pain(0, pain, "08:30", here)
    if exam:
        c.note("neuro-exam", exam, 0, "09:15", here)
    if signs:
        c.note("percussion-sign", "positive", 0, "09:20", here)
        c.note("supine-sign", "positive" if c.rng.random() < 0.8 else "negative", 0, "09:25", here)
    if pathology:
        c.note("pathology-assessment", pathology, 2, "16:00")
    if other_levels:
        c.note("other-levels-reviewed", "yes", 2, "16:00")
    return here


def treat(c: Chart, *, analgesic: str | None = "paracetamol", calcitonin: int | None = 28, day: int = 0) -> None:
    """Analgesic and calcitonin from the discharge medication on; `calcitonin` in days."""
    if analgesic:
        c.drug(analgesic, day, "11:00")
    if calcitonin:
        c.drug("calcitonin", day + 1, "09:00", days=calcitonin)


def see(c: Chart, visits: Visits = USUAL, *, therapy: int | None = 35) -> None:
    """Follow-up visits as (day, pain score or None), and the referral to physical therapy."""
    for day, score in visits:
        here = c.visit(day, "09:00")
        if score is not None:
            c.pain(day, score, "09:10", here)
        if therapy == day:
            c.refer("physical-therapy", day, "09:30", encounter=here, completed=day + 7)
            therapy = None
            c.procedure("97161", day + 7, "13:00")
    if therapy is not None:
        c.refer("physical-therapy", therapy, "15:00")


def ordinary(
    c: Chart,
    *,
    mri: str | None = "72148",
    mri_day: int = 2,
    mri_time: str = "14:00",
    mri_system: str = "CPT",
    analgesic: str | None = "paracetamol",
    calcitonin: int | None = 28,
    visits: Visits = USUAL,
    therapy: int | None = 35,
    code: str | None = L2,
    exam: str | None = "no-deficit",
    pain: int | None = 7,
    signs: bool = True,
    pathology: str | None = "benign",
    other_levels: bool = True,
    onset: int | None = None,
    kind: str = "emergency",
    disposition: str | None = "home",
    osteoporosis: bool = True,
) -> str:
    """Diagnosis, MRI, treatment and visits, all in time unless told otherwise. Returns the first encounter."""
    here = diagnose(
        c,
        code=code,
        exam=exam,
        pain=pain,
        signs=signs,
        pathology=pathology,
        other_levels=other_levels,
        onset=onset,
        kind=kind,
        disposition=disposition,
        osteoporosis=osteoporosis,
    )
    if mri:
        c.image(mri, mri_day, mri_time, system=mri_system)
    treat(c, analgesic=analgesic, calcitonin=calcitonin)
    see(c, visits, therapy=therapy)
    return here
