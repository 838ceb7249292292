"""Draws patients in a few words, judges all of them in one audit run for each site, and says what came out.

A point of a test is a patient: `drawn("G1", {"an MRI on the last day": ("met/on_time", "img 72148 @DX+14")})`. Every patient
has a fracture of L2 (S32.020A), diagnosed DX = 2024-03-12 10:00 UTC, and nothing else. Rows are separated by `;`:

    score 7 @DX                             pain score (LOINC 72514-3)
    obs neuro-exam deficit @DX+1            a LOCAL observation; a number is its value_number, a word its value_code
    cond M81.0 @DX-400                      a condition (ICD10CM unless the code is written SYSTEM:CODE)
    img 72148 @DX+3                         a completed study (CPT); without @, not performed
    proc 22514 @DX+9                        a completed procedure (CPT)
    med H05BA01 @DX days=28                 a medication (ATC)
    ref neurosurgery @DX+2                  an active referral to a specialty value set (LOCAL)
    enc emergency @DX id=e1 to=DX+3h        a finished encounter
    follow @DX-100 to=DX+30                 a followup period
    patient birth_date=2000-01-01           columns of the patient
    dx S32.010A @DX+0                       takes the place of the default diagnosis
    nodx                                    takes the default diagnosis away

`column=value` sets any column of the contract (`rec` = recorded_at, `to` = ended_at, `in` = encounter_id, `days` = days_supply,
`onset` = onset_at).
Times: `DX` the instant, `DX+14` a day without a time, `DX+1T23:59`, `DX+24h`, `DX-24h-1m`, `2024-03-12`, `2024-03-12T10:00`.

What is expected is `state/reason`, then what else matters: `due=DX+14 action=DX+3T10:00 trigger=DX flags=date_only late=2.5`.
Several findings (of several instances or cases) are separated by `; `, in the order of level, T0 and instance.
"""

import csv
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

import polars as pl

from schemas.extract import EXTRACT
from schemas.local_codes import LOCAL_CODES
from tests.agreement.audited import audited
from transforms.engine import Measure
from transforms.measures import MEASURES

DX = datetime(2024, 3, 12, 10)
CALCITONIN = "calcitonin"
TIME = re.compile(r"(DX|\d{4}-\d\d-\d\d)([+-]\d+(?![\dhm]))?(T\d\d:\d\d)?([+-]\d+h)?([+-]\d+m)?")
SHORT = {"rec": "recorded_at", "to": "ended_at", "in": "encounter_id", "days": "days_supply", "onset": "onset_at"}


@dataclass(frozen=True)
class Site:
    """What a run sees beside its patients.

    absent: tables that aren't there. through: (table, last loaded day). silent: LOCAL codes (or `calcitonin`) that occur
    nowhere beside in the points themselves; all others occur at the site, in a patient without a fracture.
    parameters: (section.key, TOML value).
    """

    as_of: str = "2025-06-30"
    absent: tuple[str, ...] = ()
    through: tuple[tuple[str, str], ...] = ()
    silent: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


SITE = Site()
"""Everything is there, and the year of every case has passed."""


@dataclass(frozen=True)
class Point:
    """One patient of a table test and what the text asks for."""

    measure: str
    name: str
    site: Site
    rows: str
    expected: str

    def __str__(self) -> str:
        return self.name

    @property
    def patient_id(self) -> str:
        return f"{self.measure} {self.name}"

    @property
    def found(self) -> str:
        """What the audit says of this patient, in the words of `expected`; `no finding` where there is none."""
        said = _findings(self.site).get((self.patient_id, self.measure), [])
        wanted = [re.findall(r"(\w+)=", one) for one in self.wanted.split("; ")]
        keys = wanted if len(wanted) == len(said) else [[]] * len(said)
        return "; ".join(_written(row, key) for row, key in zip(said, keys, strict=True)) or "no finding"

    @property
    def wanted(self) -> str:
        """`expected` with its times written as the audit writes them."""
        return re.sub(r"=(DX\S*|\d{4}-\S+?)(?=[;\s]|$)", lambda m: "=" + _iso(m[1]), self.expected)


AGE = {
    "eighteen on the day of T0": ("", "patient birth_date=2006-03-12"),
    "seventeen until the day after T0": ("excluded/age", "patient birth_date=2006-03-13"),
}
"""Every measure: the age at T0. The word of the adult is the measure's own: see `population`."""

