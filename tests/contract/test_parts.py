"""Whose clean rows are kept, and in which part?"""

import dataclasses
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from contract.drawn import DrawnSettings, Row, clean_rows, draw
from flows.ahead import ahead
from flows.contract import Clean, apply_contract
from flows.land import land
from flows.parts import PART_ROWS, Keep, Parts
from schemas.errors import ExtractError
from schemas.extract import EXTRACT
from schemas.parameters import load_parameters
from schemas.value_sets import load_value_sets
from transforms.contract import empty_clean

SITE_CODE = {"code_system": "ours", "code": "BROKEN-L2"}


def judged(
    extract: Path,
    work: Path,
    *,
    keep: Keep = Keep.FRACTURED,
    part_rows: int = PART_ROWS,
    concept_map: Path | None = None,
) -> Clean:
    parameters = load_parameters({"input": {"max_quarantined_share": 1.0}})
    with duckdb.connect() as con:
        landed = land(extract, "native", con)
        value_sets = load_value_sets(None, concept_map)
        settings = DrawnSettings("UTC", parameters)
        return apply_contract(con, landed, settings, value_sets, work, keep=keep, part_rows=part_rows)


def people(conditions: list[Row]) -> dict[str, list[Row]]:
    """A patient, an observation and a drug for each condition, whose patient ids are p0, p1, ..."""
    ids = [f"p{n}" for n in range(len(conditions))]
    return {
        "patients": [{"patient_id": p} for p in ids],
        "conditions": [
            {"condition_id": f"c-{p}", "patient_id": p} | row for p, row in zip(ids, conditions, strict=True)
        ],
        "observations": [{"observation_id": f"o-{p}", "patient_id": p} for p in ids],
        "medications": [{"medication_id": f"m-{p}", "patient_id": p} for p in ids],
    }


def kept(clean: Clean) -> dict[str, set[str]]:
    return {name: set(rows["patient_id"]) for name, rows in clean_rows(clean).items()}


def test_only_patients_with_a_fracture_code_are_kept(tmp_path: Path) -> None:
    clean = judged(
        draw(tmp_path / "extract", **people([{}, {"code": "M54.5"}, {"code": "s32020d"}])), tmp_path / "work"
    )
    assert kept(clean) == {name: {"p0", "p2"} for name in ("patients", "conditions", "observations", "medications")}
    assert clean.feeds.filter("present")["rows_accepted"].to_list() == [3, 3, 3, 3]


def test_a_site_s_own_fracture_code_counts(tmp_path: Path) -> None:
    mapped = tmp_path / "map.csv"
    mapped.write_text("code_system,code,target_system,target_code\nours,broken-l2,ICD10CM,S32.020A\n")
    extract = draw(tmp_path / "extract", **people([SITE_CODE, {"code": "M54.5"}]))
    assert kept(judged(extract, tmp_path / "a", concept_map=mapped))["conditions"] == {"p0"}
    assert kept(judged(extract, tmp_path / "b"))["conditions"] == set()


def test_all_conditions_of_a_kept_patient_are_kept(tmp_path: Path) -> None:
    rows = people([{}])
    rows["conditions"].append({"condition_id": "other", "code": "M54.5", "patient_id": "p0"})
    clean = judged(draw(tmp_path / "extract", **rows), tmp_path / "work")
    assert clean_rows(clean)["conditions"]["condition_id"].sort().to_list() == ["c-p0", "other"]


def test_rows_of_the_others_are_judged_too(tmp_path: Path) -> None:
    rows = people([{}, {"code": "M54.5"}])
    rows["observations"][1]["status"] = "done"
    clean = judged(draw(tmp_path / "extract", **rows), tmp_path / "work")
    assert pl.read_parquet(clean.quarantine)["row_id"].to_list() == ["o-p1"]


def test_codes_are_those_of_everybody(tmp_path: Path) -> None:
    rows = people([{}, {"code": "M54.5"}])
    rows["observations"][1] |= {"code_system": "local", "code": "COURSE", "value_code": "improving", "value_number": ""}
    clean = judged(draw(tmp_path / "extract", **rows), tmp_path / "work")
    assert set(clean.codes.rows()) == {
        ("observations", "LOINC", "72514-3"),
        ("observations", "LOCAL", "course"),
        ("medications", "ATC", "H05BA01"),
    }


@pytest.mark.parametrize("part_rows", [1, 10, 40])
def test_the_parts_together_are_the_whole(tmp_path: Path, part_rows: int) -> None:
    extract = draw(tmp_path / "extract", **people([{}] * 20))
    whole, cut = judged(extract, tmp_path / "a"), judged(extract, tmp_path / "b", part_rows=part_rows)
    assert len(whole.parts) == 1
    assert len(cut.parts) == min(80 / part_rows, 20)
    assert [part.name for part in cut.parts][:2] == ["0000", "0001"]
    for name, rows in clean_rows(cut).items():
        assert rows.sort(rows.columns).equals(clean_rows(whole)[name].sort(rows.columns))


