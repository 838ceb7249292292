"""Publishing: one step, nothing half, everything described, readable by a user's own tool."""

import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.publish import PublishError
from flows.published import open_published
from flows.sql_files import SqlFile, sql_files
from schemas.errors import SettingsError
from schemas.stored import STORED
from schemas.warehouse import DATA_DICTIONARY, VIEWS, WAREHOUSE, WORDED

from . import drawn

CLI = Path(sys.executable).parent / "duckdb"


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with open_published(path) as con:
        return con.execute(query).fetchall()


# What is in the file


def test_every_declared_table_and_view_is_there(con: duckdb.DuckDBPyConnection) -> None:
    tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'audit'").fetchall()
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE schema_name = 'audit'").fetchall()
    stored = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'stored'").fetchall()
    assert {name for (name,) in tables} == set(WAREHOUSE) - set(WORDED)
    assert {name for (name,) in views} == {*VIEWS, *WORDED}
    assert {name for (name,) in stored} == set(STORED)


def test_every_column_has_its_declared_type(con: duckdb.DuckDBPyConnection) -> None:
    for schema, tables in (("audit", WAREHOUSE), ("stored", STORED)):
        for name, table in tables.items():
            described = con.execute(f"DESCRIBE {schema}.{name}").fetchall()
            assert [(row[0], row[1]) for row in described] == [(column.name, column.type) for column in table]


def test_every_table_view_and_column_carries_a_comment(con: duckdb.DuckDBPyConnection) -> None:
    silent = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name IN ('audit', 'stored') AND coalesce(comment, '') = ''"
        " UNION ALL SELECT view_name FROM duckdb_views() WHERE schema_name IN ('audit', 'stored') AND coalesce(comment, '') = ''"
        " UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns()"
        " WHERE schema_name IN ('audit', 'stored') AND coalesce(comment, '') = ''"
    ).fetchall()
    assert silent == []


def test_the_data_dictionary_lists_every_table_and_column(con: duckdb.DuckDBPyConnection) -> None:
    there = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'audit' ORDER BY ALL"
    ).fetchall()
    listed = con.execute(
        "SELECT table_name, column_name FROM audit.data_dictionary WHERE column_name <> '' ORDER BY ALL"
    ).fetchall()
    heads = con.execute("SELECT table_name FROM audit.data_dictionary WHERE column_name = ''").fetchall()
    assert listed == there
    assert {name for (name,) in heads} == {*WAREHOUSE, *VIEWS}


def test_the_comment_of_a_column_says_its_unit(con: duckdb.DuckDBPyConnection) -> None:
    comment = con.execute(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'findings' AND column_name = 'late_by_hours'"
    ).fetchall()[0][0]
    assert comment.endswith("[hours]")


def test_the_order_in_which_rows_came_changes_nothing(tmp_path: Path) -> None:
    tables = drawn.night()
    shuffled = {name: frame.reverse() for name, frame in tables.items()}
    first, second = drawn.published(tables, tmp_path / "a"), drawn.published(shuffled, tmp_path / "b")
    for name, table in WAREHOUSE.items():
        by_key = f"SELECT * FROM audit.{name} ORDER BY {', '.join(table.key)}"
        rows = ask(first, by_key)
        assert rows == ask(second, by_key)
        if name not in WORDED:  # a table lies in that order
            assert rows == ask(first, f"SELECT * FROM audit.{name}")


def test_the_number_of_parts_changes_nothing(tmp_path: Path) -> None:
    one, four = (drawn.published(drawn.night(), tmp_path / str(parts), parts) for parts in (1, 4))
    for name, table in WAREHOUSE.items():
        by_key = f"SELECT * FROM audit.{name} ORDER BY {', '.join(table.key)}"
        assert ask(one, by_key) == ask(four, by_key)


def test_the_exported_tables_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    exports = []
    for name in ("a", "b"):
        path = drawn.published(drawn.night(), tmp_path / name)
        with open_published(path) as con:
            for table in WAREHOUSE:
                con.execute(f"COPY (FROM audit.{table} ORDER BY ALL) TO '{tmp_path / f'{name}-{table}.csv'}' (HEADER)")
        exports.append({table: (tmp_path / f"{name}-{table}.csv").read_bytes() for table in WAREHOUSE})
    assert exports[0] == exports[1]


# In one step, and private


