"""The sample's warehouse before it is published, and ways to spoil a copy of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from flows import run as stages
from flows.nights import Night
from flows.settings import load_settings, sample_folder


@pytest.fixture(scope="session")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole warehouse of the sample; its table `runs` is still empty."""
    work = tmp_path_factory.mktemp("work")
    plan = stages.prepare(load_settings(extract=sample_folder()), work)
    landed = stages.land(plan)
    as_of = stages.landed_as_of(plan, landed)
    clean = stages.contract(plan, landed)
    stored = stages.audit(plan, clean, as_of)
    night = Night("run", 0, "1", "value sets", "parameters")
    return stages.merge(plan, stored, night, clean.quarantine, stages.rates(stored, as_of))


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write, in which the names of the SQL files hold."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS warehouse")
        con.execute("USE warehouse.audit")
        yield con
        con.execute("USE memory")
        con.execute("DETACH warehouse")


def spoiled(merged: Path, copy: Path, *statements: str) -> Path:
    """A copy of the warehouse with these changes."""
    shutil.copyfile(merged, copy)
    with opened(copy) as con:
        for statement in statements:
            con.execute(statement)
    return copy
