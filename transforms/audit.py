"""The audit: clean tables in, cases, findings and their evidence out. Pure; the only clock is `as_of`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256

import polars as pl

from schemas.catalogue import MEASURES_BY_ID, MeasureInfo
from schemas.parameters import Parameters
from schemas.value_sets import ValueSets

from . import case_facts as facts_table
from . import cases as finding_cases
from .cases import UNSPECIFIED
from .clock import DX, EVENT, KNOWN, Moment, days_after, three_months_after
from .concepts import Concepts, distinct_codes, fracture_facts, matches
from .engine import Horizons, Measure, judge
from .events import TABLE, build_events
from .facts import Facts
from .follow_up import with_ends
from .measures import MEASURES
from .vocabulary import Seen
from .wording import explanation, missing_facts, stamp, with_meaning, written

WITHOUT_LEVEL = ("Q3", "S1", "S2", "X1")
RECOMMENDING = ("S1", "S2", "S3", "S4", "I1", "I2", "P1", "P2", "S7", "T1", "G1", "X1", "X2", "F1", "F2", "M2")
PATHWAYS = {
    "S1": "urgent_surgical_referral",
    "S2": "surgical_referral",
    "S3": "surgical_referral",
    "S4": "surgical_referral",
    "I1": "interventional_radiology_referral",
    "I2": "interventional_radiology_referral",
    "P1": "pain_management_referral",
    "S7": "pain_management_referral",
}
STRENGTH = (
    "urgent_surgical_referral",
    "surgical_referral",
    "interventional_radiology_referral",
    "pain_management_referral",
    "conservative_management",
)
FIRST_WEEKS_DAYS = 14  # a deadline of at most two weeks is `soon`
BASIS_DAYS = 10


def audit(
    clean: Mapping[str, pl.LazyFrame],
    feeds: pl.DataFrame,
    parameters: Parameters,
    value_sets: ValueSets,
    as_of: date,
    timezone: str,
) -> dict[str, pl.DataFrame]:
    """The `audit` tables that the verdict makes: cases, case_facts, findings, evidence, case_events, recommendations,
    cohort_flow, cohort_lines, feeds; columns as in the specification's section 4, findings without run_id."""
    clean = dict(clean)
    p = parameters
    concepts = Concepts.of(value_sets)
    feeds = feeds.with_columns(
        horizon=pl.when("present").then(pl.min_horizontal(pl.col("loaded_through").fill_null(as_of), pl.lit(as_of)))
    )
    present = frozenset(feeds.filter("present")["table_name"])
    # An absent feed holds nobody up: what only it could show is told apart by its absence.
    horizons = {name: horizon or as_of for name, horizon in feeds.select("table_name", "horizon").rows()}
    seen = _seen(clean, concepts, present, timezone, horizons, as_of)

    fractures, patients = _fracture_patients(clean, concepts, as_of)
    events = build_events(clean, patients, concepts, as_of)
    followup = _followup(clean, patients, as_of)
    events = _with_people(events, clean, patients, followup, as_of)
    reports = events.filter(pl.col("local").is_in(["fracture-level", "fracture-acuity"]))
    rows = finding_cases.fracture_rows(fractures, reports, p)
    every_case, case_codes = finding_cases.find_cases(rows, reports, p)
    every_case = finding_cases.cohort_line(every_case, p)
    lines = finding_cases.cohort_lines(rows, every_case, case_codes)
    quarantined = int(feeds.filter(pl.col("table_name") == "patients")["rows_quarantined"].sum())
    accepted = clean["patients"].select(pl.len()).collect().item()
    flow = finding_cases.cohort_flow(accepted, quarantined, rows, every_case, lines)

    everyone = every_case.join(patients, on="patient_id")
    judged = everyone.filter(pl.col("line").is_in(["audited", "unspecified_level"]))
    judged = judged.sort("patient", "level", "t0").with_row_index("case")
    judged = _with_people_facts(judged, clean, events, rows, case_codes, p, as_of)
    judged = with_ends(judged, events, followup, p)
    judged = _with_end_event(judged, events)

    index = (
        case_codes.join(judged.select("case", "patient_id", "level", "episode"), on=["patient_id", "level", "episode"])
        .select("case", "encounter_id")
        .drop_nulls()
        .unique()
    )
    facts = Facts(events, judged, everyone, concepts, index, p, timezone, horizons, present)
    judged = _with_treatment(judged, facts, p)
    facts = replace(facts, cases=judged)

    found, proofs = [], []
    for declare in MEASURES:
        measure = declare(p, seen)
        info = MEASURES_BY_ID[measure.id]
        scope = _in_scope(facts, measure, p)
        verdicts = judge(measure, scope, _horizon_of(info, horizons, present, as_of), info)
        found.append(_finding_columns(verdicts, measure, info, timezone, present))
        proofs.append(_proof_columns(verdicts))
    findings = pl.concat(found)
    case_ids = judged.select("case", "case_id", "patient_id", "site_id", "dx_encounter_id", "dx_site_id")
    findings = findings.join(case_ids, on="case", maintain_order="left")
    findings = _with_trigger_rows(findings, events)
    findings = findings.with_columns(finding_key=_keys(findings)).sort("case_id", "measure_id", "instance")
    recommendations = _recommendations(findings)
    cases = _case_table(judged, events, facts, recommendations, timezone, as_of)
    return {
        "cases": cases,
        "case_facts": facts_table.case_facts(facts, timezone)
        .join(case_ids.select("case", "case_id"), on="case")
        .drop("case")
        .select("case_id", pl.exclude("case_id"))
        .sort("case_id"),
        "findings": findings.select(_FINDING_COLUMNS),
        "evidence": _evidence(pl.concat(proofs), events, case_ids, timezone),
        "case_events": _case_events(facts, concepts, case_ids, timezone),
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
    clean: dict[str, pl.LazyFrame],
    concepts: Concepts,
    present: frozenset[str],
    timezone: str,
    horizons: dict[str, date],
    as_of: date,
) -> Seen:
    local: set[str] = set()
    if "observations" in clean:
        codes = distinct_codes([clean["observations"]], "code_system", "code_key")
        local = set(codes.filter(pl.col("code_system") == "LOCAL")["code_key"])
    calcitonin = False
    if "medications" in clean:
        codes = distinct_codes([clean["medications"]], "code_system", "code_key")
        calcitonin = matches(codes, concepts.codes.filter(pl.col("value_set") == "calcitonin")).height > 0
    return Seen(present, frozenset(local), calcitonin, timezone, horizons, as_of)


