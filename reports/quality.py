"""The data-quality page: what the gate asked of a night before it was published, and what came of it.

No script, no file from anywhere, no value of a patient's row: small counts come as ranges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Path(__file__).parent / "templates"

SIGNS: dict[str, str] = {"passed": "✓", "warning": "!", "held back": "✕", "not compared": "–"}
"""A sign and a word for each status, never a colour alone."""


@dataclass(frozen=True)
class Looked:
    """One thing that a check looked at, the night before and tonight."""

    what: str
    before: str
    now: str
    is_outside: bool


@dataclass(frozen=True)
class Asked:
    """One question of the gate. number: what was found, as shown; None: not asked."""

    title: str
    is_good: bool
    number: str | None
    lines: tuple[Looked, ...]


@dataclass(frozen=True)
class Group:
    """The questions behind one switch of `[gate]`, and their status together (a key of SIGNS)."""

    kind: str
    good: str
    status: str
    is_blocking: bool
    asked: tuple[Asked, ...]


def page(groups: Sequence[Group], as_of: str, *, had_before: bool, compares: bool) -> str:
    """The page as HTML. had_before: there is an earlier night; compares: and it could be read."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    counts = {status: sum(group.status == status for group in groups) for status in SIGNS}
    return environment.get_template("quality.html").render(
        groups=groups, as_of=as_of, signs=SIGNS, counts=counts, had_before=had_before, compares=compares
    )
