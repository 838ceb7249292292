"""What is left of the published night when the next one is killed, and does the one after that need help?"""

import hashlib
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.published import open_published
from flows.run import night
from flows.settings import load_settings
from tests.agreement.audited import read as tables
from tests.nights.story import Story

ROOT = Path(__file__).resolve().parents[2]
STAGES = 8
STEPS = 60
"""More than a night takes: a night that comes to its end is as good a case."""


@dataclass(frozen=True)
class Hospital:
    """Three nights: the first published in `first`; what an undisturbed second and third make of it in `third`."""

    folders: list[Path]
    settings: list[Path]
    first: Path
    third: Path
    lists: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    work = tmp_path_factory.mktemp("hospital")
    folders = Story(2, patients=12, after=120, nights=3).tell(work)
    settings = [work / f"night{n}.toml" for n in range(3)]
    out, lists = work / "out", {}
    for number, (folder, toml) in enumerate(zip(folders, settings, strict=True)):
        done = night(load_settings(extract=folder, out=out, settings_file=toml))
        lists[done.run_id] = digests(done.reports / "identified")
        if number == 0:
            shutil.copytree(out, work / "first", symlinks=True)
    return Hospital(folders, settings, work / "first", out, lists)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def history(out: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(out / "history.duckdb", read_only=True) as con:
        return {
            name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in ("nights", "changes", "case_redated")
        }


def killed(hospital: Hospital, out: Path, how: str, when: str) -> bool:
    """Runs the second night until it is killed; whether it was."""
    command = [sys.executable, "-m", "tests.nights.killed", *map(str, (hospital.folders[1], hospital.settings[1], out))]
    done = subprocess.run([*command, how, when], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode >= 0 if how == "full" else done.returncode in (0, -9), done.stderr.decode()
    return done.returncode != 0


def survives(hospital: Hospital, out: Path, how: str, when: str) -> bool:
    """Kills the second night, looks at what is there, runs the second and third; whether it was killed."""
    shutil.copytree(hospital.first, out, symlinks=True)
    was_killed = killed(hospital, out, how, when)
    with open_published(out / "audit.duckdb") as con:
        ((run, findings),) = con.execute("SELECT (SELECT run_id FROM runs), (SELECT count(*) FROM findings)").fetchall()
    assert findings > 0
    assert digests(out / "reports" / run / "identified") == hospital.lists[run]
    assert digests(out / "reports" / "latest" / "identified") in hospital.lists.values()
    assert history(out)["nights"]
    for folder, toml in list(zip(hospital.folders, hospital.settings, strict=True))[1:]:
        night(load_settings(extract=folder, out=out, settings_file=toml))
    here, there = tables(out / "audit.duckdb"), tables(hospital.third / "audit.duckdb")
    assert [name for name in here if not here[name].equals(there[name])] == []
    assert history(out) == history(hospital.third)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*")}
    assert names == {path.relative_to(hospital.third).as_posix() for path in hospital.third.rglob("*")}
    return was_killed


@pytest.mark.parametrize(
    ("how", "when"),
    [
        ("stage", 3),
        ("stage", STAGES),
        ("step", 8),
        ("step", 12),
        ("step", 16),
        ("step", 20),
        ("step", 24),
        ("full", 200_000),
    ],
)
def test_a_killed_night_leaves_the_last_one_whole(hospital: Hospital, how: str, when: int, tmp_path: Path) -> None:
    assert survives(hospital, tmp_path / "out", how, str(when))


@pytest.mark.slow
@pytest.mark.parametrize("stage", range(1, STAGES + 1))
def test_at_every_stage(hospital: Hospital, stage: int, tmp_path: Path) -> None:
    assert survives(hospital, tmp_path / "out", "stage", str(stage))


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_at_every_step(hospital: Hospital, step: int, tmp_path: Path) -> None:
    survives(hospital, tmp_path / "out", "step", str(step))


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 100, 5_000, 20_000, 50_000, 100_000, 300_000, 500_000, 1_000_000, 2_000_000])
def test_on_a_full_disk(hospital: Hospital, size: int, tmp_path: Path) -> None:
    survives(hospital, tmp_path / "out", "full", str(size))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_at_any_moment(hospital: Hospital, seed: int, tmp_path: Path) -> None:
    survives(hospital, tmp_path / "out", "after", f"{random.Random(seed).uniform(0.05, 4.0):.3f}")
