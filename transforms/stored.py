"""From verdicts to tables: findings, evidence, events, recommendations and cases as the warehouse holds them."""

from datetime import date

import polars as pl

from schemas.catalogue import MEASURES_BY_ID, MeasureInfo

from .cases import UNSPECIFIED
from .clock import DX, EVENT, KNOWN, Moment
from .concepts import Concepts
from .engine import Measure
from .facts import Facts
from .people import hashed
from .wording import explanation, missing_facts, stamp, with_meaning, written

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


FINDING_COLUMNS = [
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


def finding_columns(
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


def proof_columns(v: pl.DataFrame) -> pl.DataFrame:
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


def with_trigger_rows(findings: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
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


def finding_keys(findings: pl.DataFrame) -> pl.Series:
    own = pl.coalesce("trigger_row_id", pl.col("instance").cast(pl.String))
    return hashed(findings.select(pl.format("{}|{}|{}", "case_id", "measure_id", own)))


def recommendations_of(findings: pl.DataFrame) -> pl.DataFrame:
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


def evidence_of(proofs: pl.DataFrame, events: pl.DataFrame, case_ids: pl.DataFrame, timezone: str) -> pl.DataFrame:
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
        value="value",
    ).sort("case_id", "measure_id", "instance", "role", "table_name", "row_id")


def case_events_of(facts: Facts, concepts: Concepts, case_ids: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Every event of the cases, whether a measure looked at it or not."""
    happened = ~pl.col("table_name").cast(pl.String).is_in(["patients", "followup"])
    rows = facts.beside_cases(facts.events.written.filter(happened))
    rows = rows.join(case_ids.select("case", "case_id"), on="case")
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
        value="value",
        level="at_level",
        encounter_id="encounter_id",
        site_id="site_id",
        unit="unit",
    ).sort("case_id", "table_name", "row_id")


def case_table(
    judged: pl.DataFrame, facts: Facts, recommendations: pl.DataFrame, timezone: str, as_of: date
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
        .join(_confirmed(facts), on="case", how="left", maintain_order="left")
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


def _confirmed(facts: Facts) -> pl.DataFrame:
    """case -> is_confirmed_case: a covering study near DX, an acute statement, or a code of an acute encounter."""
    near = (pl.col("date") - pl.col("dx_date")).dt.total_days().abs() <= BASIS_DAYS
    imaged = facts.studies.filter(pl.col("covers") & near).select("case")
    here = pl.col("at_level").is_null() | (pl.col("at_level") == pl.col("level"))
    days = facts.parameters.cohort.acute_statement_days
    close = (pl.col("date") - pl.col("dx_date")).dt.total_days().abs() <= days
    said = facts.statements("fracture-acuity", "acute").filter(here & close).select("case")
    acute = (
        facts.events.of("encounters")
        .filter(pl.col("counts") & pl.col("class").is_in(["emergency", "inpatient"]))
        .select("encounter")
    )
    coded = facts.index_encounters.join(acute, on="encounter", how="semi").select("case")
    return pl.concat([imaged, said, coded]).unique().with_columns(is_confirmed_case=True)