# -- people and cases -------------------------------------------------------------------------------------------------


def _fracture_patients(
    clean: dict[str, pl.LazyFrame], concepts: Concepts, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(fracture code rows through as_of, patients who have one, numbered in the order of their ids)."""
    conditions = clean["conditions"]
    codes = distinct_codes([conditions], "code_system", "code_key")
    known = fracture_facts(codes, concepts.fractures)
    rows = (
        conditions.filter(pl.col("recorded_date") <= as_of)
        .join(known.lazy(), on=["code_system", "code_key"])
        .select(
            "patient_id",
            "encounter_id",
            *Moment("recorded_").renamed(""),
            "role",
            "verification",
            "own_level",
            "code_aetiology",
            "stage",
            row_id="condition_id",
            onset_date=pl.when(pl.col("onset_date") <= as_of).then(pl.col("onset_date")),
        )
        .collect()
    )
    patients = rows.select("patient_id").unique().sort("patient_id").with_row_index("patient")
    return rows, patients


def _followup(clean: dict[str, pl.LazyFrame], patients: pl.DataFrame, as_of: date) -> pl.DataFrame:
    schema = {"patient_id": pl.String, "started_date": pl.Date, "ended_date": pl.Date, "row_id": pl.String}
    if "followup" not in clean:
        return pl.DataFrame(schema=schema)
    mine = (
        clean["followup"]
        .filter(pl.col("started_date") <= as_of)
        .join(patients.lazy().select("patient_id"), on="patient_id", how="semi")
    )
    started = pl.col("started_date").dt.to_string("%Y-%m-%d")
    return mine.select(
        "patient_id", "started_date", "ended_date", row_id=pl.concat_str("patient_id", started, separator="|")
    ).collect()


def _with_people(
    events: pl.DataFrame,
    clean: dict[str, pl.LazyFrame],
    patients: pl.DataFrame,
    followup: pl.DataFrame,
    as_of: date,
) -> pl.DataFrame:
    """Adds the patients' own rows and their follow-up periods, which only evidence refers to, after the events."""
    died = (pl.col("deceased_date") <= as_of).fill_null(False)
    people = (
        clean["patients"]
        .join(patients.lazy(), on="patient_id")
        .select(
            "patient",
            "patient_id",
            row_id="patient_id",
            table_name=pl.lit("patients", TABLE),
            at=pl.when(died).then(pl.col("deceased_at")),
            date=pl.when(died).then(pl.col("deceased_date")).otherwise(pl.col("birth_date")),
            is_minute=died & pl.col("deceased_is_minute"),
        )
        .collect()
    )
    periods = (
        followup.join(patients, on="patient_id")
        .unique("row_id", maintain_order=True)
        .select(
            "patient",
            "patient_id",
            "row_id",
            table_name=pl.lit("followup", TABLE),
            date="started_date",
            is_minute=pl.lit(False),
        )
    )
    extra = pl.concat([people, periods], how="diagonal_relaxed").sort("patient", "table_name", "row_id")
    extra = extra.with_columns(counts=pl.lit(False), sets=pl.lit(0, pl.UInt64))
    extra = extra.with_row_index("event", offset=events.height)
    return pl.concat([events, extra], how="diagonal_relaxed")


def _with_people_facts(
    cases: pl.DataFrame,
    clean: dict[str, pl.LazyFrame],
    events: pl.DataFrame,
    rows: pl.DataFrame,
    case_codes: pl.DataFrame,
    p: Parameters,
    as_of: date,
) -> pl.DataFrame:
    """Adds ids, age, aetiology, prevalence, hospice, death and where the diagnosis was made; turns row ids into events."""
    c = p.cohort
    numbers = events.select("row_id", "table_name", "event")
    conditions = numbers.filter(pl.col("table_name") == "conditions").select(dx_event="row_id", dx_number="event")
    cases = cases.join(conditions, on="dx_event", how="left", maintain_order="left")
    nexts = conditions.rename({"dx_event": "next_dx_event", "dx_number": "next_dx_number"})
    cases = cases.join(nexts, on="next_dx_event", how="left", maintain_order="left")
    cases = cases.rename({"dx_event": "dx_row_id"}).rename({"dx_number": "dx_event"})
    cases = cases.with_columns(
        case_id=_hashed(
            cases.select(pl.format("{}|{}|{}", "patient_id", "level", pl.col("t0").dt.to_string("%Y-%m-%d")))
        ),
    )
    previous = pl.format("{}|{}|{}", "patient_id", "level", pl.col("previous_t0").dt.to_string("%Y-%m-%d"))
    cases = cases.with_columns(previous_case_id=_hashed(cases.select(previous)))
    people = (
        clean["patients"]
        .join(cases.lazy().select("patient_id").unique(), on="patient_id", how="semi")
        .select(
            "patient_id",
            "display_id",
            "birth_date",
            "sex",
            "race",
            "ethnicity",
            "language",
            "payer",
            home_site="site_id",
            death_at="deceased_at",
            death_date="deceased_date",
            death_is_minute="deceased_is_minute",
        )
        .collect()
    )
    own = events.filter(pl.col("table_name") == "patients").select("patient_id", patient_event="event")
    died = pl.col("death_date") <= as_of
    people = people.with_columns(
        pl.when(died).then(pl.col(c)).alias(c) for c in ("death_at", "death_date", "death_is_minute")
    )
    cases = cases.join(people, on="patient_id", maintain_order="left").join(own, on="patient_id", maintain_order="left")
    cases = cases.with_columns(age_at_t0=_age(pl.col("birth_date"), pl.col("t0")))
    places = events.select(dx_event="event", dx_encounter_id="encounter_id", dx_site_id="site_id")
    cases = cases.join(places, on="dx_event", how="left", maintain_order="left")
    cases = cases.with_columns(
        site_id=pl.coalesce("dx_site_id", "home_site"), is_minor=(pl.col("age_at_t0") < c.min_age).fill_null(False)
    )
    return _with_hospice(_with_prevalence(_with_aetiology(cases, events, case_codes, p), events, rows, p), events)


def _age(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Whole years; who was born on 29 February has the birthday on 1 March in other years."""
    had_birthday = (day.dt.month() > born.dt.month()) | (
        (day.dt.month() == born.dt.month()) & (day.dt.day() >= born.dt.day())
    )
    return (day.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)).cast(pl.Int32)


def _with_aetiology(cases: pl.DataFrame, events: pl.DataFrame, case_codes: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    c = p.cohort
    codes = case_codes.join(
        cases.select("case", "patient_id", "level", "episode"), on=["patient_id", "level", "episode"]
    )
    codes = codes.filter(pl.col("code_aetiology").is_not_null()).join(
        events.filter(pl.col("table_name") == "conditions").select("row_id", "event"), on="row_id"
    )
    said = codes.select(
        "case",
        "event",
        aetiology="code_aetiology",
        rank=pl.when(pl.col("code_aetiology") == "neoplastic").then(0).otherwise(2),
    )
    recorded = cases.select("case", "patient", "dx_date").join(
        events.filter((pl.col("table_name") == "conditions") & pl.col("counts")), on="patient"
    )
    after = days_after(pl.col("dx_date"), c.osteoporosis_after_days)
    rules = [
        ("neoplastic", 1, pl.col("is_bone_metastasis") & (pl.col("date") <= after)),
        ("osteoporotic", 3, pl.col("is_osteoporosis") & (pl.col("date") <= after)),
        (
            "traumatic_high_energy",
            4,
            pl.col("is_high_energy")
            & ((pl.col("date") - pl.col("dx_date")).dt.total_days().abs() <= c.high_energy_days),
        ),
    ]
    parts = [said] + [
        recorded.filter(test).select("case", "event", aetiology=pl.lit(word), rank=pl.lit(rank))
        for word, rank, test in rules
    ]
    first = (
        pl.concat(parts, how="vertical_relaxed")
        .sort("case", "rank", "event")
        .unique("case", keep="first", maintain_order=True)
        .select("case", "aetiology", aetiology_event="event")
    )
    return cases.join(first, on="case", how="left", maintain_order="left").with_columns(
        aetiology=pl.col("aetiology").fill_null("other")
    )


def _with_prevalence(cases: pl.DataFrame, events: pl.DataFrame, rows: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Adds prevalent_event: the code that says that the fracture was under care before."""
    c = p.cohort
    acute = events.filter((pl.col("local") == "fracture-acuity") & (pl.col("value_code") == "acute")).select(
        "patient", said_date="date", said_level="level"
    )
    near = (pl.col("said_date") - pl.col("dx_date")).dt.total_days().abs() <= c.acute_statement_days
    here = pl.col("said_level").is_null() | (pl.col("said_level") == pl.col("level"))
    fresh = (
        cases.select("case", "patient", "level", "dx_date")
        .join(acute, on="patient")
        .filter(near & here)["case"]
        .unique()
    )
    window = pl.col("date").is_between(days_after(pl.col("dx_date"), -c.clean_days), days_after(pl.col("dx_date"), -1))
    numbers = events.filter(pl.col("table_name") == "conditions").select("row_id", "event")
    before = (
        cases.filter(~pl.col("case").is_in(fresh.implode()))
        .select("case", "patient_id", "level", "dx_date")
        .join(
            rows.filter((pl.col("stage") == "subsequent") & pl.col("is_confirmed")).select(
                "patient_id", "level", "date", "row_id"
            ),
            on=["patient_id", "level"],
        )
        .filter(window)
        .join(numbers, on="row_id")
        .group_by("case")
        .agg(prevalent_event=pl.col("event").min())
    )
    return cases.join(before, on="case", how="left", maintain_order="left")


def _with_hospice(cases: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    care = events.filter(pl.col("is_hospice"))
    ended = (pl.col("table_name") == "encounters") & pl.col("has_end").fill_null(False)
    care = care.with_columns(day=pl.when(ended).then(pl.col("stay_end_date")).otherwise(pl.col("date")))
    first = care.sort("patient", "day", "event").unique("patient", keep="first", maintain_order=True)
    return cases.join(
        first.select("patient", hospice_date="day", hospice_event="event"),
        on="patient",
        how="left",
        maintain_order="left",
    )


def _with_end_event(cases: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Adds end_event: the row that ended the case."""
    periods = events.filter(pl.col("table_name") == "followup").select(followup_row="row_id", followup_event="event")
    reason = pl.col("end_reason")
    return cases.join(periods, on="followup_row", how="left", maintain_order="left").with_columns(
        end_event=pl.when(reason == "death")
        .then(pl.col("patient_event"))
        .when(reason == "followup_ended")
        .then(pl.col("followup_event"))
        .when(reason == "transferred_out")
        .then(pl.col("transfer_event"))
        .when(reason == "new_fracture")
        .then(pl.col("next_dx_number"))
    )


def _with_treatment(cases: pl.DataFrame, facts: Facts, p: Parameters) -> pl.DataFrame:
    """Adds cons_date (first conservative treatment in [T0, end]), cons_3m_date, tx_date, analgesic_date."""
    date_, covered, t0, dx = pl.col("date"), pl.col("covered_to"), pl.col("t0"), pl.col("dx_date")

    def first(frame: pl.DataFrame, start: pl.Expr, last: pl.Expr, name: str) -> pl.DataFrame:
        """The first start in [start, last]; a treatment that runs on `start` counts as started on it."""
        began = pl.when((date_ < start) & (covered >= start)).then(start).when(date_ >= start).then(date_)
        rows = frame.with_columns(began=began).filter(pl.col("began").is_between(start, last))
        return rows.group_by("case").agg(pl.col("began").min().alias(name))

    treatment = facts.conservative
    cons = first(treatment, t0, pl.col("end_date"), "cons_date")
    tx = first(treatment, dx, days_after(dx, p.clocks.treatment_start_days), "tx_date")
    analgesic = first(facts.analgesics, t0, pl.col("end_date"), "analgesic_date")
    for frame in (cons, tx, analgesic):
        cases = cases.join(frame, on="case", how="left", maintain_order="left")
    return cases.with_columns(
        tx_date=pl.coalesce("tx_date", "dx_date"),
        cons_3m_date=three_months_after(pl.col("cons_date"), p.clocks.three_months),
    )


def _in_scope(facts: Facts, measure: Measure, p: Parameters) -> Facts:
    """The cases that a measure judges; without a level only some, and most of these only while the switch is on."""
    vague = pl.col("level") == UNSPECIFIED
    takes_vague = measure.id == "Q3" or (measure.id in WITHOUT_LEVEL and p.switches.safety_unspecified)
    if takes_vague or not facts.cases.select(vague.any()).item():
        return facts
    return facts.without_unspecified


# -- from verdicts to tables ------------------------------------------------------------------------------------------

_FINDING_COLUMNS = [
    "case_id",
    "measure_id",
    "instance",
    "finding_key",
    "patient_id",
    "level",
    "t0",
    "state",
    "reason",
    "flags",
    "trigger_at",
    "due_at",
    "action_at",
    "late_by_hours",
    "late_by_days",
    "severity",
    "force",
    "trigger_table",
    "trigger_row_id",
    "trigger_encounter_id",
    "trigger_site_id",
    "site_id",
    "missing_facts",
    "explanation",
]


def _finding_columns(
    v: pl.DataFrame, m: Measure, info: MeasureInfo, timezone: str, present: frozenset[str]
) -> pl.DataFrame:
    exact = m.deadline_hours is not None or m.commission
    due = (
        pl.when(pl.col("due_at").is_not_null())
        .then(stamp(pl.col("due_at"), timezone))
        .otherwise(pl.col("due_date").dt.to_string("%Y-%m-%d"))
    )
    has_trigger = pl.col("trigger_date").is_not_null()
    severity = pl.lit(info.severity) if m.severity is None else pl.coalesce(m.severity, pl.lit(info.severity))
    absent = tuple(
        f for f in dict.fromkeys(info.trigger_feeds + info.action_feeds + info.justification_feeds) if f not in present
    )
    table = v.select(
        "case",
        "measure_id",
        "instance",
        "level",
        "t0",
        "state",
        "reason",
        "flags",
        trigger_at=written(Moment("trigger_"), timezone)
        if exact or m.trigger.events is not None
        else pl.col("trigger_date").dt.to_string("%Y-%m-%d"),
        due_at=pl.when(has_trigger).then(due),
        action_at=written(Moment("action_"), timezone),
        late_by_hours="late_by_hours",
        late_by_days="late_by_days",
        severity=severity,
        force=pl.lit(info.force),
        missing_facts=missing_facts(info.id, absent),
        trigger_event=pl.when(has_trigger).then(pl.col("trigger_event")),
        has_trigger=has_trigger,
        due_day="due_date",
        base_day="base_date",
        has_hours=pl.lit(m.deadline_hours is not None),
        cited_line=pl.lit(info.cited_line, pl.Int32),
        trigger_day="trigger_date",
    )
    if "with_deficit" in v.columns:  # X1 with a deficit: 24 h
        table = table.with_columns(has_hours=v["due_at"].is_not_null())
    return with_meaning(table).with_columns(explanation=explanation()).drop("meaning")


def _proof_columns(v: pl.DataFrame) -> pl.DataFrame:
    """One row a finding and deciding event: case, measure_id, instance, role, event."""
    key = ["case", "measure_id", "instance"]
    roles = {
        "trigger": "trigger_rows",
        "action": "action_rows",
        "exception": "exception_rows",
        "exclusion": "exclusion_rows",
        "justification": "justification_rows",
    }
    parts = [
        v.select(*key, role=pl.lit(role), event=pl.col(column).cast(pl.List(pl.UInt32)))
        .explode("event")
        .drop_nulls("event")
        for role, column in roles.items()
    ]
    return pl.concat(parts).unique()


def _with_trigger_rows(findings: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Adds trigger_table, trigger_row_id (null where DX, T0 or TX is the trigger), and where it was."""
    where = events.select(
        trigger_event="event",
        trigger_table=pl.col("table_name").cast(pl.String),
        trigger_row_id="row_id",
        trigger_encounter_id="encounter_id",
        trigger_site="site_id",
    )
    joined = findings.join(where, on="trigger_event", how="left", maintain_order="left")
    at_dx = pl.col("has_trigger") & pl.col("trigger_event").is_null()
    return joined.with_columns(
        trigger_encounter_id=pl.when(at_dx).then(pl.col("dx_encounter_id")).otherwise(pl.col("trigger_encounter_id")),
        trigger_site_id=pl.when(at_dx).then(pl.col("dx_site_id")).otherwise(pl.col("trigger_site")),
    )


def _hashed(keys: pl.DataFrame) -> pl.Series:
    """The first 16 hex digits of SHA-256 of each key; null stays null. Polars has no SHA-256: the one loop over keys."""
    return pl.Series(
        [None if k is None else sha256(k.encode()).hexdigest()[:16] for k in keys.to_series()], dtype=pl.String
    )


def _keys(findings: pl.DataFrame) -> pl.Series:
    own = pl.coalesce("trigger_row_id", pl.col("instance").cast(pl.String))
    return _hashed(findings.select(pl.format("{}|{}|{}", "case_id", "measure_id", own)))


def _recommendations(findings: pl.DataFrame) -> pl.DataFrame:
    slugs = {name: PATHWAYS.get(name, MEASURES_BY_ID[name].slug) for name in RECOMMENDING}
    wait = (pl.col("due_day") - pl.col("base_day")).dt.total_days()
    urgency = (
        pl.when("has_hours")
        .then(pl.lit("urgent"))
        .when(wait <= FIRST_WEEKS_DAYS)
        .then(pl.lit("soon"))
        .otherwise(pl.lit("routine"))
    )
    rows = findings.filter(
        pl.col("measure_id").is_in(RECOMMENDING)
        & pl.col("has_trigger")
        & (pl.col("level") != UNSPECIFIED)
        & ~pl.col("state").is_in(["excluded", "not_applicable"])
    )
    return rows.select(
        "case_id",
        "measure_id",
        "instance",
        pathway=pl.col("measure_id").replace_strict(slugs, return_dtype=pl.String),
        urgency=urgency,
        triggered_at="trigger_at",
        due_at="due_at",
        force="force",
        cited_line="cited_line",
        due_day="due_day",
        has_hours="has_hours",
    ).sort("case_id", "measure_id", "instance")


def _value(number: pl.Expr) -> pl.Expr:
    return (
        pl.when(number == number.round(0))
        .then(number.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(number.cast(pl.String))
    )


def _event_value() -> pl.Expr:
    table = pl.col("table_name").cast(pl.String)
    return (
        pl.when(table == "referrals")
        .then(pl.col("priority"))
        .when(table == "encounters")
        .then(pl.col("disposition"))
        .when(table == "imaging")
        .then(pl.col("status"))
        .when(table == "medications")
        .then(pl.col("covered_to").dt.to_string("to %Y-%m-%d"))
        .otherwise(pl.coalesce("value_code", _value(pl.col("value_number"))))
    )


def _evidence(proofs: pl.DataFrame, events: pl.DataFrame, case_ids: pl.DataFrame, timezone: str) -> pl.DataFrame:
    rows = proofs.join(events, on="event").join(case_ids.select("case", "case_id"), on="case")
    return rows.select(
        "case_id",
        "measure_id",
        "instance",
        "role",
        pl.col("table_name").cast(pl.String),
        "row_id",
        event_at=written(EVENT, timezone),
        known_at=written(KNOWN, timezone),
        code_system="code_system",
        code="code",
        value=_event_value(),
    ).sort("case_id", "measure_id", "instance", "role", "table_name", "row_id")


def _case_events(facts: Facts, concepts: Concepts, case_ids: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Every event of the cases, whether a measure looked at it or not."""
    happened = ~pl.col("table_name").cast(pl.String).is_in(["patients", "followup"])
    rows = facts.of_cases(happened).join(case_ids.select("case", "case_id"), on="case")
    rows = rows.join(concepts.names_of(rows["sets"]), on="sets", how="left")
    return rows.select(
        "case_id",
        pl.col("table_name").cast(pl.String),
        "row_id",
        event_at=written(EVENT, timezone),
        known_at=written(KNOWN, timezone),
        day=(pl.col("date") - pl.col("t0")).dt.total_days().cast(pl.Int32),
        value_sets="value_sets",
        code_system="code_system",
        code="code",
        value=_event_value(),
        level="at_level",
        encounter_id="encounter_id",
        site_id="site_id",
        unit="unit",
    ).sort("case_id", "table_name", "row_id")


def _case_table(
    judged: pl.DataFrame, events: pl.DataFrame, facts: Facts, recommendations: pl.DataFrame, timezone: str, as_of: date
) -> pl.DataFrame:
    rank = pl.col("pathway").replace_strict(
        {name: i for i, name in enumerate(STRENGTH)}, default=None, return_dtype=pl.Int32
    )
    strongest = (
        recommendations.with_columns(rank=rank)
        .drop_nulls("rank")
        .group_by("case_id")
        .agg(rank=pl.col("rank").min())
        .with_columns(strongest=pl.col("rank").replace_strict(dict(enumerate(STRENGTH)), return_dtype=pl.String))
    )
    shown = (
        judged.join(strongest, on="case_id", how="left", maintain_order="left")
        .join(_neighbours(facts), on="case", how="left", maintain_order="left")
        .join(_confirmed(facts, events), on="case", how="left", maintain_order="left")
    )
    ended = pl.col("end_date") <= as_of
    vague = pl.col("level") == UNSPECIFIED
    return shown.select(
        "case_id",
        "patient_id",
        "display_id",
        "level",
        "levels_same_episode",
        "t0",
        dx_at=written(DX, timezone),
        m3_date="m3_date",
        conservative_start="cons_date",
        treatment_start="tx_date",
        end_date=pl.when(ended).then(pl.col("end_date")),
        end_reason=pl.when(ended).then(pl.col("end_reason")),
        aetiology="aetiology",
        case_basis=pl.when(pl.col("is_confirmed_case").fill_null(False))
        .then(pl.lit("confirmed"))
        .otherwise(pl.lit("coded_only")),
        age_at_t0="age_at_t0",
        sex="sex",
        race="race",
        ethnicity="ethnicity",
        language="language",
        payer="payer",
        site_id="site_id",
        previous_case_id="previous_case_id",
        audited=pl.col("line") == "audited",
        disposition=pl.when(~vague).then(pl.coalesce("strongest", pl.lit(STRENGTH[-1]))),
    ).sort("case_id")


def _neighbours(facts: Facts) -> pl.DataFrame:
    """case -> levels_same_episode: other levels with DX within 30 days, in spine order."""
    others = facts.all_cases.filter(pl.col("level") != UNSPECIFIED).select("patient", other="level", other_dx="dx_date")
    days = facts.parameters.cohort.absorb_unspecified_days
    near = (pl.col("other_dx") - pl.col("dx_date")).dt.total_days().abs() <= days
    region = pl.col("other").str.slice(0, 1).replace_strict({"C": 0, "T": 1, "L": 2, "S": 3}, return_dtype=pl.Int32)
    number = pl.col("other").str.slice(1).cast(pl.Int32)
    return (
        facts.cases.select("case", "patient", "level", "dx_date")
        .join(others, on="patient")
        .filter((pl.col("other") != pl.col("level")) & near)
        .with_columns(region=region, number=number)
        .unique(["case", "other"])
        .sort("case", "region", "number")
        .group_by("case", maintain_order=True)
        .agg(levels_same_episode=pl.col("other").str.join("|"))
    )


def _confirmed(facts: Facts, events: pl.DataFrame) -> pl.DataFrame:
    """case -> is_confirmed_case: a covering study near DX, an acute statement, or a code of an acute encounter."""
    near = (pl.col("date") - pl.col("dx_date")).dt.total_days().abs() <= BASIS_DAYS
    imaged = facts.studies.filter(pl.col("covers") & near).select("case")
    here = pl.col("at_level").is_null() | (pl.col("at_level") == pl.col("level"))
    days = facts.parameters.cohort.acute_statement_days
    close = (pl.col("date") - pl.col("dx_date")).dt.total_days().abs() <= days
    said = facts.statements("fracture-acuity", "acute").filter(here & close).select("case")
    acute = events.filter(
        (pl.col("table_name") == "encounters") & pl.col("counts") & pl.col("class").is_in(["emergency", "inpatient"])
    ).select("encounter_id")
    coded = facts.index_encounters.join(acute, on="encounter_id", how="semi").select("case")
    return pl.concat([imaged, said, coded]).unique().with_columns(is_confirmed_case=True)
