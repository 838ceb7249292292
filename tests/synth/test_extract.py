"""Is a synthetic extract one that a hospital could have sent: in the contract, the same every time, without a trace of the plan?"""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.cli import main
from flows.synth.plan import plan
from flows.synth.write import AS_OF, Recipe, chunks, truth_path, write
from schemas.extract import EXTRACT

from .conftest import Make

BAD = Recipe(1001, seed=3, chunk=300, shares={"recent": 0.4, "second_episodes": 0.3, "bad_rows": 0.1})
SET_ASIDE = {
    "unknown_status": [("observations", "unknown_enum")],
    "pain_of_99": [("observations", "out_of_range")],
    "no_time": [("observations", "null_required")],
    "before_birth": [("conditions", "impossible_time")],
    "no_code": [("procedures", "null_required")],
    "orphan_referral": [("referrals", "orphan")],
    "orphan_condition": [("conditions", "orphan")],
    "unknown_class": [("encounters", "unknown_enum")],
    "conflicting_referral": [("referrals", "conflicting_id")] * 2,
    "conflicting_study": [("imaging", "conflicting_id")] * 2,
    "patient_without_birth": [("patients", "null_required"), ("conditions", "orphan")],
}
"""What becomes of the rows of each planted defect: (table, reason)."""


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(recipe: Recipe) -> dict[str, pl.DataFrame]:
    """Every table and the truth, sorted."""
    made: dict[str, list[pl.DataFrame]] = {}
    for tables, truth in chunks(recipe):
        for name, frame in {**tables, "truth": truth}.items():
            made.setdefault(name, []).append(frame)
    return {name: frame.sort(frame.columns) for name, parts in made.items() for frame in [pl.concat(parts)]}


def test_only_the_planted_rows_are_set_aside(audited: Make) -> None:
    made = audited(BAD)
    cases = plan(0, BAD.cases, BAD.cases, BAD.seed, AS_OF, BAD.shares)
    planted = {word: n for word, n in cases["defect"].cast(pl.String).value_counts().rows() if word != "none"}
    expected: dict[tuple[str, str], int] = {}
    for word, n in planted.items():
        for key in SET_ASIDE.get(word, []):
            expected[key] = expected.get(key, 0) + n
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{made.warehouse}' AS published (READ_ONLY)")
        found = con.execute(
            "SELECT table_name, reason, count(*) FROM published.audit.quarantine GROUP BY ALL"
        ).fetchall()
        twice = con.execute("SELECT table_name, rows_duplicate FROM published.audit.feeds").fetchall()
    assert {(table, reason): n for table, reason, n in found} == expected
    assert {table: n for table, n in twice if n} == {"observations": planted["duplicate"]}
    assert len(planted) > 8


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    recipe = Recipe(120, seed=4, chunk=60, without_fracture=0.2)
    for name in ("a", "b"):
        write(recipe, tmp_path / name)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert truth_path(tmp_path / "a").read_bytes() == truth_path(tmp_path / "b").read_bytes()
    write(Recipe(120, seed=5, chunk=60, without_fracture=0.2), tmp_path / "c")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_a_patient_does_not_depend_on_the_chunk() -> None:
    in_one, in_many = (rows(Recipe(151, seed=6, chunk=size, without_fracture=0.3)) for size in (1000, 70))
    assert in_one.keys() == in_many.keys()
    for name, frame in in_one.items():
        assert frame.equals(in_many[name]), name


def test_a_patient_does_not_depend_on_how_many_there_are() -> None:
    few, more = (rows(Recipe(cases, seed=6)) for cases in (200, 300))
    for name, frame in few.items():
        assert frame.join(more[name], on=frame.columns, how="anti", nulls_equal=True).is_empty(), name


def test_csv_holds_the_same_rows(tmp_path: Path) -> None:
    for fmt in ("parquet", "csv"):
        write(Recipe(200, seed=7, fmt=fmt), tmp_path / fmt)
    assert truth_path(tmp_path / "csv").read_bytes() == truth_path(tmp_path / "parquet").read_bytes()
    for table in (path.name for path in (tmp_path / "csv").iterdir() if path.is_dir()):
        parquet = pl.read_parquet(tmp_path / "parquet" / table / "*.parquet")
        schema = {name: pl.String if kind == pl.Datetime else kind for name, kind in parquet.schema.items()}
        csv = pl.read_csv(tmp_path / "csv" / table / "*.csv", schema=schema)
        times = [name for name, kind in parquet.schema.items() if kind == pl.Datetime]
        assert csv.equals(parquet.with_columns(pl.col(times).dt.strftime("%Y-%m-%dT%H:%M"))), table


