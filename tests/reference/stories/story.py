"""One generated patient: ids, times near a limit, and one method a table."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tests.reference.extract import LOCAL_VALUES
from tests.reference.stories.site import (
    BEFORE,
    FAR,
    IMAGING,
    LATER,
    MINUTES,
    NEAR,
    Site,
)


class Story:
    """One patient: the events, each near a limit of an earlier one."""

    def __init__(self, site: Site, number: int) -> None:
        self.site, self.rng, self.pid = site, site.rng, f"p{number:03d}"
        self.count: dict[str, int] = {}
        rng = self.rng
        self.minute_share = rng.choice([1.0, 1.0, 0.97, 0.9, 0.5, 0.0])
        start = date(2023, 9, 1) if site.as_of.year >= 2024 else date(2023, 6, 1)
        span = (site.as_of - start).days
        day = start + timedelta(days=rng.randrange(max(span, 1)))
        if rng.random() < 0.25:
            day = site.as_of - timedelta(
                days=rng.choice([0, 1, 2, 3, 6, 7, 8, 13, 14, 15, 27, 28, 41, 42, 48, 49, 57, 90])
            )
        if rng.random() < 0.1:
            day = rng.choice(
                [date(2023, 11, 30), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 10), date(2024, 10, 27)]
            )
        self.dx = datetime(day.year, day.month, day.day, rng.randrange(24), rng.choice([0, 0, 15, 30, 59]))
        if rng.random() < 0.5:
            self.dx = self.dx.replace(hour=rng.randrange(8, 18))
        self.t0 = self.dx
        self.pool: list[datetime] = []
        self.encounters: list[str] = []
        self.level = rng.choice(["L2"] * 9 + ["L1", "L4", "T12", "C5", "S2"])

    # small tools -----------------------------------------------------------------------------------------

    def next_id(self, table: str) -> str:
        self.count[table] = self.count.get(table, 0) + 1
        return f"{self.pid}.{table[:3]}{self.count[table]}"

    def fine(self) -> bool:
        return self.rng.random() < self.minute_share

    def text(self, at: datetime | None) -> str | None:
        return None if at is None else self.site.write_time(at, self.fine())

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def clock(self, at: datetime) -> datetime:
        """The same day at some hour, often the same hour."""
        if self.maybe(0.5):
            return at
        return at.replace(hour=self.rng.randrange(24), minute=self.rng.choice([0, 0, 30, 59]))

    def after(self, base: datetime, *ranges: list[int]) -> datetime:
        offsets = [d for group in ranges for d in group] or NEAR
        return self.clock(base + timedelta(days=self.rng.choice(offsets)))

    def soon(self, base: datetime) -> datetime:
        """Minutes around the hour deadlines."""
        return base + timedelta(minutes=self.rng.choice(MINUTES))

    def some(self) -> datetime:
        """An event that is there already, or DX or T0."""
        return self.rng.choice([self.dx, self.t0, *self.pool])

    def anywhere(self) -> datetime:
        roll = self.rng.random()
        if roll < 0.35:
            return self.after(self.dx, NEAR)
        if roll < 0.55:
            return self.soon(self.some())
        if roll < 0.8:
            return self.after(self.some(), NEAR)
        if roll < 0.92:
            return self.after(self.t0, FAR, LATER)
        return self.after(self.dx, BEFORE)

    def keep(self, at: datetime) -> datetime:
        self.pool.append(at)
        return at

    def enc(self) -> str | None:
        return self.rng.choice(self.encounters) if self.encounters and self.maybe(0.35) else None

    # rows ------------------------------------------------------------------------------------------------

    def condition(self, code: tuple[str, str], at: datetime, onset: datetime | None = None, **cells: object) -> None:
        rng = self.rng
        odd = self.maybe(0.06)
        self.site.add(
            "conditions",
            condition_id=self.next_id("conditions"),
            patient_id=self.pid,
            encounter_id=cells.get("encounter_id", self.enc()),
            code_system=code[0],
            code=code[1],
            onset_at=self.text(onset),
            recorded_at=self.text(at),
            verification=rng.choice(["confirmed", "provisional", "differential", "refuted", "entered-in-error"])
            if odd
            else None,
            role=cells.get("role")
            or (rng.choice(["diagnosis", "problem-list", "billing", "order"]) if self.maybe(0.12) else None),
        )

    def local(self, code: str, at: datetime, value: object = None, level: str | None = None, **cells: object) -> None:
        if code in self.site.no_codes:
            return
        recorded = None
        if self.maybe(0.2):
            recorded = at + timedelta(minutes=self.rng.choice([0, 5, 60, 360, 1440, 2880, 2881, 2940, 4320, 10080]))
        number = LOCAL_VALUES[code] is None
        self.site.add(
            "observations",
            observation_id=self.next_id("observations"),
            patient_id=self.pid,
            encounter_id=cells.get("encounter_id", self.enc()),
            code_system="LOCAL",
            code=code,
            observed_at=self.text(at),
            recorded_at=self.text(recorded),
            value_number=value if number else None,
            unit=cells.get("unit"),
            value_code=cells.get("posture") if number else value,
            level=level,
            status=self.rng.choice(["final", "amended", "cancelled", "preliminary"]) if self.maybe(0.05) else None,
        )

    def score(self, at: datetime, value: float, encounter: str | None = None) -> None:
        mm = self.maybe(0.12)
        self.site.add(
            "observations",
            observation_id=self.next_id("observations"),
            patient_id=self.pid,
            encounter_id=encounter or (self.enc() if self.maybe(0.3) else None),
            code_system="LOINC",
            code=self.rng.choice(["72514-3"] * 5 + ["38208-5", "38214-3", "38221-8"]),
            observed_at=self.text(at),
            recorded_at=self.text(at + timedelta(hours=self.rng.choice([0, 24, 48, 49, 72])))
            if self.maybe(0.06)
            else None,
            value_number=round(value * 10) if mm else value,
            unit="mm" if mm else None,
            status="cancelled" if self.maybe(0.02) else None,
        )

    def encounter(self, at: datetime, klass: str, hours: float | None = None, **cells: object) -> str:
        rng = self.rng
        eid = self.next_id("encounters")
        specialty = cells.get("specialty")
        self.site.add(
            "encounters",
            encounter_id=eid,
            patient_id=self.pid,
            **{"class": klass},
            status=rng.choice(["planned", "cancelled", "no-show", "entered-in-error", "in-progress"])
            if self.maybe(0.1)
            else "finished",
            started_at=self.text(at) if hours is None else self.site.write_time(at, self.minute_share > 0),
            ended_at=None
            if hours is None
            else self.site.write_time(at + timedelta(hours=hours), self.minute_share > 0),
            specialty_system=specialty[0] if specialty else None,
            specialty=specialty[1] if specialty else None,
            disposition=cells.get("disposition"),
            fracture_related=cells.get("related", rng.choice([None, None, "true", "true", "false"])),
        )
        self.encounters.append(eid)
        return eid

    def specialty(self, name: str) -> tuple[str, str]:
        return self.site.code(name, ("LOCAL",)) if self.maybe(0.6) else self.site.code(name)

    def referral(self, name: str, at: datetime, **cells: object) -> None:
        rng = self.rng
        system, code = self.specialty(name)
        status = rng.choice(["active", "completed", "completed", "active", "revoked", "draft", "entered-in-error"])
        if self.maybe(0.6):
            status = "active"
        done = at + timedelta(minutes=rng.choice([0, 60, 1440, 4320, 10080, 43200])) if self.maybe(0.25) else None
        reason: tuple[str, str] | tuple[None, None] = (None, None)
        roll = rng.random()
        if roll < 0.6:
            reason = ("ICD10CM", "S32.020A")
        elif roll < 0.7:
            reason = self.site.code(rng.choice(["back_pain", "kyphosis", "malignancy_sign", "neuro_deficit_soft"]))
        elif roll < 0.8:
            reason = ("ICD10CM", "M17.11")
        self.site.add(
            "referrals",
            referral_id=self.next_id("referrals"),
            patient_id=self.pid,
            encounter_id=cells.get("encounter_id", self.enc()),
            specialty_system=system,
            specialty=code,
            ordered_at=self.text(at),
            priority=cells.get("priority", rng.choice([None, "routine", "urgent", "asap", "stat"])),
            status=status,
            completed_at=self.text(done),
            reason_code_system=reason[0],
            reason_code=reason[1],
        )

    def procedure(self, code: tuple[str, str], at: datetime, level: str | None = None) -> None:
        status = self.rng.choice(["stopped", "in-progress", "cancelled"]) if self.maybe(0.08) else "completed"
        self.site.add(
            "procedures",
            procedure_id=self.next_id("procedures"),
            patient_id=self.pid,
            encounter_id=self.enc(),
            code_system=code[0],
            code=code[1],
            performed_at=self.text(at),
            status=status,
            level=level,
        )

    def study(self, at: datetime, modality: str, region: str | None, contrast: str | None, **cells: object) -> None:
        rng = self.rng
        wanted = "" if region == "not stated" else region
        fits = [
            r for r in IMAGING if r["modality"] == modality and (wanted is None or wanted in r["regions"].split("|"))
        ]
        fits = [r for r in fits if contrast is None or r["contrast"] == contrast] or fits
        row = rng.choice(fits)
        status = cells.get("status") or (rng.choice(["ordered", "cancelled"]) if self.maybe(0.08) else "completed")
        done = at if status == "completed" and not self.maybe(0.04) else None
        override = self.maybe(0.08)
        self.site.add(
            "imaging",
            imaging_id=self.next_id("imaging"),
            patient_id=self.pid,
            encounter_id=self.enc(),
            code_system=row["code_system"],
            code=row["code"],
            ordered_at=self.text(at - timedelta(hours=rng.choice([0, 1, 24])))
            if done is None or self.maybe(0.3)
            else None,
            performed_at=self.text(done),
            status=status,
            regions=rng.choice(["lumbar", "thoracic|lumbar", "sacrum", "pelvis", "cervical|thoracic|lumbar"])
            if override
            else None,
            contrast=rng.choice(["with", "without", "both", "unknown"]) if self.maybe(0.08) else None,
            modality=rng.choice(["mri", "ct"]) if self.maybe(0.02) else None,
            accession=rng.choice([None, f"{self.pid}.acc{rng.randrange(2)}"]) if self.maybe(0.15) else None,
        )

    def drug(self, name: str, at: datetime, **cells: object) -> None:
        rng = self.rng
        if name == "calcitonin" and self.site.no_calcitonin:
            return
        system, code = self.site.code(name, ("ATC", "RXNORM", "NDC", "HCPCS"))
        if system == "NDC":
            code = code + (rng.choice(["-01", ""]) if "-" in code else rng.choice(["06", ""]))
        supply = rng.choice([None, 7, 10, 14, 19, 20, 21, 22, 27, 28, 29, 30, 35, 36, 37, 60, 90])
        ended = (
            at + timedelta(days=rng.choice([0, 6, 13, 19, 20, 21, 27, 34, 35, 36, 60])) if self.maybe(0.25) else None
        )
        self.site.add(
            "medications",
            medication_id=self.next_id("medications"),
            patient_id=self.pid,
            code_system=system,
            code=code,
            started_at=self.text(at),
            ended_at=ended and self.site.write_time(ended.replace(hour=23, minute=59), self.maybe(0.5)),
            days_supply=supply,
            route=rng.choice(["oral", "nasal", None]),
            status=rng.choice(["cancelled", "entered-in-error", "on-hold", "stopped"])
            if self.maybe(0.08)
            else "active",
        )
