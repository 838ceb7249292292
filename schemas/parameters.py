"""Every number and switch of the audit: the defaults in `data/parameters.toml`, and a site's own values over them.

The file is the declaration: a key exists because it is there, its type is that of its default, its unit is in its name.
"""

import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.errors import ContentError, SettingsError
from schemas.extract import LEVELS

_OPTIONAL_DATES: tuple[str, ...] = ("cohort.period_from", "cohort.period_to")

_CHOICES: dict[str, tuple[str, ...]] = {
    "review_status": ("submitted", "under_review", "approved"),
    "clocks.three_months": ("calendar", "90d", "84d"),
    "disclosure.profile": ("us", "uk", "internal"),
}

_WHOLE_UNITS: tuple[str, ...] = ("days", "day", "age", "hours", "apart")
"""Last words of keys that stay whole: the audit counts whole days and hours. Other numbers may have decimals."""

_UNITS: dict[str, str] = {
    "days": "days",
    "apart": "days",
    "day": "day counted from the anchor",
    "hours": "hours",
    "age": "years",
    "nrs": "points of 0-10",
    "deg": "degrees",
    "pct": "%",
    "points": "points",
    "ml": "mL",
    "probability": "probability",
    "share": "share",
}

_RANGES: dict[str, tuple[float, float]] = {
    "days": (0, 36_525),
    "apart": (0, 36_525),
    "day": (0, 36_525),
    "hours": (0, 87_660),
    "age": (0, 150),
    "nrs": (0, 10),
    "deg": (-90, 120),
    "pct": (0, 200),
    "ml": (0, 10_000),
    "probability": (0, 1),
    "share": (0, 1),
}
_OWN_RANGES: dict[str, tuple[float, float]] = {
    "cohort.episode_days": (1, 36_525),
    "cohort.clean_days": (1, 36_525),
    "worklist.days": (1, 36_525),
    "bedside.pretest_probability": (0.001, 0.999),
    "bedside_counts.percussion": (1, 1_000_000),  # a likelihood ratio of an empty cell has no value
    "bedside_counts.supine": (1, 1_000_000),
    "pain.change_points": (0, 10),
    "deformity.progression_kyphosis_deg": (0, 210),
    "deformity.significant_height_loss_pct": (0, 100),
    "deformity.any_height_loss_pct": (0, 100),
    "deformity.progression_height_loss_points": (0, 100),
    "instability.tlics_min": (0, 20),
    "instability.sins_min": (0, 18),
}
_NOT_NEGATIVE = (0.0, 1e12)

_ORDERED: tuple[tuple[str, str], ...] = (
    ("cohort.period_from", "cohort.period_to"),
    ("deadlines.reassess_from_day", "deadlines.reassess_to_day"),
    ("deadlines.reassess_early_from_day", "deadlines.reassess_from_day"),
    ("deadlines.calcitonin_min_covered_days", "deadlines.calcitonin_course_days"),
)
"""Pairs of which the first may not be greater than the second."""


@dataclass(frozen=True)
class Section:
    """One TOML table as attributes, with the TOML's own names."""

    path: str
    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("path", "values"):
            raise AttributeError(name)
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"no parameter is named {_join(self.path, name)!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


OPERATIONAL: tuple[str, ...] = ("gate", "retention", "notify", "source")
"""Tables that say how a night runs, not what is judged: no part of a run's identity (docs/decisions/026)."""


@dataclass(frozen=True)
class Parameters(Section):
    """All parameters in force: `p.deadlines.imaging_days`, `p.guideline`, `p.gate.rows_change_share`."""

    def as_rows(self) -> list[tuple[str, str, str | None]]:
        """(dotted key, value as JSON, unit and comment) of every parameter that judges, in the file's order."""
        return [
            (key, json.dumps(_plain(value), ensure_ascii=False), _note(key)) for key, value in _flat(self._judging())
        ]

    def keys(self) -> list[str]:
        """The dotted key of every parameter, also of those that say how a night runs."""
        return [key for key, _ in _flat(self)]

    def as_dict(self) -> dict[str, Any]:
        """Those parameters as plain nested dicts, lists and ISO dates, ready for canonical JSON."""
        return _plain(self._judging())

    def _judging(self) -> Section:
        return Section("", {name: value for name, value in self.values.items() if name not in OPERATIONAL})


def load_parameters(overrides: Mapping[str, Any] | None = None) -> Parameters:
    """The shipped defaults with a site's values over them.

    `overrides` has the shape of the TOML file. Raises SettingsError (exit 10) for an unknown key, a wrong type or a bad
    date, ContentError (exit 13) for a value out of its range.
    """
    values = _merged(_defaults(), overrides or {}, "")
    parameters = _section(values, "", Parameters)
    flat = dict(_flat(parameters))
    for first, second in _ORDERED:
        low, high = flat.get(first), flat.get(second)
        if low is not None and high is not None and low > high:
            raise ContentError(f"parameter {first} lies after {second}: set {first} to {second} or less")
    return parameters


@cache
def _source() -> str:
    return files("schemas").joinpath("data/parameters.toml").read_text(encoding="utf-8")


def _defaults() -> dict[str, Any]:
    defaults = tomllib.loads(_source())
    for key in _OPTIONAL_DATES:
        table, name = key.split(".")
        defaults[table].setdefault(name, None)
    return defaults


