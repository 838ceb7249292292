"""One made-up patient's chart. Days count from the diagnosis (day 0); times are the site's local time."""

import random
from datetime import date, datetime, timedelta

from .record import Record

# Weights follow what a registry of osteoporotic vertebral fractures in the US tends to look like.
SITES = {"riverside": 4, "hillcrest": 3, "lakeside": 2, "prairie": 1}
RACES = {"white": 70, "black": 9, "asian": 8, "american-indian": 2, "other": 6, "": 5}
LANGUAGES = {"en": 82, "es": 9, "zh": 3, "vi": 2, "ru": 2, "": 2}

NUCC = {
    "emergency": "207P00000X",
    "family": "207Q00000X",
    "internal": "207R00000X",
    "geriatric": "207RG0300X",
    "orthopaedics": "207X00000X",
    "neurosurgery": "207T00000X",
    "spine": "207XS0117X",
    "neurology": "2084N0400X",
    "rheumatology": "207RR0500X",
    "radiology-interventional": "2085R0204X",
    "pain": "208VP0000X",
    "physical-therapy": "225100000X",
    "nurse-practitioner": "363L00000X",  # does not tell the specialty
}
ATC = {
    "paracetamol": "N02BE01",
    "ibuprofen": "M01AE01",
    "oxycodone": "N02AA05",
    "tramadol": "N02AX02",
    "calcitonin": "H05BA01",
    "alendronate": "M05BA04",
}
PAIN = "72514-3"  # LOINC: verbal numeric scale, 0-10
L2 = "S32.020A"


