"""Every table of the published warehouse, schema `audit`: columns, types, units, meaning, keys (specification, 4).

The comments in the file, `audit.data_dictionary`, docs/warehouse.md and the checks before publishing are made from
these declarations. Times of events are text, because only text keeps a day apart from an instant (WRITTEN_TIME).
"""

from schemas.case_facts import CASE_FACTS
from schemas.catalogue import STATES
from schemas.columns import Column, Table

WRITTEN_TIME = "ISO 8601 local time or date"
"""`YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM:SS±HH:MM` where the minute counts (UTC as +00:00, fractions cut)."""


def _text(name: str, description: str, *, null: bool = True, unit: str | None = None) -> Column:
    return Column(name, "VARCHAR", description, unit, nullable=null)


def _time(name: str, description: str, *, null: bool = True) -> Column:
    return Column(name, "VARCHAR", description, WRITTEN_TIME, nullable=null)


def _date(name: str, description: str, *, null: bool = True) -> Column:
    return Column(name, "DATE", description, "local date", nullable=null)


def _count(name: str, description: str, unit: str = "rows") -> Column:
    return Column(name, "BIGINT", description, unit, nullable=False)


def _rate(name: str, description: str) -> Column:
    return Column(name, "DOUBLE", description, "proportion 0-1")


def _integer(name: str, description: str, unit: str | None = None, *, null: bool = True) -> Column:
    return Column(name, "INTEGER", description, unit, nullable=null)


def _flag(name: str, description: str) -> Column:
    return Column(name, "BOOLEAN", description, nullable=False)


CASE_ID = _text("case_id", "First 16 hex digits of SHA-256 over patient_id|level|T0.", null=False)
MEASURE_ID = _text("measure_id", "The measure, as in measure_catalogue (Q1 ... T1).", null=False)
INSTANCE = _integer(
    "instance", "Number of the instance within case and measure, from 1 in the order of the triggers.", null=False
)
PATIENT_ID = _text("patient_id", "The patient's id in the extract.", null=False)
LEVEL = _text("level", "Spine level of the fracture (C1 ... S5), or `unspecified`.", null=False)
T0 = _date(
    "t0", "Day on which the fracture began: the earliest onset of the index codes of DX's day, else DX.", null=False
)
STATE = _text("state", f"One of the eight states: {', '.join(STATES)}.", null=False)
REASON = _text("reason", "Why the state is what it is, a word of the measure's list of reasons.", null=False)
TABLE_NAME = _text("table_name", "Table of the extract.", null=False)
ROW_ID = _text(
    "row_id", "Id of the row in that table; patients: patient_id; followup: `patient_id|started_at`.", null=False
)
RUN_ID = _text(
    "run_id", "The run: as-of and the first 8 hex digits of the hash of everything that went in.", null=False
)

COUNTS: tuple[Column, ...] = (
    _count("n", "All rows: the eight counts below add up to it."),
    *(_count(f"n_{state}", f"Rows in state {state}.") for state in STATES),
    _count(
        "n_unverified",
        "Not applicable because nothing is recorded that would tell (no_deficit_recorded, no_instability_recorded,"
        " no_suspicion); a part of n_not_applicable.",
    ),
    _count("numerator", "Rows that count as done: met."),
    _count("denominator", "Rows that count at all: met + deviation."),
    _rate("rate", "met / (met + deviation); null where the denominator is 0."),
    _rate("wilson_low", "Lower end of the rate's Wilson 95 % interval; null where the denominator is 0."),
    _rate("wilson_high", "Upper end of the rate's Wilson 95 % interval; null where the denominator is 0."),
    _rate("worst", "met / (met + deviation + indeterminate): the rate if every row that can't be told had deviated."),
    _rate(
        "best", "(met + indeterminate) / (met + deviation + indeterminate): the rate if every such row had been met."
    ),
)

