"""From codes to cases (2-evaluation.md, "From codes to a case" and the clocks of a case)."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

from tests.reference.chart import STAY_CLASSES, Chart, covered_days, in_order
from tests.reference.clocks import Moment, add_three_months, age_on, at_day, days, not_before
from tests.reference.values import RELATED_REASONS

SUBSEQUENT = "DGKPS"
REGION_OF = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacrum"}


def seventh_of(key: str, system: str) -> str | None:
    return key[6] if system == "ICD10CM" and len(key) == 7 else None


def fracture_codes(chart: Chart, conditions: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """Rows of `vertebral_fracture`, with what the code and the reports say of them."""
    found = []
    for con in conditions:
        row = chart.sets.fracture(con.system, con.key)
        if row is None:
            continue
        con.code_level = row["level"] or None
        con.code_aetiology = row["aetiology"] or None
        con.seventh = seventh_of(con.key, con.system)
        initial = row["seventh"].split("|") if row["seventh"] else None
        con.initial = initial is None or con.seventh in initial
        con.level = con.code_level or reported_level(chart, con.at.day)
        found.append(con)
    return found


def reported_level(chart: Chart, day: date) -> str:
    """The level that the nearest report states, or `unspecified`."""
    p = chart.parameters.cohort
    reports = [
        obs
        for obs in chart.local("fracture-level")
        if -p.level_before_days <= (obs.at.day - day).days <= p.level_after_days
    ]
    if not reports:
        return "unspecified"
    best = min(reports, key=lambda o: (abs((o.at.day - day).days), o.at.order, o.id))
    return best.value_code


def said_chronic(chart: Chart, con: SimpleNamespace) -> bool:
    limit = chart.parameters.cohort.chronic_statement_days
    return any(
        abs((obs.at.day - con.at.day).days) <= limit
        and (obs.level is None or con.code_level is None or obs.level == con.level)
        for obs in chart.local("fracture-acuity", "chronic")
    )


def start_of(chart: Chart, codes: list[SimpleNamespace]) -> date:
    """T0 of the case that begins with codes[0]."""
    dx = codes[0].at.day
    onsets = [con.onset_at.day for con in codes if con.at.day == dx and con.onset_at]
    first = min(onsets, default=dx)
    return first if dx - days(chart.parameters.cohort.onset_lookback_days) <= first <= dx else dx


def opens_new_case(chart: Chart, codes: list[SimpleNamespace], con: SimpleNamespace, level: str) -> bool:
    p = chart.parameters.cohort
    if (con.at.day - codes[-1].at.day).days >= p.clean_days:
        return True
    t0 = start_of(chart, codes)
    if con.at.day > t0 + days(p.episode_days):
        return True
    named = None if level == "unspecified" else level
    return any(
        obs.level == named
        and (obs.at.day - t0).days > p.new_acute_min_days
        and 0 <= (con.at.day - obs.at.day).days <= p.new_acute_before_days
        for obs in chart.local("fracture-acuity", "acute")
    )


class Case:
    """One patient, level and episode: its clocks and what it is excluded for."""

    def __init__(self, chart: Chart, level: str, codes: list[SimpleNamespace]) -> None:
        self.chart, self.level, self.codes = chart, level, codes
        self.absorbed: list[SimpleNamespace] = []
        self.parameters = chart.parameters
        self.dx: Moment = codes[0].at
        self.t0 = start_of(chart, codes)
        self.m3 = add_three_months(self.t0, self.parameters.clocks.three_months)
        self.region = REGION_OF.get(level[0])
        self.next_t0: date | None = None
        self.previous: Case | None = None
        self.siblings: list[Case] = []

    @property
    def case_id(self) -> str:
        text = f"{self.chart.patient.id}|{self.level}|{self.t0.isoformat()}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def finish(self) -> None:
        chart, p = self.chart, self.parameters.cohort
        self.age = age_on(chart.patient.birth_date, self.t0)
        self.end, self.end_reason = self.find_end()
        self.aetiology = self.find_aetiology()
        self.prevalent = self.find_prevalent()
        self.treatments = self.find_treatments()
        self.conservative_start = self.first_treatment(self.treatments, self.t0, self.end)
        last = self.dx.day + days(self.parameters.clocks.treatment_start_days)
        self.treatment_start = self.first_treatment(self.treatments, self.dx.day, last) or self.dx.day
        inside = (p.period_from is None or self.t0 >= p.period_from) and (p.period_to is None or self.t0 <= p.period_to)
        if self.level != "unspecified" and p.levels != "any" and self.level not in p.levels:
            self.line = "other_level"  # before the period, as in the order of the cohort flow
        elif not inside:
            self.line = "outside_period"
        elif self.level == "unspecified":
            self.line = "unspecified_level"
        else:
            self.line = "audited"

    def find_end(self) -> tuple[date, str]:
        """The earliest of the five ends; of two for one day the first of the list."""
        chart, p = self.chart, self.parameters.cohort
        ends: list[tuple[date, int, str]] = []
        if chart.death:
            ends.append((chart.death.day, 0, "death"))
        if chart.has_followup and (last := self.followup_end()):
            ends.append((last, 1, "followup_ended"))
        if out := self.transfer_out():
            ends.append((out, 2, "transferred_out"))
        if self.next_t0:
            ends.append((self.next_t0 - timedelta(days=1), 3, "new_fracture"))
        ends.append((self.t0 + days(p.episode_days), 4, "episode_over"))
        day, _rank, reason = min(ends)
        return day, reason

    def followup_end(self) -> date | None:
        """The last day of the period that contains DX; DX where none does; None where it is open."""
        periods: list[list[date]] = []
        for row in sorted(self.chart.followup, key=lambda r: r.started_at.day):
            start, end = row.started_at.day, row.ended_at.day if row.ended_at else date.max
            if periods and (periods[-1][1] == date.max or start <= periods[-1][1] + timedelta(days=1)):
                periods[-1][1] = max(periods[-1][1], end)
            else:
                periods.append([start, end])
        for start, end in periods:
            if start <= self.dx.day <= end:
                return None if end == date.max else end
        return self.dx.day

    def transfer_out(self) -> date | None:
        chart, p = self.chart, self.parameters.cohort
        days_out = []
        for enc in chart.encounters:
            gone = chart.disposition_at(enc)
            if enc.disposition != "transfer-acute" or gone is None or enc.klass not in STAY_CLASSES:
                continue
            if enc.at.day > self.dx.day + days(p.transfer_days) or gone.day < self.dx.day - timedelta(days=1):
                continue
            if not self.stays_after(enc, gone):
                days_out.append(gone.day)
        return min(days_out, default=None)

    def stays_after(self, enc: SimpleNamespace, gone: Moment) -> bool:
        """Another stay runs at the end, or any encounter starts from then within the days of return."""
        chart = self.chart
        for other in chart.encounters:
            if other.id == enc.id or not other.counts:
                continue
            if other.klass in STAY_CLASSES and chart.runs_at(other, gone):
                return True
            until = gone.day + days(self.parameters.cohort.transfer_return_days)
            if not_before(other.at, gone) and other.at.day <= until:
                return True
        return False

    def find_aetiology(self) -> str:
        chart, p = self.chart, self.parameters.cohort
        said = {con.code_aetiology for con in self.codes + self.absorbed}
        by = self.dx.day + days(p.osteoporosis_after_days)
        if "neoplastic" in said or any(
            (c.system, c.key) == ("ICD10CM", "C7951") and c.at.day <= by for c in chart.conditions
        ):
            return "neoplastic"
        if "osteoporotic" in said or any(c.at.day <= by for c in chart.conditions_in("osteoporosis")):
            return "osteoporotic"
        if any(abs((c.at.day - self.dx.day).days) <= p.high_energy_days for c in chart.conditions_in("high_energy")):
            return "traumatic_high_energy"
        return "other"

    def find_prevalent(self) -> bool:
        chart, p = self.chart, self.parameters.cohort
        acute = any(
            obs.level in (None, self.level) and abs((obs.at.day - self.dx.day).days) <= p.acute_statement_days
            for obs in chart.local("fracture-acuity", "acute")
        )
        return not acute and any(
            con.level == self.level
            and con.seventh is not None
            and con.seventh in SUBSEQUENT
            and 1 <= (self.dx.day - con.at.day).days <= p.clean_days
            for con in chart.fractures
        )

    def find_treatments(self) -> list[SimpleNamespace]:
        """Conservative treatments: start (`at`) and covered days (`span`, None where unknown or a single day)."""
        chart, names = self.chart, ("analgesic", "calcitonin", "brace", "physical_therapy")
        found = []
        for med in chart.coded(chart.medications, *names):
            found.append(SimpleNamespace(id=med.id, at=med.at, span=covered_days(med)))
        for row in chart.coded(chart.procedures, *names):
            found.append(SimpleNamespace(id=row.id, at=row.at, span=None))
        for ref in chart.referrals:
            if related(chart, ref) and specialty_of(chart, ref) == "physical_therapy_specialty":
                found.append(SimpleNamespace(id=ref.id, at=ref.at, span=None))
        for enc in chart.encounters:
            if (
                enc.counts
                and enc.fracture_related is not False
                and specialty_of(chart, enc) == "physical_therapy_specialty"
            ):
                found.append(SimpleNamespace(id=enc.id, at=enc.at, span=(enc.at.day, chart.runs_until(enc)[1])))
        return in_order(found)

    @staticmethod
    def first_treatment(rows: list[SimpleNamespace], first: date, last: date) -> date | None:
        """First start in [first, last]; one that runs on `first` counts as started on it."""
        starts = []
        for row in rows:
            if first <= row.at.day <= last:
                starts.append(row.at.day)
            elif row.at.day < first <= last and row.span and row.span[0] <= first <= row.span[1]:
                starts.append(first)
        return min(starts, default=None)

    def moment(self, day: date) -> Moment:
        return at_day(day, self.chart.zone)


def specialty_of(chart: Chart, row: SimpleNamespace) -> str | None:
    """The set of the row's specialty code; None = unknown, or no specialty on the row."""
    return chart.sets.specialty(row.specialty_system, row.specialty_key) if row.specialty_key else None


