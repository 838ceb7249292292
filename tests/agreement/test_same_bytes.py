"""The same rows give the same bytes: in another order, file form or partition, on one thread or on two.

Compared is what 4-outputs.md calls the same bytes: every `audit` table but `runs`, exported as CSV in key order, and
every exported list. Where the input files differ, so does run_id, and where a quarantined row stood in its file.
"""

import csv
import gzip
import os
import random
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.run import night
from flows.settings import Engine, load_settings, sample_folder
from schemas.warehouse import WAREHOUSE
from tests.reference.generate import write_extract

Records = list[list[str]]
Form = Callable[[Path, str, Records], None]
"""Writes a table's header and records into a folder."""

BY_RUN = ("run_id",)
BY_PLACE = ("source_file", "row_number")  # of audit.quarantine

# The first argument is the number of cores that the process keeps, so that DuckDB has no more threads either.
START = """
import os, sys
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv.pop(1))])
else:
    del sys.argv[1]
from flows.cli import script
script()
"""


@dataclass(frozen=True)
class Published:
    """One published run. `tables`: CSV text by table; `lists`: bytes by name."""

    run_id: str
    tables: dict[str, str]
    lists: dict[str, bytes]


def published(out: Path, without: Iterable[str] = ()) -> Published:
    """Every table in key order, without those columns; a list's run_id is written as `run`, where it is left out."""
    tables = {}
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{out / 'audit.duckdb'}' AS w (READ_ONLY)")
        for name in WAREHOUSE:
            if name == "runs":
                continue
            columns = [row[0] for row in con.execute(f"DESCRIBE w.audit.{name}").fetchall()]
            kept = [f'"{column}"' for column in columns if column not in without]
            key = [f'"{column}"' for column in WAREHOUSE[name].key if column not in without]
            target = out / "exported.csv"
            order = ", ".join(dict.fromkeys([*key, *kept]))  # the others break the ties of a key that lost a column
            con.execute(f"COPY (SELECT {', '.join(kept)} FROM w.audit.{name} ORDER BY {order}) TO '{target}'")
            tables[name] = target.read_text(encoding="utf-8")
            target.unlink()
    latest = out / "reports" / "latest"
    run_id = latest.readlink().name
    files = {
        path.relative_to(latest.resolve()).as_posix(): path for path in latest.resolve().rglob("*") if path.is_file()
    }
    name = run_id.encode()
    lists = {key: unpacked(path).replace(name, b"run" if BY_RUN[0] in without else name) for key, path in files.items()}
    assert lists
    return Published(run_id, tables, lists)


def unpacked(path: Path) -> bytes:
    """The bytes of a file; of a workbook those of the XML files in it, one below the other."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as book:
        return b"\n".join(name.encode() + b"\n" + book.read(name) for name in book.namelist())


def run(extract: Path, out: Path, *more: object) -> Path:
    """The command line in this process."""
    arguments = ["run", "--direct", "--quiet", "--extract", extract, "--out", out, *more]
    assert main([str(argument) for argument in arguments]) == 0
    return out


def run_on(cores: int, extract: Path, out: Path) -> Path:
    """The command line in a process of its own, with as many cores and threads."""
    ran = subprocess.run(
        [sys.executable, "-c", START, str(cores), "run", "--direct", "--extract", str(extract), "--out", str(out)],
        env={**os.environ, "POLARS_MAX_THREADS": str(cores)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return out


def assert_same(one: Published, other: Published) -> None:
    """Names the tables and lists that differ, with the first line in which they do."""
    assert one.tables.keys() == other.tables.keys()
    assert one.lists.keys() == other.lists.keys()
    texts = [(name, text, other.tables[name]) for name, text in one.tables.items()]
    texts += [(name, data.decode(), other.lists[name].decode()) for name, data in one.lists.items()]
    found = []
    for name, left, right in texts:
        if left != right:
            a, b = left.splitlines(), right.splitlines()
            first = next((pair for pair in zip(a, b, strict=False) if pair[0] != pair[1]), ("", ""))
            found.append(f"{name} ({len(a)} and {len(b)} lines)\n    {first[0]}\n    {first[1]}")
    if found:
        pytest.fail("\n".join(found), pytrace=False)


# Other forms of the same rows ----------------------------------------------------------------------------------------


def records(path: Path) -> Records:
    """Header and records; one of another length has no other form than CSV and is left out."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return [row for row in rows if len(row) == len(rows[0])]


def as_csv(folder: Path, name: str, rows: Records) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def as_gzip(folder: Path, name: str, rows: Records) -> None:
    as_csv(folder, name, rows)
    plain = folder / f"{name}.csv"
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


