"""FHIR R4 in, raw tables out: bulk NDJSON and bundles, read by DuckDB's JSON reader (specification, section 1).

The mapping is SQL (sql/fhir/): the records of all files, their resources, one staged table a type, the choice among
codings, the contract's tables. What a coding means is asked once for each different coding, not for each resource.
DuckDB's error texts quote the failing record, so they are never passed on.
"""

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

import sql
from flows.exactly import NO_PARTITIONS, exactly
from flows.land import MANIFEST, Landed, Manifest, prepare_raw, read_manifest
from schemas import fhir
from schemas.codes import SYSTEMS
from schemas.errors import ExtractError
from schemas.extract import EXTRACT
from schemas.local_codes import FVC_LOINC, LOCAL_CODES
from schemas.value_sets import SPECIALTY_SETS, ValueSets, apply_concept_map, load_value_sets

_MACROS = ("macro_utc", "macro_scope", "macro_target", "macro_codings", "macro_us_core", "macro_level")
_STAGES = (
    "patient",
    "encounter",
    "condition",
    "observation",
    "study",
    "report",
    "procedure",
    "request",
    "medication_use",
    "drug",
    "completion",
)
_NDJSON, _JSON = (".ndjson", ".ndjson.gz"), (".json", ".json.gz")
_LINE_BYTES = 64 << 20
"""The longest line of an NDJSON file: a resource with an attached document is long."""
_MANIFEST_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class _File:
    """One file of the extract. `content_bytes`: its size after decompression."""

    path: Path
    name: str
    sha256: str
    size: int
    content_bytes: int

    @property
    def is_ndjson(self) -> bool:
        return self.name.lower().endswith(_NDJSON)


def land_fhir(extract: Path, con: duckdb.DuckDBPyConnection, value_sets: ValueSets | None = None) -> Landed:
    """Land a FHIR extract in schema `raw` of the work database, in the tables that the native extract lands in.

    The tables have one more column, `last_updated` (meta.lastUpdated in UTC), by which the contract settles ids in
    conflict. Every resource read makes rows or is counted in `Landed.notes`. `value_sets` decides which of several
    codings is taken (None: the shipped ones, without a concept map). Raises ExtractError (exit 11) for a damaged file
    and where there are no patients or no conditions.
    """
    files, others = _files(extract)
    prepare_raw(con)
    with _schema(con):
        _read(con, extract, files)
        _run(con, "bundle_entry", types=_kept())
        manifest, no_fhir = _manifest(con, files)
        present = _present(con, extract, [file for file in files if file.name not in no_fhir])
        _run(con, "resource")
        con.execute("DROP TABLE fhir.record; DROP TABLE fhir.bundle_entry").fetchall()  # the same content twice
        _run(con, "link")
        for stage in _STAGES:
            _run(con, f"stage_{stage}")
        _choose(con, value_sets or load_value_sets())
        for table in present:
            _fill(con, table)
        notes = _notes(con)
    return Landed(
        format="fhir",
        tables=present,
        files=tuple(
            (file.name, file.sha256, file.size) for file in files if file.name not in no_fhir or no_fhir[file.name]
        ),
        other_files=tuple(sorted([*others, *(name for name, is_manifest in no_fhir.items() if not is_manifest)])),
        extracted_at=manifest.extracted_at,
        loaded_through=manifest.loaded_through,
        source=manifest.source,
        notes=notes,
    )


# Files ---------------------------------------------------------------------------------------------------------------


def _files(extract: Path) -> tuple[list[_File], list[str]]:
    """(the JSON and NDJSON files below the extract, the names of all others), each in order of name."""
    if not extract.is_dir():
        raise ExtractError(f"{extract}: no such folder; give the folder that holds the extract")
    files: list[_File] = []
    others: list[str] = []
    for path in sorted(extract.rglob("*")):
        name = path.relative_to(extract).as_posix()
        if not path.is_file() or any(part.startswith(".") for part in path.relative_to(extract).parts):
            continue
        if name.lower().endswith((*_NDJSON, *_JSON)):
            files.append(_checked(path, name))
        else:
            others.append(name)
    if not files:
        raise ExtractError(f"{extract}: no .ndjson or .json file; give the folder of a FHIR bulk export or of bundles")
    return files, others


