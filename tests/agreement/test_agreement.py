"""The engine says what the second implementation says, which judges one patient at a time, straight from the text.

The extracts are drawn so that both sides of every limit occur (tests/reference/generate.py). A difference is a mistake
in one of the two, or a place where the text can be read in two ways: the text settles it, and neither is right by itself.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.agreement.audited import Audited, audited
from tests.reference.extract import Extract, read_extract
from tests.reference.generate import write_extract
from tests.reference.judge import judge

SEEDS = 300
BOUNDED = range(12)
PATIENTS = 40
SHOWN = 40  # lines of a failure's message

CASE = ("case_id", "patient_id", "level", "t0")
CASE_COLUMNS = (
    "dx_at", "m3_date", "conservative_start", "treatment_start", "end_date", "end_reason", "aetiology", "age_at_t0",
    "levels_same_episode", "previous_case_id", "audited", "disposition",
)  # fmt: skip
FINDING_COLUMNS = (
    "state", "reason", "flags", "severity", "trigger_at", "due_at", "action_at", "late_by_hours", "late_by_days",
)  # fmt: skip
TIMES = ("dx_at", "trigger_at", "due_at", "action_at")
QUARANTINE = ("table_name", "row_id", "column_name", "reason", "severity")

Row = Mapping[str, Any]
Key = tuple[Any, ...]


class Difference(NamedTuple):
    """One value that the two tell differently; `None` where one has no such row."""

    key: Key
    column: str
    reference: object
    engine: object

    def __str__(self) -> str:
        return f"{' '.join(map(str, self.key))}: {self.column}: reference {self.reference}, engine {self.engine}"


def keyed(rows: Iterable[Row], key: tuple[str, ...], columns: tuple[str, ...]) -> dict[Key, dict[str, object]]:
    """key -> columns, all values but numbers and truths as text; a row twice is an error."""
    found: dict[Key, dict[str, object]] = {}
    for row in rows:
        place = tuple(str(row[name]) for name in key)
        assert place not in found, f"twice: {place}"
        found[place] = {name: _plain(row.get(name)) for name in columns}
    return found


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def compared(
    reference: Mapping[Key, Mapping[str, object]], engine: Mapping[Key, Mapping[str, object]]
) -> Iterator[Difference]:
    for key in sorted(reference.keys() | engine.keys()):
        ours, theirs = engine.get(key), reference.get(key)
        if ours is None or theirs is None:
            one = (ours or theirs or {}).values()
            yield Difference(key, "row", tuple(one) if theirs else None, tuple(one) if ours else None)
        else:
            for name, value in theirs.items():
                if not _same(name, value, ours[name]) and not _is_near_miss(name, theirs):
                    yield Difference((*key, *_verdict(theirs)), name, value, ours[name])


def _same(column: str, one: object, other: object) -> bool:
    """Times are compared to the second where both are written with one, else by their day: which of the two forms is
    written follows from what a measure counts in, and moves no verdict."""
    if column in TIMES and isinstance(one, str) and isinstance(other, str):
        length = min(len(one), len(other))
        return one[:length] == other[:length]
    return one == other


def _is_near_miss(column: str, reference: Mapping[str, object]) -> bool:
    """True for the action of a deviation that the reference doesn't name: of several wrong ones the text picks none."""
    return column == "action_at" and reference["state"] == "deviation" and reference["action_at"] is None


def _verdict(row: Mapping[str, object]) -> tuple[str, ...]:
    return (f"({row['state']}/{row['reason']})",) if "state" in row and "reason" in row else ()


def differences(extract: Extract, engine: Audited) -> list[Difference]:
    """Findings, cases, cohort lines and quarantined rows in which the two differ, of one extract."""
    patients = judge(extract)
    cases = [case for patient in patients for case in patient["cases"] if case["findings"]]
    findings = [
        finding | {name: case[name] for name in CASE} | {"instance": finding["instance"]}
        for case in cases
        for finding in case["findings"]
    ]
    lines = [
        {"patient_id": patient["patient_id"], "level": level, "line": line}
        for patient in patients
        for level, line in patient["lines"].items()
    ]
    quarantine = [row | {"column_name": row["column"], "n": n} for n, row in numbered(extract.quarantine)]
    ours = [
        row | {"n": n}
        for n, row in numbered(
            [{name: row[name] or "" for name in QUARANTINE} for row in engine["quarantine"].iter_rows(named=True)]
        )
    ]
    instance = (*CASE, "measure_id", "instance")
    return list(
        chain(
            compared(
                keyed(cases, CASE, CASE_COLUMNS), keyed(engine["cases"].iter_rows(named=True), CASE, CASE_COLUMNS)
            ),
            compared(
                keyed(findings, instance, FINDING_COLUMNS),
                keyed(engine["findings"].iter_rows(named=True), instance, FINDING_COLUMNS),
            ),
            compared(
                keyed(lines, ("patient_id", "level"), ("line",)),
                keyed(engine["cohort_lines"].iter_rows(named=True), ("patient_id", "level"), ("line",)),
            ),
            compared(keyed(quarantine, (*QUARANTINE, "n"), ()), keyed(ours, (*QUARANTINE, "n"), ())),
        )
    )


def numbered(rows: Iterable[Row]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The same row twice is two rows."""
    seen: dict[Key, int] = {}
    for row in rows:
        key = tuple(row.values())
        seen[key] = seen.get(key, 0) + 1
        yield seen[key], dict(row)


def differences_of(seed: int, folder: Path, patients: int = PATIENTS) -> list[Difference]:
    """Both judge the extract that is drawn from `seed`."""
    extract, work = folder / "extract", folder / "work"
    work.mkdir(parents=True)
    write_extract(extract, seed, patients)
    settings = tomllib.loads((extract / "settings.toml").read_text(encoding="utf-8"))
    return differences(read_extract(extract, settings), audited(extract, work, extract / "settings.toml"))


def agree(seed: int, folder: Path) -> None:
    found = differences_of(seed, folder)
    if found:
        more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        pytest.fail("\n".join([f"seed {seed}:", *map(str, found[:SHOWN]), *more]), pytrace=False)


@pytest.mark.parametrize("seed", BOUNDED)
def test_both_say_the_same(seed: int, tmp_path: Path) -> None:
    agree(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(BOUNDED.stop, SEEDS))
def test_both_say_the_same_of_many_more(seed: int, tmp_path: Path) -> None:
    agree(seed, tmp_path)
