"""The facts of a case that several measures share (3-measures.md, "Facts about a case")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace

from tests.reference.chart import covered_days, in_order
from tests.reference.clocks import Moment, days, later, not_before
from tests.reference.cohort import REGION_OF, SUBSEQUENT, Case, related, specialty_of
from tests.reference.values import SURGICAL

ADD_ONS = ("22512", "22515", "22522", "22525")
LUMBAR, THORACIC = ("22511", "22514", "22521", "22524"), ("22510", "22513", "22520", "22523")
Known = Callable[[SimpleNamespace], bool]


def event(row: SimpleNamespace, **more: object) -> SimpleNamespace:
    return SimpleNamespace(**{"id": row.id, "at": row.at, "known": row.known, "row": row, **more})


def everything(_row: SimpleNamespace) -> bool:
    return True


class Facts:
    def __init__(self, case: Case) -> None:
        self.case, self.chart, self.p = case, case.chart, case.parameters
        self.t0, self.end, self.dx = case.t0, case.end, case.dx
        self.seen_end = min(case.end, case.chart.as_of)

    def between(self, rows: list[SimpleNamespace], first: date, last: date) -> list[SimpleNamespace]:
        return [row for row in rows if first <= row.at.day <= last]

    def until_end(self, rows: list[SimpleNamespace]) -> list[SimpleNamespace]:
        return [row for row in rows if row.at.day <= self.end]

    def day(self, offset: int) -> date:
        """T0 + offset."""
        return self.t0 + days(offset)

    # pain ------------------------------------------------------------------------------------------------

    def of_other_problem(self, obs: SimpleNamespace) -> bool:
        enc = self.chart.encounter.get(obs.encounter_id)
        return enc is not None and enc.fracture_related is False

    @cached_property
    def all_scores(self) -> list[SimpleNamespace]:
        """Scores of any date that are not of an encounter for something else."""
        return [
            o
            for o in self.chart.observations
            if o.is_score and o.value_number is not None and not self.of_other_problem(o)
        ]

    @cached_property
    def scores(self) -> list[SimpleNamespace]:
        return self.between(self.all_scores, self.t0, self.end)

    @cached_property
    def statements(self) -> list[SimpleNamespace]:
        rows = [o for o in self.chart.local("course") if not self.of_other_problem(o)]
        return self.between(rows, self.t0, self.end)

    def records(self, first: date, last: date = date.max) -> list[SimpleNamespace]:
        """Scores and statements of these days."""
        return self.between(self.scores + self.statements, first, last)

    def stated(self, day: date, *values: str, known: Known = everything) -> list[SimpleNamespace]:
        return [s for s in self.statements if s.at.day == day and s.value_code in values and known(s)]

    def pain_days(self, first: date, last: date = date.max) -> list[date]:
        return sorted({row.at.day for row in self.records(first, last)})

    def long_pain(self, day: date, least: int, apart: int) -> bool:
        """A score of at least `least` on the day and one `apart` days before it, none lower between the two."""
        for n, score in enumerate(self.scores):
            if score.at.day != day or score.value_number < least:
                continue
            for earlier in reversed(self.scores[:n]):
                if earlier.value_number < least:
                    break
                if (day - earlier.at.day).days >= apart:
                    return True
        return False

    def persistent(self, day: date) -> bool:
        p = self.p.pain
        return self.long_pain(day, p.persistent_nrs, p.persistent_min_days_apart) or bool(
            self.stated(day, "persistent", "worsening")
        )

    def unresponsive(self, day: date) -> bool:
        return self.long_pain(day, self.p.pain.severe_nrs, self.p.pain.unresponsive_min_days_apart)

    def worsening(self, day: date, known: Known = everything) -> bool:
        p = self.p.pain
        if self.stated(day, "worsening", known=known):
            return True
        scores = [s for s in self.scores if known(s)]
        first, last = day - days(p.worsening_lookback_days), day - days(p.worsening_min_days_apart)
        before = [s.value_number for s in self.between(scores, first, last)]
        return bool(before) and any(s.at.day == day and s.value_number >= min(before) + p.change_points for s in scores)

    def severe_and_worsening(self, day: date) -> bool:
        severe = any(s.at.day == day and s.value_number >= self.p.pain.severe_nrs for s in self.scores)
        return severe and self.worsening(day)

    def last_record(self, until: date) -> SimpleNamespace | None:
        """The last score or statement; on one day a statement beats a score."""
        rows = self.records(date.min, until)
        return max(rows, key=lambda r: (r.at.day, not r.is_score, r.at.order, r.id), default=None)

    def improving(self, day: date) -> bool | None:
        """None = unknown."""
        p = self.p.pain
        last = self.last_record(day)
        if last is None:
            return None
        if not last.is_score:
            return last.value_code in ("improving", "resolved")
        values = [s.value_number for s in self.scores if s.at.day <= day]
        if len(values) < 2:
            return None
        first, latest = values[0], values[-1]
        better = first - latest >= p.change_points or first - latest >= Decimal(str(p.change_share)) * first
        return first > 0 and better and latest < p.severe_nrs and latest < min(values) + p.change_points

    def resolved(self) -> bool:
        last = self.last_record(self.seen_end)
        if last is None:
            return False
        if last.is_score:
            return last.value_number <= self.p.pain.subsided_nrs
        return last.value_code == "resolved"

    def little_pain(self) -> bool:
        """The first score of [DX - 1, DX + 7], also before T0, is low."""
        first = self.dx.day - days(self.p.deadlines.pain_score_days)
        last = self.dx.day + days(self.p.deadlines.medical_first_days)
        rows = self.until_end(self.between(self.all_scores, first, last))
        return bool(rows) and rows[0].value_number <= self.p.pain.subsided_nrs

    # deficit ---------------------------------------------------------------------------------------------

    @staticmethod
    def same_code(con: SimpleNamespace) -> tuple[str, str]:
        """System and code, of ICD-10-CM injury codes without the 7th character."""
        if con.system == "ICD10CM" and con.key[:1] in "ST":
            return con.system, con.key[:6]
        return con.system, con.key

    @cached_property
    def deficit_rows(self) -> list[SimpleNamespace]:
        """Conditions in `neuro_deficit` that are no baseline, each told apart as event or soft sign."""
        start = self.day(-self.p.deficit.baseline_days)
        rows = in_order(self.chart.conditions_in("neuro_deficit"))
        base = [n for n, con in enumerate(rows) if con.at.day < start or (con.onset_at and con.onset_at.day < start)]
        found = []
        for n, con in enumerate(rows):
            if n in base:
                continue
            earlier = [rows[b] for b in base if b < n]
            if any(self.same_code(con) == self.same_code(old) for old in earlier):
                continue
            kin = set(self.chart.sets.matches("neuro_deficit", con.system, con.key))
            soft = any(kin & set(self.chart.sets.matches("neuro_deficit", o.system, o.key)) for o in earlier)
            found.append(self.timed(con, soft))
        return found

    def timed(self, con: SimpleNamespace, soft: bool) -> SimpleNamespace:
        """With the event time of an untimed deficit, where the row is one."""
        major = self.chart.sets.has("neuro_deficit_major", con.system, con.key)
        enc = self.chart.encounter.get(con.encounter_id)
        at, untimed = con.at, False
        if enc is not None:
            end, day = self.chart.runs_until(enc)
            after = not_before(con.at, end) if end and end.minute and con.at.minute else con.at.day > day
            if con.role == "billing" or after:
                untimed = True
                at = later(enc.at, self.case.moment(self.day(-self.p.deficit.before_days)))
                if at.order > con.at.order:
                    at = con.at
        return event(con, at=at, known=con.at, untimed=untimed, major=major, soft=soft)

    @cached_property
    def deficits(self) -> list[SimpleNamespace]:
        """Deficit events from T0 - 30 to end, by event time."""
        rows = [row for row in self.deficit_rows if not row.soft]
        rows += [event(o, untimed=False, major=False, soft=False) for o in self.chart.local("neuro-exam", "deficit")]
        return in_order(self.between(rows, self.day(-self.p.deficit.baseline_days), self.end))

    @cached_property
    def soft_deficits(self) -> list[SimpleNamespace]:
        start = self.day(-self.p.deficit.baseline_days)
        rows = [event(row.row) for row in self.deficit_rows if row.soft]
        conditions = self.chart.conditions_in("neuro_deficit_soft")
        old = {self.same_code(con) for con in conditions if con.at.day < start}
        rows += [event(con) for con in conditions if self.same_code(con) not in old]
        limit = self.p.deficit.post_void_residual_ml
        rows += [event(o) for o in self.chart.measured("post-void-residual") if o.value_number > limit]
        return in_order(self.between(rows, self.t0, self.end))

    # instability, deformity, lung ------------------------------------------------------------------------

    @cached_property
    def instabilities(self) -> list[SimpleNamespace]:
        chart, p = self.chart, self.p.instability
        fractures = {con.id: con for con in chart.fractures}
        rows = []
        for con in chart.conditions_in("spinal_instability"):
            code = fractures.get(con.id)
            if code is not None:
                other = code.level not in ("unspecified", self.case.level)
                if other or (code.seventh is not None and code.seventh in SUBSEQUENT):
                    continue
            rows.append(event(con))
        rows += [event(o) for o in chart.local("stability", "unstable")]
        rows += [event(o) for o in chart.measured("tlics") if o.value_number >= p.tlics_min]
        rows += [event(o) for o in chart.measured("sins") if o.value_number >= p.sins_min]
        return in_order(self.between(rows, self.day(-p.before_days), self.end))

    def measured_here(self, code: str) -> list[SimpleNamespace]:
        rows = [o for o in self.chart.measured(code) if o.level in (None, self.case.level)]
        return self.between(rows, self.day(-self.p.deformity.measured_before_days), self.end)

    @cached_property
    def angles(self) -> list[SimpleNamespace]:
        return self.measured_here("kyphosis-angle")

    @cached_property
    def losses(self) -> list[SimpleNamespace]:
        return self.measured_here("height-loss")

    @cached_property
    def measurements(self) -> list[SimpleNamespace]:
        return in_order(self.angles + self.losses)

    @cached_property
    def significant_deformities(self) -> list[SimpleNamespace]:
        p = self.p.deformity
        found = []
        for n, row in enumerate(self.angles):
            grown = any(
                old.value_code == row.value_code and row.value_number >= old.value_number + p.progression_kyphosis_deg
                for old in self.angles[:n]
            )
            if grown or row.value_number >= p.significant_kyphosis_deg:
                found.append(event(row))
        for n, row in enumerate(self.losses):
            grown = any(
                row.value_number >= old.value_number + p.progression_height_loss_points for old in self.losses[:n]
            )
            if grown or row.value_number >= p.significant_height_loss_pct:
                found.append(event(row))
        return in_order(found)

    def grown_in_another_posture(self) -> bool:
        least = self.p.deformity.progression_kyphosis_deg
        return any(
            row.value_code != old.value_code and row.value_number >= old.value_number + least
            for n, row in enumerate(self.angles)
            for old in self.angles[:n]
        )

    @cached_property
    def kyphosis(self) -> list[SimpleNamespace]:
        return [event(con) for con in self.until_end(self.chart.conditions_in("kyphosis"))]

    @cached_property
    def any_deformities(self) -> list[SimpleNamespace]:
        p = self.p.deformity
        rows = [event(o) for o in self.angles if o.value_number >= p.any_kyphosis_deg]
        rows += [event(o) for o in self.losses if o.value_number >= p.any_height_loss_pct]
        return in_order(rows + self.kyphosis)

    @cached_property
    def pulmonary(self) -> list[SimpleNamespace]:
        limit = self.p.pulmonary.fvc_pct_max
        rows = [event(o) for o in self.chart.measured("fvc-percent-predicted") if o.value_number < limit]
        rows += [event(con) for con in self.chart.conditions_in("pulmonary_dysfunction")]
        rows = self.until_end(rows)
        acute = [event(con) for con in self.chart.conditions_in("pulmonary_dysfunction_acute")]
        return in_order(rows + self.between(acute, self.t0, self.end))

    # malignancy and infection ----------------------------------------------------------------------------

    @cached_property
    def suspicions(self) -> list[SimpleNamespace]:
        rows = [event(con) for con in self.chart.conditions_in("malignancy_suspicion")]
        rows += [event(o) for o in self.chart.local("pathology-assessment", "suspicious")]
        return in_order(self.between(rows, self.day(-self.p.malignancy.lookback_days), self.end))

    @cached_property
    def histories(self) -> list[SimpleNamespace]:
        return [event(c) for c in self.until_end(self.chart.conditions_in("malignancy_history", "malignancy_sign"))]

    @cached_property
    def infections(self) -> list[SimpleNamespace]:
        rows = [event(con) for con in self.chart.conditions_in("spine_infection")]
        return self.between(rows, self.day(-self.p.malignancy.lookback_days), self.end)

    @cached_property
    def red_flags(self) -> list[SimpleNamespace]:
        return (
            self.deficits + self.soft_deficits + self.instabilities + self.any_deformities + self.suspicions
            + self.histories + self.infections
        )  # fmt: skip

    # contacts --------------------------------------------------------------------------------------------

    def referrals_to(self, *names: str) -> list[SimpleNamespace]:
        """Referrals with a related reason to one of the specialties."""
        return [r for r in self.chart.referrals if related(self.chart, r) and specialty_of(self.chart, r) in names]

    def encounters_of(self, *names: str) -> list[SimpleNamespace]:
        return [
            e
            for e in self.chart.encounters
            if e.counts and e.fracture_related is not False and specialty_of(self.chart, e) in names
        ]

    def unknown_referrals(self) -> list[SimpleNamespace]:
        return [r for r in self.chart.referrals if related(self.chart, r) and specialty_of(self.chart, r) is None]

    def wrong_referrals(self) -> list[SimpleNamespace]:
        """Related referrals to a known specialty that is not surgical."""
        return [
            r
            for r in self.chart.referrals
            if related(self.chart, r) and specialty_of(self.chart, r) not in (None, *SURGICAL)
        ]

    def discussed(self, word: str) -> list[SimpleNamespace]:
        return [event(o, kind="discussed") for o in self.chart.local("discussed-with", word)]

    def considered(self, *words: str) -> list[SimpleNamespace]:
        return self.until_end(self.chart.local("considered", *words))

    @cached_property
    def surgeries(self) -> list[SimpleNamespace]:
        return self.chart.coded(self.chart.procedures, "spine_surgery_procedure")

    @cached_property
    def surgical_contacts(self) -> list[SimpleNamespace]:
        """Kind: referral, completed, encounter, surgery, transfer, discussed; priority of referrals."""
        rows = []
        for ref in self.referrals_to(*SURGICAL):
            rows.append(event(ref, kind="referral", priority=ref.priority))
            if ref.completed_at:
                rows.append(event(ref, at=ref.completed_at, kind="completed"))
        rows += [event(enc, kind="encounter") for enc in self.encounters_of(*SURGICAL)]
        rows += [event(row, kind="surgery") for row in self.surgeries]
        for enc in self.chart.encounters:
            gone = self.chart.disposition_at(enc)
            if gone and enc.disposition == "transfer-acute":
                rows.append(event(enc, at=gone, kind="transfer"))
        rows += self.discussed("surgery")
        return self.until_end(in_order(rows))

    @cached_property
    def ir_contacts(self) -> list[SimpleNamespace]:
        name = "interventional_radiology"
        rows = [event(r, kind="referral") for r in self.referrals_to(name)]
        rows += [event(e, kind="encounter") for e in self.encounters_of(name)]
        rows += [event(a, kind="augmentation") for a in self.augmentations]
        return self.until_end(in_order(rows + self.discussed("interventional-radiology")))

    @cached_property
    def pain_contacts(self) -> list[SimpleNamespace]:
        rows = [event(r, kind="referral") for r in self.referrals_to("pain_management")]
        rows += [event(e, kind="encounter") for e in self.encounters_of("pain_management")]
        return self.until_end(in_order(rows + self.discussed("pain-management")))

    # augmentation ----------------------------------------------------------------------------------------

    @cached_property
    def all_augmentations(self) -> list[tuple[SimpleNamespace, bool | None]]:
        """(procedure, is it at the case's level: yes, None = unknown), those of other levels left out."""
        rows = self.until_end(self.chart.coded(self.chart.procedures, "vertebroplasty", "kyphoplasty"))
        found = []
        for row in rows:
            level, region = self.place(row, rows)
            if level is not None:
                here: bool | None = level == self.case.level
            elif region is None:
                here = None
            elif region != self.case.region:
                here = False
            else:
                here = None if self.neighbour(row) else True
            if here is not False:
                found.append((row, here))
        return found

    def place(self, row: SimpleNamespace, rows: list[SimpleNamespace]) -> tuple[str | None, str | None]:
        """(level, region) of an augmentation."""
        if row.level:
            return row.level, None
        if row.system == "CPT" and row.key in ADD_ONS:
            others = [
                o for o in rows if o.at.day == row.at.day and o.id != row.id and (o.level or o.key not in ADD_ONS)
            ]
            return self.place(others[0], rows) if others else (None, None)
        if row.system == "CPT" and row.key in LUMBAR:
            return None, "lumbar"
        if row.system == "CPT" and row.key in THORACIC:
            return None, "thoracic"
        if row.system == "ICD10PCS":
            return None, {"0QU0": "lumbar", "0PU4": "thoracic", "0PU3": "cervical"}.get(row.key[:4])
        return None, None

    def neighbour(self, row: SimpleNamespace) -> bool:
        """A case at another level of the region with T0 in the year up to the procedure."""
        limit = self.p.deadlines.same_region_case_days
        return any(
            other.level not in ("unspecified", self.case.level)
            and REGION_OF[other.level[0]] == self.case.region
            and 0 <= (row.at.day - other.t0).days <= limit
            for other in self.case.siblings
        )

    @cached_property
    def augmentations(self) -> list[SimpleNamespace]:
        return [row for row, here in self.all_augmentations if here]

    @cached_property
    def interventions(self) -> list[SimpleNamespace]:
        """Augmentation or spine surgery."""
        return in_order(self.augmentations + self.until_end(self.surgeries))

    # imaging ---------------------------------------------------------------------------------------------

    @cached_property
    def studies(self) -> list[SimpleNamespace]:
        return self.until_end(self.chart.studies)

    def covers(self, study: SimpleNamespace) -> bool:
        return study.regions is not None and self.case.region in study.regions

    def contraindications(self) -> list[SimpleNamespace]:
        rows = [event(o) for o in self.chart.local("mri-contraindication", "present")]
        return rows + [event(c) for c in self.chart.conditions_in("mri_contraindication")]

    # medication, hospice, statements ---------------------------------------------------------------------

    @cached_property
    def calcitonin(self) -> list[SimpleNamespace]:
        rows = self.chart.coded(self.chart.medications, "calcitonin")
        return [SimpleNamespace(id=m.id, at=m.at, row=m, span=covered_days(m)) for m in rows]

    @cached_property
    def analgesic_start(self) -> date | None:
        rows = []
        for med in self.chart.coded(self.chart.medications, "analgesic"):
            rows.append(SimpleNamespace(id=med.id, at=med.at, span=covered_days(med)))
        for row in self.chart.coded(self.chart.procedures, "analgesic"):
            rows.append(SimpleNamespace(id=row.id, at=row.at, span=None))
        return self.case.first_treatment(rows, self.t0, self.end)

    @cached_property
    def hospice_days(self) -> list[date]:
        found = [c.at.day for c in self.chart.conditions_in("hospice")]
        found += [r.at.day for r in self.chart.coded(self.chart.procedures, "hospice")]
        for enc in self.chart.encounters:
            gone = self.chart.disposition_at(enc)
            if gone and enc.disposition == "hospice":
                found.append(gone.day)
        return sorted(found)

    def declined(self, words: tuple[str, ...], first: date, last: date) -> bool:
        return bool(self.between(self.chart.local("declined", *words), first, last))

    def first_moment(self, day: date, test: Callable[[SimpleNamespace], bool]) -> Moment:
        """The moment of the first record of the day that passes; the day itself where none does."""
        rows = [r for r in in_order(self.records(day, day)) if test(r)]
        return rows[0].at if rows else self.case.moment(day)


def day_before(day: date) -> date:
    return day - timedelta(days=1)
