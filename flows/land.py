"""Extract in, raw tables out: every table of the contract as text, with the file and record that each row came from.

Nothing is judged here. A file that can't be read stops the run with ExtractError (exit 11): which file, what is wrong,
what to do. Texts of DuckDB's own errors quote the failing record, so they are never passed on.
"""

import codecs
import csv
import difflib
import gzip
import hashlib
import io
import json
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import polars as pl

import sql
from flows.detect import detect_format
from flows.errors import is_full_disk
from flows.exactly import NO_PARTITIONS, exactly
from flows.land_parquet import ParquetFile, insert_parquet, open_parquet, view_parquet
from flows.landing import require_columns, trimmed, unopened
from schemas.columns import Table
from schemas.errors import ExtractError
from schemas.extract import EXTRACT
from schemas.value_sets import ValueSets

ENDINGS: tuple[str, ...] = (".parquet", ".csv", ".csv.gz")
MANIFEST = "manifest.json"

_TABLES_AT_A_TIME = 2
_CHUNK_BYTES = 1 << 20
_MAX_RECORD_BYTES = 16 << 20
_SENTINEL = "\x01end of file\x01"
"""A text that no extract holds. As a record behind a copied file it is swallowed where a quote is never closed."""
_NO_TEXT = "\x01null\x01"
"""What would mean NULL in a CSV file: nothing does, so that an empty field and a missing one differ."""
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?")


@dataclass(frozen=True)
class Landed:
    """What was found in an extract. `files`: (name relative to the extract, SHA-256, bytes), sorted by name."""

    format: str
    tables: tuple[str, ...]
    files: tuple[tuple[str, str, int], ...]
    other_files: tuple[str, ...] = ()
    unknown_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extracted_at: str | None = None
    """The manifest's text; without an offset it is local time."""
    loaded_through: Mapping[str, date] = field(default_factory=dict)
    source: str | None = None
    notes: Mapping[str, int] = field(default_factory=dict)
    """Counts for the receipt, e.g. resources that were not mapped."""


@dataclass(frozen=True)
class Manifest:
    """The optional manifest.json."""

    source: str | None = None
    extracted_at: str | None = None
    loaded_through: Mapping[str, date] = field(default_factory=dict)


def land(extract: Path, fmt: str, con: duckdb.DuckDBPyConnection, value_sets: ValueSets | None = None) -> Landed:
    """Land an extract in schema `raw` of the work database, whatever form it comes in.

    raw.<table>: the contract's columns as VARCHAR (trimmed, empty = NULL, an absent optional column all NULL),
    source_file, row_number (1 = the first record after the header). raw.malformed: table_name, source_file, row_number,
    text. A table in Parquet files alone isn't copied: raw.<table> is a view of them, and typed.<table> one of the same
    rows whose times, numbers and flags stay the values that they are. value_sets choose among several codings of one
    FHIR concept (None: the shipped ones).
    Raises ExtractError (exit 11), SettingsError (exit 10) for a format that isn't supported.
    """
    if detect_format(extract, fmt) == "native":
        return land_native(extract, con)
    from flows.fhir import land_fhir  # here, because only such an extract needs it

    return land_fhir(extract, con, value_sets)


def land_native(extract: Path, con: duckdb.DuckDBPyConnection) -> Landed:
    """Land an extract that has the contract's own tables as CSV, gzipped CSV, Parquet, or folders of such parts."""
    entries = _entries(extract)
    sources, others = _sources(extract, entries)
    for table in EXTRACT.values():
        if table.required and table.name not in sources:
            raise ExtractError(
                f"{extract}: table {table.name} is missing; put {table.name}.parquet, .csv or .csv.gz into the folder"
            )
    files: list[tuple[str, str, int]] = []
    manifest = Manifest()
    if (extract / MANIFEST).is_file():
        data = _bytes(extract / MANIFEST, MANIFEST)
        manifest = read_manifest(data)
        files.append((MANIFEST, hashlib.sha256(data).hexdigest(), len(data)))
    prepare_raw(con)
    unknown: dict[str, set[str]] = {}
    # A CSV file is read by one thread from its first record to its last: tables are landed beside each other.
    with ThreadPoolExecutor(_TABLES_AT_A_TIME) as pool:
        landing = {
            name: pool.submit(_land_table, con.cursor(), EXTRACT[name], paths, extract)
            for name, paths in sorted(sources.items(), key=lambda source: -_size(source[1]))
        }
        try:
            for name in EXTRACT:
                if name in landing:
                    landed, unknown[name] = landing[name].result()
                    files += landed
        finally:
            pool.shutdown(cancel_futures=True)
    return Landed(
        format="native",
        tables=tuple(name for name in EXTRACT if name in sources),
        files=tuple(sorted(files)),
        other_files=tuple(sorted(others)),
        unknown_columns={name: tuple(sorted(columns)) for name, columns in unknown.items() if columns},
        extracted_at=manifest.extracted_at,
        loaded_through=manifest.loaded_through,
        source=manifest.source,
    )