def related(chart: Chart, ref: SimpleNamespace) -> bool:
    """A reason is unrelated only when it is there and in none of the sets."""
    if ref.reason_key is None:
        return True
    return any(chart.sets.has(name, ref.reason_system, ref.reason_key) for name in RELATED_REASONS)


def cases_of(chart: Chart) -> list[Case]:
    """All cases of a patient, in order of level and DX, with their clocks."""
    chart.fractures = fracture_codes(chart, chart.conditions)
    index = [con for con in chart.fractures if con.initial and not said_chronic(chart, con)]
    by_level: dict[str, list[SimpleNamespace]] = {}
    for con in in_order(index):
        by_level.setdefault(con.level, []).append(con)
    cases: list[Case] = []
    for level in sorted(by_level, key=lambda name: (name == "unspecified", name)):
        codes = by_level[level]
        if level == "unspecified":
            codes = absorb(chart, codes, cases)
        mine: list[Case] = []
        group: list[SimpleNamespace] = []
        for con in codes:
            if group and opens_new_case(chart, group, con, level):
                mine.append(Case(chart, level, group))
                group = []
            group.append(con)
        if group:
            mine.append(Case(chart, level, group))
        for before, after in pairwise(mine):
            before.next_t0, after.previous = after.t0, before
        cases += mine
    for case in cases:
        case.siblings = [other for other in cases if other is not case]
        case.finish()
    return cases


