"""(a) The floor: every value that the six measures need, read and decompressed once, and summed so that nothing is skipped."""

from pathlib import Path

import polars as pl

from benchmarks.measure import decoded
from benchmarks.peers import COLUMNS, Counts, tables


def counts(folder: Path) -> Counts:
    """Nothing is counted: no measure is asked."""
    sums = [
        pl.scan_parquet(tables(folder, name)).select(
            pl.sum_horizontal(decoded(column, dtype) for column, dtype in _schema(folder, name).items()).alias("size")
        )
        for name in COLUMNS
    ]
    cases = pl.read_parquet_schema(folder / "cases.parquet")
    sizes = pl.sum_horizontal(decoded(column, dtype) for column, dtype in cases.items())
    sums.append(pl.scan_parquet(folder / "cases.parquet").select(sizes.alias("size")))
    pl.concat(sums).collect(engine="streaming")
    return []


def _schema(folder: Path, name: str) -> dict[str, pl.DataType]:
    schema = pl.read_parquet_schema(tables(folder, name)[0])
    return {column: schema[column] for column in COLUMNS[name]}
