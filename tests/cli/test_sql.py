"""Read-only SQL on a published warehouse: what it gives, what it refuses, and what it doesn't say."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows import sql_shell
from flows.publish import WAREHOUSE_FILE
from flows.warehouse import open_warehouse
from schemas.errors import SettingsError


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{folder / WAREHOUSE_FILE}' AS w")
        con.execute("USE w")
        con.execute("CREATE SCHEMA audit")
        con.execute("CREATE TABLE audit.findings AS SELECT 1 AS n, 'pat-secret' AS patient_id, '=1+1' AS note")
    return folder


@pytest.fixture
def con(out: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(out) as connection:
        yield connection


@pytest.mark.parametrize("name", ["findings", "audit.findings"])
def test_both_spellings_name_the_table(con: duckdb.DuckDBPyConnection, name: str) -> None:
    assert sql_shell.execute(con, f"SELECT n FROM {name}") == sql_shell.Result(("n",), [(1,)])


@pytest.mark.parametrize(
    "statement",
    [
        "COPY findings TO '{tmp}/x.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "ATTACH '{tmp}/x.duckdb'",
        "DELETE FROM findings",
        "DROP TABLE audit.findings",
        "CREATE TABLE audit.t AS SELECT 1",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SET temp_directory = '{tmp}'",
    ],
)
def test_nothing_outside_is_reached_and_nothing_is_changed(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, statement: str
) -> None:
    with pytest.raises(SettingsError):
        sql_shell.execute(con, statement.format(tmp=tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert sql_shell.execute(con, "SELECT count(*) FROM findings").rows == [(1,)]


def test_an_error_about_the_statement_is_explained(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SettingsError, match='"nope" not found'):
        sql_shell.execute(con, "SELECT nope FROM findings")


def test_an_error_about_a_value_keeps_the_value_to_itself(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SettingsError) as error:
        sql_shell.execute(con, "SELECT CAST(patient_id AS INTEGER) FROM findings")
    assert "ConversionException" in str(error.value)
    assert "pat-secret" not in str(error.value)


def test_csv_is_safe_for_spreadsheets(con: duckdb.DuckDBPyConnection) -> None:
    result = sql_shell.execute(con, "SELECT note, -1 AS n, true AS b, NULL AS x FROM findings")
    assert sql_shell.render(result, "csv") == "note,n,b,x\n'=1+1,-1,true,"


def test_json(con: duckdb.DuckDBPyConnection) -> None:
    result = sql_shell.execute(con, "SELECT DATE '2024-03-01' AS day, 0.5 AS rate")
    assert sql_shell.render(result, "json") == '[\n {\n  "day": "2024-03-01",\n  "rate": 0.5\n }\n]'


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in sql_shell.as_table(["a"], [["\x1b[2Jx\ny"]])


def test_variables_are_bound(con: duckdb.DuckDBPyConnection) -> None:
    sql_shell.set_variables(con, ["days=7", "measure=S1'; DROP", "all=true"])
    query = "SELECT getvariable('days') + 1, getvariable('measure'), getvariable('all')"
    assert sql_shell.execute(con, query).rows == [(8, "S1'; DROP", True)]


@pytest.mark.parametrize("pair", ["days", "1x=3", "a b=3"])
def test_a_variable_in_another_form(con: duckdb.DuckDBPyConnection, pair: str) -> None:
    with pytest.raises(SettingsError, match="NAME=VALUE"):
        sql_shell.set_variables(con, [pair])


def test_a_name_is_a_saved_query_a_view_or_a_table() -> None:
    assert "getvariable" in sql_shell.find_query("monthly_trend")
    assert sql_shell.find_query("open_deviations") == "FROM audit.open_deviations"
    with pytest.raises(SettingsError, match="nearest is 'monthly_trend'"):
        sql_shell.find_query("montly_trend")
    with pytest.raises(SettingsError, match="no such SQL file"):
        sql_shell.find_query("nowhere.sql")


def test_the_shell_reads_statements_until_the_end(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = iter(["SELECT n", "FROM findings;", "SELECT nope;", ".list", ".quit"])
    monkeypatch.setattr("builtins.input", lambda _prompt="": next(lines))
    said: list[str] = []
    sql_shell.shell(con, "csv", said.append)
    assert said[0] == "n\n1"
    assert "monthly_trend" in said[1]
    assert "nope" in capsys.readouterr().err


def test_nothing_is_published_yet(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="spine-audit run"), open_warehouse(tmp_path):
        pass


@pytest.mark.parametrize(
    "statement", ["DROP TABLE findings", "DELETE FROM findings", "CREATE TABLE audit.x AS SELECT 1"]
)
def test_who_tries_to_change_the_warehouse_is_told_what_it_is_for(
    con: duckdb.DuckDBPyConnection, statement: str
) -> None:
    with pytest.raises(SettingsError, match=r"can be asked \(SELECT.*not changed"):
        sql_shell.execute(con, statement)
