"""(c) Plain DuckDB SQL over the Parquet files: six_measures.sql."""

import json
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.peers import Counts, tables

_QUERY = Path(__file__).with_name("six_measures.sql")
_TABLES = ("conditions", "observations", "imaging", "procedures", "referrals", "medications", "encounters")


def counts(folder: Path) -> Counts:
    """The counts of the six measures."""
    days = json.loads((folder / "days.json").read_text())
    query = _QUERY.read_text()
    known = {"as_of": days["as_of"]} | days["horizons"]
    values = {name: date.fromisoformat(day) for name, day in known.items() if f"${name}" in query}
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name in _TABLES:
            con.execute(f"CREATE VIEW clean_{name} AS SELECT * FROM read_parquet({tables(folder, name)!r})")
        for name in ("cases", "codes", "studies"):
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder / name}.parquet')")
        return con.execute(query, values).fetchall()