def _checked(path: Path, name: str) -> _File:
    """Hash the file; decompress it once to see that it is whole (DuckDB doesn't compare the checksum)."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = content = path.stat().st_size
        if name.lower().endswith(".gz"):
            content = 0
            with gzip.open(path, "rb") as text:
                while chunk := text.read(_CHUNK_BYTES):
                    content += len(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise ExtractError(f"{name}: the gzip file is truncated or damaged; copy or export it again") from None
    except OSError:
        raise ExtractError(f"{name}: the file can't be opened; check its permissions") from None
    return _File(path, name, digest, size, content)


def _read(con: duckdb.DuckDBPyConnection, extract: Path, files: Sequence[_File]) -> None:
    """All files into fhir.record; ExtractError that names the first file that isn't JSON."""
    for form in ("newline_delimited", "unstructured"):
        group = [file for file in files if file.is_ndjson == (form == "newline_delimited")]
        largest = max((file.content_bytes for file in group), default=0)
        limit = _LINE_BYTES if form == "newline_delimited" else max(_MANIFEST_BYTES, largest + 1)
        given = {"root": f"{extract}/", "format": form, "bytes": limit, "types": _kept()}
        if not group:
            continue
        try:
            _run(con, "read", files=[exactly(file.path) for file in group], **given)
        except duckdb.Error:
            for file in group:
                _require_json(con, file, form, limit)
            raise  # none of the files: the machine (no space, no memory)


def _require_json(con: duckdb.DuckDBPyConnection, file: _File, form: str, limit: int) -> None:
    options = f"format = $format, maximum_object_size = $bytes, {NO_PARTITIONS}"
    query = f"SELECT count(json) FROM read_json_objects($files, {options})"
    try:
        con.execute(query, {"files": [exactly(file.path)], "format": form, "bytes": limit}).fetchall()
    except duckdb.Error:
        what = "one JSON object a line" if file.is_ndjson else "JSON"
        raise ExtractError(f"{file.name}: not {what} in UTF-8, or cut off; copy or export the file again") from None


def _manifest(con: duckdb.DuckDBPyConnection, files: Sequence[_File]) -> tuple[Manifest, dict[str, bool]]:
    """(what the manifest says, the JSON files that hold no resource → whether it is a manifest).

    A bulk export's manifest has a transactionTime, whatever the file's name; manifest.json may say what the native
    extract's says. Their records are taken out: they are no resources.
    """
    rows = con.execute(
        "SELECT source_file FROM fhir.record GROUP BY source_file HAVING count(resource_type) = 0 ORDER BY source_file"
    ).fetchall()
    by_name = {file.name: file for file in files}
    found: dict[str, bool] = {}
    said: dict[str, object] = {}
    times: list[str] = []
    for (name,) in rows:
        file = by_name[name]
        if file.is_ndjson:
            continue
        content = _object(file)
        is_bulk = "transactionTime" in content
        found[name] = is_bulk or name == MANIFEST
        if is_bulk:
            times.append(str(content["transactionTime"]))
        if name == MANIFEST:  # of a bulk manifest the keys that the native one has as well, otherwise every key
            said = {key: value for key, value in content.items() if not is_bulk or key in ("source", "loaded_through")}
        con.execute("DELETE FROM fhir.record WHERE source_file = $name", {"name": name}).fetchall()
    if times:
        said["extracted_at"] = max(times)
    return read_manifest(json.dumps(said).encode()), found


def _object(file: _File) -> Mapping[str, object]:
    """The file's JSON object; empty where it is something else or too large for a manifest."""
    if file.content_bytes > _MANIFEST_BYTES:
        return {}
    data = file.path.read_bytes()
    try:
        content = json.loads((gzip.decompress(data) if file.name.lower().endswith(".gz") else data).decode("utf-8-sig"))
    except ValueError:
        return {}  # several values one after the other
    return content if isinstance(content, dict) else {}


def _present(con: duckdb.DuckDBPyConnection, extract: Path, files: Sequence[_File]) -> tuple[str, ...]:
    """The tables whose feed is there: a file holds one of their types, or is empty and named for one."""
    rows = con.execute(sql.read("fhir/types")).fetchall()
    filled = {name for name, _ in rows}
    types = {kind for _, kind in rows} | {_named(file.name) for file in files if file.name not in filled}
    present = tuple(table for table in EXTRACT if types.intersection(fhir.FEEDS.get(table, ())))
    for table in EXTRACT.values():
        if table.required and table.name not in present:
            kind = fhir.FEEDS[table.name][0]
            raise ExtractError(f"{extract}: no {kind} resource is there; put the export's {kind} files into the folder")
    return present


