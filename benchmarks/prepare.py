"""The common ground of the contest: clean tables, the cases and the code lists, as Parquet files that every contestant reads.

    clean/**/<table>.parquet   the events as the contract leaves them (schemas/contract.py)
    cases.parquet              one audited case: its clocks, its population, the region of its level
    codes.parquet              value_set, code_system, code_key: the value sets spelled out for the codes that occur
    studies.parquet            code_system, code_key, modality, regions, contrast: what imaging codes say
    days.json                  as_of and the horizon of each feed (ISO dates)
    truth.json                 the audit's own counts, [measure_id, state, n]

The cases come from the published warehouse, so that the contest is about the measures and not about finding cases.
"""

import json
import pickle
import shutil
import sys
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.peers import COLUMNS, MEASURES, tables
from flows import run
from flows.settings import load_settings
from schemas.parameters import load_parameters
from schemas.value_sets import ValueSets, load_value_sets
from transforms.concepts import Concepts, distinct_codes, matches

_SQL = Path(__file__).with_name("sql")
_CODED = {
    "conditions": ("code_system", "code_key"),
    "observations": ("code_system", "code_key"),
    "imaging": ("code_system", "code_key"),
    "procedures": ("code_system", "code_key"),
    "medications": ("code_system", "code_key"),
    "encounters": ("specialty_system", "specialty_key"),
    "referrals": ("specialty_system", "specialty_key"),
}
_NOBODY = "(SELECT '' AS patient_id, DATE '1970-01-01' AS started_date, NULL::DATE AS ended_date WHERE FALSE)"
_REASON = ("reason_code_system", "reason_key")


def prepare(extract: Path, warehouse: Path, folder: Path) -> Path:
    """Makes `folder` anew from an extract and the warehouse that an audit of it published."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _clean_tables(extract, folder)
    parameters = load_parameters({})
    value_sets = load_value_sets(None, None, parameters.input.include_unverified_codes)
    write_codes(folder, value_sets)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{warehouse}' AS published (READ_ONLY)")
        con.execute("SET search_path = 'published.audit,memory.main'")
        write_days(folder, con)
        write_cases(folder, con)
        (folder / "truth.json").write_text(json.dumps(audit_counts(con)))
    return folder


def audit_counts(con: duckdb.DuckDBPyConnection) -> list[list[object]]:
    """[measure_id, state, n] of the measures of the contest, as published."""
    query = (
        "SELECT measure_id, state, count(*) FROM findings WHERE list_contains($m, measure_id) GROUP BY ALL ORDER BY ALL"
    )
    return [list(row) for row in con.execute(query, {"m": list(MEASURES)}).fetchall()]


def write_days(folder: Path, con: duckdb.DuckDBPyConnection) -> None:
    """days.json: through which day the extract and each feed show everything."""
    as_of = con.execute("SELECT max(as_of) FROM runs").fetchall()[0][0]
    feeds = con.execute("SELECT table_name, present, horizon FROM feeds").fetchall()
    absent = [name for name, present, _ in feeds if name in COLUMNS and not present]
    assert not absent, f"the contest needs every feed; absent: {absent}"
    days = {"as_of": as_of.isoformat(), "horizons": {name: (day or as_of).isoformat() for name, _, day in feeds}}
    (folder / "days.json").write_text(json.dumps(days))


def write_cases(folder: Path, con: duckdb.DuckDBPyConnection) -> None:
    """cases.parquet: see sql/cases.sql."""
    for name in ("patients", "followup", "conditions", "procedures", "encounters"):
        files = tables(folder, name)
        rows = f"read_parquet({files!r})" if files else _NOBODY  # the follow-up is the one table that may be absent
        con.execute(f"CREATE TEMP VIEW clean_{name} AS SELECT * FROM {rows}")
    con.execute(f"CREATE TEMP VIEW codes AS SELECT * FROM read_parquet('{folder / 'codes.parquet'}')")
    query = (_SQL / "cases.sql").read_text()
    con.execute(f"COPY ({query}) TO '{folder / 'cases.parquet'}' (FORMAT parquet)")


def write_codes(folder: Path, value_sets: ValueSets) -> None:
    """codes.parquet and studies.parquet: prefixes spelled out, so that no contestant has to match patterns."""
    columns = [(name, *key) for name, key in _CODED.items()] + [("referrals", *_REASON)]
    found = [distinct_codes([pl.scan_parquet(tables(folder, name))], system, key) for name, system, key in columns]
    codes = pl.concat(found).unique()
    concepts = Concepts.of(value_sets)
    known = matches(codes, concepts.codes.drop("set_row")).select("value_set", "code_system", "code_key").unique()
    known.sort("value_set", "code_system", "code_key").write_parquet(folder / "codes.parquet")
    studies = concepts.imaging.select("code_system", "code_key", "modality", "regions", "contrast")
    studies.unique(["code_system", "code_key"], keep="first", maintain_order=True).write_parquet(
        folder / "studies.parquet"
    )


def _clean_tables(extract: Path, folder: Path) -> None:
    """The tables that the contract lets through, by the program's own stages; `clean.pickle` hands them to our contestant."""
    plan = run.prepare(load_settings(extract), folder)
    landed = run.land(plan)
    clean = run.contract(plan, landed)
    as_of = run.landed_as_of(plan, landed)
    (folder / "clean.pickle").write_bytes(pickle.dumps((extract, clean, as_of)))
    for file in folder.glob("work.duckdb*"):
        file.unlink()


def limited(common: Path, folder: Path, n: int) -> Path:
    """The same for the first n cases and their patients only."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(common, folder, ignore=shutil.ignore_patterns("*.pickle", "clean"))
    cases = pl.read_parquet(common / "cases.parquet").head(n)
    cases.write_parquet(folder / "cases.parquet")
    (folder / "clean").mkdir()
    for name in COLUMNS:
        rows = pl.scan_parquet(tables(common, name)).join(cases.lazy(), on="patient_id", how="semi")
        rows.collect().write_parquet(folder / "clean" / f"{name}.parquet")
    return folder


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
