"""Raw tables in, clean tables and the quarantine out: the contract applied in batches, so that memory stays bounded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import duckdb
import polars as pl

import sql
from flows.ahead import ahead
from flows.exactly import exactly
from flows.land import Landed
from flows.land_parquet import as_text
from flows.parts import PART_ROWS, Keep, Parts, Sink, find_parts
from schemas.columns import Table
from schemas.contract import QUARANTINE, Rule
from schemas.errors import ContractError
from schemas.extract import EXTRACT
from schemas.parameters import Parameters
from schemas.value_sets import ValueSets
from transforms.contract import (
    Limit,
    clean,
    judge,
    limit_of,
    malformed_rows,
    parse,
    quarantine_rows,
    resolve_conflicts,
    warnings_of,
)
from transforms.times import parse_times

BATCH_ROWS = 250_000

CODES: dict[str, pl.DataType] = {"table_name": pl.String(), "code_system": pl.String(), "code_key": pl.String()}
"""The columns of `Clean.codes`."""

_FACTS = ("_is_repeated", "_is_shared_id", "_is_known_patient", "_birth_date", "_part")
"""What a batch holds beside the landed row (sql/contract/batch.sql)."""
_PATIENTS = {"patient_id": pl.String(), "birth_date": pl.Date(), "part": pl.Int32()}

FEEDS: dict[str, pl.DataType] = {
    "table_name": pl.String(),
    "present": pl.Boolean(),
    "rows_read": pl.Int64(),
    "rows_accepted": pl.Int64(),
    "rows_quarantined": pl.Int64(),
    "rows_duplicate": pl.Int64(),
    "rows_warned": pl.Int64(),
    "loaded_through": pl.Date(),
}


class ContractSettings(Protocol):
    """What the contract needs of the settings of a run."""

    @property
    def timezone(self) -> str: ...

    @property
    def parameters(self) -> Parameters: ...


@dataclass(frozen=True)
class Clean:
    """What the contract let through.

    parts: folders, at least one; each holds <table>.parquet for every table that is there, with all rows of the
    patients of that part, in no order. codes: distinct (table_name, code_system, code_key) of everybody's accepted
    observations and medications. quarantine: Parquet file with the columns of audit.quarantine. feeds: one row for each
    of the nine tables.
    """

    parts: tuple[Path, ...]
    codes: pl.DataFrame
    quarantine: Path
    feeds: pl.DataFrame


@dataclass
class _Counts:
    """Conservation: read = accepted + quarantined + duplicate."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    warned: int = 0


@dataclass
class _Night:
    """What judging any table needs; `codes` grows from table to table."""

    con: duckdb.DuckDBPyConnection
    timezone: str
    value_sets: ValueSets
    limit: Limit
    parts: tuple[Path, ...]
    quarantine: Sink
    codes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CODES))


def apply_contract(
    con: duckdb.DuckDBPyConnection,
    landed: Landed,
    settings: ContractSettings,
    value_sets: ValueSets,
    work: Path,
    *,
    keep: Keep = Keep.FRACTURED,
    part_rows: int = PART_ROWS,
    parts_before: int | None = None,
) -> Clean:
    """Judge every landed row and write `work`/clean/<part>/<table>.parquet and `work`/quarantine.parquet.

    A part has about `part_rows` rows; there are as many as `parts_before` where that is not far from it. Raises
    ContractError (exit 12) where more than `max_quarantined_share` of the rows read of a table is quarantined.
    """
    share = float(settings.parameters.input.max_quarantined_share)
    counts: dict[str, _Counts] = {}
    con.execute("CREATE SCHEMA IF NOT EXISTS contract")
    parts = find_parts(con, landed.tables, value_sets, work / "clean", keep, part_rows, parts_before)
    limit = limit_of(landed.extracted_at, settings.timezone)
    unsorted = work / "quarantine.unsorted.parquet"
    with Sink(unsorted, pl.DataFrame(schema=QUARANTINE)) as quarantine:
        night = _Night(con, settings.timezone, value_sets, limit, parts, quarantine)
        for table in EXTRACT.values():  # patients first: the others need to know who was accepted
            if table.name in landed.tables:
                counts[table.name] = _apply(night, table)
            if table.name == "patients":
                _require_share(counts, share)  # without patients every other row would seem bad
    _require_share(counts, share)
    quarantined = work / "quarantine.parquet"
    con.execute(sql.read("contract/quarantine"), {"unsorted": exactly(unsorted), "path": str(quarantined)})
    unsorted.unlink()
    con.execute("DROP SCHEMA contract CASCADE")
    return Clean(parts, night.codes, quarantined, _feeds(landed, counts))


