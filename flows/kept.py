"""What was stored of the parts of the patients, kept from one night to the next: `out/.state/<run_id>/`.

A night that may build on the one before judges only patients whose rows changed, and those of whom a day has come that
matters (transforms/content.py). It may where everything else that judges is the same; else all are judged.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from flows.engines.part import versions
from flows.private import make_folder, replace_folder, sync_tree, write_text
from flows.receipt import canonical
from schemas.stored import OF_PARTS, STORED
from schemas.value_sets import ValueSets
from transforms.audit import codes_that_occur
from transforms.concepts import Concepts

STATE = ".state"
_FACTS = "facts.json"


@dataclass(frozen=True)
class Kept:
    """The parts that a published night left. facts: what they depend on beside the rows of their patients."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def parts(self) -> tuple[Path, ...]:
        return tuple(sorted(path for path in self.folder.iterdir() if path.is_dir()))


def kept_of(out: Path, run: str | None, token: str | None) -> Kept | None:
    """What the published run left, None where it left nothing that can be built on: then everybody is judged again.

    Whether the files of a part are what was written is for who reads them to see (flows/sealed.py).
    """
    if run is None:
        return None
    folder = out.absolute() / STATE / run
    try:
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        kept = Kept(folder, facts)
        # Another publication of the same run has other numbers: one that was killed before its commit, or of before a
        # backup was put in place.
        is_whole = len(kept.parts) == facts["parts"] and facts["token"] == token
        is_whole = is_whole and may_build_on(facts, facts)  # reads all that tonight will be compared with
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return kept if is_whole else None


def facts_of(
    settings: Mapping[str, Any],
    feeds: pl.DataFrame,
    codes: pl.DataFrame,
    value_sets: ValueSets,
    parts: int,
    token: str,
) -> dict[str, Any]:
    """What the verdicts of a part depend on beside the rows of its patients, and which publication's they are (token).

    settings: effective; feeds: with horizons.
    """
    local, calcitonin = codes_that_occur(codes, Concepts.of(value_sets))
    horizons = feeds.filter("present").select("table_name", "horizon").sort("table_name").rows()
    return {
        "versions": versions(),
        "columns": {name: STORED[name].names for name in OF_PARTS},
        "settings": _without(settings, ("as_of",)),
        "local": sorted(local),
        "calcitonin": calcitonin,
        "parts": parts,
        "token": token,
        "as_of": settings["as_of"],
        "horizons": {name: day.isoformat() for name, day in horizons},
    }


def may_build_on(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether only rows and days tell the two nights apart, and every day went forward.

    A feed that was complete through as-of must be so again: where one falls behind, whoever is still followed waits for it.
    """
    days = ("as_of", "horizons", "token")
    if canonical(_without(before, days)) != canonical(_without(now, days)):
        return False
    earlier, later = before["horizons"], now["horizons"]
    if set(earlier) != set(later):
        return False
    forward = [(before["as_of"], now["as_of"]), *((earlier[name], later[name]) for name in earlier)]
    is_forward = all(date.fromisoformat(old) <= date.fromisoformat(new) for old, new in forward)
    falls_behind = any(earlier[n] == before["as_of"] and later[n] != now["as_of"] for n in earlier)
    return is_forward and not falls_behind


def keep(stored: Path, facts: Mapping[str, Any], out: Path, run: str) -> Path:
    """Moves the folder of the stored parts to where the next night finds it; on the disk before this returns."""
    write_text(stored / _FACTS, json.dumps(facts, indent=1, sort_keys=True))
    sync_tree(stored)
    state = out / STATE
    for path in (state, state / run):
        if not path.is_dir():  # a file, or a link that leads nowhere
            path.unlink(missing_ok=True)
    folder = make_folder(state) / run
    replace_folder(stored, folder)
    return folder


def forget(out: Path, run: str | None) -> None:
    """Removes what all runs but `run` left."""
    for path in (out / STATE).glob("*"):
        if path.name != run:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def _without(facts: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}