def absorb(chart: Chart, codes: list[SimpleNamespace], cases: list[Case]) -> list[SimpleNamespace]:
    """Codes without a level near the DX of cases that have one belong to each of those."""
    limit = chart.parameters.cohort.absorb_unspecified_days
    left = []
    for con in codes:
        hosts = [case for case in cases if abs((con.at.day - case.dx.day).days) <= limit]
        for case in hosts:
            case.absorbed.append(con)
        if not hosts:
            left.append(con)
    return left


def cohort_lines(chart: Chart, cases: list[Case]) -> dict[str, str]:
    """The line of every level at which the patient has a fracture code."""
    lines = {case.level: "" for case in cases}
    rank = ["audited", "unspecified_level", "other_level", "outside_period"]
    for level in lines:
        lines[level] = min((c.line for c in cases if c.level == level), key=rank.index)
    for con in fracture_codes(chart, chart.all_conditions):
        if con.level in lines and lines[con.level] in rank:
            continue
        counts = con.verification in (None, "confirmed", "provisional") and con.role != "order"
        if not counts:
            line = "not_confirmed"
        elif con.initial:
            if not said_chronic(chart, con):
                continue  # it belongs to the cases with a level, and has no line of its own
            line = "chronic"
        elif con.seventh is not None and con.seventh in SUBSEQUENT:
            line = "prevalent_only"
        else:
            line = "no_initial_character"
        order = ["chronic", "prevalent_only", "no_initial_character", "not_confirmed"]
        before = lines.get(con.level)
        lines[con.level] = line if before is None else min(before, line, key=order.index)
    return lines