def _apply(night: _Night, table: Table) -> _Counts:
    """Judge one table: its clean rows into the parts, its bad ones into the quarantine; its counts."""
    con, quarantine = night.con, night.quarantine
    malformed = _frame(
        con, "SELECT * FROM raw.malformed WHERE table_name = $table ORDER BY source_file, row_number", table=table.name
    )
    quarantine.write(malformed_rows(malformed))
    landed = _number(con, f'SELECT count(*) FROM raw."{table.name}"')
    counts = _Counts(read=landed + malformed.height, quarantined=malformed.height)
    source = _Source.of(con, table)
    has_repeated = _find_repeated(con, source)
    patients: list[pl.DataFrame] = []
    shared: list[pl.DataFrame] = []

    def judged(batch: pl.DataFrame) -> _Batch:
        return _judge(batch, table, night)

    def take(batch: _Batch) -> None:
        for rule, losing in batch.warned:
            quarantine.write(quarantine_rows(_texts(con, losing, table), table, rule.column, rule.reason, "warning"))
        if batch.warned:
            numbers = pl.concat([losing.select("source_file", "row_number") for _, losing in batch.warned])
            counts.warned += numbers.n_unique()
        parts.write(batch.clean)
        counts.accepted += batch.clean.height
        if table.name in ("observations", "medications"):
            codes = batch.clean.select(pl.lit(table.name).alias("table_name"), "code_system", "code_key")
            night.codes = pl.concat([night.codes, codes.unique()]).unique()
        if table.name == "patients":
            patients.append(batch.clean.select("patient_id", "birth_date", part="_part"))

    def reject(rows: pl.DataFrame, column: str | None = None, reason: str | None = None) -> None:
        if not rows.is_empty():
            quarantine.write(quarantine_rows(_texts(con, rows, table), table, column, reason))
        counts.quarantined += rows.height

    with Parts(night.parts, table) as parts:
        for batch in ahead(judged, _batches(con, source, has_repeated=has_repeated)):
            reject(batch.rejected)
            if batch.shared.height:
                shared.append(batch.shared)
            take(batch)
        if shared:
            stays, goes = resolve_conflicts(pl.concat(shared), table)
            take(_taken(stays, pl.repeat(True, stays.height, eager=True), table))
            reject(goes, table.id, "conflicting_id")
    if has_repeated:
        counts.duplicate = _number(con, "SELECT count(*) FILTER (WHERE is_duplicate) FROM contract.repeated")
    if table.name == "patients":
        con.register("accepted_patients", pl.concat([pl.DataFrame(schema=_PATIENTS), *patients]).to_arrow())
        con.execute(sql.read("contract/patients"))
        con.unregister("accepted_patients")
    if counts.read != counts.accepted + counts.quarantined + counts.duplicate:
        raise RuntimeError(f"table {table.name}: rows read are not rows accepted, quarantined and collapsed")
    return counts


@dataclass(frozen=True)
class _Batch:
    """A judged batch. clean: the accepted rows that are alone with their id; warned: those of them that lose a value.

    rejected and shared (accepted rows of an id that other rows have too) are parsed rows.
    """

    clean: pl.DataFrame
    warned: list[tuple[Rule, pl.DataFrame]]
    rejected: pl.DataFrame
    shared: pl.DataFrame


def _judge(batch: pl.DataFrame, table: Table, night: _Night) -> _Batch:
    if "_last_updated" in batch.columns:
        batch = parse_times(batch, "_last_updated", night.timezone)
    parsed = parse(batch, table, night.timezone, night.value_sets, night.limit)
    judged = judge(parsed, table)
    is_shared = parsed.get_column("_is_shared_id")
    taken = _taken(parsed, judged.accepted & ~is_shared, table)
    return replace(taken, rejected=judged.rejected, shared=parsed.filter(judged.accepted & is_shared))


def _taken(rows: pl.DataFrame, accepted: pl.Series, table: Table) -> _Batch:
    return _Batch(clean(rows, accepted, table), warnings_of(rows, accepted, table), pl.DataFrame(), pl.DataFrame())


@dataclass(frozen=True)
class _Source:
    """The landed rows of one table. `name`: the table or view, with values in place of texts where there are such."""

    table: Table
    name: str
    columns: tuple[str, ...]

    @staticmethod
    def of(con: duckdb.DuckDBPyConnection, table: Table) -> "_Source":
        found = con.execute(
            "SELECT schema_name, column_name FROM duckdb_columns()"
            " WHERE table_name = $table AND schema_name IN ('raw', 'typed') ORDER BY column_index",
            {"table": table.name},
        ).fetchall()
        schema = max(schema for schema, _ in found)
        return _Source(table, f'{schema}."{table.name}"', tuple(column for of, column in found if of == schema))

    def query(self, name: str, **parts: str) -> str:
        """A statement with names put in: the contract's own, never a source's."""
        columns = ", ".join(f'"{column}"' for column in self.table.names)
        usual = {"is_shared": "false", "is_repeated": "false", "condition": "true"}
        names = {"source": self.name, "id": f'"{self.table.id}"', "columns": columns}
        return sql.read(name).format(**(usual | names | parts))


