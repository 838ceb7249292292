"""One part as a worker sees it: a few short arguments, the rest in the work folder.

What goes over a wire or into a record are paths and a number. Heavy imports wait until a part is judged, so that a worker
can be set up before Polars is there.
"""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from platform import node
from typing import TYPE_CHECKING, Protocol

from flows.errors import directly
from flows.private import private_umask
from flows.receipt import package_version
from schemas.errors import SettingsError

if TYPE_CHECKING:
    import polars as pl

    from schemas.parameters import Parameters
    from schemas.value_sets import ValueSets

COMMON_FILE = "common.pickle"


@dataclass(frozen=True)
class Common:
    """What is the same for all parts, of the whole extract (see `audit`, transforms/audit.py). No row of a patient's."""

    feeds: "pl.DataFrame"
    codes: "pl.DataFrame"
    parameters: "Parameters"
    value_sets: "ValueSets"
    as_of: date
    timezone: str
    generation: int = 0
    """Of the night (schemas/stored.py): what is judged anew gets numbers that no earlier night gave."""


@dataclass(frozen=True)
class Part:
    """One part: its number, the folder of its clean rows, and the folder that will hold what is stored of it.

    before: the folder with what was stored of it the night before, where that may be kept.
    """

    number: int
    clean: Path
    stored: Path
    before: Path | None = None


class Judge(Protocol):
    """Judges all parts, or raises AuditError. work: the run's folder; note: is told what is worth knowing."""

    def __call__(self, common: Common, parts: Sequence[Part], work: Path, note: Callable[[str], None]) -> None: ...


Arguments = tuple[str, int, str, str, str | None]
"""Those of `judge_from`."""


def judge_part(common: Common, part: Part) -> None:
    """Judge one part, unless that is done already."""
    from flows.stored import audit_part

    if part.stored.exists():  # whole, since folders appear under their final name when they are
        return
    try:
        audit_part(common, part)
    except OSError:
        if not part.stored.exists():  # else a worker that had been given up was faster; it wrote the same
            raise


def share(common: Common, parts: Sequence[Part], work: Path) -> list[Arguments]:
    """Put what all parts need into the work folder; the arguments of `judge_from` for each part."""
    file = work / COMMON_FILE
    with file.open("wb") as stream:
        pickle.dump(versions(), stream)  # on its own: read before anything that another version might not understand
        pickle.dump(common, stream)
    return [
        (str(file), part.number, str(part.clean), str(part.stored), str(part.before) if part.before else None)
        for part in parts
    ]


def judge_from(file: str, number: int, clean: str, stored: str, before: str | None = None) -> None:
    """What a worker does with one part. Raises AuditError, and nothing else, with no text of a foreign error."""
    with private_umask():
        directly(_audit, file, Part(number, Path(clean), Path(stored), Path(before) if before else None))


def _audit(file: str, part: Part) -> None:
    judge_part(_common(file), part)


@lru_cache(maxsize=1)
def _common(file: str) -> Common:
    if not Path(file).exists():
        raise SettingsError(
            f"the worker on {node()} does not find {file}: --out must be in a folder that all machines of the cluster"
            " share, under the same path"
        )
    with Path(file).open("rb") as stream:
        wanted = pickle.load(stream)
        if wanted != versions():
            raise SettingsError(
                f"the worker on {node()} runs {versions()}, this run {wanted}: install the same on all machines"
            )
        return pickle.load(stream)


def versions() -> str:
    """What must be the same wherever parts are judged, and whenever verdicts are kept."""
    return f"spine-audit {package_version()} with Polars {version('polars')}"
