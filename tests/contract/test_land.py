"""Does every form of an extract land the same, and does a damaged file stop the run with one plain line?"""

import gzip
import hashlib
from collections.abc import Callable
from datetime import date, datetime
from itertools import product
from pathlib import Path

import duckdb
import polars as pl
import pytest

from contract.drawn import DEFAULTS, draw, judge_folder
from flows.land import Landed, land, read_manifest
from schemas.errors import ExtractError
from schemas.extract import EXTRACT

NAMES = EXTRACT["conditions"].names
HEADER = ",".join(NAMES)
GOOD = "c1,p,,ICD10CM,S32.020A,,2024-03-12,,"


def landed_rows(extract: Path, table: str = "conditions") -> list[tuple[str, int, str | None]]:
    """(id, row number, code) of a landed table."""
    con = duckdb.connect()
    land(extract, "native", con)
    of_id = EXTRACT[table].id
    return con.execute(f"SELECT {of_id}, row_number, code FROM raw.{table} ORDER BY source_file, row_number").fetchall()


def malformed(extract: Path) -> list[tuple[str, int, str]]:
    con = duckdb.connect()
    land(extract, "native", con)
    return con.execute("SELECT source_file, row_number, text FROM raw.malformed ORDER BY ALL").fetchall()


def refusal(extract: Path) -> str:
    """The message with which the extract is refused."""
    with pytest.raises(ExtractError) as caught:
        land(extract, "native", duckdb.connect())
    return str(caught.value)


@pytest.fixture
def conditions(tmp_path: Path) -> Callable[..., Path]:
    """An extract whose conditions.csv has exactly these bytes."""

    def write(content: str | bytes, name: str = "conditions.csv") -> Path:
        extract = draw(tmp_path / "extract")
        (extract / "conditions.csv").unlink()
        path = extract / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return extract

    return write


def records(*lines: str, end: str = "\n") -> str:
    return "".join(line + end for line in (HEADER, *lines))


@pytest.mark.parametrize(
    "content",
    [
        records(GOOD),
        records(GOOD, end="\r\n"),
        records(GOOD, end="\r"),
        records(GOOD).removesuffix("\n"),
        "\ufeff" + records(GOOD),
        "\ufeff" + records(GOOD, end="\r\n"),
        HEADER + "\r\n" + GOOD + "\n",
        records(GOOD, "", ""),
        records("", GOOD),
        records(" c1 ,\tp,,ICD10CM , S32.020A,,2024-03-12,,"),
        records('"c1","p","","ICD10CM","S32.020A","","2024-03-12","",""'),
        records('"c1","p","","ICD10CM","S32.020A","","2024-03-12","",""', end="\r\n"),
    ],
)
def test_spellings_of_csv(conditions: Callable[..., Path], content: str) -> None:
    assert landed_rows(conditions(content)) == [("c1", 1, "S32.020A")]


def test_quoted_newlines_commas_and_quotes(conditions: Callable[..., Path]) -> None:
    extract = conditions(records('c1,p,,ICD10CM,"a\nb, ""c""",,2024-03-12,,', GOOD.replace("c1", "c2")))
    assert landed_rows(extract) == [("c1", 1, 'a\nb, "c"'), ("c2", 2, "S32.020A")]


def test_a_quote_inside_an_unquoted_value_is_text(conditions: Callable[..., Path]) -> None:
    assert landed_rows(conditions(records("c1,p,,ICD10CM,5'10\",,2024-03-12,,"))) == [("c1", 1, "5'10\"")]


def test_column_order_is_free_and_unknown_columns_are_listed(conditions: Callable[..., Path]) -> None:
    extract = conditions(
        "note,code,recorded_at,patient_id,code_system,condition_id\nhello,S32,2024-03-12,p,ICD10CM,c1\n"
    )
    assert landed_rows(extract) == [("c1", 1, "S32")]
    assert land(extract, "native", duckdb.connect()).unknown_columns == {"conditions": ("note",)}


def test_malformed_records_keep_the_true_numbers(conditions: Callable[..., Path]) -> None:
    lines = [GOOD, "few,p", GOOD.replace("c1", "c3"), GOOD + ",many", '"few\nlines",p', GOOD.replace("c1", "c6")]
    extract = conditions(records(*lines))
    assert [row[:2] for row in landed_rows(extract)] == [("c1", 1), ("c3", 3), ("c6", 6)]
    assert [row[1:] for row in malformed(extract)] == [(2, "few,p"), (4, GOOD + ",many"), (5, '"few\nlines",p')]