def _find_repeated(con: duckdb.DuckDBPyConnection, source: _Source) -> bool:
    """Whether an id occurs more than once in the table; fills contract.repeated_ids with the hashes of such ids.

    Sorting numbers finds them in a tenth of the time in which a table of all ids is made, and in 16 bytes an id.
    """
    if source.table.id is None:
        return False
    hashes = _frame(con, source.query("contract/id_hashes")).get_column("id_hash").sort()
    repeated = hashes.filter(hashes == hashes.shift(1)).unique()
    con.register("repeated_ids", repeated.to_frame().to_arrow())
    con.execute("CREATE OR REPLACE TABLE contract.repeated_ids AS SELECT id_hash FROM repeated_ids")
    con.unregister("repeated_ids")
    return len(repeated) > 0


def _batches(con: duckdb.DuckDBPyConnection, source: _Source, *, has_repeated: bool) -> Iterator[pl.DataFrame]:
    """The table's rows but exact duplicates, with the facts across rows, in no order.

    Rows of repeated ids are set aside and come last, from contract.repeated, where they were compared.
    """
    columns = ", ".join(f'landed."{name}"' for name in source.table.names)
    update = ", landed.last_updated AS _last_updated" if "last_updated" in source.columns else ""
    if not has_repeated:
        yield from _read(con, source.query("contract/batch", columns=columns + update))
        return
    is_repeated = f'hash(landed."{source.table.id}") IN (SELECT id_hash FROM contract.repeated_ids)'
    is_first = True
    for batch in _read(con, source.query("contract/batch", columns=columns + update, is_repeated=is_repeated)):
        aside = batch.filter("_is_repeated").drop(_FACTS)
        con.register("rows_aside", aside.to_arrow())
        con.execute(
            "CREATE OR REPLACE TABLE contract.aside AS FROM rows_aside"
            if is_first
            else "INSERT INTO contract.aside FROM rows_aside"
        )
        con.unregister("rows_aside")
        is_first = False
        yield batch.filter(~pl.col("_is_repeated"))
    con.execute(source.query("contract/repeated"))
    update = ", landed._last_updated" if update else ""
    parts = {"source": "contract.repeated", "is_shared": "landed.is_shared", "condition": "NOT landed.is_duplicate"}
    yield from _read(con, source.query("contract/batch", columns=columns + update, **parts))


def _read(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[pl.DataFrame]:
    cursor = con.cursor()
    try:
        for batch in cursor.sql(query.rstrip().removesuffix(";")).to_arrow_reader(BATCH_ROWS):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame
    finally:
        cursor.close()


def _texts(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The rows with the contract's texts where they have values, for the quarantine."""
    values = [name for name in table.names if rows.schema[name] != pl.String]
    if not values or rows.is_empty():
        return rows
    con.register("rows_with_values", rows.select(values).to_arrow())
    kinds = con.execute("DESCRIBE rows_with_values").fetchall()
    texts = ", ".join(f'{as_text(name, kind, table.name)} AS "{name}"' for name, kind, *_ in kinds)
    rendered = _frame(con, f"SELECT {texts} FROM rows_with_values")
    con.unregister("rows_with_values")
    return rows.with_columns(rendered.get_columns())


def _frame(con: duckdb.DuckDBPyConnection, query: str, **parameters: str) -> pl.DataFrame:
    frame = pl.from_arrow(con.sql(query, params=parameters or None).to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _require_share(counts: Mapping[str, _Counts], share: float) -> None:
    """ContractError where too many of a table's rows are quarantined; it names tables and shares, no content."""
    over = [
        f"{name} {counted.quarantined / counted.read:.1%}"
        for name, counted in counts.items()
        if counted.read and counted.quarantined > share * counted.read
    ]
    if over:
        raise ContractError(
            f"more than {share:.1%} of the rows break the contract: {', '.join(over)}; "
            "correct the extract, or raise max_quarantined_share under [input]"
        )


def _feeds(landed: Landed, counts: Mapping[str, _Counts]) -> pl.DataFrame:
    rows = [(name, name in counts, counts.get(name, _Counts()), landed.loaded_through.get(name)) for name in EXTRACT]
    return pl.DataFrame(
        [
            (name, present, c.read, c.accepted, c.quarantined, c.duplicate, c.warned, through)
            for name, present, c, through in rows
        ],
        schema=FEEDS,
        orient="row",
    )
