"""Conservation, the share that stops a run, both ways of checking, and the acceptance extracts."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.drawn import DEFAULTS, Outcome, draw, judge_folder
from schemas.contract import row_rules
from schemas.errors import ContractError
from schemas.extract import EXTRACT
from schemas.value_sets import load_value_sets
from transforms import contract
from transforms.contract import first_by_expression, first_by_pandera, limit_of, parse, verdicts

VIGNETTES = Path(__file__).resolve().parents[3] / "shared" / "vignettes"
KEY = ["table_name", "row_id", "column_name", "reason", "severity"]


def conserved(outcome: Outcome) -> bool:
    kept = pl.col("rows_accepted") + pl.col("rows_quarantined") + pl.col("rows_duplicate")
    sizes = {name: frame.height for name, frame in outcome.clean.items()}
    accepted = dict(outcome.feeds.filter("present").select("table_name", "rows_accepted").rows())
    return outcome.feeds.select((pl.col("rows_read") == kept).all()).item() and sizes == accepted


CELLS = st.sampled_from(
    ["", "x", "a", "2024", "2024-03-12", "2024-03-12 10:00", "final", "done", "L2", "7", "72", "LOCAL"]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"observation_id": st.sampled_from(["a", "b", "c", ""]), "patient_id": st.sampled_from(["p", "p", "P", ""])},
        optional=dict.fromkeys(EXTRACT["observations"].names[3:], CELLS),
    ),
    max_size=12,
)


@given(ROWS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    outcome = judge_folder(draw(folder / "extract", observations=rows), folder / "work")
    assert conserved(outcome)
    assert outcome.feed("observations")["rows_read"] == len(rows)


@given(ROWS)
@settings(max_examples=25, deadline=None)
def test_pandera_and_expressions_find_the_same_first_reason(rows: list[dict[str, str]]) -> None:
    table = EXTRACT["observations"]
    good = DEFAULTS["observations"]
    texts = [{name: (good | row).get(name) or None for name in table.names} for row in rows] + [good]
    batch = pl.DataFrame(texts, schema=dict.fromkeys(table.names, pl.String)).with_columns(
        _is_known_patient=(pl.col("patient_id") == "p").fill_null(False), _birth_date=pl.date(1948, 6, 14)
    )
    parsed = parse(batch, table, "UTC", load_value_sets(), limit_of("2025-01-01", "UTC"))
    rules = row_rules(table.name)
    kept = verdicts(parsed, rules)
    assert first_by_pandera(parsed, kept, table).to_list() == first_by_expression(kept, rules).to_list()


def test_many_failures_are_judged_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [{"observation_id": str(n), "status": "done" if n % 2 else "final", "level": "X"} for n in range(40)]
    extract = draw(tmp_path / "extract", observations=rows)
    by_pandera = judge_folder(extract, tmp_path / "a")
    monkeypatch.setattr(contract.judge, "__defaults__", (5,))
    by_expression = judge_folder(extract, tmp_path / "b")
    assert by_pandera.quarantine.equals(by_expression.quarantine)
    assert by_pandera.quarantine.height == 40


@pytest.mark.parametrize(("bad", "stops"), [(1, False), (2, True)])
def test_the_share_of_bad_rows(tmp_path: Path, bad: int, stops: bool) -> None:
    rows = [{"observation_id": str(n), "status": "done" if n < bad else ""} for n in range(20)]
    extract = draw(tmp_path / "extract", observations=rows)
    if stops:
        with pytest.raises(ContractError, match=r"observations 10\.0%"):
            judge_folder(extract, tmp_path / "work", max_share=0.05)
    else:
        judge_folder(extract, tmp_path / "work", max_share=0.05)


def test_warnings_and_duplicates_are_no_bad_rows(judge: Callable[..., Outcome]) -> None:
    rows = [{"level": "X"}, {"level": "X"}, {"observation_id": "b", "level": "X"}]
    assert conserved(judge(max_share=0.0, observations=rows))


def test_too_many_bad_patients_are_named_alone(judge: Callable[..., Outcome]) -> None:
    with pytest.raises(ContractError) as caught:
        judge(max_share=0.05, patients=[{"birth_date": "1948"}])
    assert "patients 100.0%" in str(caught.value)
    assert "conditions" not in str(caught.value)


@pytest.mark.parametrize("name", [path.name for path in sorted(VIGNETTES.glob("*/")) if path.is_dir()] or [None])
def test_acceptance_extracts(name: str | None, tmp_path: Path) -> None:
    if name is None:
        pytest.skip("the acceptance extracts are not here")
    folder = VIGNETTES / name
    own = tomllib.loads((folder / "settings.toml").read_text())
    concept_map = folder / own["concept_map"] if "concept_map" in own else None
    outcome = judge_folder(folder, tmp_path, timezone=own["timezone"], max_share=0.05, concept_map=concept_map)
    assert conserved(outcome)
    expected = folder / "expected_quarantine.csv"
    listed = (
        pl.read_csv(expected, infer_schema=False).rename({"column": "column_name"}).select(KEY).sort(KEY)
        if expected.exists()
        else outcome.quarantine.select(KEY).clear()
    )
    assert outcome.quarantine.select(KEY).sort(KEY).equals(listed)
