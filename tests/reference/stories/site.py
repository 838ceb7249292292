"""What holds for a whole generated extract, and the distances that the stories draw from."""

from __future__ import annotations

import csv
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.reference.extract import LOCAL_VALUES, TABLES
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
