"""The audit: clean tables in, cases, findings and their evidence out. Pure; the only clock is `as_of`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from schemas.catalogue import FLAGS, MEASURES_BY_ID, MeasureInfo
from schemas.parameters import Parameters
from schemas.value_sets import ValueSets

from . import case_facts as facts_table
from . import cases as finding_cases
from .cases import UNSPECIFIED
from .concepts import Concepts, matches
from .engine import ANY, Horizons, Measure, judge
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
from .stored import (
    FINDING_COLUMNS,
    case_events_of,
    case_table,
    evidence_of,
    finding_columns,
    finding_keys,
    recommendations_of,
    with_trigger_rows,
)
from .vocabulary import Seen

WITHOUT_LEVEL = ("Q3", "S1", "S2", "X1")


def audit(
    clean: Mapping[str, pl.LazyFrame],
    feeds: pl.DataFrame,
    codes: pl.DataFrame,
    parameters: Parameters,
    value_sets: ValueSets,
    as_of: date,
    timezone: str,
) -> dict[str, pl.DataFrame]:
    """The `audit` tables that the verdict makes: cases, case_facts, findings, evidence, case_events, recommendations,
    cohort_flow, cohort_lines, feeds; columns as in the specification's section 4, findings without run_id.

    codes: distinct (table_name, code_system, code_key) of the whole extract's observations and medications: what is
    never recorded here can't be told from what isn't done."""
    clean = dict(clean)
    p = parameters
    concepts = Concepts.of(value_sets)
    feeds = feeds.with_columns(
        horizon=pl.when("present").then(pl.min_horizontal(pl.col("loaded_through").fill_null(as_of), pl.lit(as_of)))
    )
    present = frozenset(feeds.filter("present")["table_name"])
    # An absent feed holds nobody up: what only it could show is told apart by its absence.
    horizons = {name: horizon or as_of for name, horizon in feeds.select("table_name", "horizon").rows()}
    seen = _seen(codes, concepts, present, timezone, horizons, as_of)

    patients = fracture_patients(clean, concepts, as_of)
    events = build_events(clean, patients, concepts, as_of)
    followup = followup_periods(clean, patients, as_of)
    events = with_people_rows(events, clean, patients, followup, as_of)
    reports = events.of("observations").filter(pl.col("local").is_in(["fracture-level", "fracture-acuity"]))
    fractures = events.of("conditions").filter(pl.col("stage").is_not_null())
    rows = finding_cases.fracture_rows(fractures, reports, p)
    every_case, case_codes = finding_cases.find_cases(rows, reports, p)
    every_case = finding_cases.cohort_line(every_case, p)
    lines = finding_cases.cohort_lines(rows, every_case, case_codes)
    of_patients = feeds.filter(pl.col("table_name") == "patients")
    accepted, quarantined = (int(of_patients[name].sum()) for name in ("rows_accepted", "rows_quarantined"))
    flow = finding_cases.cohort_flow(accepted, quarantined, rows, every_case, lines)

    everyone = every_case.join(patients, on="patient")
    lines = lines.join(patients, on="patient").select("patient_id", "level", "line")
    judged = everyone.filter(pl.col("line").is_in(["audited", "unspecified_level"]))
    judged = judged.sort("patient", "level", "t0").with_row_index("case")
    judged = with_people_facts(judged, clean, events, rows, case_codes, concepts, p, as_of)
    judged = with_ends(judged, events.of("encounters"), followup, p)
    judged = with_end_event(judged, events)

    index = (
        case_codes.join(judged.select("case", "patient", "level", "episode"), on=["patient", "level", "episode"])
        .select("case", "encounter")
        .drop_nulls()
        .unique()
    )
    facts = Facts(events, judged, everyone, concepts, index, p, timezone, horizons, present)
    judged = with_treatment(judged, facts, p)
    facts = replace(facts, cases=judged)

    found, proofs = [], []
    for declare in MEASURES:
        measure = declare(p, seen)
        info = MEASURES_BY_ID[measure.id]
        judged_rows = judge(measure, facts, _horizon_of(info, horizons, present, as_of), info)
        verdicts = _in_words(judged_rows.rows.filter(_in_scope(measure, p)))
        found.append(finding_columns(verdicts, measure, info, timezone, present))
        proofs.append(
            judged_rows.proofs.join(verdicts.select("row", "case", "measure_id", "instance"), on="row").select(
                "case", "measure_id", "instance", pl.col("role").cast(pl.String), "event"
            )
        )
    findings = pl.concat(found)
    case_ids = judged.select("case", "case_id", "patient_id", "site_id", "dx_encounter_id", "dx_site_id")
    findings = findings.join(case_ids, on="case", maintain_order="left")
    written = events.written
    findings = with_trigger_rows(findings, written)
    findings = findings.with_columns(finding_key=finding_keys(findings)).sort("case_id", "measure_id", "instance")
    recommendations = recommendations_of(findings)
    cases = case_table(judged, facts, recommendations, timezone, as_of)
    return {
        "cases": cases,
        "case_facts": facts_table.case_facts(facts, timezone)
        .join(case_ids.select("case", "case_id"), on="case")
        .drop("case")
        .select("case_id", pl.exclude("case_id"))
        .sort("case_id"),
        "findings": findings.select(FINDING_COLUMNS),
        "evidence": evidence_of(pl.concat(proofs), written, case_ids, timezone),
        "case_events": case_events_of(facts, concepts, case_ids, timezone),
        "recommendations": recommendations.drop("due_day", "has_hours"),
        "cohort_flow": flow,
        "cohort_lines": lines.sort("patient_id", "level"),
        "feeds": feeds,
    }


# -- the extract as a whole -------------------------------------------------------------------------------------------


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


def _seen(
    codes: pl.DataFrame,
    concepts: Concepts,
    present: frozenset[str],
    timezone: str,
    horizons: dict[str, date],
    as_of: date,
) -> Seen:
    is_local = (pl.col("table_name") == "observations") & (pl.col("code_system") == "LOCAL")
    local = frozenset(codes.filter(is_local)["code_key"])
    drugs = codes.filter(pl.col("table_name") == "medications").drop("table_name")
    calcitonin = matches(drugs, concepts.codes.filter(pl.col("value_set") == "calcitonin")).height > 0
    return Seen(present, local, calcitonin, timezone, horizons, as_of)


def _in_scope(measure: Measure, p: Parameters) -> pl.Expr:
    """The cases that a measure judges; without a level only some, and most of these only while the switch is on."""
    takes_vague = measure.id == "Q3" or (measure.id in WITHOUT_LEVEL and p.switches.safety_unspecified)
    return ANY if takes_vague else pl.col("level") != UNSPECIFIED


def _in_words(rows: pl.DataFrame) -> pl.DataFrame:
    words = [pl.when((pl.col("flags") & (1 << place)) != 0).then(pl.lit(word)) for place, word in enumerate(FLAGS)]
    flags = pl.concat_str(words, separator="|", ignore_nulls=True)
    return rows.with_columns(
        pl.col("state").cast(pl.String), pl.col("reason").cast(pl.String), flags=pl.when(flags != "").then(flags)
    )
