"""One patient's rows as the audit looks at them: by as_of, with event time and known_at, studies merged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import SimpleNamespace

from tests.reference.clocks import Moment, days, later, not_after, not_before
from tests.reference.extract import Extract

STAY_CLASSES = ("emergency", "inpatient", "observation")


def in_order(rows: Iterable[SimpleNamespace]) -> list[SimpleNamespace]:
    """By event time, day precision at midnight and before a minute of the same instant, then by id."""
    return sorted(rows, key=lambda row: (row.at.order, row.id))


def by_known(rows: Iterable[SimpleNamespace]) -> list[SimpleNamespace]:
    return sorted(rows, key=lambda row: (row.known.order, row.id))


class Chart:
    def __init__(self, extract: Extract, patient: SimpleNamespace) -> None:
        self.extract, self.patient = extract, patient
        self.sets, self.zone, self.as_of = extract.sets, extract.zone, extract.as_of
        self.parameters = extract.parameters
        self.death = self.past(patient.deceased_at)
        self.encounters = self.rows("encounters")
        for enc in self.encounters:
            enc.at = enc.known = enc.started_at
            enc.ended_at = self.past(enc.ended_at)
            enc.counts = enc.status in ("finished", "in-progress")
        self.encounters = self.visible(self.encounters)
        self.encounter = {enc.id: enc for enc in self.encounters}
        self.all_conditions = self.rows("conditions")
        for con in self.all_conditions:
            con.at = con.known = con.recorded_at
            con.onset_at = self.past(con.onset_at)
        self.all_conditions = self.visible(self.all_conditions)
        self.conditions = [
            con
            for con in self.all_conditions
            if con.verification in (None, "confirmed", "provisional") and con.role != "order"
        ]
        self.observations = self.rows("observations")
        for obs in self.observations:
            obs.at = obs.observed_at
            obs.known = later(obs.at, self.past(obs.recorded_at))
        self.observations = [
            o for o in self.visible(self.observations) if o.status not in ("cancelled", "entered-in-error")
        ]
        self.procedures = self.rows("procedures")
        for row in self.procedures:
            row.at = row.known = row.performed_at
        self.procedures = [row for row in self.visible(self.procedures) if row.status == "completed"]
        self.referrals = self.rows("referrals")
        for ref in self.referrals:
            ref.at = ref.known = ref.ordered_at
            ref.completed_at = self.past(ref.completed_at)
        self.referrals = [ref for ref in self.visible(self.referrals) if self.referral_counts(ref)]
        self.medications = self.rows("medications")
        for med in self.medications:
            med.at = med.known = med.started_at
        self.medications = [
            med for med in self.visible(self.medications) if med.status not in ("cancelled", "entered-in-error")
        ]
        self.followup = [row for row in self.rows("followup") if row.started_at.day <= self.as_of]
        self.has_followup = bool(self.followup)
        self.imaging = self.imaging_rows()
        self.studies = self.merged_studies()

    def rows(self, table: str) -> list[SimpleNamespace]:
        """Copies, so that nothing done here is seen by another case."""
        mine = self.extract.by_patient.get(self.patient.id, {}).get(table, [])
        return [SimpleNamespace(**vars(row)) for row in mine]

    def past(self, moment: Moment | None) -> Moment | None:
        """A time after as_of inside a row is null."""
        return moment if moment and moment.day <= self.as_of else None

    def visible(self, rows: list[SimpleNamespace]) -> list[SimpleNamespace]:
        return in_order(row for row in rows if row.at.day <= self.as_of)

    @staticmethod
    def referral_counts(ref: SimpleNamespace) -> bool:
        if ref.status in ("draft", "entered-in-error"):
            return False
        return ref.status != "revoked" or ref.completed_at is not None

    # codes -----------------------------------------------------------------------------------------------

    def coded(self, rows: list[SimpleNamespace], *names: str) -> list[SimpleNamespace]:
        return [row for row in rows if any(self.sets.has(name, row.system, row.key) for name in names)]

    def conditions_in(self, *names: str) -> list[SimpleNamespace]:
        return self.coded(self.conditions, *names)

    def local(self, code: str, *values: str) -> list[SimpleNamespace]:
        """Observations of a LOCAL code with a listed value (or one of `values`), in order."""
        found = [o for o in self.observations if o.local == code]
        if values:
            return [o for o in found if o.value_code in values]
        return [o for o in found if o.value_code is not None]

    def measured(self, code: str) -> list[SimpleNamespace]:
        return [o for o in self.observations if o.local == code and o.value_number is not None]

    # encounters ------------------------------------------------------------------------------------------

    def runs_until(self, enc: SimpleNamespace) -> tuple[Moment | None, date]:
        """The moment (None: the whole day) and day until which an encounter runs."""
        if enc.ended_at:
            return enc.ended_at, enc.ended_at.day
        if enc.status == "in-progress":
            return None, max(self.as_of, enc.at.day)
        return None, enc.at.day

    def runs_at(self, enc: SimpleNamespace, moment: Moment) -> bool:
        end, day = self.runs_until(enc)
        if not not_before(moment, enc.at):
            return False
        return not_after(moment, end) if end else moment.day <= day

    def disposition_at(self, enc: SimpleNamespace) -> Moment | None:
        """When a disposition that counts was given."""
        if not enc.counts or enc.disposition is None or not (enc.status == "finished" or enc.ended_at):
            return None
        return enc.ended_at or enc.at

    # imaging ---------------------------------------------------------------------------------------------

    def imaging_rows(self) -> list[SimpleNamespace]:
        rows = []
        for row in self.rows("imaging"):
            known = self.sets.imaging.get((row.system, row.key))
            row.modality = row.modality or (known["modality"] if known else None)
            if row.regions is None and known and known["regions"]:
                row.regions = frozenset(known["regions"].split("|"))
            row.contrast = row.contrast or (known["contrast"] if known else None)
            if row.contrast == "unknown":
                row.contrast = None
            row.at = (row.performed_at or row.ordered_at) if row.status == "completed" else row.ordered_at
            if row.status != "entered-in-error" and row.at is not None and row.at.day <= self.as_of:
                row.known = row.at
                rows.append(row)
        return in_order(rows)

    def merged_studies(self) -> list[SimpleNamespace]:
        """Completed studies, the rows of one study made one: earliest time, union of regions and contrast."""
        groups: list[list[SimpleNamespace]] = []
        for row in (r for r in self.imaging if r.status == "completed"):
            same = [group for group in groups if any(_same_study(row, other) for other in group)]
            groups = [group for group in groups if group not in same]
            groups.append([member for group in same for member in group] + [row])
        studies = []
        for group in groups:
            first = in_order(group)[0]
            study = SimpleNamespace(id=first.id, at=first.at, known=first.at, rows=group)
            study.modality = next((r.modality for r in in_order(group) if r.modality), None)
            regions = [r.regions for r in group if r.regions]
            study.regions = frozenset().union(*regions) if regions else None
            contrasts = {r.contrast for r in group if r.contrast}
            study.contrast = "both" if "both" in contrasts or len(contrasts) > 1 else next(iter(contrasts), None)
            studies.append(study)
        return in_order(studies)


def _same_study(a: SimpleNamespace, b: SimpleNamespace) -> bool:
    if a.accession and a.accession == b.accession:
        return True
    if a.at.day != b.at.day or a.modality is None or a.modality != b.modality:
        return False
    return not a.regions or not b.regions or bool(a.regions & b.regions)


def covered_days(row: SimpleNamespace) -> tuple[date, date] | None:
    """First and last day of a treatment; None where neither end nor supply is given."""
    if row.ended_at is not None:
        return row.at.day, row.ended_at.day
    supply = getattr(row, "days_supply", None)
    if supply is not None:
        return row.at.day, row.at.day + days(int(supply) - 1)
    return None