CASES = Table(
    "cases",
    "One audited case, or one case of unspecified level: a patient's vertebral fracture at one level in one episode.",
    (
        CASE_ID,
        PATIENT_ID,
        _text("display_id", "What the ward calls the patient: the record number."),
        LEVEL,
        _text("levels_same_episode", "Other levels of the patient with DX within 30 days, |-separated in spine order."),
        T0,
        _time("dx_at", "DX: the first index diagnosis of the case, when it was recorded.", null=False),
        _date("m3_date", "M3: T0 + 3 calendar months, clipped to the month's end (or as clocks.three_months says)."),
        _date("conservative_start", "CONS: the first conservative treatment in [T0, end]; null where there is none."),
        _date("treatment_start", "TX: the first conservative treatment in [DX, DX + 28 days], else DX."),
        _date("end_date", "Last day of the case's observation; null while it lies after the as-of date."),
        _text(
            "end_reason",
            "Why the observation ended: death, followup_ended, transferred_out, new_fracture or episode_over; null"
            " while end_date is.",
        ),
        _text("aetiology", "neoplastic, osteoporotic, traumatic_high_energy or other: the first that applies."),
        _text(
            "case_basis",
            "`confirmed`: an imaging study covers the level within 10 days of DX, an acute statement, or a code of an"
            " emergency or inpatient encounter; else `coded_only`.",
        ),
        _integer("age_at_t0", "Age at T0.", "whole years"),
        _text("sex", "female, male, other or unknown, as in the extract."),
        _text("race", "As in the extract."),
        _text("ethnicity", "As in the extract."),
        _text("language", "As in the extract."),
        _text("payer", "As in the extract."),
        _text("site_id", "Site of the index diagnosis's encounter, else of the patient."),
        _text("previous_case_id", "The case at this level whose episode a new acute fracture ended."),
        _flag("audited", "True for an audited case; false for one that is here because no code states its level."),
        _text(
            "disposition",
            "Strongest referral pathway that was triggered so far; null for cases of unspecified level.",
        ),
    ),
    key=("case_id",),
)

FINDINGS = Table(
    "findings",
    "The verdict on one case by one measure, one row an instance: exactly one state and one reason each.",
    (
        CASE_ID,
        MEASURE_ID,
        INSTANCE,
        _text(
            "finding_key",
            "16 hex digits that stay the same over the nights, also where instances are renumbered or T0 moves.",
            null=False,
        ),
        PATIENT_ID,
        LEVEL,
        T0,
        STATE,
        REASON,
        _text("flags", "Sorted, |-separated remarks (date_only, level_unspecified, ...); null where there is none."),
        _time("trigger_at", "When the measure was triggered; null where it was not."),
        _time("due_at", "The deadline; null for a state without a trigger and for a commission (but M4's)."),
        _time("action_at", "The action that decided; null where no dated action did."),
        Column(
            "late_by_hours",
            "DOUBLE",
            "How late the action was, two decimals, where deadline and action are both known to the minute.",
            "hours",
        ),
        _integer("late_by_days", "How late the action was, where one of the two is known to the day only.", "days"),
        _text("severity", "What the finding weighs: critical, high, moderate, low or advisory.", null=False),
        _text("force", "What kind of demand it is: duty, advisory, restrictive, informational or data.", null=False),
        _text("trigger_table", "Table of the row that triggered; null where no row did."),
        _text("trigger_row_id", "Id of the row that triggered; null where no row did."),
        _text("trigger_encounter_id", "Encounter of the row that triggered."),
        _text("trigger_site_id", "Site of that encounter."),
        _text("site_id", "Site of the case."),
        _text(
            "missing_facts",
            "What would settle an `indeterminate`, |-separated `table.code`; null for every other state.",
        ),
        _text("explanation", "The verdict in one plain sentence.", null=False),
        RUN_ID,
    ),
    key=("case_id", "measure_id", "instance"),
)

EVIDENCE = Table(
    "evidence",
    "One deciding row of the extract behind a finding, in one role.",
    (
        CASE_ID,
        MEASURE_ID,
        INSTANCE,
        _text("role", "trigger, action, exception, justification or exclusion.", null=False),
        TABLE_NAME,
        ROW_ID,
        _time("event_at", "When it happened."),
        _time("known_at", "When it was known: the later of event and record."),
        _text("code_system", "Code system of the row's code."),
        _text("code", "The row's code; for referrals and encounters the specialty."),
        _text("value", "The row's value; for referrals the priority."),
    ),
    key=("case_id", "measure_id", "instance", "role", "table_name", "row_id"),
)

