"""From the answers of the checks to what is said of the night, by the switches of `[gate]`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.quality.checks import KINDS
from reports.quality import Asked, Group

_TOLD = 9
"""So many things of one comparison are told in a sentence: as many as there are feeds. The page has them all."""


@dataclass(frozen=True)
class Answer:
    """What came of one question, and which switch it stands under."""

    kind: str
    asked: Asked


@dataclass(frozen=True)
class Found:
    """What is said of the night: reasons against it, warnings, and all of it for the page."""

    blocked: tuple[str, ...]
    warnings: tuple[str, ...]
    groups: tuple[Group, ...]


def verdicts(answers: Sequence[Answer], blocking: Mapping[str, bool]) -> Found:
    """The answers by kind. blocking: the kinds that hold back the night."""
    blocked: list[str] = []
    warnings: list[str] = []
    groups = []
    for kind, good in KINDS.items():
        asked = tuple(answer.asked for answer in answers if answer.kind == kind)
        wrong = [one for one in asked if not one.is_good]
        (blocked if blocking[kind] else warnings).extend(f"{kind}: {_reason(one)}" for one in wrong)
        if wrong:
            status = "held back" if blocking[kind] else "warning"
        else:
            status = "not compared" if all(one.number is None for one in asked) else "passed"
        groups.append(Group(kind, good, status, blocking[kind], asked))
    return Found(tuple(blocked), tuple(warnings), tuple(groups))


def _reason(one: Asked) -> str:
    """In plain words: what is wrong, how much of it, and of a comparison where."""
    outside = [line for line in one.lines if line.is_outside]
    if not outside:
        return f"{one.title}: {one.number}"
    told = [f"{line.what} {line.now}" + (f" (before: {line.before})" if line.before else "") for line in outside]
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return f"{one.title}: {'; '.join(told[:_TOLD])}{more}"
