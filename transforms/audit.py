"""The audit: clean tables in, cases, findings and their evidence out. Pure; the only clock is `as_of`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import polars as pl

from schemas.catalogue import MEASURES_BY_ID, MeasureInfo
from schemas.parameters import Parameters
from schemas.value_sets import ValueSets

from . import case_facts as facts_table
from . import cases as finding_cases
from .cases import UNSPECIFIED
from .clock import DX, at_day
from .concepts import Concepts, matches
from .engine import ANY, Horizons, Measure, judge, unsettled
from .events import build_events
from .facts import Facts
from .follow_up import with_ends
from .measures import MEASURES
from .people import (
    followup_periods,
    fracture_patients,
    with_end_event,
    with_people_facts,
    with_people_rows,
    with_treatment,
)
from .places import marked
from .stored import (
    evidence_of,
    findings_of,
    stored_cases,
    stored_events,
    stored_evidence,
    stored_findings,
    stored_index,
)
from .vocabulary import Seen
from .watch import Watch, unwatched

WITHOUT_LEVEL = ("Q3", "S1", "S2", "X1")


def audit(
    clean: Mapping[str, pl.LazyFrame],
    feeds: pl.DataFrame,
    codes: pl.DataFrame,
    parameters: Parameters,
    value_sets: ValueSets,
    as_of: date,
    timezone: str,
    part: int = 0,
    watch: Watch = unwatched,
) -> Iterator[tuple[str, pl.DataFrame]]:
    """What is stored of one part of the patients, a table after the other: cases, case_facts, findings, evidence, events,
    index_conditions, cohort_lines with the columns of schemas/stored.py; cohort_counts: what each patient adds to the lines
    of the cohort flow; turns: the day from which on as-of alone may change a patient's findings. A table that was taken is
    forgotten here, so that never all of them are in memory.

    clean: all rows of the patients of the part. part: its number. Of the whole extract: feeds, with horizons; codes, the
    distinct (table_name, code_system, code_key) of observations and medications. watch: sees the pieces of work (events,
    cases, facts, measures, written) begin and end, written together with what is done with a table; facts are found when
    a case or measure first asks for them.
    """
    clean = dict(clean)
    p = parameters
    concepts = Concepts.of(value_sets)
    present = frozenset(feeds.filter("present")["table_name"])
    # An absent feed holds nobody up: what only it could show is told apart by its absence.
    horizons = {name: horizon or as_of for name, horizon in feeds.select("table_name", "horizon").rows()}
    local, calcitonin = codes_that_occur(codes, concepts)
    seen = Seen(present, local, calcitonin, timezone, horizons, as_of)

    with watch("events"):
        patients = fracture_patients(clean, concepts, as_of)
        events = build_events(clean, patients, concepts, as_of)
        followup = followup_periods(clean, patients, as_of)
        events = with_people_rows(events, clean, patients, followup, as_of)
    with watch("cases"):
        reports = events.of("observations").filter(pl.col("local").is_in(["fracture-level", "fracture-acuity"]))
        fractures = events.of("conditions").filter(pl.col("stage").is_not_null())
        rows = finding_cases.fracture_rows(fractures, reports, p)
        every_case, case_codes = finding_cases.find_cases(rows, reports, p)
        every_case = finding_cases.cohort_line(every_case, p)
        lines = finding_cases.cohort_lines(rows, every_case, case_codes)
        counts = finding_cases.cohort_counts(rows, every_case, lines).join(patients, on="patient")

        everyone = every_case.join(patients, on="patient")
        lines = lines.join(patients, on="patient").select("patient_id", "level", "line")
        judged = everyone.filter(pl.col("line").is_in(["audited", "unspecified_level"]))
        judged = judged.sort("patient", "level", "t0").with_row_index("case")
        judged = with_people_facts(judged, clean, events, rows, case_codes, concepts, p, as_of)
        judged = with_ends(judged, events.of("encounters"), followup, p)
        judged = with_end_event(judged, events)
        key = ["patient", "level", "episode"]
        own_codes = case_codes.join(judged.select("case", *key), on=key)
        index = own_codes.select("case", "encounter").drop_nulls().unique()
        facts = Facts(events, judged, everyone, concepts, index, p, timezone, horizons, present, watch)
        judged = with_treatment(judged, facts, p)
        facts = facts.with_cases(judged)

    with watch("written"):
        yield "events", stored_events(events.written, judged, part, timezone)
        yield "cohort_lines", lines.sort("patient_id", "level")
        yield "cohort_counts", counts.select("patient_id", "line", "n")
        yield "index_conditions", stored_index(own_codes, events, part)

    found, proofs, waiting = [], [], []
    since = seen_through(feeds, as_of)
    with watch("measures"):
        for declare in MEASURES:
            measure = declare(p, seen)
            info = MEASURES_BY_ID[measure.id]
            verdicts = judge(measure, facts, _horizon_of(info, horizons, present, as_of), info)
            in_scope = verdicts.rows.select(_in_scope(measure, p)).to_series()
            found.append(findings_of(verdicts.rows, measure, info, timezone).filter(in_scope))
            proofs.append(evidence_of(verdicts, in_scope, info))
            waiting.append(verdicts.rows["case"].filter(unsettled(verdicts.rows, measure, since)))
    with watch("written"):
        yield "evidence", stored_evidence(proofs, part)
        proofs.clear()
        findings = stored_findings(found, events, part)
        found.clear()
        yield "cases", stored_cases(judged, findings, facts, part, as_of)
        yield "findings", findings
        shown = facts_table.case_facts(facts, timezone).join(judged.select("case", "case_id"), on="case").drop("case")
        yield "case_facts", shown.select("case_id", pl.exclude("case_id")).sort("case_id")
        yield "turns", turns(facts, pl.concat(waiting), since)


# -- the extract as a whole -------------------------------------------------------------------------------------------


def with_horizons(feeds: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Adds horizon: through which day a feed can be judged; null where it is absent."""
    through = pl.min_horizontal(pl.col("loaded_through").fill_null(as_of), pl.lit(as_of))
    return feeds.with_columns(horizon=pl.when("present").then(through))


