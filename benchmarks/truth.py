"""How well a published audit finds what is known of a synthetic extract: recall and precision, measure by measure.

    python -m benchmarks.truth EXTRACT.truth.parquet OUT/audit.duckdb

prints a table and exits 1 where a share is below 1.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from flows.exactly import literal

_FOUND = """
    SELECT c.patient_id, c.level, c.t0, f.measure_id, f.instance, f.state, f.reason
    FROM published.audit.findings AS f JOIN published.audit.cases AS c USING (case_id)
"""
_KEYS = "patient_id, level, t0, measure_id, instance, state, reason"
_COUNTS = f"""
    WITH known AS (
        SELECT patient_id, level, t0, measure_id, instance, state, reason, count(*) AS n
        FROM read_parquet($truth) GROUP BY ALL
    ),
    found AS (SELECT {_KEYS}, count(*) AS n FROM ({_FOUND}) GROUP BY ALL),
    matched AS (
        SELECT measure_id, state, coalesce(k.n, 0) AS n_truth, coalesce(f.n, 0) AS n_found
        FROM known AS k FULL JOIN found AS f USING ({_KEYS})
    )
    SELECT measure_id, state, sum(n_truth)::BIGINT AS n_truth, sum(n_found)::BIGINT AS n_found,
        sum(least(n_truth, n_found))::BIGINT AS n_both,
        n_both / nullif(sum(n_truth), 0) AS recall, n_both / nullif(sum(n_found), 0) AS precision
    FROM matched GROUP BY measure_id, state ORDER BY measure_id, state
"""
_DIFFERENCES = f"""
    WITH known AS (SELECT {_KEYS} FROM read_parquet($truth)),
    found AS ({_FOUND})
    SELECT measure_id, k.state AS true_state, k.reason AS true_reason, f.state AS found_state,
        f.reason AS found_reason, count(*) AS n, min(patient_id) AS example
    FROM known AS k FULL JOIN found AS f USING (patient_id, level, t0, measure_id, instance)
    WHERE (k.state, k.reason) IS DISTINCT FROM (f.state, f.reason)
    GROUP BY ALL ORDER BY n DESC, measure_id, example
"""


def recall_precision(truth_path: Path, warehouse_path: Path) -> pl.DataFrame:
    """One row a measure and state: measure_id, state, n_truth, n_found, n_both, recall, precision.

    A finding is right where patient, level, T0, measure, instance, state and reason are all those of the truth. Recall
    is null where the truth has no row of the state, precision where the audit has none.
    """
    return _asked(_COUNTS, truth_path, warehouse_path)


def differences(truth_path: Path, warehouse_path: Path) -> pl.DataFrame:
    """Where the audit and the truth part: measure_id, both states and reasons, how often, and one patient."""
    return _asked(_DIFFERENCES, truth_path, warehouse_path)


def _asked(query: str, truth_path: Path, warehouse_path: Path) -> pl.DataFrame:
    with duckdb.connect() as con:
        con.execute(f"ATTACH {literal(warehouse_path)} AS published (READ_ONLY)")
        table = con.sql(query, params={"truth": str(truth_path)}).to_arrow_table()
    return pl.DataFrame(table)


def main(arguments: Sequence[str]) -> int:
    """Print both tables; 0 where everything agrees, 1 where not, 2 for a wrong command line."""
    if len(arguments) != 2:
        print("usage: python -m benchmarks.truth TRUTH.parquet AUDIT.duckdb", file=sys.stderr)
        return 2
    truth_path, warehouse_path = map(Path, arguments)
    for path in (truth_path, warehouse_path):
        if not path.is_file():
            print(f"{path}: no such file", file=sys.stderr)
            return 2
    shares = recall_precision(truth_path, warehouse_path)
    wrong = differences(truth_path, warehouse_path)
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=True):
        print(shares)
        if wrong.height:
            print("\nWhere they part:")
            print(wrong)
    found = int(shares["n_truth"].sum())
    print(f"\n{found:,} known findings: " + ("not all as the truth says" if wrong.height else "all as the truth says"))
    return int(wrong.height > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
