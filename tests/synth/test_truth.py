"""Does the audit find what is known of a synthetic extract, all of it and nothing else?"""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.truth import differences, main, recall_precision
from flows.synth.courses import DIALS
from flows.synth.plan import plan
from flows.synth.truth import REASON, TABLES, first_line
from flows.synth.write import AS_OF, Recipe, truth_path, write
from schemas.catalogue import MEASURES, REASONS, STATES

from .conftest import Audited, Make

SMALL = [
    Recipe(400, seed=1),
    Recipe(400, seed=2, fmt="csv", without_fracture=0.5),
    Recipe(1001, seed=3, chunk=300, shares={"recent": 0.4, "second_episodes": 0.3, "bad_rows": 0.1}),
]


def all_found(made: Audited) -> None:
    wrong = differences(made.truth, made.warehouse)
    assert wrong.is_empty(), wrong.to_dicts()
    shares = recall_precision(made.truth, made.warehouse)
    assert shares.filter((pl.col("recall") != 1) | (pl.col("precision") != 1)).is_empty()
    assert shares["recall"].null_count() == shares["precision"].null_count() == 0
    assert shares["n_truth"].sum() == pl.read_parquet(made.truth).height


@pytest.mark.parametrize("recipe", SMALL, ids=lambda recipe: f"seed {recipe.seed}")
def test_recall_and_precision_are_one(audited: Make, recipe: Recipe) -> None:
    all_found(audited(recipe))


@pytest.mark.slow
@pytest.mark.parametrize("shares", [{}, {"missed": 0.6, "undocumented": 0.6, "deficits": 0.4}], ids=["usual", "poor"])
def test_recall_and_precision_are_one_of_many(audited: Make, shares: dict[str, float]) -> None:
    all_found(audited(Recipe(20_000, seed=11, shares=shares)))


def test_a_wrong_verdict_a_missing_and_an_added_one_are_seen(
    audited: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = audited(SMALL[0])
    right = pl.read_parquet(made.truth)
    assert main([str(made.truth), str(made.warehouse)]) == 0
    s1 = (pl.col("measure_id") == "S1") & (pl.col("state") == "deviation")
    for name, wrong in {
        "other reason": right.with_columns(pl.when(s1).then(pl.lit("early")).otherwise("reason").alias("reason")),
        "one less": right.filter(~(s1 & s1.cum_sum().eq(1))),
        "one more": pl.concat([right, right.filter(s1).head(1).with_columns(instance=pl.lit(9, dtype=pl.Int32))]),
    }.items():
        wrong.write_parquet(tmp_path / "wrong.parquet")
        assert main([str(tmp_path / "wrong.parquet"), str(made.warehouse)]) == 1, name
        assert "Where they part" in capsys.readouterr().out, name


def test_every_case_has_every_measure(audited: Make) -> None:
    truth = pl.read_parquet(audited(SMALL[0]).truth)
    cases = truth.group_by("patient_id", "level", "t0").agg(pl.col("measure_id").n_unique())
    assert cases.height == 400
    measures = pl.when(pl.col("level") == "unspecified").then(4).otherwise(len(MEASURES))
    assert cases.filter(pl.col("measure_id") != measures).is_empty()


def test_the_truth_names_every_state_and_nearly_every_reason(tmp_path: Path) -> None:
    write(Recipe(12_000, seed=5), tmp_path / "x")
    truth = pl.read_parquet(truth_path(tmp_path / "x"))
    assert set(truth["state"]) == set(STATES)
    assert set(truth["measure_id"]) == {info.id for info in MEASURES}
    own = REASONS.filter(pl.col("measure_id") != "*").select("measure_id", "state", "reason")
    missing = own.join(truth, on=["measure_id", "state", "reason"], how="anti")
    # a switch of the settings is needed for these, and the defaults have it the other way
    switched = (pl.col("measure_id") == "I2") | (pl.col("reason") == "switched_off")
    assert missing.filter(~switched).is_empty(), missing.to_dicts()


def test_every_option_is_drawn_and_every_line_of_the_truth_is_reached() -> None:
    cases = plan(0, 40_000, 40_000, 1, AS_OF, {})
    for dial in DIALS:
        assert set(cases[dial.name]) == set(dial.options), dial.name
    for measure, instance, table in TABLES:
        judged = cases if measure in ("Q3", "S1", "S2", "X1") else cases.filter(pl.col("level") == "L2")
        reached = judged.select(first_line(table).alias("line"))["line"]
        unused = [table[line] for line in range(len(table)) if line not in set(reached)]
        assert not unused, (measure, instance, unused)


def test_the_reasons_are_those_of_the_catalogue() -> None:
    assert set(REASON.categories) <= set(REASONS["reason"])


def test_the_catalogue_of_the_published_audit_is_met(audited: Make) -> None:
    """The flow from patients to cases counts what was made, and what only looks like it."""
    made = audited(SMALL[0])
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{made.warehouse}' AS published (READ_ONLY)")
        lines = dict(con.execute("SELECT line, n FROM published.audit.cohort_flow").fetchall())
    cases = pl.read_parquet(made.truth).select("patient_id", "level", "t0").unique()
    assert lines["audited"] == cases.filter(pl.col("level") == "L2").height
    assert lines["unspecified_level"] == cases.filter(pl.col("level") == "unspecified").height