def test_a_patient_is_in_one_part_whatever_the_order(tmp_path: Path) -> None:
    rows = people([{}] * 20)
    found = []
    for name, order in (("a", 1), ("b", -1)):
        extract = draw(tmp_path / name, **{table: drawn[::order] for table, drawn in rows.items()})
        clean = judged(extract, tmp_path / f"work-{name}", part_rows=20)
        found.append([kept(dataclasses.replace(clean, parts=(part,))) for part in clean.parts])
    assert found[0] == found[1]
    for part in found[0]:
        assert len(set(map(frozenset, part.values()))) == 1


@pytest.mark.parametrize(("keep", "number"), [(Keep.NOBODY, 0), (Keep.FRACTURED, 1), (Keep.EVERYONE, 2)])
def test_what_is_kept_changes_no_count(tmp_path: Path, keep: Keep, number: int) -> None:
    clean = judged(draw(tmp_path / "extract", **people([{}, {"code": "M54.5"}])), tmp_path / "work", keep=keep)
    assert clean_rows(clean)["observations"].height == number
    assert clean.feeds.filter("present")["rows_accepted"].to_list() == [2, 2, 2, 2]


# Values of Parquet's own types -----------------------------------------------------------------------------------------


def as_parquet(extract: Path, table: str, **values: list[object]) -> None:
    frame = pl.read_csv(extract / f"{table}.csv", infer_schema=False)
    frame.with_columns(pl.Series(name, column) for name, column in values.items()).write_parquet(
        extract / f"{table}.parquet"
    )
    (extract / f"{table}.csv").unlink()


def test_a_value_is_quarantined_as_its_text(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract", observations=[{}, {"observation_id": "late"}])
    times: list[object] = [datetime(2024, 3, 12, 11), datetime(2026, 3, 12, 11, 0, 0, 250_000)]
    as_parquet(extract, "observations", observed_at=times, value_number=[7.0, 8.5])
    clean = judged(extract, tmp_path / "work")
    (row,) = pl.read_parquet(clean.quarantine).rows(named=True)
    assert (row["row_id"], row["column_name"], row["reason"]) == ("late", "observed_at", "impossible_time")
    assert '"observed_at":"2026-03-12 11:00:00.250000"' in row["row"]
    assert '"value_number":"8.5"' in row["row"]


def test_parts_of_different_types_are_compared_as_texts(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract", observations=[{}, {"observation_id": "b"}])
    content = pl.read_csv(extract / "observations.csv", infer_schema=False)
    (extract / "observations").mkdir()
    for n, day in enumerate(("2024-03-12", date(2024, 3, 12))):
        frame = content.with_columns(observed_at=pl.lit(day))
        frame.write_parquet(extract / "observations" / f"{n}.parquet")
    (extract / "observations.csv").unlink()
    clean = judged(extract, tmp_path / "work")
    feed = clean.feeds.filter(pl.col("table_name") == "observations").row(0, named=True)
    assert (feed["rows_read"], feed["rows_accepted"], feed["rows_duplicate"]) == (4, 2, 2)


def test_a_damaged_page_is_found_before_any_row_is_judged(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract", observations=[{"observation_id": f"o{n}"} for n in range(2000)])
    as_parquet(extract, "observations")
    path = extract / "observations.parquet"
    content = bytearray(path.read_bytes())
    content[100:400] = bytes(300)
    path.write_bytes(content)
    with pytest.raises(ExtractError, match=r"^observations\.parquet: not a Parquet file, or a damaged one"):
        judged(extract, tmp_path / "work")


# Batches ---------------------------------------------------------------------------------------------------------------


def test_batches_come_out_in_their_order() -> None:
    assert list(ahead(lambda n: n * n, range(20))) == [n * n for n in range(20)]


def test_an_error_in_a_batch_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ahead(lambda n: 1 / n, [2, 1, 0, 1, 1, 1]))


def test_the_few_rows_that_wait_keep_no_text_of_the_others(tmp_path: Path) -> None:
    """Most patients of a hospital have no fracture: a batch of which some rows wait must not stay in memory for them."""
    texts = [f"a text of forty bytes or so, number {n:7}" for n in range(10_000)]
    numbers = pl.Series("_part", [None] * 9_990 + [0] * 6 + [1] * 4, dtype=pl.Int32)
    rows = pl.DataFrame({"patient_id": texts}).hstack([numbers])
    empty = empty_clean("patients")
    rows = pl.concat([empty, rows], how="diagonal")
    folders = [tmp_path / "0", tmp_path / "1"]
    for folder in folders:
        folder.mkdir()
    with Parts(folders, EXTRACT["patients"]) as parts:
        parts.write(rows)
        waiting = [frame for frames in parts.waiting.values() for frame in frames]
        held = [frame["patient_id"].to_arrow(compat_level=pl.CompatLevel.newest()).buffers() for frame in waiting]
        assert sum(buffer.size for buffers in held for buffer in buffers if buffer is not None) < 5_000
    written = [pl.read_parquet(folder / "patients.parquet")["patient_id"].to_list() for folder in folders]
    assert written == [texts[-10:-4], texts[-4:]]
