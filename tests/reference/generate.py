"""Random small extracts that crowd around the thresholds of the specification.

`write_extract(folder, seed, patients)` writes the tables, manifest.json and settings.toml. Dates of events are drawn
from distances that the text names (and one more, one less) to events that are already there, so that both sides of
every limit occur. Seeded: the same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.reference.clocks import add_three_months
from tests.reference.extract import LEVELS, LOCAL_VALUES, TABLES
from tests.reference.values import DATA

ZONES = ["UTC", "UTC", "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"]
NEAR = [-2, -1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 20, 21, 22, 27, 28, 29, 30, 31]
FAR = [35, 36, 41, 42, 43, 44, 48, 49, 50, 55, 56, 57, 58, 59, 62, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 100]
LATER = [105, 112, 117, 118, 119, 120, 121, 122, 123, 124, 150, 179, 180, 181, 210, 300, 335, 336, 337, 338, 364, 365]
BEFORE = [-1, -2, -3, -5, -7, -8, -13, -14, -15, -27, -28, -29, -30, -31, -32, -60, -90, -179, -180, -181, -364, -365]
MINUTES = [0, 0, 1, -1, 60, 720, 1439, 1440, 1441, 1500, 2879, 2880, 2881, 2940, 4319, 4320, 4321, 4380, 180, 300]
FRACTURES = {"L2": ["S32.020", "S32.022", "S32.021", "S32.028"], "L1": ["S32.010", "S32.012"], "L4": ["S32.040"]}
NO_LEVEL = ["M80.08X", "M48.56X", "M80.88X", "S32.000", "S32.002", "M84.68X", "M84.58X"]


def _value_sets() -> dict[str, list[tuple[str, str]]]:
    sets: dict[str, list[tuple[str, str]]] = {}
    with (DATA / "value_sets" / "value_sets.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            sets.setdefault(row["value_set"], []).append((row["code_system"], row["code"]))
    return sets


def _imaging() -> list[dict[str, str]]:
    with (DATA / "value_sets" / "imaging_codes.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


SETS, IMAGING = _value_sets(), _imaging()


class Site:
    """What holds for a whole extract: zone, as_of, settings, absent feeds and codes, rows so far."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.zone = rng.choice(ZONES)
        self.rows: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
        self.as_of = (
            date(2024, 12, 31) if rng.random() < 0.55 else date(2024, 1, 15) + timedelta(days=rng.randrange(500))
        )
        self.absent = {t for t in TABLES if t not in ("patients", "conditions") and rng.random() < 0.05}
        self.no_codes = {code for code in LOCAL_VALUES if rng.random() < 0.04}
        if rng.random() < 0.06:
            self.no_codes |= {"kyphosis-angle", "height-loss"}
        self.no_calcitonin = rng.random() < 0.06
        self.bad_rows = rng.random() < 0.3
        self.settings = self._settings()
        self.loaded_through = {
            t: (self.as_of + timedelta(days=rng.choice([-1, -2, -3, -7, -14, -28, -60, -120, 1]))).isoformat()
            for t in TABLES
            if t not in self.absent and rng.random() < (0.3 if self.quiet else 0.0)
        }

    def _settings(self) -> dict[str, dict[str, object]]:
        rng = self.rng
        self.quiet = rng.random() < 0.3
        choice: dict[str, dict[str, object]] = {"input": {"max_quarantined_share": 1.0}}

        def maybe(share: float, table: str, key: str, values: list[object]) -> None:
            if rng.random() < share:
                choice.setdefault(table, {})[key] = rng.choice(values)

        maybe(0.3, "cohort", "levels", ["any", "any", ["L1", "L2"]])
        maybe(0.08, "cohort", "min_age", [50, 65])
        maybe(0.05, "cohort", "clean_days", [90])
        maybe(0.05, "cohort", "episode_days", [120])
        maybe(0.2, "clocks", "three_months", ["90d", "84d"])
        maybe(0.05, "clocks", "charting_grace_hours", [24, 72])
        maybe(0.05, "deadlines", "imaging_days", [10, 20])
        maybe(0.1, "deadlines", "urgent_surgical_hours", [12, 48])
        maybe(0.05, "deadlines", "medical_first_days", [3])
        maybe(0.05, "pain", "persistent_nrs", [5])
        maybe(0.5, "switches", "ir_indicated_duty", [True])
        maybe(0.12, "switches", "calcitonin_start", [False])
        maybe(0.1, "switches", "safety_unspecified", [False])
        maybe(0.15, "input", "include_unverified_codes", [True])
        if rng.random() < 0.06:
            start = date(2024, rng.randrange(1, 9), 1)
            choice.setdefault("cohort", {}).update(period_from=start, period_to=start + timedelta(days=90))
        return choice

    def write_time(self, at: datetime, minute: bool) -> str:
        """One of the spellings of a local time."""
        rng = self.rng
        if not minute:
            return at.date().isoformat()
        style = rng.random()
        if style < 0.7:
            return at.strftime("%Y-%m-%d %H:%M")
        if style < 0.8:
            return at.strftime("%Y-%m-%dT%H:%M:%S")
        if style < 0.85:
            return at.strftime("%Y-%m-%dT%H:%M:%S.000")
        instant = at.replace(tzinfo=ZoneInfo(self.zone))
        if style < 0.93:
            return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        other = instant.astimezone(ZoneInfo(rng.choice(ZONES)))
        offset = other.strftime("%z")
        return other.strftime("%Y-%m-%dT%H:%M:%S") + f"{offset[:3]}:{offset[3:5]}"

    def add(self, table: str, **cells: object) -> None:
        self.rows[table].append({k: "" if v is None else str(v) for k, v in cells.items()})

    def code(self, name: str, systems: tuple[str, ...] = ()) -> tuple[str, str]:
        rows = [row for row in SETS[name] if not systems or row[0] in systems]
        system, code = self.rng.choice(rows)
        if (system, code) and self.rng.random() < 0.05:
            code = (
                code.lower() if self.rng.random() < 0.5 else code.replace(".", "") if system.startswith("ICD") else code
            )
        return system, code


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
    if s.maybe(0.25):
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
    for _ in range(rng.choice([0, 1, 1, 2])):
        reply(s, at)