CASE_EVENTS = Table(
    "case_events",
    "One clean event of a case, whether a measure used it or not.",
    (
        CASE_ID,
        TABLE_NAME,
        ROW_ID,
        _time("event_at", "When it happened."),
        _time("known_at", "When it was known: the later of event and record."),
        _integer("day", "Day of the event, counted from T0 (T0 = 0, earlier days negative).", "days"),
        _text("value_sets", "Value sets that hold its code, |-separated and sorted."),
        _text("code_system", "Code system of its code."),
        _text("code", "Its code; for referrals and encounters the specialty."),
        _text("value", "Its value, as text."),
        _text("level", "Spine level that the row itself names."),
        _text("encounter_id", "Its encounter."),
        _text("site_id", "Site of that encounter."),
        _text("unit", "Ward or department of that encounter."),
    ),
    key=("case_id", "table_name", "row_id"),
)

RECOMMENDATIONS = Table(
    "recommendations",
    "One duty or advice of the algorithm that has been triggered for an audited case.",
    (
        CASE_ID,
        MEASURE_ID,
        INSTANCE,
        _text("pathway", "The referral pathway in the disposition's words, else the measure's slug.", null=False),
        _text("urgency", "`urgent`: a deadline in hours; `soon`: within 14 days; else `routine`.", null=False),
        _time("triggered_at", "When it was triggered.", null=False),
        _time("due_at", "By when it is to be done; null where nothing is due."),
        _text("force", "duty, advisory, restrictive, informational or data.", null=False),
        _integer("cited_line", "Line of the guideline's text that asks for it.", "line number", null=False),
    ),
    key=("case_id", "measure_id", "instance"),
)

MEASURES = Table(
    "measures",
    "The counts and the rate of one measure in one stratum. Rows of unspecified level are the stratum"
    " `level_unspecified` and in no other one, but for Q3.",
    (
        MEASURE_ID,
        _text(
            "stratum",
            "overall, level_unspecified, case_basis, age_band, sex, race, ethnicity, language, payer or site_id.",
            null=False,
        ),
        _text("stratum_value", "`all` for the first two strata; `unknown` where the case has no value.", null=False),
        *COUNTS,
    ),
    key=("measure_id", "stratum", "stratum_value"),
)

MEASURE_PERIODS = Table(
    "measure_periods",
    "The counts and the rate of one measure over the findings whose anchor (dx, t0, tx or trigger) lies in one month;"
    " every month from the first to the last. The same rows as the stratum `overall`, but for those without an anchor.",
    (
        MEASURE_ID,
        Column("month", "DATE", "First day of the month.", "local date", nullable=False),
        *COUNTS,
        _flag(
            "complete",
            "True where the month is over, each feed concerned is loaded through its end, and no row of it is pending.",
        ),
    ),
    key=("measure_id", "month"),
)

MEASURE_REASONS = Table(
    "measure_reasons",
    "How often a measure ended in one state for one reason, over the rows of the stratum `overall`.",
    (MEASURE_ID, STATE, REASON, _count("n", "Rows with this state and reason.")),
    key=("measure_id", "state", "reason"),
)

COHORT_FLOW = Table(
    "cohort_flow",
    "One line of the way from the extract to the audited cases.",
    (
        _integer("step", "Order of the line, from 1.", null=False),
        _text(
            "line",
            "extracted, patient_row_quarantined, fracture_code, prevalent_only, no_initial_character, not_confirmed,"
            " chronic, index_case, unspecified_level, other_level, outside_period or audited.",
            null=False,
        ),
        _text("unit", "What is counted: patients or cases.", null=False),
        _count("n", "How many.", "patients or cases, as unit says"),
    ),
    key=("step", "line"),
)

