"""Parameters, code systems, value sets and the concept map."""

from __future__ import annotations

import copy
import csv
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

DATA = Path(__file__).resolve().parents[2] / "schemas" / "data"

SYSTEMS = [
    "ICD10CM",
    "ICD10PCS",
    "ICD9CM",
    "CPT",
    "HCPCS",
    "LOINC",
    "SNOMED",
    "RXNORM",
    "ATC",
    "NDC",
    "NUCC",
    "OMOP",
    "CMS",
    "LOCAL",
]
_SYNONYMS = {
    "ICD10CM": ["http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"],
    "ICD10PCS": ["http://www.cms.gov/Medicare/Coding/ICD10", "http://hl7.org/fhir/sid/icd-10-pcs", "ICD-10-PCS"],
    "ICD9CM": ["http://hl7.org/fhir/sid/icd-9-cm", "ICD-9-CM"],
    "CPT": ["http://www.ama-assn.org/go/cpt", "CPT4"],
    "LOINC": ["http://loinc.org"],
    "SNOMED": ["http://snomed.info/sct"],
    "RXNORM": ["http://www.nlm.nih.gov/research/umls/rxnorm"],
    "ATC": ["http://www.whocc.no/atc"],
    "NDC": ["http://hl7.org/fhir/sid/ndc"],
    "NUCC": ["http://nucc.org/provider-taxonomy"],
    "CMS": ["Medicare Specialty"],
    "LOCAL": ["urn:spine-audit:local"],
}
_CANONICAL = {name: name for name in SYSTEMS}
for _name, _others in _SYNONYMS.items():
    for _other in _others:
        _CANONICAL[_other.upper()] = _name

SURGICAL = ("orthopaedic_surgery", "neurosurgery", "spine_surgery")
SPECIALTIES = (
    *SURGICAL,
    "interventional_radiology",
    "pain_management",
    "physical_therapy_specialty",
    "neurology",
    "other_specialty",
)
RELATED_REASONS = [
    "vertebral_fracture",
    "osteoporosis",
    "back_pain",
    "neuro_deficit",
    "neuro_deficit_soft",
    "spinal_instability",
    "kyphosis",
    "malignancy_suspicion",
    "malignancy_history",
    "malignancy_sign",
    "spine_malignancy",
    "spine_infection",
]


UNSAID = {"level": "", "aetiology": "", "seventh": ""}


def system_name(text: str) -> str:
    return _CANONICAL.get(text.strip().upper(), text.strip().upper())


def code_key(system: str, code: str) -> str:
    """The form in which codes are compared: trimmed, upper case, no ICD dots, no NDC hyphens."""
    if system == "LOCAL":
        return code.strip().lower()
    key = code.strip().upper()
    if system.startswith("ICD"):
        key = key.replace(".", "")
    if system == "NDC":
        key = key.replace("-", "")
    return key


def _namespace(tree: Mapping) -> SimpleNamespace:
    return SimpleNamespace(**{k: _namespace(v) if isinstance(v, Mapping) else v for k, v in tree.items()})


def load_parameters(settings: Mapping) -> SimpleNamespace:
    """The defaults with what the settings override, as nested attributes."""
    with (DATA / "parameters.toml").open("rb") as file:
        tree = tomllib.load(file, parse_float=Decimal)
    merged = copy.deepcopy(tree)
    merged["cohort"].update(period_from=None, period_to=None)
    for name, value in settings.items():
        if isinstance(value, Mapping) and isinstance(merged.get(name), dict):
            merged[name].update(value)
        else:
            merged[name] = value
    return _namespace(merged)


class ValueSets:
    """Codes by set. A code is (system, key); a match is a row of the file."""

    def __init__(self, unverified: bool, concept_map: Path | None) -> None:
        self.rows: dict[str, list[tuple[str, str, bool]]] = {}
        self.fractures: list[dict[str, str]] = []
        self.imaging: dict[tuple[str, str], dict[str, str]] = {}
        self._seen: dict[tuple[str, str, str], tuple[int, ...]] = {}
        for row in self._read("value_sets.csv", unverified):
            self.rows.setdefault(row["value_set"], []).append(
                (row["code_system"], row["key"], row["match"] == "prefix")
            )
        for row in self._read("fracture_codes.csv", unverified):
            self.fractures.append(row)
        for row in self._read("imaging_codes.csv", unverified):
            self.imaging[(row["code_system"], row["key"])] = row
        self.mapped: dict[tuple[str, str], tuple[str, str]] = {}
        if concept_map is not None:
            self._read_concept_map(concept_map)

    @staticmethod
    def _read(name: str, unverified: bool) -> list[dict[str, str]]:
        with (DATA / "value_sets" / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row["key"] = code_key(row["code_system"], row["code"])
        return [row for row in rows if unverified or row["verified"] == "yes"]

    def _read_concept_map(self, path: Path) -> None:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                system, code = system_name(row["code_system"]), row["code"].strip()
                target = row["target_system"].strip()
                if target.upper() == "VALUE_SET":
                    name = row["target_code"].strip()
                    if name == "vertebral_fracture":
                        self.fractures.append(
                            {"code_system": system, "key": code_key(system, code), "match": "exact", **UNSAID}
                        )
                    else:
                        self.rows.setdefault(name, []).append((system, code_key(system, code), False))
                else:
                    self.mapped[(system, code.upper())] = (system_name(target), (row["target_code"] or "").strip())

    def canonical(self, system: str, code: str) -> tuple[str, str]:
        """(system, key) after synonyms and the concept map."""
        system = system_name(system)
        target = self.mapped.get((system, code.strip().upper())) or self.mapped.get((system, "*"))
        if target:
            system, code = target[0], target[1] or code
        return system, code_key(system, code)

    def matches(self, name: str, system: str, key: str) -> tuple[int, ...]:
        """Numbers of the rows of the set that take the code in."""
        if (name, system, key) not in self._seen:
            self._seen[(name, system, key)] = tuple(
                n
                for n, (row_system, row_key, prefix) in enumerate(self.rows.get(name, ()))
                if row_system == system and (key.startswith(row_key) if prefix else key == row_key)
            )
        return self._seen[(name, system, key)]

    def has(self, name: str, system: str | None, key: str | None) -> bool:
        if system is None or key is None:
            return False
        if name == "vertebral_fracture":
            return self.fracture(system, key) is not None
        return bool(self.matches(name, system, key))

    def fracture(self, system: str, key: str) -> dict[str, str] | None:
        """The row of fracture_codes.csv that takes the code in; the longest where several do."""
        best = None
        for row in self.fractures:
            if row["code_system"] != system:
                continue
            if (key.startswith(row["key"]) if row["match"] == "prefix" else key == row["key"]) and (
                best is None or len(row["key"]) > len(best["key"])
            ):
                best = row
        return best

    def specialty(self, system: str | None, key: str | None) -> str | None:
        """The specialty set of a code, or None where the specialty is unknown."""
        for name in SPECIALTIES:
            if self.has(name, system, key):
                return name
        return None
