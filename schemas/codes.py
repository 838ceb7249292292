"""Code systems, and the form in which codes are compared (specification, section 1; data/value_sets/README.md).

One definition for both sides: the value sets (schemas/value_sets.py) and the extract (transforms/contract.py).
"""

from types import MappingProxyType

import polars as pl

SYSTEMS: tuple[str, ...] = (
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
)
"""The canonical names of the code systems that a value set may use."""

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "ICD10CM": (
        "http://hl7.org/fhir/sid/icd-10-cm",
        "urn:oid:2.16.840.1.113883.6.90",
        "icd-10-cm",
        "icd10-cm",
    ),
    "ICD10PCS": (
        "http://www.cms.gov/medicare/coding/icd10",
        "http://hl7.org/fhir/sid/icd-10-pcs",
        "urn:oid:2.16.840.1.113883.6.4",
        "icd-10-pcs",
        "icd10-pcs",
    ),
    "ICD9CM": (
        "http://hl7.org/fhir/sid/icd-9-cm",
        "http://terminology.hl7.org/codesystem/icd9cm",
        "http://terminology.hl7.org/codesystem/icd-9-cm",
        "urn:oid:2.16.840.1.113883.6.103",
        "urn:oid:2.16.840.1.113883.6.104",
        "http://hl7.org/fhir/sid/icd-9-cm/diagnosis",
        "http://hl7.org/fhir/sid/icd-9-cm/procedure",
        "icd-9-cm",
        "icd9-cm",
        "icd9proc",
    ),
    "CPT": ("http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12", "cpt4", "cpt-4"),
    "HCPCS": (
        "http://www.cms.gov/medicare/coding/hcpcsreleasecodesets",
        "https://www.cms.gov/medicare/coding/hcpcsreleasecodesets",
        "http://terminology.hl7.org/codesystem/hcpcs-all-codes",
        "http://terminology.hl7.org/codesystem/hcpcs",
        "urn:oid:2.16.840.1.113883.6.285",
        "urn:oid:2.16.840.1.113883.6.14",
    ),
    "LOINC": ("http://loinc.org", "urn:oid:2.16.840.1.113883.6.1"),
    "SNOMED": ("http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96", "snomed ct", "snomedct", "snomed-ct", "sct"),
    "RXNORM": ("http://www.nlm.nih.gov/research/umls/rxnorm", "urn:oid:2.16.840.1.113883.6.88", "rxnorm extension"),
    "ATC": ("http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73"),
    "NDC": ("http://hl7.org/fhir/sid/ndc", "urn:oid:2.16.840.1.113883.6.69"),
    "NUCC": (
        "http://nucc.org/provider-taxonomy",
        "http://nucc.org/provider-taxonomy-codes",
        "urn:oid:2.16.840.1.113883.6.101",
    ),
    "OMOP": ("https://fhir-terminology.ohdsi.org", "http://fhir-terminology.ohdsi.org", "omop concept"),
    "CMS": ("medicare specialty", "cms specialty", "urn:oid:2.16.840.1.113883.6.301.3"),
    "LOCAL": ("urn:spine-audit:local",),
}

SYSTEM_SYNONYMS: MappingProxyType[str, str] = MappingProxyType(
    {name.lower(): name for name in SYSTEMS}
    | {spelling: name for name, spellings in _SYNONYMS.items() for spelling in spellings}
    | {f"{spelling}/": name for name, spellings in _SYNONYMS.items() for spelling in spellings if "://" in spelling}
)
"""Every accepted spelling in lower case → canonical name: FHIR system URIs, OIDs, OMOP vocabulary ids."""

ICD_SYSTEMS: tuple[str, ...] = ("ICD10CM", "ICD10PCS", "ICD9CM")


def canonical_system(system: pl.Expr) -> pl.Expr:
    """The canonical name of a code system; a system that isn't listed is kept, trimmed and upper-cased."""
    trimmed = system.str.strip_chars()
    return trimmed.str.to_lowercase().replace_strict(
        SYSTEM_SYNONYMS, default=trimmed.str.to_uppercase(), return_dtype=pl.String
    )


def canonical_code(system: pl.Expr, code: pl.Expr) -> pl.Expr:
    """The code trimmed and upper-cased (LOCAL: lower-cased); `system` is canonical."""
    trimmed = code.str.strip_chars()
    return pl.when(system == "LOCAL").then(trimmed.str.to_lowercase()).otherwise(trimmed.str.to_uppercase())


def code_key(system: pl.Expr, code: pl.Expr) -> pl.Expr:
    """The form in which codes are compared; `system` and `code` are canonical.

    ICD: without dots. NDC: without hyphens, and a hyphenated code's segments filled to 5, 4 and 2 digits, so that
    49884-161-11 and 49884016111 are one product and 49884-1610-1 is another. Null where either is null.
    """
    parts = code.str.splitn("-", 3)

    def segment(n: int, digits: int) -> pl.Expr:
        text = parts.struct.field(f"field_{n}")
        return pl.when(text.is_not_null()).then(text.str.zfill(digits)).otherwise(pl.lit(""))

    filled = segment(0, 5) + segment(1, 4) + segment(2, 2)
    return (
        pl.when(system.is_in(ICD_SYSTEMS))
        .then(code.str.replace_all(".", "", literal=True))
        .when((system == "NDC") & code.str.contains(r"^\d{1,5}-\d{1,4}(-\d{1,2})?$"))
        .then(filled)
        .when(system == "NDC")
        .then(code.str.replace_all("-", "", literal=True))
        .when(system.is_not_null())
        .then(code)
    )