@pytest.mark.parametrize("extra", [",", ",,", ',""', ", ", ",x", ",x,y", ",,x"])
def test_a_field_too_many_is_one_too_many_even_if_empty(conditions: Callable[..., Path], extra: str) -> None:
    extract = conditions(records(GOOD, GOOD.replace("c1", "c2") + extra, GOOD.replace("c1", "c3")))
    assert [row[:2] for row in landed_rows(extract)] == [("c1", 1), ("c3", 3)]
    assert [row[1:] for row in malformed(extract)] == [(2, GOOD.replace("c1", "c2") + extra)]


@pytest.mark.parametrize("cut", ["c2,p", "c2", "c2,p,,ICD10CM,S32.020A,,2024-03-12,", '"c2","p', " "])
def test_a_field_too_few(conditions: Callable[..., Path], cut: str) -> None:
    whole = cut + '\n"' if cut.count('"') % 2 else cut
    extract = conditions(records(GOOD, whole, GOOD.replace("c1", "c3")))
    assert [row[:2] for row in landed_rows(extract)] == [("c1", 1), ("c3", 3)]
    assert [row[1:] for row in malformed(extract)] == [(2, whole)]


def test_numbers_after_every_run_of_malformed_records(conditions: Callable[..., Path]) -> None:
    kinds = [kind for run in product(("good", "few", "many"), repeat=4) for kind in run]
    forms = {"good": "c{n},p,,ICD10CM,S32,,2024-03-12,,", "few": "c{n},p", "many": "c{n},p,,ICD10CM,S32,,2024-03-12,,,"}
    extract = conditions(records(*(forms[kind].format(n=n) for n, kind in enumerate(kinds, start=1))))
    good = [n for n, kind in enumerate(kinds, start=1) if kind == "good"]
    assert [row[:2] for row in landed_rows(extract)] == [(f"c{n}", n) for n in good]
    assert [number for _, number, _ in malformed(extract)] == sorted(set(range(1, len(kinds) + 1)) - set(good))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_are_no_records(conditions: Callable[..., Path], end: str) -> None:
    extract = conditions(records("", GOOD, "", "", "few,p", "", GOOD.replace("c1", "c3"), "few,q", end=end))
    assert [row[:2] for row in landed_rows(extract)] == [("c1", 1), ("c3", 3)]
    assert [row[1:] for row in malformed(extract)] == [(2, "few,p"), (4, "few,q")]


def test_numbers_across_many_buffers(conditions: Callable[..., Path]) -> None:
    bad = set(range(7, 60_000, 7_001))
    lines = ["few,p" if n in bad else f'c{n},p,,ICD10CM,"S32,{n}",,2024-03-12,,' for n in range(1, 60_001)]
    extract = conditions(records(*lines))
    assert [number for _, number, _ in malformed(extract)] == sorted(bad)
    assert all(code == f"S32,{number}" for _, number, code in landed_rows(extract))


def test_a_header_alone_is_an_empty_table(conditions: Callable[..., Path]) -> None:
    assert landed_rows(conditions(HEADER)) == []


def test_every_form_lands_the_same(tmp_path: Path) -> None:
    extract = draw(
        tmp_path / "csv", conditions=[{"condition_id": "a"}, {"condition_id": "b", "onset_at": "2024-03-01"}]
    )
    content = (extract / "conditions.csv").read_bytes()
    frame = pl.read_csv(content, infer_schema=False)
    expected = landed_rows(extract)
    for name in (
        "conditions.csv.gz",
        "conditions.parquet",
        "conditions/part-1.csv",
        "conditions/x.csv.gz",
        "conditions/0.parquet",
    ):
        other = draw(tmp_path / name.replace("/", "-"))
        (other / "conditions.csv").unlink()
        (other / name).parent.mkdir(exist_ok=True)
        if name.endswith(".gz"):
            (other / name).write_bytes(gzip.compress(content))
        elif name.endswith(".parquet"):
            frame.write_parquet(other / name)
        else:
            (other / name).write_bytes(content)
        assert landed_rows(other) == expected, name


def test_parts_have_their_own_numbers(conditions: Callable[..., Path]) -> None:
    extract = conditions(records(GOOD, "few,p"), "conditions/b.csv")
    (extract / "conditions" / "a.csv").write_text(records(GOOD.replace("c1", "c0")))
    (extract / "conditions" / "_SUCCESS").touch()
    assert landed_rows(extract) == [("c0", 1, "S32.020A"), ("c1", 1, "S32.020A")]
    assert malformed(extract) == [("conditions/b.csv", 2, "few,p")]
    assert land(extract, "native", duckdb.connect()).other_files == ("conditions/_SUCCESS",)