PATHWAY = {
    "a collision coded the day after the diagnosis": ("excluded/high_energy", "cond V43.52XA @DX+1"),
    "a collision coded two days after the diagnosis": ("", "cond V43.52XA @DX+2"),
    "a bone metastasis on day 30": ("excluded/neoplastic", "cond C79.51 @DX+30"),
    "the fracture's own code says tumour": ("excluded/neoplastic", "cond M84.58XA @DX"),
    "the fracture under care 180 days before": ("excluded/prevalent", "cond S32.020D @DX-180"),
    "the fracture under care the day before": ("excluded/prevalent", "cond S32.020D @DX-1"),
    "the fracture under care 181 days before": ("", "cond S32.020D @DX-181"),
    "under care before, but called acute within 14 days": (
        "",
        "cond S32.020D @DX-100; obs fracture-acuity acute @DX+14",
    ),
    "under care before, and called acute after 15 days": (
        "excluded/prevalent",
        "cond S32.020D @DX-100; obs fracture-acuity acute @DX+15",
    ),
}
"""Pathway measures: who is out of the population, and who is just in it."""


def population(bare: str, *, pathway: bool) -> dict[str, tuple[str, str]]:
    """The points on a measure's population. bare: what the measure says of a case of which nothing else is known."""
    if pathway:
        rules = AGE | PATHWAY
    else:
        rules = AGE | {name: (bare, rows) for name, (_, rows) in PATHWAY.items() if "tumour" not in name}
        rules = {name: rule for name, rule in rules.items() if "metastasis" not in name}
    return {name: (expected or bare, rows) for name, (expected, rows) in rules.items()}


_DRAWN: dict[Site, list[Point]] = defaultdict(list)


def drawn(measure: str, points: Mapping[str, tuple[str, str]], site: Site = SITE, also: str = "") -> list[Point]:
    """The points of one measure at one site: name -> (expected, rows). `also`: rows that every patient has."""
    made = [Point(measure, name, site, f"{also}; {rows}", expected) for name, (expected, rows) in points.items()]
    known = {point.patient_id for point in _DRAWN[site]}
    assert not known & {point.patient_id for point in made}, "a name twice"
    _DRAWN[site] += made
    return made


def when(text: str) -> str:
    """A time of the drawing as the extract writes it."""
    match = TIME.fullmatch(text)
    assert match, f"no time: {text}"
    start, days, clock, hours, minutes = match.groups()
    moment = DX if start == "DX" else datetime.fromisoformat(start)
    exact = clock or hours or minutes or (start == "DX" and not days)
    moment += timedelta(days=int(days or 0))
    if clock:
        moment = datetime.combine(moment.date(), datetime.strptime(clock, "T%H:%M").time())
    moment += timedelta(hours=int((hours or "0h")[:-1]), minutes=int((minutes or "0m")[:-1]))
    return f"{moment:%Y-%m-%d %H:%M}" if exact else f"{moment:%Y-%m-%d}"


def _iso(text: str) -> str:
    moment = when(text)
    return moment.replace(" ", "T") + ":00+00:00" if " " in moment else moment


def _written(row: Mapping[str, object], keys: list[str]) -> str:
    late = row["late_by_hours"] if row["late_by_hours"] is not None else row["late_by_days"]
    values = {
        "due": row["due_at"],
        "action": row["action_at"],
        "trigger": row["trigger_at"],
        "flags": row["flags"] or "none",
        "late": late if late is None else f"{late:g}",
        "severity": row["severity"],
        "level": row["level"],
    }
    return " ".join([f"{row['state']}/{row['reason']}", *(f"{key}={values[key]}" for key in keys)])


