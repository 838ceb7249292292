"""Raw tables in, clean tables and the quarantine out: the contract applied in batches, so that memory stays bounded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import duckdb
import polars as pl
import pyarrow.parquet as pq

import sql
from flows.land import Landed
from schemas.columns import Table
from schemas.contract import QUARANTINE
from schemas.errors import ContractError
from schemas.extract import EXTRACT
from schemas.parameters import Parameters
from schemas.value_sets import ValueSets
from transforms.contract import (
    Limit,
    clean,
    empty_clean,
    judge,
    limit_of,
    malformed_rows,
    parse,
    parse_times,
    quarantine_rows,
    resolve_conflicts,
    warnings_of,
)

BATCH_ROWS = 250_000
_ROW_GROUP_ROWS = 125_000
"""Small row groups: the files are sorted by patient, and a range of patients is read without the rest."""

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
    """What the contract let through. tables: name → Parquet file, only of tables that are there.

    quarantine: Parquet file with the columns of audit.quarantine. feeds: one row for each of the nine tables.
    """

    tables: Mapping[str, Path]
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


def apply_contract(
    con: duckdb.DuckDBPyConnection, landed: Landed, settings: ContractSettings, value_sets: ValueSets, work: Path
) -> Clean:
    """Judge every landed row and write `work`/clean/<table>.parquet and `work`/quarantine.parquet.

    Raises ContractError (exit 12) where more than `max_quarantined_share` of the rows read of a table is quarantined.
    """
    folder = work / "clean"
    folder.mkdir(parents=True, exist_ok=True)
    limit = limit_of(landed.extracted_at, settings.timezone)
    share = float(settings.parameters.input.max_quarantined_share)
    con.execute("CREATE SCHEMA IF NOT EXISTS contract")
    con.execute("CREATE OR REPLACE TABLE contract.patients (patient_id VARCHAR, birth_date DATE)")
    tables: dict[str, Path] = {}
    counts: dict[str, _Counts] = {}
    unsorted = work / "quarantine.unsorted.parquet"
    with _Sink(unsorted, pl.DataFrame(schema=QUARANTINE)) as quarantine:
        for table in EXTRACT.values():  # patients first: the others need to know who was accepted
            if table.name not in landed.tables:
                continue
            path = folder / f"{table.name}.parquet"
            with _Sink(path, empty_clean(table.name)) as accepted:
                counts[table.name] = _apply(con, table, settings.timezone, value_sets, limit, accepted, quarantine)
            tables[table.name] = path
            if table.name == "patients":
                _require_share(counts, share)  # without patients every other row would seem bad
                con.execute(sql.read("contract/patients"), {"path": str(path)})
    _require_share(counts, share)
    quarantined = work / "quarantine.parquet"
    key = ["table_name", "source_file", "row_number", "column_name", "reason"]
    pl.scan_parquet(unsorted).sort(key).sink_parquet(quarantined)
    unsorted.unlink()
    con.execute("DROP SCHEMA contract CASCADE")
    return Clean(tables, quarantined, _feeds(landed, counts))


def _apply(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    timezone: str,
    value_sets: ValueSets,
    limit: Limit,
    accepted: "_Sink",
    quarantine: "_Sink",
) -> _Counts:
    """Judge one table into the two sinks; its counts."""
    malformed = _frame(
        con, "SELECT * FROM raw.malformed WHERE table_name = $table ORDER BY source_file, row_number", table=table.name
    )
    quarantine.write(malformed_rows(malformed))
    landed = _number(con, f'SELECT count(*) FROM raw."{table.name}"')
    counts = _Counts(read=landed + malformed.height, quarantined=malformed.height)
    counts.duplicate = _find_repeated(con, table)

    def keep(rows: pl.DataFrame) -> None:
        warned = [(rule, losing) for rule, losing in warnings_of(rows, table)]
        for rule, losing in warned:
            quarantine.write(quarantine_rows(losing, table, rule.column, rule.reason, "warning"))
        if warned:
            numbers = pl.concat([losing.select("source_file", "row_number") for _, losing in warned])
            counts.warned += numbers.n_unique()
        accepted.write(clean(rows, table))
        counts.accepted += rows.height

    def reject(rows: pl.DataFrame, column: str | None = None, reason: str | None = None) -> None:
        quarantine.write(quarantine_rows(rows, table, column, reason))
        counts.quarantined += rows.height

    shared: list[pl.DataFrame] = []
    for batch in _batches(con, table):
        if "_last_updated" in batch.columns:
            batch = parse_times(batch, "_last_updated", timezone)
        judged = judge(parse(batch, table, timezone, value_sets, limit), table)
        reject(judged.rejected)
        is_shared = pl.col("_is_shared_id")
        if judged.accepted.get_column("_is_shared_id").any():
            shared.append(judged.accepted.filter(is_shared))
        keep(judged.accepted.filter(~is_shared))
    if shared:
        stays, goes = resolve_conflicts(pl.concat(shared), table)
        keep(stays)
        reject(goes, table.id, "conflicting_id")
    if counts.read != counts.accepted + counts.quarantined + counts.duplicate:
        raise RuntimeError(f"table {table.name}: rows read are not rows accepted, quarantined and collapsed")
    return counts


def _find_repeated(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Fill contract.repeated for the table; the number of exact duplicates. Rows without an id are never duplicates."""
    if table.id is None:
        con.execute("CREATE OR REPLACE TABLE contract.repeated (row BIGINT, is_duplicate BOOLEAN)")
        return 0
    con.execute(_filled("contract/repeated", table, columns=_quoted(table)))
    return _number(con, "SELECT count(*) FILTER (WHERE is_duplicate) FROM contract.repeated")


def _batches(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[pl.DataFrame]:
    """The table's rows with the facts across rows, sorted by patient and id."""
    columns = _frame(
        con,
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'raw' AND table_name = $table",
        table=table.name,
    )
    has_update = "last_updated" in columns.get_column("column_name")
    query = _filled(
        "contract/batch",
        table,
        columns=_quoted(table, "landed."),
        extra="landed.last_updated AS _last_updated," if has_update else "",
        order=", ".join(f'landed."{name}"' for name in dict.fromkeys(("patient_id", *table.key)))
        + ", landed.source_file, landed.row_number",
    )
    cursor = con.cursor()
    try:
        for batch in cursor.sql(query.rstrip().removesuffix(";")).to_arrow_reader(BATCH_ROWS):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame
    finally:
        cursor.close()


def _filled(name: str, table: Table, **parts: str) -> str:
    """A statement with the names of a table's columns put in; they are the contract's own, never a source's."""
    return sql.read(name).format(table=f'"{table.name}"', id=f'"{table.id}"', **parts)


def _quoted(table: Table, prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in table.names)


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


class _Sink:
    """A Parquet file that is written frame by frame; it exists, with its columns, also where nothing was written."""

    def __init__(self, path: Path, empty: pl.DataFrame) -> None:
        self.empty = empty
        # A dictionary of ids that hardly repeat costs more than the rest of the writing.
        texts = [name for name, kind in empty.schema.items() if kind == pl.String]
        repeating = [name for name in texts if name == "patient_id" or not name.endswith("_id")]
        self.writer = pq.ParquetWriter(
            path, empty.to_arrow().schema, compression="snappy", use_dictionary=repeating or False
        )

    def write(self, frame: pl.DataFrame) -> None:
        if not frame.is_empty():
            self.writer.write_table(frame.match_to_schema(self.empty.schema).to_arrow(), row_group_size=_ROW_GROUP_ROWS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()