def test_parquet_types_become_the_contracts_texts(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract")
    pl.DataFrame(
        {
            "observation_id": [1, 2],
            "patient_id": ["p", " p "],
            "code_system": pl.Series(["LOINC", "LOINC"], dtype=pl.Categorical),
            "code": [161.0, 72514.0],
            "observed_at": [date(2024, 3, 12), date(2024, 3, 13)],
            "recorded_at": pl.Series([datetime(2024, 3, 12, 2), None]).dt.replace_time_zone("America/Chicago"),
            "value_number": [7.0, 7.25],
        }
    ).write_parquet(extract / "observations.parquet")
    con = duckdb.connect()
    land(extract, "native", con)
    rows = con.execute(
        "SELECT observation_id, patient_id, code, observed_at, recorded_at, value_number, row_number"
        " FROM raw.observations"
    ).fetchall()
    assert rows == [
        ("1", "p", "161", "2024-03-12", "2024-03-12 07:00:00.000000+00:00", "7", 1),
        ("2", "p", "72514", "2024-03-13", None, "7.25", 2),
    ]


def test_parquet_timestamps_are_minutes_and_dates_days(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract")
    row = {name: [DEFAULTS["imaging"].get(name)] for name in EXTRACT["imaging"].names}
    times = {"ordered_at": [date(2024, 3, 12)], "performed_at": [datetime(2024, 3, 13)]}
    pl.DataFrame(row | times).write_parquet(extract / "imaging.parquet")
    outcome = judge_folder(extract, tmp_path / "work")
    assert outcome.clean["imaging"].select("ordered_is_minute", "performed_is_minute").row(0) == (False, True)


def test_hashes_manifest_and_other_files(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract")
    (extract / "notes.txt").touch()
    landed = land(extract, "native", duckdb.connect())
    data = (extract / "conditions.csv").read_bytes()
    assert [name for name, _, _ in landed.files] == ["conditions.csv", "manifest.json", "patients.csv"]
    assert landed.files[0] == ("conditions.csv", hashlib.sha256(data).hexdigest(), len(data))
    assert landed.other_files == ("notes.txt",)
    assert landed.tables == ("patients", "conditions")


# What stops a run -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "no header"),
        ("\n\n", "no header"),
        (HEADER.replace("recorded_at", "recorded") + "\n" + GOOD, "required column recorded_at is missing"),
        (HEADER.replace("onset_at", "code") + "\n" + GOOD, "column code is there twice"),
        (records(GOOD, 'c2,p,,ICD10CM,"SECRET,,2024-03-12,,'), "quote"),
        (records(GOOD, 'c2,p,,ICD10CM,S32,,2024-03-12,,"SECRET'), "quote"),
        (records(GOOD, 'c2,p,,ICD10CM,"SECRET,,2024-03-12,,', '"c3",p,,ICD10CM,S32,,2024-03-12,,'), "quote"),
        (records(GOOD, 'c2,p,,ICD10CM,"SECRET"x,,2024-03-12,,'), "quote"),
        (records(GOOD).encode() + b"c2,p,,ICD10CM,\xff\xfe SECRET,,2024-03-12,,\n", "not UTF-8"),
        (records(GOOD, "c2,p,,ICD10CM,S32,,2024-03-12,,").encode("utf-16"), "UTF-8"),
        (records(GOOD).replace("S32", "S\x0032"), "not a text file"),
        (gzip.compress(records(GOOD).encode(), mtime=0), "not what the ending says"),
        (b"PAR1 and so on", "not what the ending says"),
    ],
)
def test_damaged_csv(conditions: Callable[..., Path], content: str | bytes, what: str) -> None:
    message = refusal(conditions(content))
    assert message.startswith("conditions.csv: ")
    assert what in message
    assert "SECRET" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("conditions.csv.gz", gzip.compress(records(*[GOOD] * 500).encode(), mtime=0)[:-12], "truncated or damaged"),
        ("conditions.csv.gz", gzip.compress(records(*[GOOD] * 500).encode(), mtime=0)[:60], "truncated or damaged"),
        ("conditions.csv.gz", records(GOOD).encode(), "not what the ending says"),
        ("conditions.csv.gz", b"", "not what the ending says"),
        ("conditions.parquet", records(GOOD).encode(), "not a Parquet file"),
        ("conditions.parquet", b"", "not a Parquet file"),
        ("conditions.parquet", b"PAR1\x00\x00\x00\x00PAR1", "not a Parquet file"),
    ],
)
def test_damaged_binary(conditions: Callable[..., Path], name: str, content: bytes, what: str) -> None:
    message = refusal(conditions(content, name))
    assert message.startswith(f"{name}: ")
    assert what in message