@dataclass
class _Extract:
    """The rows of all tables of one extract."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {name: [] for name in EXTRACT})

    def add(self, table: str, patient: str, **values: str) -> None:
        unknown = values.keys() - set(EXTRACT[table].names)
        assert not unknown, f"{patient}: {table} has no {unknown}"
        row = {"patient_id": patient} | values
        key = EXTRACT[table].id
        if key and key not in row:
            row[key] = f"{patient} {table} {len(self.rows[table])}"
        self.rows[table].append(row)

    def draw(self, patient: str, text: str) -> None:
        lines = [line.split() for line in text.split(";") if line.strip()]
        if not any(words[0] in ("dx", "nodx") for words in lines):
            self.add("conditions", patient, code_system="ICD10CM", code="S32.020A", recorded_at=when("DX"))
        person = {"birth_date": "1948-06-14", "sex": "female"}
        for kind, *words in lines:
            named = {SHORT.get(k, k): v for k, _, v in (word.partition("=") for word in words if "=" in word)}
            ids = {name: f"{patient} {named[name]}" for name in ("encounter_id", "id") if name in named}
            times = {k: when(v) for k, v in named.items() if k.endswith("_at")}
            named |= times | ids
            plain = [word for word in words if "=" not in word and word[0] != "@"]
            at = next((when(word[1:]) for word in words if word[0] == "@"), "")
            if kind == "patient":
                person |= named
            elif kind != "nodx":
                table, values = _ROWS[kind](plain, at)
                if "id" in named:
                    values[str(EXTRACT[table].id)] = named.pop("id")
                self.add(table, patient, **(values | named))
        self.add("patients", patient, **person)

    def write(self, folder: Path, site: Site) -> None:
        for name, rows in self.rows.items():
            if name in site.absent:
                continue
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, EXTRACT[name].names, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        through = ", ".join(f'"{table}": "{when(day)}"' for table, day in site.through)
        (folder / "manifest.json").write_text(f'{{"loaded_through": {{{through}}}}}', encoding="utf-8")


def _coded(system: str, code: str) -> dict[str, str]:
    before, colon, after = code.partition(":")
    return {"code_system": before, "code": after} if colon else {"code_system": system, "code": code}


def _local(words: list[str], at: str) -> tuple[str, dict[str, str]]:
    code, *value = words
    column = "value_number" if value and re.fullmatch(r"-?[\d.]+", value[0]) else "value_code"
    return "observations", {"code_system": "LOCAL", "code": code, "observed_at": at, column: value[0] if value else ""}


_ROWS = {
    "obs": _local,
    "score": lambda w, at: (
        "observations",
        {"code_system": "LOINC", "code": "72514-3", "observed_at": at, "value_number": w[0]},
    ),
    "cond": lambda w, at: ("conditions", _coded("ICD10CM", w[0]) | {"recorded_at": at}),
    "dx": lambda w, at: ("conditions", _coded("ICD10CM", w[0]) | {"recorded_at": at}),
    "img": lambda w, at: ("imaging", _coded("CPT", w[0]) | {"performed_at": at, "status": "completed"}),
    "proc": lambda w, at: ("procedures", _coded("CPT", w[0]) | {"performed_at": at, "status": "completed"}),
    "med": lambda w, at: ("medications", _coded("ATC", w[0]) | {"started_at": at, "status": "active"}),
    "ref": lambda w, at: (
        "referrals",
        {"specialty_system": "LOCAL", "specialty": w[0], "ordered_at": at, "status": "active"},
    ),
    "enc": lambda w, at: ("encounters", {"class": w[0], "status": "finished", "started_at": at}),
    "follow": lambda w, at: ("followup", {"started_at": at}),
}


def _control(extract: _Extract, site: Site) -> None:
    """A patient without a fracture in whom everything occurs that the site isn't silent about."""
    lines = ["nodx"]
    for local in LOCAL_CODES.values():
        if local.name not in site.silent:
            word = "10" if local.is_number else local.values[0]
            lines.append(f"obs {local.name} {word} @2024-01-01")
    if CALCITONIN not in site.silent:
        lines.append("med H05BA01 @2024-01-01 days=7")
    extract.draw("control", "; ".join(lines))


def _settings(site: Site, folder: Path) -> Path:
    sections: dict[str, list[str]] = defaultdict(list)
    for name, value in site.parameters:
        section, key = name.split(".")
        sections[section].append(f"{key} = {value}")
    lines = [f"as_of = {when(site.as_of)}", 'timezone = "UTC"']
    for section, values in sections.items():
        lines += [f"[{section}]", *values]
    path = folder / "settings.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@cache
def _findings(site: Site) -> dict[tuple[str, str], list[dict[str, object]]]:
    """(patient, measure) -> its findings, by one audit of all points drawn for the site."""
    extract = _Extract()
    _control(extract, site)
    for point in _DRAWN[site]:
        extract.draw(point.patient_id, point.rows)
    with tempfile.TemporaryDirectory() as name:
        folder, work = Path(name) / "extract", Path(name)
        folder.mkdir()
        extract.write(folder, site)
        with patch("transforms.audit.MEASURES", _measures(site)):
            made = audited(folder, work, _settings(site, work))
    bad = made["quarantine"]
    assert bad.is_empty(), f"a drawn row breaks the contract: {bad.rows(named=True)[0]}"
    rows = made["findings"]
    found: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for row in _in_order(rows):
        found[str(row["patient_id"]), str(row["measure_id"])].append(row)
    return dict(found)


def _measures(site: Site) -> tuple[Callable[..., Measure], ...]:
    """The measures that are drawn at the site; the others would only take their time. At the usual site: all."""
    wanted = {point.measure for point in _DRAWN[site]}
    return tuple(m for m in MEASURES if site == SITE or m.__module__.split(".")[-1].split("_")[0].upper() in wanted)


def _in_order(rows: pl.DataFrame) -> Iterator[dict[str, object]]:
    return rows.sort("patient_id", "measure_id", "level", "t0", "instance").iter_rows(named=True)