def test_every_table_has_the_columns_of_the_contract_and_ids_of_its_own() -> None:
    made = rows(Recipe(500, seed=8, shares={"bad_rows": 0}))
    assert set(made) == {*EXTRACT, "truth"}
    for name, table in EXTRACT.items():
        frame = made[name]
        assert tuple(frame.columns) == table.names
        if name != "followup":
            assert frame[table.names[0]].is_unique().all(), name
        assert frame["patient_id"].is_in(made["patients"]["patient_id"].implode()).all(), name


def test_no_row_of_an_accepted_case_lies_after_the_extract() -> None:
    made = rows(Recipe(2000, seed=9))
    for table, column in {"observations": "observed_at", "referrals": "ordered_at", "encounters": "started_at"}.items():
        assert made[table][column].drop_nulls().dt.date().max() <= AS_OF, table


def test_believable_numbers() -> None:
    made = rows(Recipe(2000, seed=10))
    cases = made["truth"].select("patient_id", "level", "t0").unique().height
    assert cases == 2000
    a_case = sum(frame.height for name, frame in made.items() if name != "truth") / cases
    assert 20 <= a_case <= 27
    plain = rows(Recipe(20, seed=10, without_fracture=0.99))
    patients = plain["patients"].height
    assert patients > 1900
    assert 16 <= sum(frame.height for name, frame in plain.items() if name != "truth") / patients <= 24
    ages = (pl.lit(AS_OF) - pl.col("birth_date")).dt.total_days() / 365
    assert 70 < made["patients"].select(ages.mean()).item() < 80


@pytest.mark.parametrize(
    ("shares", "condition", "least", "most"),
    [
        ({"deficits": 0.5}, pl.col("story") == "deficit", 0.38, 0.5),
        ({"undocumented": 0.0}, pl.col("exam").is_in(["late", "edge_out"]), 0, 0),
        ({"undocumented": 1.0}, pl.col("exam").is_in(["late", "edge_out", "none"]), 0.98, 1),
        ({"missed": 1.0}, pl.col("physiotherapy").is_in(["late", "edge_out", "none"]), 1, 1),
        ({"recent": 0.3}, pl.col("ago") < 20, 0.25, 0.31),
        ({"second_episodes": 1.0}, pl.col("episode") == "second", 0.5, 0.5),
        ({"bad_rows": 0.0}, pl.col("defect") != "none", 0, 0),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_the_shares_set(shares: dict[str, float], condition: pl.Expr, least: float, most: float) -> None:
    cases = plan(0, 2000, 2000, 1, AS_OF, shares)
    share = cases.select(condition.mean()).item()
    assert least <= share <= most


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "folder" / "extract"
    assert main(["synth", "--cases", "50", "--seed", "2", "--out", str(out), "--missed", "0.2"]) == 0
    told = capsys.readouterr().out
    assert "observations" in told
    assert "truth" in told
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["extracted_at"] == "2026-10-01T03:10:00Z"
    assert manifest["loaded_through"]["imaging"] == "2026-09-27"
    assert {path.name for path in out.iterdir()} == {*EXTRACT, "manifest.json"}
    assert main(["synth", "--cases", "50", "--out", str(out)]) == 10
    assert "not empty" in capsys.readouterr().err
    assert main(["synth", "--cases", "50", "--out", str(out / "manifest.json" / "below")]) == 10
    assert "Not a directory" in capsys.readouterr().err
    assert main(["check", "--extract", str(out)]) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["--cases", "0"],
        ["--without-fracture", "1"],
        ["--without-fracture", "nan"],
        ["--missed", "2"],
        ["--missed", "nan"],
    ],
)
def test_impossible_requests(wrong: list[str], tmp_path: Path) -> None:
    assert main(["synth", "--cases", "5", "--out", str(tmp_path / "x"), *wrong]) == 2
    assert not (tmp_path / "x").exists()


def test_the_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["synth", "--help"]) == 0
    assert "spine-audit synth --cases 400 --out" in capsys.readouterr().out
