"""Publishing: a merged database file becomes `out/audit.duckdb` in one step, or nothing changes.

The file is whole before it is renamed over the old one: the rename is the commit. A reader who has the old file open
keeps it; whoever opens the name next gets the new one.
"""

from pathlib import Path

import polars as pl

from flows.merge import PublishError, attached, fill
from flows.private import make_folder, sync
from flows.published import WAREHOUSE_FILE
from schemas.warehouse import RUNS

__all__ = ["WAREHOUSE_FILE", "PublishError", "publish"]


def publish(merged: Path, runs: pl.DataFrame, out: Path) -> Path:
    """Write the row of `runs` into the merged file and move it to `out/audit.duckdb`; the new path.

    merged: of `flows.merge.merge`, on the same disk as `out`. Raises PublishError (exit 14); the published file stays
    as it was. The caller holds the run lock.
    """
    target = make_folder(out) / WAREHOUSE_FILE
    with attached(merged) as con:
        fill(con, "audit", RUNS, runs)
    merged.chmod(0o600)
    sync(merged)
    merged.replace(target)
    sync(out)
    return target
