"""Which value sets are in force, and which files are refused?"""

from pathlib import Path

import polars as pl
import pytest

from schemas.errors import ContentError, SettingsError
from schemas.value_sets import load_value_sets

SETS = "value_set,code_system,code,match,label,source,verified\n"
FRACTURES = "code_system,code,match,level,aetiology,seventh,label,source,verified\n"
IMAGING = "code_system,code,modality,regions,contrast,label,source,verified\n"
MAP = "code_system,code,target_system,target_code\n"


def test_the_shipped_sets_are_valid() -> None:
    sets = load_value_sets()
    assert "vertebral_fracture" in sets.names
    assert set(sets.codes["verified"]) == {"yes"}
    assert sets.fractures.filter(pl.col("code_key") == "S32020")["level"].to_list() == ["L2"]
    assert list(sets.sha256) == ["shipped/fracture_codes.csv", "shipped/imaging_codes.csv", "shipped/value_sets.csv"]


def test_unverified_rows_come_only_when_asked_for() -> None:
    assert load_value_sets(include_unverified=True).codes.height > load_value_sets().codes.height


def test_a_site_replaces_the_sets_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "value_sets.csv").write_text(SETS + "calcitonin,atc,h05ba01,Exact,salmon calcitonin,site,Yes\n")
    shipped, own = load_value_sets(), load_value_sets(tmp_path)
    calcitonin = own.codes.filter(pl.col("value_set") == "calcitonin")
    assert calcitonin.select("code_system", "code", "match").rows() == [("ATC", "H05BA01", "exact")]
    others = pl.col("value_set") != "calcitonin"
    assert own.codes.filter(others).equals(shipped.codes.filter(others))
    assert own.names == shipped.names
    assert "site/value_sets.csv" in own.sha256


def test_a_site_replaces_fracture_and_imaging_codes_whole(tmp_path: Path) -> None:
    (tmp_path / "fracture_codes.csv").write_text(FRACTURES + "ICD10CM,S32.02,prefix,l2,,a|b,second lumbar,site,yes\n")
    (tmp_path / "imaging_codes.csv").write_text(IMAGING + "CPT,72148,MRI,Lumbar,without,MRI,site,yes\n")
    sets = load_value_sets(tmp_path)
    assert sets.fractures.select("code", "level", "seventh").rows() == [("S32.02", "L2", "A|B")]
    assert sets.imaging.select("code", "modality", "regions").rows() == [("72148", "mri", "lumbar")]
    assert sets.codes.filter(pl.col("value_set") == "vertebral_fracture").height == 1


def test_hyphenated_and_plain_ndc_are_one_code() -> None:
    ndc = load_value_sets().codes.filter(pl.col("code_system") == "NDC")
    assert ndc["code_key"].str.len_chars().unique().to_list() == [9]


