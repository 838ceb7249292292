"""docs/warehouse.md says what the declarations say, and its examples run."""

import re

import duckdb
import pytest

from flows.dictionary import PAGE, renewed
from schemas.columns import Column
from schemas.warehouse import WAREHOUSE

TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = [block for block in re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL) if "SELECT" in block]
COLUMNS = [(table.name, column) for table in WAREHOUSE.values() for column in table]


def test_the_page_is_made_from_the_declarations() -> None:
    assert renewed(TEXT) == TEXT, "run: python -m flows.dictionary"


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(example: str, con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(example).fetchall()


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda value: getattr(value, "name", value))
def test_a_description_is_a_sentence(table: str, column: Column) -> None:
    assert column.description.endswith(".")


@pytest.mark.parametrize("name", WAREHOUSE)
def test_a_key_is_made_of_columns(name: str) -> None:
    table = WAREHOUSE[name]
    assert table.key
    assert set(table.key) <= set(table.names)


def test_one_name_means_one_type() -> None:
    kinds: dict[str, set[str]] = {}
    for _, column in COLUMNS:
        kinds.setdefault(column.name, set()).add(column.type)
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1} == {}