def seen_through(feeds: pl.DataFrame, as_of: date) -> date:
    """The day through which every feed that is there has been seen. feeds: with horizons."""
    return min([as_of, *feeds["horizon"].drop_nulls()])


def cohort_flow(counts: Iterable[pl.DataFrame], feeds: pl.DataFrame) -> pl.DataFrame:
    """`audit.cohort_flow`: the cohort_counts of all parts together, and the patients of the whole extract."""
    of_patients = feeds.filter(pl.col("table_name") == "patients")
    accepted, quarantined = (int(of_patients[name].sum()) for name in ("rows_accepted", "rows_quarantined"))
    return finding_cases.cohort_flow(pl.concat(counts), accepted, quarantined)


def turns(facts: Facts, waiting: pl.Series, since: date) -> pl.DataFrame:
    """patient_id, turns_on: the first day, as as-of or a horizon, on which a patient's findings may be others although no
    row of theirs is; without a row: never. waiting: cases with a verdict that waits. since: through which day everything is seen.

    Whoever waits is judged again at once: some verdicts count covered days up to the horizon, so that no single day can
    be named. Else only the end of a case is left, and the hours after DX in which an MRI would have been immediate.
    """
    soon = pl.lit(since) + pl.duration(days=1)
    is_waiting = marked(waiting.unique(), facts.cases.height)
    seen_by = at_day(DX, facts.parameters.clocks.mri_immediate_hours, facts.timezone)
    days = [
        pl.when(pl.lit(is_waiting) | (seen_by > since)).then(soon),
        pl.when(pl.col("end_date") > since).then(pl.col("end_date")),
    ]
    by_case = facts.cases.select("patient_id", turns_on=pl.min_horizontal(days))
    return by_case.drop_nulls("turns_on").group_by("patient_id").agg(pl.col("turns_on").min())


def _horizon_of(info: MeasureInfo, horizons: dict[str, date], present: frozenset[str], as_of: date) -> Horizons:
    def earliest(names: tuple[str, ...]) -> date:
        return min([as_of, *[horizons[n] for n in names if n in present]])

    def any_absent(names: tuple[str, ...]) -> bool:
        return any(n not in present for n in names)

    return Horizons(
        as_of=as_of,
        trigger=earliest(info.trigger_feeds),
        action=earliest(info.action_feeds + info.justification_feeds),
        trigger_absent=any_absent(info.trigger_feeds),
        action_absent=any_absent(info.action_feeds),
        justification_absent=any_absent(info.justification_feeds),
    )


def codes_that_occur(codes: pl.DataFrame, concepts: Concepts) -> tuple[frozenset[str], bool]:
    """(LOCAL codes among the observations, whether calcitonin occurs): what a part must know of everybody's rows."""
    is_local = (pl.col("table_name") == "observations") & (pl.col("code_system") == "LOCAL")
    local = frozenset(codes.filter(is_local)["code_key"])
    drugs = codes.filter(pl.col("table_name") == "medications").drop("table_name")
    calcitonin = matches(drugs, concepts.codes.filter(pl.col("value_set") == "calcitonin")).height > 0
    return local, calcitonin


def _in_scope(measure: Measure, p: Parameters) -> pl.Expr:
    """The cases that a measure judges; without a level only some, and most of these only while the switch is on."""
    takes_vague = measure.id == "Q3" or (measure.id in WITHOUT_LEVEL and p.switches.safety_unspecified)
    return ANY if takes_vague else pl.col("level") != UNSPECIFIED
