"""The words of the alerts: counts and where to look. No identity, and no value of a patient's row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

Count = tuple[str, str, str, int]
"""measure_id, title, cause or earlier state, n."""

_CLOSING = "No patient is named here. A deviation is one from the configured algorithm, for review: no statement about a clinician."


@dataclass(frozen=True)
class Message:
    """One alert. kind: `news`, `heartbeat` or `stopped`."""

    kind: str
    subject: str
    body: str


def news(
    as_of: date, told: Mapping[str, Sequence[Count]], places: Mapping[str, str], lost_feeds: Sequence[str] = ()
) -> Message | None:
    """What is new since the night before; None where nothing is.

    told: `urgent`, `critical`, `withdrawn` → their counts; what a site does not want to be told is left out. places: the
    same names → where to look. lost_feeds: tables that were there the night before and are missing.
    """
    counts = {name: sum(n for *_, n in rows) for name, rows in told.items()}
    subjects, parts = [], []
    for name, (short, long) in _NEWS.items():
        if n := counts.get(name, 0):
            subjects.append(f"{n} {short}")
            parts += [f"{n} {long}", *_lines(told[name]), f"  Look: {places[name]}", ""]
    if not parts:
        return None
    body = [f"Audit through {as_of}, against the night before.", *_lost(lost_feeds), "", *parts, _CLOSING]
    return Message("news", f"spine-audit: {', '.join(subjects)}", "\n".join(body))


_NEWS: dict[str, tuple[str, str]] = {
    "urgent": ("urgent, still to be met", "newly open: urgent duties that can still be met"),
    "critical": ("newly critical", "newly found: critical deviations, for review"),
    "withdrawn": ("withdrawn", "withdrawn: a corrected row has lifted what was told, or could have been, before"),
}


def heartbeat(
    as_of: date,
    data_through: date | None,
    windows: int,
    finished_at: str,
    *,
    lost_feeds: Sequence[str] = (),
    is_first: bool,
    place: str,
) -> Message:
    """The night ended well, whether or not anything is new."""
    lines = [
        f"Finished at        {finished_at}",
        f"Audit through      {as_of}",
        f"Data through       {data_through or 'not stated by any feed'}",
        f"Windows open       {windows}  (urgent duties that can still be met)",
        *_lost(lost_feeds),
        "",
        f"Look: {place}",
    ]
    if is_first:
        lines += ["", "The first night of all: nothing to compare with, so nothing is told as new."]
    lines += ["", "No such message by the usual time: the night did not run or did not end. No patient is named here."]
    return Message("heartbeat", f"spine-audit heartbeat: done, audit through {as_of}", "\n".join(lines))


def _lost(feeds: Sequence[str]) -> list[str]:
    """What is to be said where tables of the night before are missing: what they told can't be seen, but is not undone."""
    if not feeds:
        return []
    return [
        "",
        f"MISSING TABLES: {', '.join(feeds)} came the night before and not tonight. What they told has gone from the lists;"
        " nobody did anything about it, and windows may be open that can't be seen. Work from the lists of the night before,"
        " get the extract whole, and run again.",
    ]


def stopped(error: str, exit_code: int, *, is_held_back: bool, place: str) -> Message:
    """The night stopped, or the gate held it back."""
    what = "the night was held back by the quality gate" if is_held_back else "the night stopped"
    lines = [
        f"{what.capitalize()} (exit code {exit_code}):",
        f"  {' '.join(error.split())}",
        "",
        "Nothing was published; the results of the night before stay in place.",
        f"Look: {place}",
    ]
    return Message("stopped", f"spine-audit: {what}", "\n".join(lines))


def _lines(rows: Sequence[Count]) -> list[str]:
    """A line a measure: `S1 its title: 3 (corrected row 1, new event 2)`."""
    lines = []
    for (measure, title), group in groupby(rows, key=lambda row: row[:2]):
        causes = [(cause, n) for _, _, cause, n in group]
        why = ", ".join(f"{cause} {n}" for cause, n in causes)
        lines.append(f"  {measure} {title}: {sum(n for _, n in causes)} ({why})")
    return lines