def test_only_the_warehouse_is_left_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = drawn.published(drawn.night(), out)
    assert path == out / "audit.duckdb"
    assert [entry.name for entry in out.iterdir()] == ["audit.duckdb"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reader_in_another_process_keeps_the_old_night_and_the_next_one_gets_the_new(tmp_path: Path) -> None:
    old, new = drawn.night(), drawn.night()
    new["findings"] = new["findings"].head(1)
    path = drawn.published(old, tmp_path)
    script = (
        "import sys, duckdb\n"
        "count = 'SELECT count(*) FROM audit.audit.findings'\n"
        "con = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print(con.execute(count).fetchall()[0][0], flush=True)\n"
        "sys.stdin.readline()\n"
        "print(con.execute(count).fetchall()[0][0])\n"
        "con.close()\n"
        "print(duckdb.connect(sys.argv[1], read_only=True).execute(count).fetchall()[0][0], flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdin is not None
        before = reader.stdout.readline().split()
        drawn.published(new, tmp_path)
        rest, _ = reader.communicate("go on\n", timeout=60)
    assert before == [str(old["findings"].height)]
    assert rest.split() == [str(old["findings"].height), "1"]


def test_readers_across_many_publications_never_see_half_a_night(tmp_path: Path) -> None:
    """The two counts of a night belong together; a reader opens the file over and over while nights are swapped."""
    whole, small = drawn.night(), drawn.night()
    small["findings"], small["evidence"] = small["findings"].head(1), small["evidence"].head(1)
    path = drawn.published(whole, tmp_path)
    script = (
        "import sys, duckdb\n"
        "query = 'SELECT (SELECT count(*) FROM audit.audit.findings), (SELECT count(*) FROM audit.audit.evidence)'\n"
        "seen = []\n"
        "print('ready', flush=True)\n"
        "import threading; stop = threading.Event()\n"
        "threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()\n"
        # DuckDB opens a file in several steps: one that is swapped between them is refused, and opened again.
        "while not stop.is_set():\n"
        "    try:\n"
        "        with duckdb.connect(sys.argv[1], read_only=True) as con:\n"
        "            seen.append(con.execute(query).fetchall()[0])\n"
        "    except duckdb.IOException:\n"
        "        continue\n"
        "print(sorted(set(seen)))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        for tables in (small, whole, small, whole):
            drawn.published(tables, tmp_path)
        seen, _ = reader.communicate("stop\n", timeout=60)
    assert reader.returncode == 0
    allowed = {(1, 1), (whole["findings"].height, whole["evidence"].height)}
    assert set(eval(seen)) <= allowed


# Nothing wrong gets out


def _refused(tables: dict[str, pl.DataFrame], out: Path) -> str:
    """The message with which `tables` are refused; what was published before is untouched."""
    path = drawn.published(drawn.night(), out)
    before = (path.stat().st_ino, path.read_bytes())
    with pytest.raises(PublishError) as refused:
        drawn.published(tables, out)
    assert refused.value.exit_code == 14
    assert (path.stat().st_ino, path.read_bytes()) == before
    assert [entry.name for entry in out.iterdir()] == ["audit.duckdb"]
    return str(refused.value)


def test_a_table_that_was_not_made(tmp_path: Path) -> None:
    tables = drawn.night()
    del tables["evidence"]
    assert "table evidence was not made" in _refused(tables, tmp_path)


def test_a_column_that_was_not_made(tmp_path: Path) -> None:
    tables = drawn.night()
    tables["cases"] = tables["cases"].drop("payer")
    assert "stored.cases: column payer was not made" in _refused(tables, tmp_path)


def test_a_column_that_is_not_declared(tmp_path: Path) -> None:
    tables = drawn.night()
    tables["cases"] = tables["cases"].with_columns(shoe_size=pl.lit(42))
    assert "column shoe_size is not declared" in _refused(tables, tmp_path)


def test_a_null_where_none_may_be(tmp_path: Path) -> None:
    tables = drawn.night()
    tables["cases"] = tables["cases"].with_columns(level=pl.lit(None, pl.String))
    assert "stored.cases: column level is null in 5 rows" in _refused(tables, tmp_path)


def test_a_key_that_occurs_twice(tmp_path: Path) -> None:
    tables = drawn.night()
    tables["cases"] = pl.concat([tables["cases"], tables["cases"].head(1)])
    assert "1 keys" in _refused(tables, tmp_path)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("findings", "case_number, measure, instance"),
        ("evidence", "case_number, measure, instance, role, event_number"),
        ("events", "event_number"),
    ],
)
def test_a_stored_row_that_occurs_twice(name: str, key: str, tmp_path: Path) -> None:
    tables = drawn.night()
    tables[name] = pl.concat([tables[name], tables[name].head(1)])
    assert f"stored.{name}: 1 keys ({key}) occur more than once" in _refused(tables, tmp_path)


def test_a_row_of_the_extract_under_two_numbers(tmp_path: Path) -> None:
    tables = drawn.night()
    again = tables["events"].head(1).with_columns(event_number=pl.lit(1, pl.UInt64))
    tables["events"] = pl.concat([tables["events"], again])
    assert "stored.events: 1 keys (table_name, row_id) occur more than once" in _refused(tables, tmp_path)


def test_a_second_verdict_on_the_same_instance(tmp_path: Path) -> None:
    tables = drawn.night()
    other = drawn.findings(drawn.finding("late", "G1", "deviation", "missing"))
    tables["findings"] = pl.concat([tables["findings"], other])
    assert "stored.findings: 1 keys" in _refused(tables, tmp_path)


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [
        ("findings", "case_number", "stored.findings: 14 rows of no case that is there"),
        ("evidence", "case_number", "stored.evidence: 2 rows of no case that is there"),
        ("evidence", "event_number", "stored.evidence: 2 rows of no event that is there"),
    ],
)
def test_a_number_that_nothing_has(name: str, column: str, message: str, tmp_path: Path) -> None:
    tables = drawn.night()
    tables[name] = tables[name].with_columns(pl.col(column) + 2**40)
    assert message in _refused(tables, tmp_path)


