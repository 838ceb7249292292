"""The sample with a mark in every column that can hold one, and with strata and codes that only a few patients have.

Apart from the code columns and the seven strata (age by way of the birth date is half of one: a third of the patients
have one marked birth date) no value of the sample is left as it was.
"""

import base64
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from flows.settings import sample_folder
from schemas.columns import Column, Table
from schemas.extract import EXTRACT, SPANS

MARK = "qzxmarkqzx"
"""Of texts. Behind it stands the column, so that what is found says where it is from."""
RARE = "qzrareqzr"
"""Of strata and codes of a few patients."""
NUMBER = "731313137313"
"""The decimals of numbers."""
CLOCK = "37:31.731313"
"""Minutes and seconds of times."""
BORN = "1941-03-17"

STRATA = ("sex", "race", "ethnicity", "language", "payer", "site_id")
KNOWN_RARE = "22511"
"""A code of the value sets that two patients have, many times."""
FEW = 2

_CODES = ("system", "code")
_KEPT = ("enum", "level", "regions", "flag")
"""Kinds whose words are fixed: another one costs the value, so only some rows have the mark."""
_SOME = 40
_OF_RARE_SITE = ("pat-0001", "pat-0002", "pat-0003")
_MINUTE = re.compile(r"(\d{4}-\d{2}-\d{2}[T ]\d{2}):\d{2}(:\d{2})?(?=$|Z|[+-])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def marks() -> dict[str, bytes]:
    """What is looked for: a name, and lower-case bytes."""
    found = {word: word.encode() for word in (MARK, RARE, NUMBER, CLOCK, BORN)}
    return found | {f"{word} in UTF-16": word.encode("utf-16-le") for word in found}


def encoded_marks() -> dict[str, bytes]:
    """The marks of texts as they look within base64, at each of the three places where they can begin."""
    return {
        f"{word} in base64, {at}": base64.b64encode(b" " * at + word.encode())[4 if at else 0 : -4]
        for word in (MARK, RARE)
        for at in range(3)
    }


def marked_sample(folder: Path, *, is_second: bool = False) -> Path:
    """Writes the marked extract; is_second: the night after, on which two patients have many procedures of one code."""
    folder.mkdir()
    (folder / "manifest.json").write_bytes((sample_folder() / "manifest.json").read_bytes())
    for table in EXTRACT.values():
        with (sample_folder() / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [_marked(row, number, table) for number, row in enumerate(csv.DictReader(file))]
        rows += [*_rare(rows, table), *_broken(rows, table)]
        if table.name == "procedures" and is_second:
            rows += list(_many(rows))
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            file.write(",".join(f"{MARK}-malformed-{table.name}" for _ in range(len(table.names) + 2)) + "\n")
    return folder


def marked_columns() -> Iterator[tuple[Table, Column]]:
    """Every column that has a mark."""
    for table in EXTRACT.values():
        for column in table:
            if column.kind not in _CODES and column.name not in STRATA:
                yield table, column


def _marked(row: dict[str, str], number: int, table: Table) -> dict[str, str]:
    made = {c.name: _value(row.get(c.name) or "", number, table, c) for c in table}
    if table.name == "patients" and number < FEW:
        made |= {"payer": f"{RARE}-payer", "race": f"{RARE}-race", "language": f"{RARE}-language"}
    if row.get("site_id") and row["patient_id"] in _OF_RARE_SITE:  # in their encounters, too
        made |= {"site_id": f"{RARE}-site"}
    return made


def _value(text: str, number: int, table: Table, column: Column) -> str:
    if column.kind in _CODES or column.name in STRATA:
        return text
    mark = f"{MARK}-{table.name}-{column.name}"
    if column.kind in _KEPT or column.name in ("unit", "value_code"):
        return mark if number % _SOME == _SOME - 1 and not column.rejects else text
    if not text:
        return text
    match column.kind:
        case "id":
            return f"{text}-{MARK}-{column.name}"  # the same in every table
        case "time":
            if _DAY.fullmatch(text) and table.name not in SPANS:
                return f"{text}T00:{CLOCK}"
            return _MINUTE.sub(rf"\1:{CLOCK}", text)
        case "date":
            return BORN if number % 3 == 0 else text
        case "number":
            return f"{text.partition('.')[0]}.{NUMBER}"
    return f"{text}-{mark}"


def _rare(rows: list[dict[str, str]], table: Table) -> Iterator[dict[str, str]]:
    """Rows of the first patients with a code that nobody else has, and that no value set knows."""
    if "code" in table.names and table.id:
        for row in rows[:FEW]:
            yield row | {table.id: f"{row[table.id]}-rare", "code": f"{RARE}-{table.name}"}


def _broken(rows: list[dict[str, str]], table: Table) -> Iterator[dict[str, str]]:
    """Rows that break the contract, with the mark in what breaks it and beside it."""
    whole = dict(rows[-1])
    fresh = {table.id: f"{MARK}-broken-{table.name}"} if table.id else {}
    for column in table:
        if column.kind in ("time", "date", "number", *_KEPT):
            name = f"{MARK}-broken-{table.name}-{column.name}"
            yield whole | ({table.id: name} if table.id else {}) | {column.name: f'{name}, said "so"\nof old'}
    if "patient_id" in table.names and table.id != "patient_id":
        yield whole | fresh | {"patient_id": f"{MARK}-orphan-{table.name}"}
    if table.id:  # one id, two contents
        last = table.names[-1]
        yield rows[10] | {last: f"{MARK}-conflict-{table.name}"}


def _many(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    for number, row in enumerate(rows[: FEW * 12]):
        yield rows[number % FEW] | {
            "procedure_id": f"{row['procedure_id']}-more",
            "code_system": "CPT",
            "code": KNOWN_RARE,
        }
