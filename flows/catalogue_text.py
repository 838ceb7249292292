"""`spine-audit measures`: the catalogue as text."""

import difflib
from collections.abc import Sequence
from dataclasses import asdict

from flows.answers import ANSWERS
from flows.sql_shell import Result, as_table, render
from schemas.catalogue import MEASURES, MEASURES_BY_ID, REASONS, MeasureInfo
from schemas.errors import SettingsError

_SHORT = ("id", "title", "force", "severity", "unit", "cited_line")


def catalogue(measure_ids: Sequence[str], fmt: str) -> str:
    """All measures in short, or the named ones whole; SettingsError (exit 10) for an unknown id."""
    chosen = [_find(name) for name in measure_ids] or list(MEASURES)
    if fmt != "table":
        rows = [
            tuple("|".join(v) if isinstance(v, tuple) else v for v in asdict(measure).values()) for measure in chosen
        ]
        return render(Result(tuple(asdict(chosen[0])), rows), fmt)
    if measure_ids:
        return "\n\n".join(_whole(measure) for measure in chosen)
    return as_table(_SHORT, [[getattr(measure, name) for name in _SHORT] for measure in chosen], width=90)


def _find(name: str) -> MeasureInfo:
    by_name = {**MEASURES_BY_ID, **{measure.slug: measure for measure in MEASURES}}
    found = by_name.get(name) or by_name.get(name.upper())
    if found is None:
        near = difflib.get_close_matches(name, by_name, n=1, cutoff=0.0)[0]
        raise SettingsError(f"no measure is named {name!r}: the nearest is {near!r}")
    return found


def _whole(measure: MeasureInfo) -> str:
    lines = [
        f"{measure.id} {measure.title}",
        f"  {measure.slug}; {measure.force}, {measure.severity}; one row a {measure.unit}",
        f"  line {measure.cited_line}: “{measure.quote}”",
    ]
    if answer := ANSWERS.get(measure.id):
        lines.append(f"  met by {answer.met_by}")
    for what, feeds in (
        ("trigger", measure.trigger_feeds),
        ("action", measure.action_feeds),
        ("justification", measure.justification_feeds),
    ):
        if feeds:
            lines.append(f"  {what} seen in {', '.join(feeds)}")
    if measure.conflict:
        lines.append(f"  sources disagree: {measure.conflict}")
    lines += [
        f"    {state}, {reason}: {meaning}"
        for name, state, reason, meaning in REASONS.iter_rows()
        if name == measure.id
    ]
    return "\n".join(lines)
