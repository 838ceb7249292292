"""From the verdicts on one part of the patients to what is stored of them: narrow frames of numbers.

A finding is a case, a verdict and moments. What is a function of the measure and its outcome is packed into one number,
the verdict; what is a function of the case or of an event stands once, with the case or the event. The sentences and
texts that people read are made by the views in sql/warehouse/tables, once for every reader.

Cases, patients and events carry numbers that are unique over all parts: part * 2^32 + the number within the part.
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

from schemas.catalogue import FLAGS, MEASURES, REASON_WORDS, SEVERITIES, STATES, MeasureInfo

from .cases import UNSPECIFIED
from .clock import DX, EVENT, KNOWN, TRIGGER, Moment
from .concepts import Concepts
from .engine import Judged, Measure
from .events import Events
from .facts import Facts
from .follow_up import ACUTE_CLASSES
from .places import those
from .wording import meanings, missing_facts, plain, written

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

PART_SHIFT = 32
"""A number over all parts is part * 2^32 + the number within the part."""

POSITIONS = {measure.id: position for position, measure in enumerate(MEASURES, start=1)}
"""The number by which a measure is stored: its position in the catalogue, from 1."""

URGENCIES: tuple[str | None, ...] = (None, "routine", "soon", "urgent")
"""By number; nothing is recommended: 0."""


# Verdicts ------------------------------------------------------------------------------------------------------------

_FIELDS = {"urgency": 2, "severity": 3, "flags": 7, "reason": 7, "state": 3, "measure": 6}
"""The parts of a verdict and their widths in bits, from the lowest. The measure stands highest: the findings of one
measure have verdicts that lie side by side."""
_LOWEST = {name: sum(list(_FIELDS.values())[:n]) for n, name in enumerate(_FIELDS)}
assert len(FLAGS) <= _FIELDS["flags"]
assert len(REASON_WORDS) <= 1 << _FIELDS["reason"]
assert len(MEASURES) < 1 << _FIELDS["measure"]


def packed(**parts: pl.Expr) -> pl.Expr:
    """The verdict (UInt32) that has these numbers as measure, state, reason, flags, severity and urgency."""
    fields = [parts[name].cast(pl.UInt32) * (1 << _LOWEST[name]) for name in _FIELDS]
    return pl.sum_horizontal(fields).cast(pl.UInt32).alias("verdict")


def unpacked(name: str, verdict: str = "verdict") -> pl.Expr:
    """One part of a verdict, as a number."""
    return (pl.col(verdict) // (1 << _LOWEST[name]) % (1 << _FIELDS[name])).alias(name)


def in_words(verdicts: pl.Series) -> pl.DataFrame:
    """verdict, measure_id, state, reason, flags, severity, urgency of each distinct verdict, sorted."""
    words = [pl.when((unpacked("flags") & (1 << bit)) != 0).then(pl.lit(flag)) for bit, flag in enumerate(FLAGS)]
    flags = pl.concat_str(words, separator="|", ignore_nulls=True)
    return (
        verdicts.unique()
        .sort()
        .to_frame("verdict")
        .select(
            "verdict",
            measure_id=unpacked("measure").replace_strict({p: m for m, p in POSITIONS.items()}, return_dtype=pl.String),
            state=_word(unpacked("state"), STATES),
            reason=_word(unpacked("reason"), REASON_WORDS),
            flags=pl.when(flags != "").then(flags),
            severity=_word(unpacked("severity"), SEVERITIES),
            urgency=_word(unpacked("urgency"), URGENCIES),
        )
    )


def verdict_table(verdicts: pl.Series, present: Iterable[str]) -> pl.DataFrame:
    """What each distinct verdict means: columns of `stored.verdicts` but run_id, sorted.

    present: the tables that the extract has; what an absent one would have shown is a missing fact.
    """
    catalogue = pl.DataFrame(
        [(m.id, m.force, m.cited_line, PATHWAYS.get(m.id, m.slug)) for m in MEASURES],
        schema={"measure_id": pl.String, "force": pl.String, "cited_line": pl.Int32, "pathway": pl.String},
        orient="row",
    )
    return (
        in_words(verdicts)
        .join(catalogue, on="measure_id", how="left", maintain_order="left")
        .join(meanings(), on=["measure_id", "state", "reason"], how="left", maintain_order="left")
        .with_columns(
            pathway=pl.when(pl.col("urgency").is_not_null()).then("pathway"),
            missing_facts=missing_facts(_absent(present)),
            meaning=plain("meaning"),
        )
    )


def measure_numbers() -> pl.DataFrame:
    """measure, measure_id: columns of `stored.measures`."""
    return pl.DataFrame(
        {"measure": POSITIONS.values(), "measure_id": POSITIONS.keys()}, schema_overrides={"measure": pl.UInt8}
    )


def _word(number: pl.Expr, words: tuple[str | None, ...]) -> pl.Expr:
    return number.replace_strict(list(range(len(words))), list(words), return_dtype=pl.String)


def _absent(present: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """measure_id -> the tables that its verdict looks at and the extract lacks, each once."""
    there = frozenset(present)
    return {
        m.id: tuple(
            feed
            for feed in dict.fromkeys(m.trigger_feeds + m.action_feeds + m.justification_feeds)
            if feed not in there
        )
        for m in MEASURES
    }


# Findings and evidence -----------------------------------------------------------------------------------------------


def findings_of(rows: pl.DataFrame, measure: Measure, info: MeasureInfo, timezone: str) -> pl.DataFrame:
    """One row a case and instance of one measure: case, instance, verdict, moments, lateness, trigger_event.

    rows: of `judge`. Case and event are numbers within the part.
    """
    in_hours = measure.deadline_hours is not None
    has_trigger = pl.col("trigger_date").is_not_null()
    # A clock of the case that is counted in days stands as a day, also where DX is known to the minute.
    by_minute = in_hours or measure.commission or measure.trigger.events is not None
    triggered_at = exact(TRIGGER) if by_minute else pl.lit(None, pl.Datetime("us", "UTC"))
    due_at, due_date = (pl.when(has_trigger).then(c) for c in ("due_at", "due_date"))
    action = Moment("action_")
    walls = {"trigger": triggered_at, "due": due_at, "action": exact(action)}
    # X1 with a deficit has hours, else days.
    has_hours = pl.col("due_at").is_not_null() if "with_deficit" in rows.columns else pl.lit(in_hours)
    wait = (pl.col("due_date") - pl.col("base_date")).dt.total_days()
    is_recommended = (
        pl.lit(info.id in RECOMMENDING)
        & has_trigger
        & (pl.col("level") != UNSPECIFIED)
        & ~pl.col("state").is_in(["excluded", "not_applicable"])
    )
    urgency = pl.when(is_recommended).then(
        pl.when(has_hours)
        .then(URGENCIES.index("urgent"))
        .when(wait <= FIRST_WEEKS_DAYS)
        .then(URGENCIES.index("soon"))
        .otherwise(URGENCIES.index("routine"))
    )
    severity = pl.lit(SEVERITIES.index(info.severity))
    if measure.severity is not None:
        severity = _number(measure.severity, SEVERITIES).fill_null(severity)
    return rows.with_columns(wall(name, at, timezone) for name, at in walls.items()).select(
        "case",
        "instance",
        packed(
            measure=pl.lit(POSITIONS[info.id]),
            state=pl.col("state").to_physical(),
            reason=pl.col("reason").to_physical(),
            flags=pl.col("flags"),
            severity=severity,
            urgency=urgency.fill_null(0),
        ),
        *local("trigger", TRIGGER.at, TRIGGER.date),
        *local("due", pl.col("due_at"), due_date),
        *local("action", action.at, action.date),
        late_by_hours="late_by_hours",
        late_by_days="late_by_days",
        trigger_event=pl.when(has_trigger).then("trigger_event"),
    )


def evidence_of(judged: Judged, in_scope: pl.Series, info: MeasureInfo) -> pl.DataFrame:
    """One row a finding and deciding event: case, measure, instance, role, event; of the rows marked in `in_scope`."""
    proofs = judged.proofs.filter(in_scope.gather(judged.proofs["row"]))
    return proofs.select(
        judged.rows["case"].gather(proofs["row"]),
        judged.rows["instance"].gather(proofs["row"]),
        "event",
        measure=pl.lit(POSITIONS[info.id], pl.UInt8),
        role=pl.col("role").to_physical().cast(pl.UInt8) + 1,
    )


def numbered(frame: pl.DataFrame, part: int, **names: str) -> pl.DataFrame:
    """Columns `names` (new name = number within the part) as numbers over all parts, in front of the others."""
    first = part << PART_SHIFT
    numbers = [(pl.col(old).cast(pl.UInt64) + pl.lit(first, pl.UInt64)).alias(new) for new, old in names.items()]
    return frame.select(*numbers, pl.exclude(*names.values()))


def stored_findings(found: list[pl.DataFrame], events: Events, part: int) -> pl.DataFrame:
    """The findings of all measures: columns of `stored.findings`; where a row triggered, with that row."""
    findings = pl.concat(found)
    triggers = events.told(
        findings["trigger_event"],
        trigger_table="table_name",
        trigger_row_id="row_id",
        trigger_encounter_id="encounter_id",
        trigger_site_id="site_id",
    )
    findings = findings.hstack(triggers)
    findings = numbered(findings, part, case_number="case", trigger_number="trigger_event")
    return findings.rename({"trigger_number": "trigger_event"}).select(FINDINGS)


def stored_index(codes: pl.DataFrame, events: Events, part: int) -> pl.DataFrame:
    """Columns of `stored.index_conditions`. codes: case, event of every condition that belongs to a case."""
    index = codes.select("case").hstack(events.told(codes["event"], condition_id="row_id")).unique()
    return numbered(index, part, case_number="case").sort("case_number", "condition_id")


def stored_evidence(proofs: list[pl.DataFrame], part: int) -> pl.DataFrame:
    """Columns of `stored.evidence`."""
    evidence = numbered(pl.concat(proofs), part, case_number="case", event_number="event")
    return evidence.select("case_number", "measure", "instance", "role", "event_number")


FINDINGS = (
    "case_number",
    "verdict",
    "instance",
    "trigger_local",
    "trigger_offset",
    "due_local",
    "due_offset",
    "action_local",
    "action_offset",
    "late_by_hours",
    "late_by_days",
    "trigger_event",
    "trigger_table",
    "trigger_row_id",
    "trigger_encounter_id",
    "trigger_site_id",
)


def _number(word: pl.Expr, words: tuple[str | None, ...]) -> pl.Expr:
    known = {name: number for number, name in enumerate(words) if name is not None}
    return word.replace_strict(known, default=None, return_dtype=pl.UInt32)


# Moments -------------------------------------------------------------------------------------------------------------


def wall(name: str, at: pl.Expr, timezone: str) -> pl.Expr:
    """The local clock of an instant, as `<name>_wall`: a column of its own, because it costs most and is needed twice."""
    return at.dt.convert_time_zone(timezone).dt.replace_time_zone(None).alias(f"{name}_wall")


def exact(moment: Moment) -> pl.Expr:
    """The instant of a moment of which the minute is known."""
    return pl.when(moment.is_minute).then(moment.at)


def local(name: str, at: pl.Expr, day: pl.Expr) -> list[pl.Expr]:
    """The two columns of a stored moment: `<name>_wall` (of `at`), fractions of a second cut, and minutes from UTC; without
    it the midnight of the day, and null."""
    on_wall = pl.col(f"{name}_wall")
    minutes = (on_wall - at.dt.replace_time_zone(None)).dt.total_minutes().cast(pl.Int16)
    clock = pl.coalesce(on_wall.dt.truncate("1s"), day.cast(pl.Datetime("us")))
    return [clock.alias(f"{name}_local"), minutes.alias(f"{name}_offset")]


# Events --------------------------------------------------------------------------------------------------------------


def stored_events(events: pl.DataFrame, judged: pl.DataFrame, part: int, timezone: str) -> pl.DataFrame:
    """Every event of the patients who have a case: columns of `stored.events`, a table of the extract after the other.

    events: as they are written down (WRITTEN).
    """
    mine = those(events, events["patient"].is_in(judged["patient"].unique().implode()))
    mine = mine.with_columns(wall("event", exact(EVENT), timezone), wall("known", exact(KNOWN), timezone))
    rows = mine.select(
        "event",
        "patient",
        "table_name",
        "row_id",
        *local("event", EVENT.at, EVENT.date),
        *local("known", KNOWN.at, KNOWN.date),
        "sets",
        "code_system",
        "code",
        "value",
        "level",
        "encounter_id",
        "site_id",
        "unit",
    )
    return numbered(rows, part, event_number="event", patient_number="patient")


def set_names(masks: pl.Series, concepts: Concepts) -> pl.DataFrame:
    """sets, value_sets of each distinct set of value sets, sorted: columns of `stored.set_names`."""
    return concepts.names_of(masks).sort("sets")


# Cases ---------------------------------------------------------------------------------------------------------------


def stored_cases(judged: pl.DataFrame, findings: pl.DataFrame, facts: Facts, part: int, as_of: date) -> pl.DataFrame:
    """One row a case: columns of `stored.cases`, in the order of their numbers. findings: of `stored_findings`."""
    timezone = facts.timezone
    shown = (
        judged.join(_neighbours(facts), on="case", how="left", maintain_order="left")
        .join(_confirmed(facts), on="case", how="left", maintain_order="left")
        .join(_stays(facts.events), on="patient", how="left", maintain_order="left")
        .sort("case")
    )
    ended = pl.col("end_date") <= as_of
    vague = pl.col("level") == UNSPECIFIED
    cases = numbered(shown, part, case_number="case", patient_number="patient")
    return cases.join(_strongest(findings), on="case_number", how="left", maintain_order="left").select(
        "case_number",
        "patient_number",
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
        key_case_id="case_id",
        dx_encounter_id="dx_encounter_id",
        dx_site_id="dx_site_id",
        stay_encounter_id="stay_encounter_id",
    )


def _stays(events: Events) -> pl.DataFrame:
    """patient -> stay_encounter_id: the newest acute encounter that the record calls in progress and gives no end."""
    running = pl.col("counts") & (pl.col("status") == "in-progress") & ~pl.col("has_end")
    stays = events.of("encounters").filter(running & pl.col("class").is_in(ACUTE_CLASSES))
    newest = stays.group_by("patient").agg(pl.col("event").max())
    names = events.written.filter(pl.col("event").is_in(newest["event"].implode())).select(
        "event", stay_encounter_id="row_id"
    )
    return newest.join(names, on="event").select("patient", "stay_encounter_id")


def _strongest(findings: pl.DataFrame) -> pl.DataFrame:
    """case_number -> strongest: the strongest pathway that is recommended; cases without one are left out."""
    ranks = {POSITIONS[name]: STRENGTH.index(pathway) for name, pathway in PATHWAYS.items()}
    return (
        findings.lazy()
        .filter(unpacked("urgency") > 0)
        .select("case_number", rank=unpacked("measure").replace_strict(ranks, default=None, return_dtype=pl.UInt8))
        .drop_nulls("rank")
        .group_by("case_number")
        .agg(pl.col("rank").min())
        .select(
            "case_number", strongest=pl.col("rank").replace_strict(dict(enumerate(STRENGTH)), return_dtype=pl.String)
        )
        .collect()
    )


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
    said = facts.with_clocks(facts.statements("fracture-acuity", "acute"), "level").filter(here & close).select("case")
    acute = (
        facts.events.of("encounters")
        .filter(pl.col("counts") & pl.col("class").is_in(["emergency", "inpatient"]))
        .select("encounter")
    )
    coded = facts.index_encounters.join(acute, on="encounter", how="semi").select("case")
    return pl.concat([imaged, said, coded]).unique().with_columns(is_confirmed_case=True)
