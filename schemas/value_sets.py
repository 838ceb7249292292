"""Value sets: what the audit means by "osteoporosis" or "lumbar MRI", as codes (data/value_sets/README.md).

The shipped files, a site's own folder over them, and the site's concept map, read and checked row by row. Anything that
isn't right stops the run with ContentError (exit 13): a wrong code is a wrong finding.
"""

import csv
import difflib
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from schemas.codes import SYSTEM_SYNONYMS, SYSTEMS, canonical_code, canonical_system, code_key
from schemas.errors import ContentError, SettingsError
from schemas.extract import CONTRASTS, LEVELS, MODALITIES, REGIONS
from schemas.local_codes import LOCAL_CODES

VALUE_SETS_FILE, FRACTURE_FILE, IMAGING_FILE = "value_sets.csv", "fracture_codes.csv", "imaging_codes.csv"
FRACTURE_SET = "vertebral_fracture"
SPECIALTY_SETS: tuple[str, ...] = (
    "orthopaedic_surgery",
    "neurosurgery",
    "spine_surgery",
    "interventional_radiology",
    "pain_management",
    "physical_therapy_specialty",
    "neurology",
    "other_specialty",
    "unknown_specialty",
)
"""The sets of which no code may belong to two."""

_DISJOINT: tuple[tuple[str, ...], ...] = (SPECIALTY_SETS, ("neuro_deficit", "neuro_deficit_soft"))
_VALUE_SET_COLUMNS = ("value_set", "code_system", "code", "match", "label", "source", "verified")
_FRACTURE_COLUMNS = ("code_system", "code", "match", "level", "aetiology", "seventh", "label", "source", "verified")
_IMAGING_COLUMNS = ("code_system", "code", "modality", "regions", "contrast", "label", "source", "verified")
_MAP_COLUMNS = ("code_system", "code", "target_system", "target_code")
_MATCHES = ("exact", "prefix")
_AETIOLOGIES = ("osteoporotic", "neoplastic")

Row = dict[str, str | None]


@dataclass(frozen=True, eq=False)
class ValueSets:
    """The codes in force. `code_key` is the form in which codes are compared (schemas/codes.py).

    codes: value_set, code_system, code, code_key, match, label, source, verified: every row of every set.
    fractures: code_system, code, code_key, match, level, aetiology, seventh: the codes of `vertebral_fracture`.
    imaging: code_system, code, code_key, modality, regions, contrast.
    concept_map: code_system, code, code_key, target_system, target_code: a site's codes and what they become;
    code `*` = every other code of the system, target_code null = the code itself.
    names: every set's name, sorted. sha256: file name → hash of the bytes read.
    """

    codes: pl.DataFrame
    fractures: pl.DataFrame
    imaging: pl.DataFrame
    concept_map: pl.DataFrame
    names: tuple[str, ...]
    sha256: Mapping[str, str]


def load_value_sets(
    folder: Path | None = None, concept_map: Path | None = None, include_unverified: bool = False
) -> ValueSets:
    """The value sets in force for a site.

    A set that `folder`/value_sets.csv names replaces the shipped set of that name whole; fracture_codes.csv and
    imaging_codes.csv there replace the shipped files. Rows that are marked `verified = no` are left out unless
    `include_unverified`. Raises ContentError (exit 13) for a bad file or row, SettingsError (exit 10) where a path
    is missing.
    """
    shipped = {name: _shipped(name) for name in (VALUE_SETS_FILE, FRACTURE_FILE, IMAGING_FILE)}
    own = _own_files(folder)
    sha256 = {
        f"shipped/{name}": _hash(data) for name, data in shipped.items() if name not in own or name == VALUE_SETS_FILE
    }
    sha256 |= {f"site/{name}": _hash(data) for name, data in own.items()}

    sets = _set_rows(VALUE_SETS_FILE, shipped[VALUE_SETS_FILE])
    names = tuple(sorted({str(row["value_set"]) for row in sets} | {FRACTURE_SET}))
    if VALUE_SETS_FILE in own:
        site = _set_rows(f"{folder}/{VALUE_SETS_FILE}", own[VALUE_SETS_FILE], names)
        replaced = {row["value_set"] for row in site}
        sets = [row for row in sets if row["value_set"] not in replaced] + site
    fractures = _fracture_rows(*_pick(FRACTURE_FILE, folder, own, shipped))
    imaging = _imaging_rows(*_pick(IMAGING_FILE, folder, own, shipped))
    mapping: list[Row] = []
    if concept_map is not None:
        data = _site_file(concept_map)
        mapping = _map_rows(str(concept_map), data, names, {str(row["code"]) for row in sets})
        sha256["site/concept_map.csv"] = _hash(data)

    wanted = {"yes", "no"} if include_unverified else {"yes"}
    fracture_frame = _coded(_frame(fractures, _FRACTURE_COLUMNS), wanted)
    map_frame, additions = _split_map(mapping)
    added_fractures = additions.filter(pl.col("value_set") == FRACTURE_SET)
    codes = pl.concat(
        [
            _coded(_frame(sets, _VALUE_SET_COLUMNS), wanted),
            fracture_frame.with_columns(value_set=pl.lit(FRACTURE_SET)).select(_CODE_COLUMNS),
            additions.select(_CODE_COLUMNS),
        ],
        how="diagonal",
    ).select(_CODE_COLUMNS)
    codes = codes.unique(["value_set", "code_system", "code_key", "match"], keep="first", maintain_order=True)
    _require_disjoint(codes)
    return ValueSets(
        codes=codes.sort("value_set", "code_system", "code_key", "match"),
        fractures=pl.concat([fracture_frame, added_fractures], how="diagonal")
        .select("code_system", "code", "code_key", "match", "level", "aetiology", "seventh")
        .unique(["code_system", "code_key", "match"], keep="first", maintain_order=True)
        .sort("code_system", "code_key", "match"),
        imaging=_coded(_frame(imaging, _IMAGING_COLUMNS), wanted)
        .select("code_system", "code", "code_key", "modality", "regions", "contrast")
        .sort("code_system", "code_key"),
        concept_map=map_frame,
        names=names,
        sha256=dict(sorted(sha256.items())),
    )