def test_truncated_parquet(conditions: Callable[..., Path], tmp_path: Path) -> None:
    pl.DataFrame({name: ["x"] * 1000 for name in NAMES}).write_parquet(tmp_path / "x.parquet")
    assert "damaged" in refusal(conditions((tmp_path / "x.parquet").read_bytes()[:-40], "conditions.parquet"))


def test_a_parquet_column_that_no_text_can_hold(conditions: Callable[..., Path], tmp_path: Path) -> None:
    frame = pl.DataFrame({name: ["x"] for name in NAMES}).with_columns(code=pl.struct("code"))
    frame.write_parquet(tmp_path / "x.parquet")
    assert "column code has a type" in refusal(conditions((tmp_path / "x.parquet").read_bytes(), "conditions.parquet"))


@pytest.mark.parametrize("column", ["file_row_number", "_source_path"])
def test_a_parquet_column_with_a_name_of_ours(conditions: Callable[..., Path], tmp_path: Path, column: str) -> None:
    pl.DataFrame({name: ["x"] for name in (*NAMES, column)}).write_parquet(tmp_path / "x.parquet")
    message = refusal(conditions((tmp_path / "x.parquet").read_bytes(), "conditions.parquet"))
    assert f"leave out or rename column {column}" in message


def test_a_table_in_two_forms(conditions: Callable[..., Path]) -> None:
    extract = conditions(records(GOOD))
    (extract / "conditions.csv.gz").write_bytes(gzip.compress(records(GOOD).encode()))
    assert "two forms" in refusal(extract)


def test_a_file_and_a_folder_of_a_table(conditions: Callable[..., Path]) -> None:
    extract = conditions(records(GOOD), "conditions/a.csv")
    (extract / "conditions.csv").write_text(records(GOOD))
    assert "two forms" in refusal(extract)


def test_a_part_in_two_forms(conditions: Callable[..., Path]) -> None:
    extract = conditions(records(GOOD), "conditions/a.csv")
    (extract / "conditions" / "a.csv.gz").write_bytes(gzip.compress(records(GOOD).encode()))
    assert "two forms" in refusal(extract)


def test_a_folder_without_parts(conditions: Callable[..., Path]) -> None:
    assert "holds no" in refusal(conditions("", "conditions/_SUCCESS"))


@pytest.mark.parametrize("table", ["patients", "conditions"])
def test_a_required_table_is_missing(tmp_path: Path, table: str) -> None:
    extract = draw(tmp_path / "extract")
    (extract / f"{table}.csv").unlink()
    assert f"table {table} is missing" in refusal(extract)


def test_no_folder(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"extracted": "2024-01-01"}', "'extracted_at'"),
        ('{"source": 1}', "source is not a text"),
        ('{"extracted_at": "yesterday"}', "extracted_at is not a time"),
        ('{"extracted_at": "2024-02-30"}', "extracted_at is not a time"),
        ('{"extracted_at": "2024-02"}', "extracted_at is not a time"),
        ('{"extracted_at": 20240101}', "extracted_at is not a time"),
        ('{"loaded_through": {"imagin": "2024-01-01"}}', "'imaging'"),
        ('{"loaded_through": {"imaging": "2024-01-01T00:00"}}', "not a date"),
        ('{"loaded_through": {"imaging": null}}', "not a date"),
        ('{"loaded_through": "2024-01-01"}', "not an object"),
        ('{"source": "a", "source": "b"}', "twice"),
    ],
)
def test_bad_manifest(manifest: str, what: str) -> None:
    with pytest.raises(ExtractError, match=r"^manifest\.json: ") as caught:
        read_manifest(manifest.encode())
    assert what in str(caught.value)


def test_manifest(tmp_path: Path) -> None:
    extract = draw(tmp_path / "extract")
    (extract / "manifest.json").write_text(
        '{"source": "house", "extracted_at": "2025-01-01 03:00", "loaded_through": {"imaging": "2024-12-20"}}'
    )
    landed: Landed = land(extract, "native", duckdb.connect())
    assert (landed.source, landed.extracted_at) == ("house", "2025-01-01 03:00")
    assert judge_folder(extract, tmp_path / "work").feed("imaging")["loaded_through"] == date(2024, 12, 20)