def as_parquet(folder: Path, name: str, rows: Records) -> None:
    header, *body = rows
    columns = [[cell or None for cell in column] for column in zip(*body, strict=True)] or [[] for _ in header]
    table = pa.table({title: pa.array(column, pa.string()) for title, column in zip(header, columns, strict=True)})
    pq.write_table(table, folder / f"{name}.parquet", row_group_size=100)


def as_parts(folder: Path, name: str, rows: Records) -> None:
    """Three parts of each kind of file; of an id that is there twice both rows go into one, as the last file wins."""
    header, *body = rows
    (folder / name).mkdir()
    for number, write in enumerate((as_csv, as_csv, as_gzip)):
        mine = [row for row in body if zlib.crc32(row[0].encode()) % 3 == number]
        write(folder / name, f"part-{number}", [header, *mine])


def shuffled(folder: Path, name: str, rows: Records) -> None:
    """The records in another order, and the columns too."""
    rng = random.Random(name)
    header, *body = rows
    rng.shuffle(body)
    order = rng.sample(range(len(header)), len(header))
    as_csv(folder, name, [[row[n] for n in order] for row in [header, *body]])


def reversed_rows(folder: Path, name: str, rows: Records) -> None:
    as_csv(folder, name, [rows[0], *rows[:0:-1]])


FORMS = (shuffled, reversed_rows, as_gzip, as_parquet, as_parts)


def rewritten(extract: Path, folder: Path, form: Form) -> Path:
    folder.mkdir()
    for path in sorted(extract.iterdir()):
        if path.suffix == ".csv":
            form(folder, path.stem, records(path))
        elif path.suffix in (".json", ".toml"):
            shutil.copy(path, folder)
    return folder


# The tests -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The sample in plain files, without what differs where the files do."""
    folder = tmp_path_factory.mktemp("plain")
    return published(run(rewritten(sample_folder(), folder / "extract", as_csv), folder / "out"), (*BY_RUN, *BY_PLACE))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_form_of_the_files_changes_nothing(form: Form, plain: Published, tmp_path: Path) -> None:
    out = run(rewritten(sample_folder(), tmp_path / "extract", form), tmp_path / "out")
    other = published(out, (*BY_RUN, *BY_PLACE))
    assert other.run_id != plain.run_id
    assert_same(plain, other)


@pytest.mark.parametrize("seed", [5, 16, 42])
def test_the_order_of_crowded_rows_changes_nothing(seed: int, tmp_path: Path) -> None:
    """Drawn extracts have many rows of one time, whose order the ids alone decide."""
    write_extract(tmp_path / "drawn", seed, 60)
    found = []
    for form in (as_csv, shuffled):
        extract = rewritten(tmp_path / "drawn", tmp_path / form.__name__, form)
        out = run(extract, tmp_path / f"out-{form.__name__}", "--settings", extract / "settings.toml")
        found.append(published(out, (*BY_RUN, *BY_PLACE)))
    assert_same(*found)


@pytest.fixture(scope="module")
def tonight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the sample as it is."""
    return run(sample_folder(), tmp_path_factory.mktemp("tonight") / "out")


@pytest.mark.parametrize("cores", [1, 2])
def test_the_number_of_threads_changes_nothing(cores: int, tonight: Path, tmp_path: Path) -> None:
    first, other = published(tonight), published(run_on(cores, sample_folder(), tmp_path / "out"))
    assert first.run_id == other.run_id
    assert_same(first, other)


@pytest.mark.parametrize("part_rows", [900, 5000])
def test_the_number_of_parts_changes_nothing(part_rows: int, tonight: Path, tmp_path: Path) -> None:
    """The sample's six thousand rows in about seven parts, and in two."""
    night(load_settings(out=tmp_path / "out", engine=Engine(part_rows=part_rows)))
    first, other = published(tonight), published(tmp_path / "out")
    assert first.run_id == other.run_id
    assert_same(first, other)


def test_the_same_files_give_the_same_run(tonight: Path, tmp_path: Path) -> None:
    extract = shutil.copytree(sample_folder(), tmp_path / "moved")
    first, again = published(tonight), published(run(extract, tmp_path / "out"))
    assert re.fullmatch(r"2026-09-30-[0-9a-f]{8}", first.run_id)
    assert first.run_id == again.run_id
    assert first.lists["identified/deviations.csv"] == again.lists["identified/deviations.csv"]
    assert_same(first, again)


def test_one_more_byte_gives_another_run(tonight: Path, tmp_path: Path) -> None:
    extract = shutil.copytree(sample_folder(), tmp_path / "sample")
    with (extract / "patients.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    first, other = published(tonight, BY_RUN), published(run(extract, tmp_path / "out"), BY_RUN)
    assert first.run_id != other.run_id
    assert_same(first, other)