def _size(paths: Sequence[Path]) -> int:
    """The bytes of the files that are there: the largest table goes first."""
    return sum(path.stat().st_size for path in paths if path.exists())


def _land_table(
    con: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[Path], extract: Path
) -> tuple[list[tuple[str, str, int]], set[str]]:
    """((name, SHA-256, bytes) of each file of one table, names of its unknown columns). `con` is closed."""
    files: list[tuple[str, str, int]] = []
    unknown: set[str] = set()
    parquet: list[ParquetFile] = []
    with con:
        for path in paths:
            name = path.relative_to(extract).as_posix()
            if name.lower().endswith(".parquet"):
                parquet.append(open_parquet(con, table, path, name))
                digest, size, header = parquet[-1].sha256, parquet[-1].size, tuple(parquet[-1].types)
            else:
                digest, size, header = _land_csv(con, table, path, name)
            files.append((name, digest, size))
            unknown |= set(header) - set(table.names)
        if parquet:
            (view_parquet if len(parquet) == len(paths) else insert_parquet)(con, table, parquet)
    return files, unknown


def prepare_raw(con: duckdb.DuckDBPyConnection) -> None:
    """Make schema `raw` anew with an empty table for each table of the contract and raw.malformed."""
    for statement in sql.read("land/raw").split(";\n"):
        if statement.strip():
            con.execute(statement)
    for table in EXTRACT.values():
        columns = ", ".join(f'"{name}" VARCHAR' for name in table.names)
        con.execute(f'CREATE TABLE raw."{table.name}" ({columns}, source_file VARCHAR, row_number BIGINT)')


# Folder --------------------------------------------------------------------------------------------------------------


def _entries(extract: Path) -> list[Path]:
    if not extract.is_dir():
        raise ExtractError(f"{extract}: no such folder; give the folder that holds the extract")
    try:
        return sorted(extract.iterdir())
    except OSError:
        raise ExtractError(f"{extract}: the folder can't be opened; check its permissions") from None


def _stem(name: str) -> str:
    """The table's name in a file's or folder's name, without any of the contract's endings."""
    lower = name.lower()
    return next((name[: -len(end)] for end in sorted(ENDINGS, key=len, reverse=True) if lower.endswith(end)), name)


def _sources(extract: Path, entries: Sequence[Path]) -> tuple[dict[str, list[Path]], list[str]]:
    """(table → its files in order of name, names of the files that no table takes)."""
    sources: dict[str, list[Path]] = {}
    form: dict[str, str] = {}
    others: list[str] = []
    for entry in entries:
        stem = _stem(entry.name)
        is_table = stem in EXTRACT and (entry.is_dir() == (stem == entry.name))
        if not is_table:
            if entry.name != MANIFEST:
                others.append(f"{entry.name}/" if entry.is_dir() else entry.name)
            continue
        if stem in form:
            raise ExtractError(
                f"{extract}: table {stem} is there in two forms ({form[stem]}, {entry.name}); keep one of them"
            )
        form[stem] = entry.name
        parts, other = _parts(extract, entry) if entry.is_dir() else ([entry], [])
        for part in parts:
            if part.exists() and not part.is_file():  # a pipe or a device would be waited for
                raise ExtractError(f"{part.relative_to(extract).as_posix()}: not a regular file; put a copy there")
        sources[stem] = parts
        others += other
    return sources, others