def pick(rng: random.Random, weights: dict[str, int]) -> str:
    """One key of `weights`, drawn in proportion to its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


class Chart:
    """Adds the rows of one patient to a `Record`."""

    def __init__(
        self,
        record: Record,
        number: int,
        rng: random.Random,
        dx: date,
        last: date,
        *,
        shift: int = 0,
        age: int | None = None,
        sex: str | None = None,
        site: str | None = None,
    ) -> None:
        """`last` is the last day that the extract shows; `shift` moves every clock time of the chart, in minutes."""
        self.record, self.rng, self.dx, self.last, self.shift = record, rng, dx, last, shift
        self.id = f"pat-{number:04d}"
        self.site = site or pick(rng, SITES)
        # One site's feed does not say what a visit was about; unknown is a value of its own.
        self.says_related = self.site != "riverside"
        age = age if age is not None else min(94, max(52, round(rng.gauss(76, 8.5))))
        born = date(dx.year - age, dx.month, min(dx.day, 28)) - timedelta(days=rng.randint(5, 330))
        self.patient = {
            "patient_id": self.id,
            "display_id": f"MRN-{(number * 7919 + 4217) % 1_000_000:06d}",
            "birth_date": born,
            "sex": sex or ("female" if rng.random() < 0.78 else "male"),
            "deceased_at": "",
            "race": pick(rng, RACES),
            "ethnicity": pick(rng, {"not-hispanic": 84, "hispanic": 11, "": 5}),
            "language": pick(rng, LANGUAGES),
            "payer": _payer(rng, age),
            "site_id": self.site,
        }

    def close(self) -> None:
        """Write the patient's own row."""
        self.record.add("patients", **self.patient)

    def at(self, day: int, time: str | None = "09:00", hours: float = 0) -> str:
        """The local time `time` on `day`, plus `hours`; `time=None` gives a date alone (day precision)."""
        if time is None:
            return (self.dx + timedelta(days=day)).isoformat()
        start = datetime.fromisoformat(f"{self.dx + timedelta(days=day)}T{time}")
        return (start + timedelta(minutes=self.shift, hours=hours)).isoformat(timespec="minutes")

    def shown(self, at: str) -> bool:
        """Whether the extract can know what happened at `at`."""
        return at[:10] <= self.last.isoformat()

    def write(self, table: str, at: str, **cells: object) -> str:
        """Add a row of this patient, unless it lies after the extract's last day (then the id is empty)."""
        return self.record.add(table, patient_id=self.id, **cells) if self.shown(at) else ""

    def visit(
        self,
        day: int,
        time: str = "09:00",
        *,
        hours: float = 0.5,
        kind: str = "ambulatory",
        specialty: str | None = "family",
        related: bool | None = True,
        status: str = "finished",
        disposition: str | None = None,
    ) -> str:
        """An encounter. `related` is kept only where the patient's site tells what a visit was about."""
        started, ended = self.at(day, time), self.at(day, time, hours)
        unit = {"emergency": "ED", "inpatient": "5-WEST", "observation": "OBS"}.get(kind, "CLINIC")
        if status == "finished" and not self.shown(ended):
            status, disposition = "in-progress", None
        return self.write(
            "encounters",
            started,
            **{"class": kind},
            status=status,
            started_at=started,
            ended_at=ended if status == "finished" else None,
            specialty_system="NUCC" if specialty else None,
            specialty=NUCC[specialty] if specialty else None,
            disposition=disposition,
            fracture_related=related if self.says_related else None,
            site_id=self.site,
            unit=f"{self.site.upper()}-{unit}",
            clinician_id=f"clin-{self.rng.randint(1, 40):03d}",
        )

    def code(
        self,
        code: str,
        day: int = 0,
        time: str | None = "09:40",
        encounter: str | None = None,
        *,
        system: str = "ICD10CM",
        onset: int | None = None,
        verification: str | None = None,
        role: str | None = None,
    ) -> None:
        """A condition; `onset` is the day on which it began, where that is stated."""
        self.write(
            "conditions",
            self.at(day, time),
            encounter_id=encounter,
            code_system=system,
            code=code,
            onset_at=None if onset is None else self.at(onset, None),
            recorded_at=self.at(day, time),
            verification=verification,
            role=role,
        )

    def history(self, code: str, years: int = 3) -> None:
        """A diagnosis on the problem list since long before the fracture."""
        self.code(code, -365 * years - self.rng.randint(0, 200), None, role="problem-list")

    def pain(self, day: int, score: int, time: str | None = "09:10", encounter: str | None = None) -> None:
        """A pain score, 0-10."""
        self.write(
            "observations",
            self.at(day, time),
            encounter_id=encounter,
            code_system="LOINC",
            code=PAIN,
            observed_at=self.at(day, time),
            value_number=score,
            unit="{score}",
            status="final",
        )

    def note(
        self,
        code: str,
        value: str | float,
        day: int = 0,
        time: str | None = "10:00",
        encounter: str | None = None,
        *,
        level: str | None = None,
        posture: str | None = None,
        recorded: str | None = None,
    ) -> None:
        """A LOCAL observation: `value` is a word or a number (unit by code)."""
        number = None if isinstance(value, str) else value
        units = {"post-void-residual": "mL", "kyphosis-angle": "deg", "height-loss": "%", "fvc-percent-predicted": "%"}
        self.write(
            "observations",
            self.at(day, time),
            encounter_id=encounter,
            code_system="LOCAL",
            code=code,
            observed_at=self.at(day, time),
            recorded_at=recorded,
            value_number=number,
            unit=units.get(code) if number is not None else None,
            value_code=posture if number is not None else value,
            level=level,
            status="final",
        )

    def image(
        self,
        code: str,
        day: int,
        time: str | None = "14:00",
        *,
        system: str = "CPT",
        status: str = "completed",
        encounter: str | None = None,
    ) -> None:
        """An imaging study; with another status than completed it was ordered that day and not done."""
        done = status == "completed"
        number = len(self.record.tables["imaging"]) + 1
        self.write(
            "imaging",
            self.at(day, time),
            encounter_id=encounter,
            code_system=system,
            code=code,
            ordered_at=None if done else self.at(day, time),
            performed_at=self.at(day, time) if done else None,
            status=status,
            accession=f"ACC{600000 + number}" if done else None,
        )

    def procedure(
        self,
        code: str,
        day: int,
        time: str | None = "11:00",
        *,
        system: str = "CPT",
        level: str | None = None,
        encounter: str | None = None,
        status: str = "completed",
    ) -> None:
        """A procedure."""
        self.write(
            "procedures",
            self.at(day, time),
            encounter_id=encounter,
            code_system=system,
            code=code,
            performed_at=self.at(day, time),
            status=status,
            level=level,
        )

    def refer(
        self,
        specialty: str,
        day: int,
        time: str | None = "11:30",
        *,
        priority: str | None = "routine",
        status: str = "active",
        reason: str | None = L2,
        encounter: str | None = None,
        completed: int | None = None,
    ) -> None:
        """A referral; `completed` is the day on which the specialist saw the patient."""
        seen = None if completed is None else self.at(completed, "13:00")
        if seen and not self.shown(seen):
            seen = None
        self.write(
            "referrals",
            self.at(day, time),
            encounter_id=encounter,
            specialty_system="NUCC",
            specialty=NUCC[specialty],
            ordered_at=self.at(day, time),
            priority=priority,
            status="completed" if seen else status,
            completed_at=seen,
            reason_code_system="ICD10CM" if reason else None,
            reason_code=reason,
        )

    def drug(
        self,
        name: str,
        day: int,
        time: str | None = "11:00",
        *,
        days: int | None = 30,
        ended: int | None = None,
        status: str = "active",
        encounter: str | None = None,
    ) -> None:
        """A prescription for `days` days, or one that ended on day `ended`."""
        self.write(
            "medications",
            self.at(day, time),
            encounter_id=encounter,
            code_system="ATC",
            code=ATC[name],
            started_at=self.at(day, time),
            ended_at=None if ended is None else self.at(ended, None),
            days_supply=days if ended is None else None,
            route="nasal" if name == "calcitonin" else "oral",
            status=status,
        )

    def follow(self, first: int, until: int | None) -> None:
        """A period in which this organisation would see the patient's care."""
        self.record.add(
            "followup",
            patient_id=self.id,
            started_at=self.at(first, None),
            ended_at=None if until is None else self.at(until, None),
        )

    def died(self, day: int, time: str | None = None) -> None:
        """The patient died on `day`."""
        self.patient["deceased_at"] = self.at(day, time)


def _payer(rng: random.Random, age: int) -> str:
    if age >= 65:
        return pick(rng, {"medicare": 52, "medicare-advantage": 33, "dual": 9, "commercial": 6})
    return pick(rng, {"commercial": 62, "medicaid": 20, "self-pay": 8, "medicare": 6, "": 4})