def _merged(defaults: Mapping[str, Any], overrides: Mapping[str, Any], path: str) -> dict[str, Any]:
    for name in overrides:
        if name not in defaults:
            raise SettingsError(_unknown(_join(path, name)))
    merged: dict[str, Any] = {}
    for name, default in defaults.items():
        key = _join(path, name)
        if isinstance(default, Mapping):
            own = overrides.get(name, {})
            if not isinstance(own, Mapping):
                raise SettingsError(f"parameter {key}: a table [{key}] is expected; write its keys below [{key}]")
            merged[name] = _merged(default, own, key)
        else:
            merged[name] = _checked(key, overrides[name], default) if name in overrides else _frozen(key, default)
    return merged


def _checked(key: str, value: Any, default: Any) -> Any:
    """`value` in the type of `default`, within its range."""
    if key in _OPTIONAL_DATES:
        return _date(key, value)
    if key == "cohort.levels":
        return _levels(value)
    if isinstance(default, bool):
        return _typed(key, value, isinstance(value, bool), "true or false")
    if isinstance(default, list):
        _typed(key, value, isinstance(value, list | tuple) and len(value) == len(default), f"{len(default)} numbers")
        return tuple(_number(key, item, whole=True) for item in value)
    if isinstance(default, int | float):
        return _number(key, value, whole=isinstance(default, int) and _unit_word(key) in _WHOLE_UNITS)
    _typed(key, value, isinstance(value, str), "a text in quotes")
    choices = _CHOICES.get(key)
    if choices and value not in choices:
        raise ContentError(f"parameter {key}: not one of {', '.join(choices)}")
    return value


def _frozen(key: str, default: Any) -> Any:
    if key == "cohort.levels":
        return _levels(default)
    return tuple(default) if isinstance(default, list) else default


def _typed(key: str, value: Any, fits: bool, expected: str) -> Any:
    if not fits:
        raise SettingsError(f"parameter {key}: {expected} expected, not {type(value).__name__}")
    return value


def _number(key: str, value: Any, *, whole: bool) -> int | float:
    fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    _typed(key, value, fits, "a whole number" if whole else "a number")
    word = _unit_word(key)
    low, high = _OWN_RANGES.get(key) or _RANGES.get(word, _NOT_NEGATIVE)
    if not math.isfinite(value) or not low <= value <= high:
        raise ContentError(f"parameter {key}: out of its range {low:g} to {high:g}; correct it in the settings file")
    return value


def _date(key: str, value: Any) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise SettingsError(f"parameter {key}: not a date; write it as YYYY-MM-DD")
    return _typed(key, value, False, "a date (YYYY-MM-DD)")


def _levels(value: Any) -> tuple[str, ...] | str:
    key = "cohort.levels"
    if isinstance(value, str) and value.lower() == "any":
        return "any"
    _typed(
        key,
        value,
        isinstance(value, list | tuple) and all(isinstance(level, str) for level in value),
        'a list of levels such as ["L2"], or "any",',
    )
    levels = {level.strip().upper() for level in value}
    unknown = sorted(levels - set(LEVELS))
    if unknown or not levels:
        raise ContentError(f"parameter {key}: {unknown[0] + ' is no' if unknown else 'no'} spine level; use C1 to S5")
    return tuple(level for level in LEVELS if level in levels)


def _unknown(key: str) -> str:
    known = [name for name, _ in _flat(_section(_defaults(), "", Parameters))]
    known += [name for name, value in _defaults().items() if isinstance(value, Mapping)]
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    same_word = [name for name in known if name.rpartition(".")[2] == key.rpartition(".")[2]]
    nearest = same_word[0] if same_word else near[0]
    return f"unknown parameter {key!r}: the nearest known one is {nearest!r}"


def _section(values: Mapping[str, Any], path: str, kind: type[Section] = Section) -> Any:
    return kind(
        path,
        {
            name: _section(value, _join(path, name)) if isinstance(value, Mapping) else value
            for name, value in values.items()
        },
    )


def _flat(section: Section) -> Iterator[tuple[str, Any]]:
    for name, value in section.values.items():
        if isinstance(value, Section):
            yield from _flat(value)
        else:
            yield _join(section.path, name), value


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return {name: _plain(item) for name, item in value.values.items()}
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _unit_word(key: str) -> str:
    """The word of a key that names its unit: its last known one (`hours_with_deficit`: hours)."""
    words = key.rpartition(".")[2].split("_")
    return next((word for word in reversed(words) if word in _UNITS), words[-1])


def _note(key: str) -> str | None:
    unit = _UNITS.get(_unit_word(key))
    comment = _comments().get(key)
    return "; ".join(part for part in (unit, comment) if part) or None


@cache
def _comments() -> Mapping[str, str]:
    """The comment behind each key in the file."""
    comments: dict[str, str] = {}
    table = ""
    for line in _source().splitlines():
        if header := re.match(r"\[(\w+)\]", line):
            table = header[1]
        elif entry := re.match(r"(?:# )?(\w+) = [^#]*#\s*(.+)$", line):
            comments[_join(table, entry[1])] = entry[2].strip()
    return comments