def _parts(extract: Path, folder: Path) -> tuple[list[Path], list[str]]:
    parts: list[Path] = []
    others: list[str] = []
    for part in _entries(folder):
        name = part.relative_to(extract).as_posix()
        if part.is_dir():
            raise ExtractError(f"{name}: a folder inside a table's folder; put its parts directly into {folder.name}/")
        if part.name.startswith((".", "_")) or _stem(part.name) == part.name:
            others.append(name)
        elif any(_stem(part.name) == _stem(other.name) for other in parts):
            raise ExtractError(f"{name}: the part is there in two forms; keep one of them")
        else:
            parts.append(part)
    if not parts:
        raise ExtractError(f"{folder.name}/: the folder holds no .parquet, .csv or .csv.gz part; fill it or remove it")
    return parts, others


def _bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise unopened(name) from None


# Manifest ------------------------------------------------------------------------------------------------------------


def read_manifest(data: bytes) -> Manifest:
    """The manifest's content; ExtractError (exit 11) for anything that the contract doesn't name."""

    def fail(what: str, remedy: str) -> ExtractError:
        return ExtractError(f"{MANIFEST}: {what}; {remedy}")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise fail("a key is there twice", "keep one of them")
        return dict(pairs)

    try:
        content = json.loads(data.decode("utf-8-sig"), object_pairs_hook=unique)
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair can't be written again
    except (ValueError, RecursionError):
        raise fail("not JSON in UTF-8", "write it again or remove it") from None
    if not isinstance(content, dict):
        raise fail("not a JSON object", "write {...} with source, extracted_at, loaded_through")
    known = ("source", "extracted_at", "loaded_through")
    for key in content:
        if key not in known:
            raise fail(f"unknown key {key!r}", f"the nearest known one is {_near(key, known)!r}")
    source, extracted_at, through = (content.get(key) for key in known)
    if source is not None and not isinstance(source, str):
        raise fail("source is not a text", "put it in quotes")
    if extracted_at is not None and not (
        isinstance(extracted_at, str) and _is_time(extracted_at) and extracted_at < "9999"
    ):
        raise fail("extracted_at is not a time", "write it as YYYY-MM-DDTHH:MM:SSZ")
    if through is not None and not isinstance(through, dict):
        raise fail("loaded_through is not an object", 'write {"<table>": "YYYY-MM-DD", ...}')
    loaded: dict[str, date] = {}
    for table, day in (through or {}).items():
        if table not in EXTRACT:
            raise fail(
                f"loaded_through names no table of the contract ({table!r})",
                f"did you mean {_near(table, tuple(EXTRACT))!r}?",
            )
        if not (isinstance(day, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) and _is_time(day)):
            raise fail(f"loaded_through of {table} is not a date", "write it as YYYY-MM-DD")
        loaded[table] = date.fromisoformat(day)
    return Manifest(source, extracted_at, loaded)


def _near(word: str, known: Sequence[str]) -> str:
    return difflib.get_close_matches(word, known, n=1, cutoff=0.0)[0]


def _is_time(text: str) -> bool:
    """True for a time of the contract with a real date and clock (specification, section 1, "Times")."""
    if not _TIME.fullmatch(text):
        return False
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    clock = re.search(r"[T ](\d{2}):(\d{2})(?::(\d{2}))?", text)
    return clock is None or (int(clock[1]) < 24 and int(clock[2]) < 60 and int(clock[3] or 0) < 60)


# CSV -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scan:
    """What one pass over a CSV file's bytes tells: its hash and what matters for reading it right."""

    sha256: str
    size: int
    header: tuple[str, ...]
    has_quotes: bool
    has_mixed_lines: bool


