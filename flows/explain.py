"""`spine-audit explain`: one case as the audit saw it, from the published warehouse alone.

The timeline, the open gaps, then measure by measure what was looked for, when, what was found, what came near, and what
earlier nights made of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flows.answers import ANSWERS, Answer
from flows.sql_shell import as_table
from reports.summary import status
from schemas.errors import SettingsError

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]

_GRAVITY = ("critical", "high", "moderate", "low", "advisory")
_UNMET = ("deviation", "indeterminate", "pending", "exception", "censored")
_NEAREST = 3
_DID_NOT_COUNT = "in time, but did not count (its status, priority, reason or value)"
_DAY = 10
"""Characters of a written date; a longer time has minutes."""

_WHY_NO_CASE = {
    "prevalent_only": "an old fracture: only codes of follow-up care",
    "no_initial_character": "no code of a first encounter",
    "not_confirmed": "no code that is confirmed: refuted, entered in error, or an order only",
    "chronic": "the fracture is recorded as chronic",
    "unspecified_level": "no code says at which level",
    "other_level": "a level that is not audited",
    "outside_period": "diagnosed outside the audited period",
}
"""Lines of the cohort flow, in words."""

_CASES = """
SELECT * FROM audit.cases WHERE case_id = $id OR patient_id = $id OR display_id = $id ORDER BY patient_id, t0, level
"""
_LINES = "SELECT level, line FROM audit.cohort_lines WHERE patient_id = $id ORDER BY level, line"
_TIMELINE = """
SELECT day, event_at, kind, what, detail, row_id FROM audit.case_timeline
WHERE case_id = $case_id AND kind IN ('event', 'milestone')
ORDER BY day NULLS LAST, event_at, kind, what, row_id
"""
_FINDINGS = """
SELECT f.*, m.title, m.cited_line, m.quote, m.conflict, m.position, m.action_feeds, m.trigger_feeds
FROM audit.findings AS f JOIN audit.measure_catalogue AS m USING (measure_id)
WHERE f.case_id = $case_id ORDER BY m.position, f.instance
"""
_EVIDENCE = """
SELECT * FROM audit.evidence WHERE case_id = $case_id ORDER BY measure_id, instance, event_at, role, table_name, row_id
"""
_EVENTS = "SELECT * FROM audit.case_events WHERE case_id = $case_id ORDER BY event_at, table_name, row_id"
_CHANGES = """
SELECT c.finding_key, n.as_of, c.state_before, c.reason_before, c.state_after, c.reason_after, c.cause
FROM history.changes AS c JOIN history.nights AS n USING (night)
WHERE c.finding_key IN (SELECT finding_key FROM audit.findings WHERE case_id = $case_id)
ORDER BY c.night
"""
_HAS_HISTORY = "SELECT database_name FROM duckdb_databases() WHERE database_name = 'history'"
_RUN = "SELECT * FROM audit.runs"


def explain(con: "duckdb.DuckDBPyConnection", identifier: str) -> str:
    """Everything about the cases that an id means: case_id, patient_id or display_id.

    SettingsError (exit 10) where the warehouse knows no such case or patient.
    """
    from flows.warehouse import records

    run = records(con, _RUN)[0]
    identifier = identifier.encode(errors="backslashreplace").decode()  # an argument's bytes need not be UTF-8
    cases = records(con, _CASES, id=identifier)
    if not cases:
        lines = records(con, _LINES, id=identifier)
        if not lines:
            raise SettingsError(
                "no case, patient or display id of that name in this warehouse;"
                ' `spine-audit sql "SELECT case_id, display_id FROM cases"` lists them'
            )
        return "This patient has no audited case:\n" + as_table(
            ("level", "why"), [(row["level"], _WHY_NO_CASE.get(row["line"], _words(row["line"]))) for row in lines]
        )
    has_history = bool(records(con, _HAS_HISTORY))
    parts = []
    for case in cases:
        key = {"case_id": case["case_id"]}
        parts.append(
            _case(
                case,
                run,
                records(con, _TIMELINE, **key),
                records(con, _FINDINGS, **key),
                records(con, _EVIDENCE, **key),
                records(con, _EVENTS, **key),
                records(con, _CHANGES, **key) if has_history else [],
            )
        )
    return "\n\n".join(parts)


def _case(
    case: Row,
    run: Row,
    timeline: Sequence[Row],
    findings: Sequence[Row],
    evidence: Sequence[Row],
    events: Sequence[Row],
    changes: Sequence[Row],
) -> str:
    by_finding: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in evidence:
        by_finding[row["measure_id"], row["instance"]].append(row)
    life: dict[str, list[Row]] = defaultdict(list)
    for row in changes:
        life[row["finding_key"]].append(row)
    meanings = _meanings()
    blocks = [_head(case, run), _section("Timeline", _timeline(timeline)), _section("Open gaps", _gaps(findings))]
    measures = [
        _finding(row, by_finding[row["measure_id"], row["instance"]], events, life[row["finding_key"]], meanings, case)
        for row in findings
    ]
    return "\n\n".join([*blocks, "Measures\n────────", *measures])


def _head(case: Row, run: Row) -> str:
    name = (
        f"{case['display_id']} (patient {case['patient_id']})"
        if case["display_id"]
        else f"patient {case['patient_id']}"
    )
    facts = [case["aetiology"], case["case_basis"], f"{case['age_at_t0']} years at T0", case["sex"]]
    lines = [
        f"Case {case['case_id']}: {name}, fracture at {case['level']}",
        f"T0 {case['t0']}, diagnosed {case['dx_at']}; {', '.join(str(fact) for fact in facts if fact)}",
        f"3 months {case['m3_date']}; conservative care from {case['conservative_start'] or 'nothing on record'}",
    ]
    if case["end_reason"]:
        lines.append(f"Observation ended {case['end_date']}: {_words(case['end_reason'])}")
    if case["previous_case_id"]:
        lines.append(f"Earlier case at this level: {case['previous_case_id']}")
    if case["disposition"]:
        lines.append(f"Strongest pathway so far: {_words(case['disposition'])}")
    lines.append(
        f"Audited as of {run['as_of']} ({run['timezone']}), run {run['run_id']}, against {run['guideline']!r}"
        f" {run['guideline_version']}{status(run['review_status'])}"
    )
    lines.append("A deviation is one from the configured algorithm, for review: no statement about a clinician.")
    return "\n".join(lines)


def _section(title: str, body: str) -> str:
    return f"{title}\n{'─' * len(title)}\n{body}"


def _timeline(rows: Sequence[Row]) -> str:
    shown = [
        (row["day"], _time(row["event_at"]), row["kind"], row["what"], row["detail"], row["row_id"]) for row in rows
    ]
    return as_table(("day", "when", "kind", "what", "detail", "row"), shown, width=90) if shown else "nothing on record"


def _gaps(findings: Sequence[Row]) -> str:
    gaps = [row for row in findings if row["state"] in ("deviation", "pending") and row["trigger_at"]]
    gaps.sort(key=lambda row: (_GRAVITY.index(row["severity"]), row["state"], row["position"], row["instance"]))
    shown = [
        (_name(row), row["severity"], f"{row['state']}: {_words(row['reason'])}", _time(row["due_at"]), row["title"])
        for row in gaps
    ]
    return as_table(("measure", "weight", "verdict", "due", "what"), shown, width=70) if shown else "none"


def _finding(
    row: Row,
    evidence: Sequence[Row],
    events: Sequence[Row],
    life: Sequence[Row],
    meanings: Mapping[tuple[str, str, str], str],
    case: Row,
) -> str:
    answer = ANSWERS.get(row["measure_id"])
    meaning = meanings.get((row["measure_id"], row["state"], row["reason"])) or meanings.get(
        ("*", row["state"], row["reason"]), ""
    )
    lines = [
        f"{_name(row)} {row['title']} ({row['force']}, line {row['cited_line']}: “{row['quote']}”)",
        f"  {row['state'].upper()}: {_words(row['reason'])}. {_unless_said(meaning, row['explanation'])}".rstrip(),
        f"  {row['explanation']}",
    ]
    if dates := _dates(row):
        lines.append(f"  {dates}")
    if row["flags"]:
        lines.append(f"  flags: {row['flags'].replace('|', ', ')}")
    if answer and row["state"] in _UNMET:
        where = ", ".join((row["action_feeds"] or "").split("|"))
        lines.append(f"  would be met by {answer.met_by}" + (f" (looked for in {where})" if where else ""))
    if row["missing_facts"]:
        lines.append(f"  would settle it: {row['missing_facts'].replace('|', ', ')}")
    lines += [f"  evidence, {item['role']}: {_event(item)}" for item in evidence]
    if answer and row["state"] in ("deviation", "indeterminate") and row["trigger_at"]:
        lines += [f"  nearest: {text}" for text in near_misses(row, answer, events, str(case["dx_at"]))]
    lines += [f"  audit of {change['as_of']}: {_change(change)}" for change in life]
    if row["conflict"]:
        lines.append(f"  on the source: {row['conflict']}")
    return "\n".join(lines)


def _change(change: Row) -> str:
    """What a night made of a finding, and why."""
    before, after = (
        f"{change[f'state_{when}']}, {_words(change[f'reason_{when}'])}" if change[f"state_{when}"] else None
        for when in ("before", "after")
    )
    if before is None:
        return f"first seen, {after} ({change['cause']})"
    if before == after:
        return f"{after}, of another weight or urgency ({change['cause']})"
    return f"{before} → {after or 'gone'} ({change['cause']})"


def near_misses(finding: Row, answer: Answer, events: Iterable[Row], dx_at: str) -> list[str]:
    """Up to three events that come near to what the measure looks for, with why each does not count.

    Of the right kind at the wrong time first, then of the wrong kind at the right time; nearest to the trigger first.
    """
    start = min(finding["trigger_at"][:_DAY], dx_at[:_DAY])
    near: list[tuple[int, int, str]] = []
    for event in events:
        if event["table_name"] not in answer.tables or not event["event_at"]:
            continue
        day = event["event_at"][:_DAY]
        sets = (event["value_sets"] or "").split("|")
        is_late = bool(finding["due_at"]) and _is_after(event["event_at"], finding["due_at"])
        if set(sets) & set(answer.sets) or (event["code"] or "").lower() in answer.codes:
            why = "after the deadline" if is_late else "before the trigger" if day < start else _DID_NOT_COUNT
            near.append((0, _distance(day, start), f"{_event(event)}: {why}"))
        elif start <= day and not is_late and answer.kind and event["table_name"] != "observations":
            near.append((1, _distance(day, start), f"{_event(event)}: not {answer.kind}"))
    return [text for _, _, text in sorted(near)[:_NEAREST]]


def _is_after(event_at: str, due_at: str) -> bool:
    """True where a written time lies after a written deadline: by instants where both have them, else by days."""
    if len(event_at) > _DAY and len(due_at) > _DAY:
        return datetime.fromisoformat(event_at) > datetime.fromisoformat(due_at)
    return event_at[:_DAY] > due_at[:_DAY]


def _distance(day: str, start: str) -> int:
    return abs((date.fromisoformat(day) - date.fromisoformat(start)).days)


def _dates(row: Row) -> str:
    parts = []
    if row["trigger_at"]:
        parts.append(f"triggered {_time(row['trigger_at'])}")
    if row["due_at"]:
        parts.append(f"due {_time(row['due_at'])}")
    if row["action_at"]:
        parts.append(f"done {_time(row['action_at'])}")
    if row["late_by_hours"] is not None:
        parts.append(f"late by {row['late_by_hours']:g} h")
    if row["late_by_days"] is not None:
        parts.append(f"late by {row['late_by_days']} d")
    return ", ".join(parts)


def _event(item: Row) -> str:
    code = " ".join(str(item[name]) for name in ("code_system", "code", "value") if item[name])
    sets = f" [{item['value_sets'].replace('|', ', ')}]" if item.get("value_sets") else ""
    return f"{_time(item['event_at'])} {item['table_name']} {item['row_id']} {code}{sets}".rstrip()


def _name(row: Row) -> str:
    return row["measure_id"] if row["instance"] == 1 else f"{row['measure_id']} ({row['instance']})"


def _time(text: str | None) -> str:
    """A written time as a person reads it: the date, and hours and minutes where they are known."""
    if not text:
        return ""
    return text if len(text) <= _DAY else f"{text[:_DAY]} {text[_DAY + 1 : _DAY + 6]}"


def _unless_said(meaning: str, explanation: str) -> str:
    """What the reason means, where the explanation does not begin with it anyway."""
    is_said = explanation.startswith(meaning.rstrip(".")) or meaning.startswith(explanation.rstrip("."))
    return "" if is_said else meaning


def _words(text: str) -> str:
    return text.replace("_", " ")


def _meanings() -> dict[tuple[str, str, str], str]:
    from schemas.catalogue import REASONS

    return {(row[0], row[1], row[2]): row[3] for row in REASONS.iter_rows()}