COHORT_LINES = Table(
    "cohort_lines",
    "The line of the cohort flow on which one patient and level ended.",
    (
        PATIENT_ID,
        _text("level", "Spine level of the code, or `unspecified`.", null=False),
        _text("line", "The line, as in cohort_flow.", null=False),
    ),
    key=("patient_id", "level", "line"),
)

FEEDS = Table(
    "feeds",
    "One table of the extract contract: was it there, what became of its rows, how far it is loaded."
    " rows_read = rows_accepted + rows_quarantined + rows_duplicate.",
    (
        TABLE_NAME,
        _flag("present", "False where the extract has no such table (an absent feed)."),
        _count("rows_read", "Records read."),
        _count("rows_accepted", "Rows that keep the contract."),
        _count("rows_quarantined", "Rows that were rejected."),
        _count("rows_duplicate", "Exact duplicates that were collapsed."),
        _count("rows_warned", "Warnings: a value became null, the row stayed.", "values"),
        _date("loaded_through", "Local day through which the source says that the feed is complete; null: not said."),
        _date("horizon", "The earlier of the as-of date and loaded_through: what can be judged from this feed."),
    ),
    key=("table_name",),
)

QUARANTINE = Table(
    "quarantine",
    "One row that broke the contract, kept whole, or one value of a row that became null.",
    (
        TABLE_NAME,
        _text("source_file", "File, relative to the extract.", null=False),
        Column("row_number", "BIGINT", "Row within the file; 1 = the first record after the header.", nullable=False),
        _text(
            "column_name", "Column at fault; of two that contradict each other the later named; null: the whole record."
        ),
        _text("row_id", "Id of the row; null where it has none."),
        _text(
            "reason",
            "malformed_record, null_required, bad_value, unknown_enum, time_precision, out_of_range, orphan,"
            " impossible_time or conflicting_id.",
            null=False,
        ),
        _text("severity", "`rejected`: the row is out; `warning`: a value became null.", null=False),
        _text("row", "The raw cells as JSON; of a malformed record its text."),
    ),
    key=("table_name", "source_file", "row_number", "column_name"),
)

MEASURE_CATALOGUE = Table(
    "measure_catalogue",
    "The measures as they were applied: one auditable statement of the guideline each.",
    (
        MEASURE_ID,
        _integer("position", "Order of the catalogue, from 1.", null=False),
        _text("slug", "The measure's name as one word.", null=False),
        _text("title", "The measure's name in words.", null=False),
        _text("force", "duty, advisory, restrictive, informational or data.", null=False),
        _text("severity", "What a finding of it weighs unless a rule says otherwise.", null=False),
        _text("unit", "What one row counts: case, deficit, referral, procedure, course, imaging study.", null=False),
        _text("period_anchor", "Which day puts a row into a month: dx, t0, tx or trigger.", null=False),
        _text("trigger_feeds", "Tables that could show the trigger, |-separated."),
        _text("action_feeds", "Tables that could show the action, |-separated."),
        _text("justification_feeds", "Tables that could show what justifies a commission, |-separated."),
        _integer("cited_line", "Line of the guideline's text.", "line number", null=False),
        _text("quote", "Short quote of that line.", null=False),
        _text("conflict", "Known conflicts with primary sources; null where none is known."),
    ),
    key=("measure_id",),
)

PARAMETERS = Table(
    "parameters",
    "Every number and switch as it was applied.",
    (
        _text("parameter", "Its name, with its section: deadlines.imaging_days.", null=False),
        _text("value", "Its value, as JSON.", null=False),
        _text("comment", "What it means."),
    ),
    key=("parameter",),
)

VALUE_SETS = Table(
    "value_sets",
    "Every code as it was applied, with its source.",
    (
        _text("value_set", "Name of the value set.", null=False),
        _text("code_system", "Code system.", null=False),
        _text("code", "The code, or the beginning of codes.", null=False),
        _text("match", "How a row's code is compared: exact, or prefix.", null=False),
        _text("label", "What the code stands for."),
        _text("source", "Where the code was taken from."),
        _text("verified", "Whether a person has compared it with that source: yes or no."),
        _text(
            "set_sha256",
            "SHA-256 over the whole set as applied: its lines `code_system|code|match`, sorted; equal hashes mean equal"
            " sets.",
            null=False,
        ),
    ),
    key=("value_set", "code_system", "code", "match"),
)