class _Hashing(io.RawIOBase):
    """A binary stream that hashes what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.hash, self.size = stream, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n = self.stream.readinto(buffer)  # type: ignore[attr-defined]
        self.hash.update(memoryview(buffer)[:n])
        self.size += n
        return n


def _land_csv(con: duckdb.DuckDBPyConnection, table: Table, path: Path, name: str) -> tuple[str, int, tuple[str, ...]]:
    """Land one CSV file; (SHA-256, bytes, names of its columns)."""
    with _work_folder(con) as folder:
        copy = folder / "plain.csv"
        is_gzip = name.lower().endswith(".gz")
        scan = _scan(path, name, copy if is_gzip else None)
        needs_copy = scan.has_quotes or scan.has_mixed_lines or is_gzip
        if needs_copy:
            _copy(copy if is_gzip else path, folder / "whole.csv", scan)
            copy.unlink(missing_ok=True)
        require_columns(table, scan.header, name)
        _read_csv(con, table, folder / "whole.csv" if needs_copy else path, name, scan, needs_copy)
    return scan.sha256, scan.size, scan.header


@contextmanager
def _work_folder(con: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """A private folder beside the work database: copies of an extract stay on the disk that was meant for them."""
    rows = con.execute("SELECT path FROM duckdb_databases() WHERE database_name = current_database()").fetchall()
    beside = Path(rows[0][0]).parent if rows and rows[0][0] else None
    with tempfile.TemporaryDirectory(prefix="land-", dir=beside) as folder:
        yield Path(folder)


def _scan(path: Path, name: str, plain: Path | None) -> _Scan:
    """Hash the file, prove that it is UTF-8 text, read its header; write the decompressed text to `plain` if given."""
    try:
        with path.open("rb") as stream:
            hashing = _Hashing(stream)
            buffered = io.BufferedReader(hashing, _CHUNK_BYTES)
            if buffered.peek(4)[:4] == b"PAR1" or (buffered.peek(2)[:2] == b"\x1f\x8b") != (plain is not None):
                raise ExtractError(f"{name}: the content is not what the ending says; rename or export the file again")
            text: BinaryIO = gzip.GzipFile(fileobj=buffered) if plain else buffered  # type: ignore[assignment]
            facts = _scan_text(text, name, plain)
            while buffered.read(_CHUNK_BYTES):
                pass
            return _Scan(hashing.hash.hexdigest(), hashing.size, *facts)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise ExtractError(f"{name}: the gzip file is truncated or damaged; copy or export it again") from None
    except OSError:
        raise unopened(name) from None


def _scan_text(text: BinaryIO, name: str, plain: Path | None) -> tuple[tuple[str, ...], bool, bool]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    head, last = bytearray(), b""
    quotes = returns = pairs = feeds = 0
    out = plain.open("wb") if plain else None
    try:
        while chunk := text.read(_CHUNK_BYTES):
            decoder.decode(chunk)
            if b"\x00" in chunk:
                raise ExtractError(f"{name}: not a text file (it holds NUL bytes); export it as CSV UTF-8")
            if len(head) < _CHUNK_BYTES:
                head += chunk
            quotes += chunk.count(b'"')
            feeds += chunk.count(b"\n")
            pairs += chunk.count(b"\r\n") + (last[-1:] == b"\r" and chunk[:1] == b"\n")
            returns += chunk.count(b"\r")
            last = chunk
            if out:
                out.write(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise ExtractError(f"{name}: not UTF-8; export the file as CSV UTF-8") from None
    finally:
        if out:
            out.close()
    is_mixed = sum((pairs > 0, feeds > pairs, returns > pairs)) > 1
    return _header(bytes(head), name), quotes > 0, is_mixed


def _header(head: bytes, name: str) -> tuple[str, ...]:
    lines = io.StringIO(head.decode("utf-8-sig", errors="ignore"), newline="")
    try:
        header = next(csv.reader(lines, strict=True), [])
    except csv.Error:
        raise ExtractError(f"{name}: the header is no CSV record; check its quotes") from None
    if not any(cell.strip() for cell in header):
        raise ExtractError(f"{name}: the file has no header; export it again with a header")
    return tuple(cell.strip() for cell in header)


def _copy(source: Path, target: Path, scan: _Scan) -> None:
    """Copy a CSV file and put the sentinel record behind it; line ends made one kind where they are mixed."""
    end = ",".join([_SENTINEL] * len(scan.header)).encode()
    with source.open("rb") as reader, target.open("wb") as writer:
        newline, carry = b"\n", b""
        if not scan.has_mixed_lines:
            first = reader.read(_CHUNK_BYTES)
            newline = b"\r\n" if b"\r\n" in first else b"\n" if b"\n" in first or b"\r" not in first else b"\r"
            reader.seek(0)
        while chunk := reader.read(_CHUNK_BYTES):
            if scan.has_mixed_lines:
                chunk = carry + chunk
                carry = b"\r" if chunk.endswith(b"\r") else b""
                chunk = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            writer.write(chunk)
        writer.write((b"\n" if carry else b"") + newline + end + newline)


def _read_csv(
    con: duckdb.DuckDBPyConnection, table: Table, path: Path, name: str, scan: _Scan, has_sentinel: bool
) -> None:
    """Insert the file's well-formed records into raw.<table> and its malformed ones into raw.malformed.

    DuckDB by itself lets empty fields too many pass. So one more column than the header has is read, and missing fields
    are filled with NULL, which an empty field is not: a record is well-formed where the last column of the header is
    there and the one behind it isn't. Others get a negative number and are taken out again.
    """
    given = {column: f"c{index}" for index, column in enumerate(scan.header)}
    width = len(scan.header)
    types = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width + 1))
    columns = ", ".join(trimmed(given[c]) if c in given else "NULL" for c in table.names)
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        con.execute(
            f"""INSERT INTO raw."{table.name}"
            SELECT {columns}, $name,
                CASE WHEN c{width - 1} IS NOT NULL AND c{width} IS NULL THEN 1 ELSE -1 END * row_number() OVER ()
            FROM read_csv($path, header = true, auto_detect = false, all_varchar = true, columns = {{{types}}},
                delim = ',', quote = '"', escape = '"', strict_mode = true, parallel = false, store_rejects = true,
                null_padding = true, nullstr = $no_text, max_line_size = {_MAX_RECORD_BYTES}, {NO_PARTITIONS})
            """,
            {"path": exactly(path), "name": name, "no_text": _NO_TEXT},
        )
    except duckdb.Error as error:
        if is_full_disk(error):
            raise
        raise _damaged_csv(name) from None
    others = "error_type NOT IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')"
    rejected, damaged = con.execute(
        f"SELECT count(DISTINCT line), min(line) FILTER (WHERE {others}) FROM reject_errors"
    ).fetchall()[0]
    if damaged is not None:
        raise _damaged_csv(name, damaged)
    if has_sentinel:
        _take_sentinel(con, table, name, given)
    removed = con.execute(
        f'DELETE FROM raw."{table.name}" WHERE row_number < 0 AND source_file = $name RETURNING row_number',
        {"name": name},
    ).fetchall()
    if rejected or removed:
        found = _find_malformed(path, width)
        if len(found) != rejected + len(removed):
            raise _damaged_csv(name)
        records = pl.DataFrame(found, schema={"number": pl.Int64, "text": pl.String}, orient="row").to_arrow()
        con.register("malformed_records", records)
        con.execute(
            "INSERT INTO raw.malformed SELECT $table, $name, number, text FROM malformed_records",
            {"table": table.name, "name": name},
        )
        con.unregister("malformed_records")
        renumber = sql.read("land/renumber").replace("{table}", f'"{table.name}"')
        con.execute(renumber, {"source_file": name})


def _damaged_csv(name: str, line: int | None = None) -> ExtractError:
    where = f" near record {line - 1}" if line else ""
    return ExtractError(f"{name}: not CSV that can be read{where} (a quote that isn't closed?); export the file again")


def _take_sentinel(con: duckdb.DuckDBPyConnection, table: Table, name: str, given: Mapping[str, str]) -> None:
    """Remove the record behind the file; where a quote swallowed it the file is unreadable."""
    column = next(c for c in table.names if c in given)
    removed = con.execute(
        f'DELETE FROM raw."{table.name}" WHERE source_file = $name AND "{column}" = $sentinel RETURNING row_number',
        {"name": name, "sentinel": _SENTINEL},
    ).fetchall()
    if len(removed) != 1:
        raise ExtractError(f"{name}: a quote is never closed; export the file again")


def _find_malformed(path: Path, width: int) -> list[tuple[int, str]]:
    """(number, text) of the records of a CSV file that have more or fewer fields than its header; blank lines are none.

    The one place that reads a file record by record: only where there are such records, for their exact text.
    """
    csv.field_size_limit(_MAX_RECORD_BYTES)
    found: list[tuple[int, str]] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        taken: list[str] = []

        def lines() -> Iterator[str]:
            for line in file:
                taken.append(line)
                yield line

        number = -1  # the header
        for record in csv.reader(lines(), skipinitialspace=True):
            if record:
                number += 1
                if number and len(record) != width:
                    found.append((number, "".join(taken).strip("\r\n")))
            taken.clear()
    return found