def test_the_concept_map_adds_codes_to_sets(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(
        MAP + "HOUSE,*,ICD10CM,\nHOUSE,wk2,VALUE_SET,vertebral_fracture\nHOUSE-RX,4711,value_set,analgesic\n"
    )
    sets = load_value_sets(None, path)
    added = sets.codes.filter(pl.col("source") == "concept map").select("value_set", "code_system", "code").rows()
    assert sorted(added) == [("analgesic", "HOUSE-RX", "4711"), ("vertebral_fracture", "ICD10CM", "WK2")]
    fracture = sets.fractures.filter(pl.col("code") == "WK2").select("level", "aetiology", "seventh", "match").rows()
    assert fracture == [(None, None, None, "exact")]
    assert "site/concept_map.csv" in sets.sha256


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("value_sets.csv", "", "column value_set is missing"),
        ("value_sets.csv", SETS, "no rows"),
        ("value_sets.csv", SETS.replace("label", "match"), "column match is there twice"),
        ("value_sets.csv", SETS.replace("verified", "checked"), "column verified is missing"),
        ("value_sets.csv", SETS + "calcitonin,ATC,H05BA01,like,x,y,yes\n", "line 2: match 'like'"),
        ("value_sets.csv", SETS + "calcitonin,ATC,H05BA01,,x,y,yes\n", "match is empty"),
        ("value_sets.csv", SETS + "calcitonin,ATC,H05BA01,exact,x,y,maybe\n", "verified 'maybe'"),
        ("value_sets.csv", SETS + "calcitonin,ATC,,exact,x,y,yes\n", "code is empty"),
        ("value_sets.csv", SETS + "calcitonin,HOUSE,1,exact,x,y,yes\n", "code_system 'HOUSE'"),
        ("value_sets.csv", SETS + "calcitonine,ATC,H05BA01,exact,x,y,yes\n", "'calcitonin'"),
        ("value_sets.csv", SETS + "vertebral_fracture,ICD10CM,S32,prefix,x,y,yes\n", "fracture_codes.csv"),
        ("value_sets.csv", SETS + "calcitonin,ATC,H05BA01,exact,x,yes\n", "6 fields, the header has 7"),
        ("value_sets.csv", SETS + 'calcitonin,ATC,"H05BA01,exact,x,y,yes\n', "not a CSV record"),
        ("value_sets.csv", SETS.encode() + b"calcitonin,ATC,H05BA01,exact,\xff,y,yes\n", "not UTF-8"),
        ("value_sets.csv", SETS + "neurology,NUCC,207T00000X,exact,x,y,yes\n", "is in neuro"),
        ("fracture_codes.csv", FRACTURES + "ICD10CM,S32,prefix,L9,,A,x,y,yes\n", "level 'L9'"),
        ("fracture_codes.csv", FRACTURES + "ICD10CM,S32,prefix,L2,old,A,x,y,yes\n", "aetiology 'old'"),
        ("fracture_codes.csv", FRACTURES + "ICD10CM,S32,prefix,L2,,AB,x,y,yes\n", "seventh"),
        ("imaging_codes.csv", IMAGING + "CPT,1,pet,lumbar,without,x,y,yes\n", "modality 'pet'"),
        ("imaging_codes.csv", IMAGING + "CPT,1,mri,knee,without,x,y,yes\n", "regions holds 'knee'"),
        ("imaging_codes.csv", IMAGING + "CPT,1,mri,lumbar,some,x,y,yes\n", "contrast 'some'"),
        (
            "imaging_codes.csv",
            IMAGING + "CPT,1,mri,lumbar,with,x,y,yes\nCPT,1,ct,lumbar,with,x,y,yes\n",
            "twice with different content",
        ),
    ],
)
def test_bad_site_file(tmp_path: Path, name: str, content: str | bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ContentError) as caught:
        load_value_sets(tmp_path)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("HOUSE,1,ICD10,S32", "target_system 'ICD10'"),
        ("HOUSE,1,,S32", "target_system ''"),
        ("HOUSE,1,VALUE_SET,analgesics", "'analgesic'"),
        ("HOUSE,1,ICD10CM,", "target_code is empty"),
        ("HOUSE,*,ICD10CM,S32", "code *"),
        ("HOUSE,*,VALUE_SET,analgesic", "code *"),
        ("HOUSE,1,LOCAL,neuro-exm", "'neuro-exam'"),
        (",1,ICD10CM,S32", "code_system or code is empty"),
        ("HOUSE,1,ICD10CM,S32\nhouse,1,ICD10CM,S33", "line 3: the code has two different targets"),
    ],
)
def test_bad_concept_map(tmp_path: Path, row: str, what: str) -> None:
    path = tmp_path / "map.csv"
    path.write_text(MAP + row + "\n")
    with pytest.raises(ContentError) as caught:
        load_value_sets(None, path)
    assert what in str(caught.value)


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load_value_sets(tmp_path / "nowhere")
    with pytest.raises(SettingsError):
        load_value_sets(None, tmp_path / "nowhere.csv")
    with pytest.raises(ContentError, match="none of"):
        load_value_sets(tmp_path)