RUNS = Table(
    "runs",
    "The run that made this warehouse, with its receipt.",
    (
        RUN_ID,
        _date("as_of", "The audit knows everything through the end of this day and nothing after it.", null=False),
        _text("timezone", "Time zone in which days are counted.", null=False, unit="IANA name"),
        _text("guideline", "Title of the guideline that was audited.", null=False),
        _text("guideline_version", "Version of the guideline.", null=False),
        _text(
            "review_status",
            "submitted, under_review or approved: whether the guideline's text was reviewed.",
            null=False,
        ),
        _text("package_version", "Version of spine-audit.", null=False),
        _text("source", "What the extract's manifest says about where it comes from."),
        _text("format", "native, fhir or omop.", null=False),
        _text("extracted_at", "When the extract was made, as its manifest says."),
        _text("receipt", "The whole receipt, as JSON.", null=False),
    ),
    key=("run_id",),
)

DATA_DICTIONARY = Table(
    "data_dictionary",
    "One table, view or column of this schema, in words.",
    (
        _text("table_name", "Table or view.", null=False),
        _text("column_name", "Column; empty for the table itself.", null=False),
        _integer("position", "Order of the column, from 1; 0 for the table itself.", null=False),
        _text("kind", "table or view.", null=False),
        _text("type", "DuckDB type of the column; null for the table itself."),
        _text("unit", "Unit of the column; null where it has none."),
        _flag("is_key", "True where the column is part of the table's key."),
        _text("description", "What it is.", null=False),
    ),
    key=("table_name", "column_name"),
)

FINDING_CHANGES = Table(
    "finding_changes",
    "What became of a deviation since the night before, what waits now or did, and every other change of a verdict.",
    (
        FINDINGS["finding_key"],
        RUN_ID,
        _text("previous_run_id", "The run before; null on the first night."),
        _text("case_id", "The case as it is known now, else as it was known.", null=False),
        FINDINGS["measure_id"],
        FINDINGS["instance"],
        _text("change", "new, resolved, persisting, changed; on the first night initial.", null=False),
        _text(
            "state_before", "State on the night before; null: the finding was not there, such as a window that opened."
        ),
        _text("reason_before", "Reason on the night before."),
        _text("state_after", "State now; null: the finding is not there any more."),
        _text("reason_after", "Reason now."),
        _text("cause", "rule, value set, parameter, corrected row, new event or as-of; null where nothing changed."),
    ),
    key=("finding_key",),
)

WAREHOUSE: dict[str, Table] = {
    table.name: table
    for table in (
        CASES,
        Table("case_facts", "The facts about one case that the measures used.", CASE_FACTS, key=("case_id",)),
        FINDINGS,
        EVIDENCE,
        CASE_EVENTS,
        RECOMMENDATIONS,
        FINDING_CHANGES,
        MEASURES,
        MEASURE_PERIODS,
        MEASURE_REASONS,
        COHORT_FLOW,
        COHORT_LINES,
        FEEDS,
        QUARANTINE,
        MEASURE_CATALOGUE,
        PARAMETERS,
        VALUE_SETS,
        RUNS,
        DATA_DICTIONARY,
    )
}
"""Every table in the order in which it is documented."""

VIEWS: tuple[str, ...] = (
    "open_deviations",
    "urgent_deviations",
    "open_windows",
    "pending_deadlines",
    "measure_summary",
    "case_timeline",
    "site_summary",
    "quarantine_summary",
)
"""The views, `sql/warehouse/views/<name>.sql`; a view may use those before it."""

WORDED: tuple[str, ...] = ("cases", "findings", "evidence", "case_events", "recommendations", "finding_changes")
"""The tables that are views over stored numbers (schemas/stored.py), `sql/warehouse/tables/<name>.sql`."""

FROM_PARTS: tuple[str, ...] = ("case_facts", "cohort_lines")
"""The tables that every part of the patients brings as they are, in a file of that name."""