def test_the_same_case_in_two_parts(tmp_path: Path) -> None:
    tables = drawn.night()
    again = tables["cases"].head(1).with_columns(case_number=pl.lit(1, pl.UInt64))
    tables["cases"] = pl.concat([tables["cases"], again])
    assert "audit.cases: 1 keys (case_id) occur more than once" in _refused(tables, tmp_path)


def test_a_reason_that_the_catalogue_does_not_give_to_a_measure(tmp_path: Path) -> None:
    tables = drawn.night()
    tables["findings"] = drawn.findings(drawn.finding("late", "G1", "met", "premature"))
    tables["evidence"] = tables["evidence"].clear()
    assert "stored.verdicts: column meaning is null in 1 rows" in _refused(tables, tmp_path)


def test_a_value_of_the_wrong_type_is_not_quoted(tmp_path: Path) -> None:
    tables = drawn.night()
    tables["cases"] = tables["cases"].with_columns(age_at_t0=pl.lit("seventy-one"))
    message = _refused(tables, tmp_path)
    assert "stored.cases" in message
    assert "seventy-one" not in message


# A user's own tool


def _cli(path: Path, query: str) -> str:
    done = subprocess.run(
        [CLI, "-readonly", "-csv", "-noheader", path, "-c", query], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.strip()


needs_cli = pytest.mark.skipif(not CLI.exists(), reason="duckdb-cli is not installed")


@needs_cli
def test_the_command_line_client_of_duckdb_1_5_reads_the_file(published: Path) -> None:
    assert _cli(published, "USE audit.audit; SELECT count(*) FROM findings") == "14"


@needs_cli
@pytest.mark.parametrize("view", VIEWS)
def test_and_every_view(published: Path, view: str) -> None:
    assert int(_cli(published, f"SELECT count(*) FROM audit.audit.{view}")) > 0


@needs_cli
@pytest.mark.parametrize("query", sql_files("adhoc"), ids=lambda query: query.name)
def test_and_runs_every_saved_query(published: Path, query: SqlFile) -> None:
    assert _cli(published, f"USE audit.audit;\n{query.text}") != ""


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_works_under_whatever_name_the_file_is_attached(published: Path, view: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{published}' AS last_night (READ_ONLY)")
        assert con.execute(f"SELECT count(*) FROM last_night.audit.{view}").fetchall()[0][0] > 0


def test_two_nights_side_by_side_tell_each_their_own(published: Path, tmp_path: Path) -> None:
    other = drawn.night()
    other["findings"], other["evidence"] = other["findings"].head(3), other["evidence"].clear()
    path = drawn.published(other, tmp_path)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{published}' AS monday (READ_ONLY)")
        con.execute(f"ATTACH '{path}' AS tuesday (READ_ONLY)")
        for used in ("monday", "tuesday"):
            con.execute(f"USE {used}.audit")
            counts = (
                "SELECT (SELECT count(*) FROM monday.audit.findings), (SELECT count(*) FROM tuesday.audit.findings)"
            )
            assert con.execute(counts).fetchall() == [(14, 3)]


def test_a_schema_before_the_name_is_allowed_but_not_needed(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute("FROM audit.cases").fetchall() == con.execute("FROM cases").fetchall()


def test_a_path_with_a_quote_can_be_published_and_opened(tmp_path: Path) -> None:
    path = drawn.published(drawn.night(), tmp_path / "o'clock")
    assert ask(path, "SELECT count(*) FROM cases") == [(5,)]


def test_a_file_that_is_not_there_or_no_warehouse_is_an_error_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no warehouse there"):
        open_published(tmp_path / "audit.duckdb")
    (tmp_path / "audit.duckdb").write_text("not a database, but long enough to look at")
    with pytest.raises(SettingsError, match="not a readable warehouse"):
        open_published(tmp_path / "audit.duckdb")


def test_the_dictionary_describes_itself(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute("SELECT count(*) FROM audit.data_dictionary WHERE table_name = 'data_dictionary'").fetchall()
    assert rows == [(len(DATA_DICTIONARY.columns) + 1,)]