def reply(s: Story, at: datetime) -> None:
    """What answers pain that stays: a referral, a talk, a thought, a refusal, near the deadline."""
    rng = s.rng
    when = s.after(at, [-91, -90, -89, -2, -1, 0, 1, 14, 27, 28, 29, 30, 31, 32, 36, 37, 38, 45])
    names = ["surgery", "interventional-radiology", "pain-management"]
    roll = rng.random()
    if roll < 0.4:
        some = ["neurosurgery", "interventional_radiology", "pain_management", "unknown_specialty", "neurology"]
        s.referral(rng.choice(some), when)
    elif roll < 0.55:
        s.local("discussed-with", when, rng.choice(names))
    elif roll < 0.7:
        s.local("considered", when, rng.choice([*names, "imaging", "physical-therapy"]))
    else:
        s.local("declined", when, rng.choice([*names, *names, "imaging", "physical-therapy"]))


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


CHAPTERS: list[Callable[[Story], None]] = [pain, treatment, deficit, pictures, cause, spine, visits, answers]


def write_patient(site: Site, number: int) -> None:
    story, rng = Story(site, number), site.rng
    fracture(story)
    for chapter in CHAPTERS:
        if story.maybe(0.85):
            chapter(story)
    death, periods = ends(story)
    t0 = story.t0.date()
    years = rng.choice([18, 45, 62, 70, 78, 85, 92])
    birth = date(t0.year - years, t0.month, min(t0.day, 28)) - timedelta(days=rng.choice([0, 1, 400]))
    if rng.random() < 0.03:
        birth = date(t0.year - 18, t0.month, min(t0.day, 28)) + timedelta(days=rng.choice([0, 1, -1]))
    if rng.random() < 0.03:
        birth = date(2008, 2, 29) if rng.random() < 0.3 else date(1948, 2, 29)
    site.add(
        "patients",
        patient_id=story.pid,
        birth_date=birth.isoformat(),
        sex=rng.choice(["female", "male", "F", ""]),
        deceased_at=death,
    )
    for start, stop in periods:
        site.add(
            "followup",
            patient_id=story.pid,
            started_at=start.date().isoformat(),
            ended_at=stop.date().isoformat() if stop else None,
        )


def spoil(site: Site) -> None:
    """A few rows that the contract refuses, doubles, or keeps with a value dropped."""
    rng = site.rng
    for table, rows in site.rows.items():
        if table in ("patients", "followup"):
            continue
        for row in [r for r in rows if rng.random() < 0.01]:
            roll = rng.random()
            if roll < 0.3:
                rows.append(dict(row))
            elif roll < 0.5:
                row["patient_id"] = "nobody"
            elif roll < 0.7 and "status" in row:
                row["status"] = "nonsense"
            elif roll < 0.85 and "level" in row:
                row["level"] = "lumbar two"
            elif "code" in row:
                row["code"] = ""


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def write_extract(folder: Path, seed: int, patients: int) -> None:
    """Tables, manifest.json and settings.toml of one extract."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(random.Random(seed))
    for number in range(1, patients + 1):
        write_patient(site, number)
    if site.bad_rows:
        spoil(site)
    for table, columns in TABLES.items():
        if table in site.absent:
            continue
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [c[0] for c in columns], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(site.rows[table])
    (folder / "manifest.json").write_text(
        json.dumps({"source": f"generated {seed}", "loaded_through": site.loaded_through}), encoding="utf-8"
    )
    lines = [f'as_of = "{site.as_of}"', f'timezone = "{site.zone}"']
    for name, keys in site.settings.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
    (folder / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_extract(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 40)

assert set(LEVELS) >= set(FRACTURES)