_CODE_COLUMNS = ("value_set", "code_system", "code", "code_key", "match", "label", "source", "verified")


# Files ---------------------------------------------------------------------------------------------------------------


def _shipped(name: str) -> bytes:
    return files("schemas").joinpath(f"data/value_sets/{name}").read_bytes()


def _site_file(path: Path) -> bytes:
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; correct the path in the settings")
    try:
        return path.read_bytes()
    except OSError:
        raise SettingsError(f"{path}: the file can't be opened; check its permissions") from None


def _own_files(folder: Path | None) -> dict[str, bytes]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder; correct value_sets in the settings")
    known = (VALUE_SETS_FILE, FRACTURE_FILE, IMAGING_FILE)
    found = {name: _site_file(folder / name) for name in known if (folder / name).exists()}
    if not found:
        raise ContentError(
            f"{folder}: none of {', '.join(known)} is there; put the site's codes into files of these names"
        )
    return found


def _pick(name: str, folder: Path | None, own: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> tuple[str, bytes]:
    return (f"{folder}/{name}", own[name]) if name in own else (name, shipped[name])


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read(where: str, data: bytes, columns: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """(file and line, row) of a CSV file whose header holds `columns`; cells trimmed, an empty cell is None."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ContentError(f"{where}: not UTF-8; save the file as CSV UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        for name in columns:
            if header.count(name) != 1:
                raise ContentError(
                    f"{where}: column {name} {'is missing' if name not in header else 'is there twice'}; "
                    f"the header is {','.join(columns)}"
                )
        for record in reader:
            if not record:
                continue
            line = f"{where} line {reader.line_num}"
            if len(record) != len(header):
                raise ContentError(f"{line}: {len(record)} fields, the header has {len(header)}; correct the row")
            cells = dict(zip(header, (cell.strip() or None for cell in record), strict=True))
            yield line, {name: cells[name] for name in columns}
    except csv.Error:
        raise ContentError(f"{where} line {reader.line_num}: not a CSV record; check its quotes") from None


# Rows ----------------------------------------------------------------------------------------------------------------


def _one_of(line: str, row: Row, column: str, words: Sequence[str], *, optional: bool = False) -> None:
    """`row[column]` in its canonical spelling, or ContentError."""
    value = row[column]
    if value is None:
        if optional:
            return
        raise ContentError(f"{line}: {column} is empty; give one of {', '.join(words)}")
    canonical = {word.lower(): word for word in words}.get(value.lower())
    if canonical is None:
        raise ContentError(f"{line}: {column} {value!r} is not known; the nearest known one is {_near(value, words)!r}")
    row[column] = canonical


def _each_of(line: str, row: Row, column: str, words: Sequence[str]) -> None:
    """As `_one_of` for a |-separated list that may be empty."""
    if row[column] is None:
        return
    given = {part.strip().lower() for part in str(row[column]).split("|")}
    unknown = sorted(given - {word.lower() for word in words})
    if unknown:
        raise ContentError(f"{line}: {column} holds {unknown[0]!r}; known are {', '.join(words)}")
    row[column] = "|".join(word for word in words if word.lower() in given)


def _near(value: str, words: Sequence[str]) -> str:
    return difflib.get_close_matches(value, words, n=1, cutoff=0.0)[0]


def _code(line: str, row: Row) -> None:
    """A known code system and a code, in canonical spelling."""
    system, code = row["code_system"], row["code"]
    if system is None or system.lower() not in SYSTEM_SYNONYMS:
        raise ContentError(
            f"{line}: code_system {system or ''!r} is not known; known are {', '.join(SYSTEMS)}. "
            "Codes of a site's own system go into the concept map"
        )
    row["code_system"] = SYSTEM_SYNONYMS[system.lower()]
    if code is None or not code.replace(".", "").replace("-", ""):
        raise ContentError(f"{line}: code is empty; give a code or remove the row")
    row["code"] = code.lower() if row["code_system"] == "LOCAL" else code.upper()


def _checked(where: str, data: bytes, columns: Sequence[str], check: Callable[[str, Row], None]) -> list[Row]:
    rows: list[Row] = []
    for line, row in _read(where, data, columns):
        _code(line, row)
        check(line, row)
        _one_of(line, row, "verified", ("yes", "no"))
        rows.append(row)
    if not rows:
        raise ContentError(f"{where}: no rows; fill the file or remove it")
    return rows


def _set_rows(where: str, data: bytes, names: Sequence[str] | None = None) -> list[Row]:
    """The rows of value_sets.csv; `names`: the sets that there are (None: whatever the file names)."""

    def check(line: str, row: Row) -> None:
        if row["value_set"] == FRACTURE_SET:
            raise ContentError(f"{line}: codes of {FRACTURE_SET} go into {FRACTURE_FILE} or into the concept map")
        _one_of(line, row, "value_set", names if names is not None else (row["value_set"] or "value_set",))
        _one_of(line, row, "match", _MATCHES)

    return _checked(where, data, _VALUE_SET_COLUMNS, check)


def _fracture_rows(where: str, data: bytes) -> list[Row]:
    def check(line: str, row: Row) -> None:
        _one_of(line, row, "match", _MATCHES)
        _one_of(line, row, "level", LEVELS, optional=True)
        _one_of(line, row, "aetiology", _AETIOLOGIES, optional=True)
        seventh = [part.strip().upper() for part in (row["seventh"] or "").split("|")]
        if row["seventh"] is not None:
            if any(len(part) != 1 or not part.isalnum() for part in seventh):
                raise ContentError(f"{line}: seventh is not a |-separated list of single characters such as A|B")
            row["seventh"] = "|".join(seventh)

    return _checked(where, data, _FRACTURE_COLUMNS, check)


def _imaging_rows(where: str, data: bytes) -> list[Row]:
    seen: dict[tuple[str | None, str], Row] = {}

    def check(line: str, row: Row) -> None:
        _one_of(line, row, "modality", MODALITIES)
        _each_of(line, row, "regions", REGIONS)
        _one_of(line, row, "contrast", CONTRASTS, optional=True)
        key = (row["code_system"], str(row["code"]).replace(".", ""))
        facts = {column: row[column] for column in ("modality", "regions", "contrast", "verified")}
        if seen.setdefault(key, facts) != facts:
            raise ContentError(f"{line}: the code is there twice with different content; keep one row")

    return _checked(where, data, _IMAGING_COLUMNS, check)


def _map_rows(where: str, data: bytes, names: Sequence[str], local: set[str]) -> list[Row]:
    """The rows of a concept map: a code's target, a whole system's (`*`), or a value set that takes a code in."""
    targets = (*SYSTEMS, "VALUE_SET")
    rows: list[Row] = []
    seen: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for line, row in _read(where, data, _MAP_COLUMNS):
        source = row["code_system"]
        if source is None or row["code"] is None:
            raise ContentError(f"{line}: code_system or code is empty; correct the row")
        row["code_system"] = source = SYSTEM_SYNONYMS.get(source.lower(), source.upper())
        is_whole_system, code = row["code"] == "*", row["code"]
        row["code"] = code = code.lower() if source == "LOCAL" else code.upper()
        target = row["target_system"] or ""
        if target.upper() == "VALUE_SET":
            row["target_system"] = "VALUE_SET"
        elif target.lower() in SYSTEM_SYNONYMS:
            row["target_system"] = SYSTEM_SYNONYMS[target.lower()]
        else:
            raise ContentError(f"{line}: target_system {target!r} is not known; known are {', '.join(targets)}")
        if is_whole_system and (row["target_system"] == "VALUE_SET" or row["target_code"] is not None):
            raise ContentError(f"{line}: code * takes a target system of codes and an empty target_code")
        if not is_whole_system and row["target_code"] is None:
            raise ContentError(f"{line}: target_code is empty; only code * may leave it so")
        if row["target_system"] == "VALUE_SET":
            row["value_set"] = row["target_code"]
            _one_of(line, row, "value_set", names)
            row["target_code"] = row["value_set"]
        elif row["target_system"] == "LOCAL" and not is_whole_system:
            row["target_code"] = str(row["target_code"]).lower()
            _one_of(line, row, "target_code", sorted(local | set(LOCAL_CODES)))
        elif row["target_code"] is not None:
            row["target_code"] = row["target_code"].upper()
        if row["target_system"] != "VALUE_SET":
            goal = (row["target_system"], row["target_code"])
            if seen.setdefault((source, code), goal) != goal:
                raise ContentError(f"{line}: the code has two different targets; keep one row")
        rows.append({name: row[name] for name in _MAP_COLUMNS})
    return rows


# Frames --------------------------------------------------------------------------------------------------------------


def _frame(rows: Sequence[Row], columns: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(columns, pl.String))


def _coded(frame: pl.DataFrame, verified: set[str]) -> pl.DataFrame:
    system = pl.col("code_system")
    return frame.filter(pl.col("verified").is_in(verified)).with_columns(code_key=code_key(system, pl.col("code")))


def _split_map(rows: Sequence[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(the concept map, the rows that it adds to value sets under the names that their codes have after the map)."""
    frame = _frame(rows, _MAP_COLUMNS).unique(maintain_order=True)
    frame = frame.with_columns(code_key=code_key(pl.col("code_system"), pl.col("code")))
    is_set = pl.col("target_system") == "VALUE_SET"
    mapping = frame.filter(~is_set).select("code_system", "code", "code_key", "target_system", "target_code")
    additions = (
        apply_concept_map(frame.filter(is_set).select("code_system", "code", value_set="target_code"), mapping)
        .with_columns(label=pl.lit(None, pl.String), match=pl.lit("exact"))
        .with_columns(source=pl.lit("concept map"), verified=pl.lit("yes"))
        .with_columns(level=pl.lit(None, pl.String), aetiology=pl.lit(None, pl.String), seventh=pl.lit(None, pl.String))
    )
    return mapping.sort("code_system", "code"), additions


def apply_concept_map(pairs: pl.DataFrame, concept_map: pl.DataFrame) -> pl.DataFrame:
    """`pairs` (code_system, code as given, ...) with canonical code_system, code and code_key after the concept map.

    One row a row of `pairs`, in their order. A code's own row goes before its system's `*` row; a code without either
    stays what it is.
    """
    canonical = pairs.with_columns(code_system=canonical_system(pl.col("code_system"))).with_columns(
        code=canonical_code(pl.col("code_system"), pl.col("code"))
    )
    canonical = canonical.with_columns(code_key=code_key(pl.col("code_system"), pl.col("code")))
    if concept_map.is_empty():
        return canonical
    is_whole_system = pl.col("code") == "*"
    single = concept_map.filter(~is_whole_system).select(
        "code_system", "code_key", own_system="target_system", own_code="target_code"
    )
    single = single.unique(["code_system", "code_key"], keep="first", maintain_order=True)
    whole = concept_map.filter(is_whole_system).select("code_system", any_system="target_system")
    mapped = (
        canonical.join(single, on=["code_system", "code_key"], how="left", maintain_order="left")
        .join(whole, on="code_system", how="left", maintain_order="left")
        .with_columns(
            code_system=pl.coalesce(
                "own_system", pl.when(pl.col("code").is_not_null()).then("any_system"), "code_system"
            ),
            code=pl.coalesce("own_code", "code"),
        )
        .drop("own_system", "own_code", "any_system")
    )
    # LOCAL codes are spelled in lower case, others in upper: the target system decides, not the source.
    return mapped.with_columns(code=canonical_code(pl.col("code_system"), pl.col("code"))).with_columns(
        code_key=code_key(pl.col("code_system"), pl.col("code"))
    )


def _require_disjoint(codes: pl.DataFrame) -> None:
    """ContentError where a code belongs to two sets that exclude each other (value_sets/README.md)."""
    for group in _DISJOINT:
        rows = codes.filter(pl.col("value_set").is_in(group)).select(
            "value_set", "code_system", "code", "code_key", "match"
        )
        both = rows.join(rows, on="code_system", suffix="_other").filter(
            pl.col("value_set") != pl.col("value_set_other"),
            pl.when(pl.col("match") == "prefix")
            .then(pl.col("code_key_other").str.starts_with(pl.col("code_key")))
            .otherwise((pl.col("match_other") == "exact") & (pl.col("code_key") == pl.col("code_key_other"))),
        )
        if not both.is_empty():
            system, code, first, second = both.select("code_system", "code_other", "value_set", "value_set_other").row(
                0
            )
            raise ContentError(f"value sets: {system} {code} is in {first} and in {second}; take it out of one of them")