def _named(name: str) -> str | None:
    """The resource type that a file's name contains."""
    last = name.rpartition("/")[2].lower()
    return next((kind for kind in fhir.NAMES_IN_FILE_NAMES if kind.lower() in last), None)


# Database ------------------------------------------------------------------------------------------------------------


def _run(con: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> None:
    con.execute(sql.read(f"fhir/{name}"), parameters).fetchall()


def _kept() -> list[str]:
    return [*fhir.MAPPED, *fhir.LOOKED_UP, "Bundle"]


@contextmanager
def _schema(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Schema `fhir` with its macros and words, gone afterwards: it holds what the extract said twice over."""
    con.execute("DROP SCHEMA IF EXISTS fhir CASCADE").fetchall()
    con.execute("CREATE SCHEMA fhir").fetchall()
    for macro in _MACROS:
        _run(con, macro)
    _run(con, "record_table")
    words = pl.DataFrame(list(fhir.WORDS), schema=["field", "given", "becomes"], orient="row")
    with _frames(con, fhir_word=words):
        con.execute("CREATE TABLE fhir.word AS SELECT * FROM fhir_word").fetchall()
    yield
    con.execute("DROP SCHEMA fhir CASCADE").fetchall()


@contextmanager
def _frames(con: duckdb.DuckDBPyConnection, **frames: pl.DataFrame) -> Iterator[None]:
    for name, frame in frames.items():
        con.register(name, frame.to_arrow())
    yield
    for name in frames:
        con.unregister(name)


def _choose(con: duckdb.DuckDBPyConnection, value_sets: ValueSets) -> None:
    """Fill fhir.concept: the coding that is taken of each list of codings."""
    _run(con, "concept_given")
    given = con.sql(sql.read("fhir/coding_given")).to_arrow_table()
    pairs = pl.from_arrow(given)
    assert isinstance(pairs, pl.DataFrame)
    named = apply_concept_map(pairs.with_columns(code_system="given_system", code="given_code"), value_sets.concept_map)
    with _frames(con, fhir_pair=named, fhir_code=_known_codes(value_sets)):
        _run(con, "coding", systems=list(SYSTEMS), specialty_systems=list(fhir.SPECIALTY_SYSTEMS))
    _run(con, "concept")


def _known_codes(value_sets: ValueSets) -> pl.DataFrame:
    """code_system, code_key, match, is_specialty, is_imaging of every code that a value set or LOCAL knows."""
    local = pl.DataFrame(
        {
            "code_system": ["LOCAL"] * len(LOCAL_CODES) + ["LOINC"],
            "code_key": [*LOCAL_CODES, FVC_LOINC],
        }
    )
    columns = ("code_system", "code_key", "match", "is_specialty", "is_imaging")
    in_sets = value_sets.codes.with_columns(
        is_specialty=pl.col("value_set").is_in(SPECIALTY_SETS), is_imaging=pl.lit(False)
    )
    exact = [
        frame.with_columns(match=pl.lit("exact"), is_specialty=pl.lit(False), is_imaging=pl.lit(is_imaging))
        for frame, is_imaging in ((value_sets.imaging, True), (local, False))
    ]
    return pl.concat([frame.select(columns) for frame in (in_sets, *exact)]).unique(maintain_order=True)


def _fill(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """raw.<table> from sql/fhir/<table>.sql, trimmed as the native landing trims."""
    columns = ", ".join(
        rf"""nullif(regexp_replace("{name}", '^\s+|\s+$', '', 'g'), '') AS "{name}" """ for name in EXTRACT[table].names
    )
    con.execute(
        f'CREATE OR REPLACE TABLE raw."{table}" AS SELECT {columns}, source_file, row_number, last_updated FROM ('
        f"{sql.read(f'fhir/{table}')})"
    ).fetchall()


def _notes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Resources read, and those that made no row by type and reason, for the receipt."""
    _run(con, "landed")
    rows = con.execute(
        sql.read("fhir/unmapped"), {"mapped": list(fhir.MAPPED), "looked_up": list(fhir.LOOKED_UP)}
    ).fetchall()
    total = con.execute("SELECT count(*) FROM fhir.resource WHERE NOT is_contained").fetchall()[0][0]
    notes: Counter[str] = Counter({"resources read": total})
    for kind, reason, count in rows:
        notes[f"not mapped: {kind} ({reason})"] += count
    return dict(notes)
