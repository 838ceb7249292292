"""(d) Plain Polars: lazy, streaming, events cut to the codes of a question before they meet the cases.

Frames have one row a case (P3: a case and procedure date) and the columns `measure_id, state` in the end. Events keep
`at` (instant, UTC), `date` (local; the contest's extracts are in UTC), `is_minute`.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from benchmarks.peers import RELATED, Counts, tables

SYSTEM_AND_KEY = ["code_system", "code_key"]
DAY, HOUR = pl.duration(days=1), pl.duration(hours=1)
MOMENT = ("at", "date", "is_minute")
LOCAL = (
    "neuro-exam",
    "mri-contraindication",
    "pathology-assessment",
    "declined",
    "considered",
    "course",
)
CONDITIONS = (
    "neuro_deficit",
    "mri_contraindication",
    "malignancy_suspicion",
    "spine_infection",
    "calcitonin_other_indication",
)
HOSPICE_BEFORE = (pl.col("hospice_date") < pl.col("trigger")).fill_null(False)


@dataclass(frozen=True)
class Extract:
    """The clean tables, filtered to what counts, and the days through which they are complete."""

    folder: Path
    as_of: date
    horizons: dict[str, date]

    @staticmethod
    def of(folder: Path) -> "Extract":
        days = json.loads((folder / "days.json").read_text())
        horizons = {name: date.fromisoformat(day) for name, day in days["horizons"].items()}
        return Extract(folder, date.fromisoformat(days["as_of"]), horizons)

    def horizon(self, *feeds: str) -> pl.Expr:
        return pl.lit(min(self.horizons[feed] for feed in feeds))

    def scan(self, table: str, time: str, *columns: str) -> pl.LazyFrame:
        """One table through as_of, its time named at, date, is_minute."""
        moment = {part: f"{time}_{part}" for part in ("at", "date", "is_minute")}
        rows = pl.scan_parquet(tables(self.folder, table)).filter(pl.col(f"{time}_date") <= self.as_of)
        return rows.select("patient_id", *columns, **moment)

    def codes(self, *value_sets: str) -> pl.LazyFrame:
        known = pl.scan_parquet(self.folder / "codes.parquet").filter(pl.col("value_set").is_in(value_sets))
        return known.select(SYSTEM_AND_KEY).unique()

    @cached_property
    def cases(self) -> pl.LazyFrame:
        return pl.read_parquet(self.folder / "cases.parquet").lazy()

    def of_cases(self, events: pl.LazyFrame, *clocks: str) -> pl.LazyFrame:
        """Each event beside each case of its patient."""
        return events.join(self.cases.select("case_number", "patient_id", "t0", "end_date", *clocks), on="patient_id")

    @cached_property
    def known_conditions(self) -> pl.LazyFrame:
        """Conditions of some value set of the six measures, a row a set."""
        verified = pl.col("verification").fill_null("confirmed").is_in(["confirmed", "provisional"])
        sets = pl.scan_parquet(self.folder / "codes.parquet").filter(pl.col("value_set").is_in(CONDITIONS))
        rows = self.scan("conditions", "recorded", *SYSTEM_AND_KEY, "verification", "role")
        rows = rows.filter(verified & (pl.col("role").fill_null("diagnosis") != "order"))
        return _once(rows.join(sets, on=SYSTEM_AND_KEY).select("patient_id", "value_set", *MOMENT))

    def conditions(self, *value_sets: str) -> pl.LazyFrame:
        return self.known_conditions.filter(pl.col("value_set").is_in(value_sets))

    def procedures(self, value_set: str) -> pl.LazyFrame:
        rows = self.scan("procedures", "performed", *SYSTEM_AND_KEY, "status").filter(pl.col("status") == "completed")
        return rows.join(self.codes(value_set), on=SYSTEM_AND_KEY, how="semi")

    @cached_property
    def observations(self) -> pl.LazyFrame:
        """Observations with when they were known: the later of observed and recorded (a day stands before its minutes)."""
        shown = pl.col("recorded_date") <= self.as_of
        recorded = ("recorded_at", "recorded_date", "recorded_is_minute")
        columns = ("observation_id", "encounter_id", *SYSTEM_AND_KEY, "value_number", "unit", "value_code", "status")
        rows = self.scan("observations", "observed", *columns, *recorded)
        later = shown & (
            (pl.col("recorded_at") > pl.col("at"))
            | ((pl.col("recorded_at") == pl.col("at")) & pl.col("recorded_is_minute") & ~pl.col("is_minute"))
        ).fill_null(False)
        return (
            rows.filter(~pl.col("status").fill_null("final").is_in(["cancelled", "entered-in-error"]))
            .with_columns(
                pl.when(later).then(pl.col(f"recorded_{part}")).otherwise(pl.col(part)).alias(f"known_{part}")
                for part in ("at", "date", "is_minute")
            )
            .drop(recorded)
        )

    @cached_property
    def statements(self) -> pl.LazyFrame:
        said = (pl.col("code_system") == "LOCAL") & pl.col("code_key").is_in(LOCAL) & pl.col("value_code").is_not_null()
        columns = ("patient_id", "encounter_id", "code_key", "value_code", *MOMENT, *(f"known_{c}" for c in MOMENT))
        return _once(self.observations.filter(said).select(columns))

    def says(self, code: str, *values: str) -> pl.LazyFrame:
        rows = self.statements.filter(pl.col("code_key") == code)
        return rows.filter(pl.col("value_code").is_in(values)) if values else rows

    @cached_property
    def other_encounters(self) -> pl.LazyFrame:
        rows = self.scan("encounters", "started", "encounter_id", "fracture_related")
        return _once(rows.filter(pl.col("fracture_related").eq_missing(False)).select("patient_id", "encounter_id"))

    def _about_fracture(self, observations: pl.LazyFrame) -> pl.LazyFrame:
        """Not of an encounter for something else."""
        return observations.join(self.other_encounters, on=["patient_id", "encounter_id"], how="anti")

    @cached_property
    def scores(self) -> pl.LazyFrame:
        """Pain scores 0-10 in [T0, end] of each case."""
        score = pl.when(pl.col("unit") == "mm").then(pl.col("value_number") / 10).otherwise(pl.col("value_number"))
        rows = self.observations.filter(pl.col("value_number").is_not_null())
        rows = rows.join(self.codes("pain_score"), on=SYSTEM_AND_KEY, how="semi").with_columns(score=score)
        rows = self.of_cases(self._about_fracture(rows)).filter(pl.col("date").is_between("t0", "end_date"))
        columns = ("case_number", "t0", "end_date", "observation_id", "score", *MOMENT, *(f"known_{c}" for c in MOMENT))
        return _once(rows.select(columns))

    @cached_property
    def course(self) -> pl.LazyFrame:
        """Statements of the symptoms' course in [T0, end] of each case."""
        rows = self.of_cases(self._about_fracture(self.says("course")))
        return _once(rows.filter(pl.col("date").is_between("t0", "end_date")))

    @cached_property
    def blocks(self) -> pl.LazyFrame:
        """Nerve root blocks in [T0, end] of each case."""
        rows = self.of_cases(self.procedures("nerve_root_block"))
        return rows.filter(pl.col("date").is_between("t0", "end_date"))

    def with_flag(self, rows: pl.LazyFrame, hits: pl.LazyFrame, name: str) -> pl.LazyFrame:
        """Adds whether a case is among some hits (frames with case_number)."""
        marked = hits.select("case_number").unique().with_columns(pl.lit(True).alias(name))
        return rows.join(marked, on="case_number", how="left").with_columns(pl.col(name).fill_null(False))


def counts(folder: Path) -> Counts:
    """The counts of the six measures."""
    x = Extract.of(folder)
    rows = pl.concat(
        [
            measure(x).select(pl.lit(name).alias("measure_id"), "state")
            for name, measure in {"Q1": q1, "G1": g1, "M4": m4, "P2": p2, "P3": p3, "T1": t1}.items()
        ]
    )
    n = rows.group_by("measure_id", "state").agg(n=pl.len()).collect(engine="streaming")
    return sorted(n.iter_rows())


def _once(frame: pl.LazyFrame) -> pl.LazyFrame:
    """What several measures ask for is made once."""
    return frame.collect(engine="streaming").lazy()


def _state(*steps: tuple[pl.Expr, str], otherwise: str) -> pl.Expr:
    """The word of the first step that holds."""
    return pl.coalesce(*[pl.when(test).then(pl.lit(word)) for test, word in steps], pl.lit(otherwise))


def q1(x: Extract) -> pl.LazyFrame:
    """A neurological examination or a deficit from 24 h before to 24 h after DX."""
    both = pl.col("is_minute") & pl.col("dx_is_minute")
    near = (
        pl.when(both)
        .then(pl.col("at").is_between(pl.col("dx_at") - 24 * HOUR, pl.col("dx_at") + 24 * HOUR))
        .otherwise(pl.col("date").is_between(pl.col("dx_date") - DAY, pl.col("dx_date") + DAY))
    )
    moment = ("patient_id", *MOMENT)
    events = pl.concat([x.says("neuro-exam").select(moment), x.conditions("neuro_deficit").select(moment)])
    seen = x.of_cases(events, "dx_at", "dx_date", "dx_is_minute").filter(near & (pl.col("date") <= pl.col("end_date")))
    due = pl.col("dx_date") + DAY
    dies = pl.col("dx_is_minute") & pl.col("death_at").is_not_null()
    ended = pl.when(dies).then(pl.col("death_at") < pl.col("dx_at") + 24 * HOUR).otherwise(pl.col("end_date") < due)
    return x.with_flag(x.cases, seen, "is_done").with_columns(
        state=_state(
            (pl.col("is_minor") | (pl.col("hospice_date") < pl.col("dx_date")).fill_null(False), "excluded"),
            (pl.col("is_done"), "met"),
            (pl.col("hospice_date") <= due, "exception"),
            (ended, "censored"),
            (x.horizon("observations", "conditions") < due, "pending"),
            otherwise="deviation",
        )
    )


def _studies(x: Extract) -> pl.LazyFrame:
    """Completed imaging, the rows of one study joined: regions (|-separated) and contrast of all of them."""
    said = pl.scan_parquet(x.folder / "studies.parquet").rename(
        {"modality": "code_modality", "regions": "code_regions", "contrast": "code_contrast"}
    )
    performed = pl.col("performed_at").is_not_null()
    moment = [
        pl.when(performed).then(pl.col(f"performed_{part}")).otherwise(pl.col(f"ordered_{part}")).alias(part)
        for part in ("at", "date", "is_minute")
    ]
    contrast = pl.coalesce("contrast", "code_contrast")
    rows = (
        pl.scan_parquet(tables(x.folder, "imaging"))
        .filter(pl.col("status") == "completed")
        .join(said, on=SYSTEM_AND_KEY, how="left")
        .with_columns(
            *moment,
            modality=pl.coalesce("modality", "code_modality"),
            regions=pl.coalesce("regions", "code_regions"),
            is_native=contrast.is_in(["without", "both"]).fill_null(False),
            is_enhanced=contrast.is_in(["with", "both"]).fill_null(False),
        )
        .filter((pl.col("date") <= x.as_of) & pl.col("modality").is_in(["mri", "ct"]))
    )
    study = pl.coalesce("accession", pl.concat_str(pl.col("date").cast(pl.String), "modality", separator="|"))
    return rows.group_by("patient_id", study=study).agg(
        pl.col("date").min(),
        pl.col("modality").first(),
        moment=_key(pl.col("at"), pl.col("is_minute")).min(),
        regions=pl.col("regions").drop_nulls().str.join("|"),
        is_native=pl.col("is_native").any(),
        is_enhanced=pl.col("is_enhanced").any(),
    )


def _key(at: pl.Expr, is_minute: pl.Expr) -> pl.Expr:
    """An instant as a number that puts a day before the minutes of its midnight."""
    return at.dt.epoch("us") * 2 + is_minute.cast(pl.Int64)


def g1(x: Extract) -> pl.LazyFrame:
    """A native MRI of the region from DX - 28 to DX + 14, or CT where MRI is contraindicated."""
    first, due = pl.col("dx_date") - 28 * DAY, pl.col("dx_date") + 14 * DAY
    contraindicated = pl.concat(
        [
            x.says("mri-contraindication", "present").select("patient_id", "date"),
            x.conditions("mri_contraindication").select("patient_id", "date"),
        ]
    )
    unknown_device = x.says("mri-contraindication", "unknown-device")
    studies = (
        x.of_cases(_studies(x), "dx_date", "region")
        .join(contraindicated.group_by("patient_id").agg(no_mri=pl.col("date").min()), on="patient_id", how="left")
        .join(unknown_device.group_by("patient_id").agg(unclear=pl.col("date").min()), on="patient_id", how="left")
        .filter(pl.col("date").is_between(first, "end_date"))
    )
    is_mri, in_window = pl.col("modality") == "mri", pl.col("date") <= due
    covers = pl.col("regions").str.contains(pl.col("region"), literal=True)
    no_regions, no_contrast = pl.col("regions") == "", ~pl.col("is_native") & ~pl.col("is_enhanced")
    after_ct = pl.col("date") + 3 * DAY
    good_mri = is_mri & covers & pl.col("is_native")
    good_ct = ~is_mri & covers & pl.col("is_native") & (pl.col("no_mri") <= after_ct).fill_null(False)
    unclear_ct = ~is_mri & covers & (pl.col("unclear") <= after_ct).fill_null(False)
    unclear_mri = is_mri & (no_regions | (covers & no_contrast))
    told = studies.select(
        "case_number",
        mri=pl.when(good_mri & in_window).then(pl.col("moment")),
        is_done=(good_mri | good_ct) & in_window,
        is_late=(good_mri | good_ct) & ~in_window,
        is_unclear=(unclear_mri | unclear_ct) & in_window,
    )
    told = told.group_by("case_number").agg(
        pl.col("mri").min(), pl.col("is_done").any(), pl.col("is_late").any(), pl.col("is_unclear").any()
    )
    known = ("patient_id", "date", "known_at", "known_date", "known_is_minute")
    conditions = x.conditions("malignancy_suspicion", "spine_infection").select(
        "patient_id", "date", known_at="at", known_date="date", known_is_minute="is_minute"
    )
    suspected = pl.concat([conditions, x.says("pathology-assessment", "suspicious").select(known)])
    suspected = x.of_cases(suspected).filter(pl.col("date").is_between(pl.col("t0") - 365 * DAY, pl.col("end_date")))
    suspected = suspected.group_by("case_number").agg(
        known=_key(pl.col("known_at"), pl.col("known_is_minute")).min(), known_date=pl.col("known_date").min()
    )
    refused = pl.concat([x.says("declined", "mri"), x.says("declined", "imaging")])
    refused = x.of_cases(refused, "dx_date").filter(pl.col("date").is_between(first - DAY, due + 7 * DAY))
    rows = (
        x.with_flag(x.cases, refused, "is_refused")
        .join(told, on="case_number", how="left")
        .join(suspected, on="case_number", how="left")
        .with_columns(pl.col("is_done", "is_late", "is_unclear").fill_null(False))
    )
    other_question = (
        pl.when(pl.col("mri").is_not_null())
        .then(pl.col("known") < pl.col("mri"))
        .otherwise(pl.col("known_date") <= due)
        .fill_null(False)
    )
    return rows.with_columns(
        state=_state(
            (pl.col("is_excluded") | (pl.col("hospice_date") < pl.col("dx_date")).fill_null(False), "excluded"),
            (other_question, "not_applicable"),
            (pl.col("is_done"), "met"),
            (pl.col("is_refused") | (pl.col("hospice_date") <= due).fill_null(False), "exception"),
            (pl.col("end_date") < due, "censored"),
            (x.horizon("imaging") < due, "pending"),
            (pl.col("is_late"), "deviation"),
            (pl.col("is_unclear"), "indeterminate"),
            otherwise="deviation",
        )
    )


def m4(x: Extract) -> pl.LazyFrame:
    """Calcitonin ends within 35 days of its first start in [T0, end]."""
    horizon = x.horizon("medications")
    supplied = pl.col("date") + DAY * (pl.col("days_supply").floor().cast(pl.Int64) - 1)
    given = (
        x.scan("medications", "started", *SYSTEM_AND_KEY, "ended_date", "days_supply", "status")
        .filter(~pl.col("status").is_in(["cancelled", "entered-in-error"]))
        .join(x.codes("calcitonin"), on=SYSTEM_AND_KEY, how="semi")
        .with_columns(covered_to=pl.coalesce("ended_date", supplied))
    )
    given = x.of_cases(given)
    in_course = given.filter(pl.col("date").is_between("t0", "end_date"))
    start = in_course.group_by("case_number").agg(trigger=pl.col("date").min())
    end, due = pl.col("end_date"), pl.col("trigger") + 35 * DAY
    seen, covered = pl.col("date") <= end, pl.col("covered_to")
    to = pl.when(covered.is_not_null()).then(pl.min_horizontal(covered, end))
    told = (
        given.join(start, on="case_number")
        .select(
            "case_number",
            planned_to=covered,
            last=pl.when(seen & (to >= pl.col("date"))).then(to),
            starts_later=seen & (pl.col("date") > due),
            is_unknown=seen & covered.is_null(),
            ran_before=seen & (pl.col("date") < pl.col("t0")) & (covered >= pl.col("t0") - DAY).fill_null(False),
        )
        .group_by("case_number")
        .agg(
            pl.col("planned_to").max(),
            pl.col("last").max(),
            pl.col("starts_later").any(),
            pl.col("is_unknown").any(),
            pl.col("ran_before").any(),
        )
    )
    other = x.of_cases(x.conditions("calcitonin_other_indication"))
    rows = x.with_flag(x.cases, other, "has_other").join(start, on="case_number", how="left")
    rows = rows.join(told, on="case_number", how="left").with_columns(
        pl.col("starts_later", "is_unknown", "ran_before").fill_null(False)
    )
    goes_on = (pl.col("last") > due).fill_null(False) | pl.col("starts_later")
    is_open = (horizon <= due) & (pl.col("last") > horizon).fill_null(False)
    outlives = (pl.col("planned_to") > due).fill_null(False) & (end < due)
    unknown = pl.col("is_unknown") & ~goes_on
    started = pl.col("trigger").is_not_null()
    return rows.with_columns(
        state=_state(
            (pl.col("is_excluded") | HOSPICE_BEFORE, "excluded"),
            (~started & (horizon < pl.min_horizontal(pl.lit(x.as_of), end)), "pending"),
            (~started, "not_applicable"),
            (~goes_on & ~pl.col("is_unknown") & ~is_open & ~outlives, "met"),
            (pl.col("has_other") | pl.col("ran_before"), "exception"),
            (end < due, "censored"),
            ((horizon < due + DAY) & (is_open | unknown), "pending"),
            (unknown, "indeterminate"),
            otherwise="deviation",
        )
    )


def p2(x: Extract) -> pl.LazyFrame:
    """Persistent pain, and whether a nerve root block was done or considered."""
    order = ["case_number", "at", "is_minute", "observation_id"]
    high, case = pl.col("score") >= 4, pl.col("case_number")
    follows = (high.shift() & (case.shift() == case)).fill_null(False)
    runs = (
        x.scores.select("date", "score", *order)
        .sort(order)
        .with_columns(since=pl.when(~follows).then(pl.col("date")).forward_fill())
        .filter(high & (pl.col("date") >= pl.col("since") + 7 * DAY))
    )
    said = x.course.filter(pl.col("value_code").is_in(["persistent", "worsening"]))
    pain = pl.concat([runs.select("case_number", "date"), said.select("case_number", "date")])
    first = pain.group_by("case_number").agg(trigger=pl.col("date").min())
    thought = x.of_cases(x.says("considered", "nerve-root-block"))
    thought = thought.filter(pl.col("date").is_between("t0", "end_date"))
    acted = pl.concat([x.blocks.select("case_number"), thought.select("case_number")])
    rows = x.with_flag(x.cases, acted, "is_done").join(first, on="case_number", how="left")
    waits = x.horizon("observations") < pl.min_horizontal(pl.lit(x.as_of), "end_date")
    return rows.with_columns(
        state=_state(
            (pl.col("is_excluded") | HOSPICE_BEFORE, "excluded"),
            (pl.col("trigger").is_null() & waits, "pending"),
            (pl.col("trigger").is_null() | ~pl.col("is_done"), "not_applicable"),
            otherwise="met",
        )
    )


def p3(x: Extract) -> pl.LazyFrame:
    """Each nerve root block: a pain score of 4 or more in the two weeks before, known within 48 h."""
    block = ["case_number", "date"]
    blocks = x.blocks.group_by(block).agg(pl.col("at", "is_minute").sort_by("at", "is_minute").first())
    both = pl.col("known_is_minute") & pl.col("is_minute")
    in_time = (
        pl.when(both)
        .then(pl.col("known_at") <= pl.col("at") + 48 * HOUR)
        .otherwise(pl.col("known_date") <= pl.col("date") + 2 * DAY)
    )
    scores = x.scores.select(
        "case_number", "score", "known_at", "known_date", "known_is_minute", score_date=pl.col("date")
    )
    told = (
        blocks.join(scores, on="case_number")
        .filter(pl.col("score_date").is_between(pl.col("date") - 14 * DAY, pl.col("date")))
        .select(*block, is_shown=(pl.col("score") >= 4) & in_time)
        .group_by(block)
        .agg(pl.col("is_shown").any())
    )
    done = blocks.join(told, on=block, how="left").select("case_number", "is_shown", trigger="date")
    rows = x.cases.join(done, on="case_number", how="left")
    waits = x.horizon("procedures") < pl.min_horizontal(pl.lit(x.as_of), "end_date")
    return rows.with_columns(
        state=_state(
            (pl.col("is_excluded") | HOSPICE_BEFORE, "excluded"),
            (pl.col("trigger").is_null() & waits, "pending"),
            (pl.col("trigger").is_null(), "not_applicable"),
            (pl.col("is_shown").fill_null(False), "met"),
            (x.horizon("procedures", "observations") < pl.col("trigger") + 2 * DAY, "pending"),
            (pl.col("is_shown").is_null(), "indeterminate"),
            otherwise="deviation",
        )
    )


def t1(x: Extract) -> pl.LazyFrame:
    """Physical therapy within 28 days of the day on which the acute pain had subsided."""
    t0, end = pl.col("t0"), pl.col("end_date")
    first_day, fallback = t0 + 14 * DAY, t0 + 42 * DAY
    in_weeks = pl.col("date").is_between(first_day, fallback)
    scores = x.scores.filter(pl.col("date") >= first_day)
    course = x.course.filter(pl.col("date") >= first_day)
    gone = pl.concat(
        [
            scores.filter(pl.col("score") <= 3).select("case_number", "date"),
            course.filter(pl.col("value_code") == "resolved").select("case_number", "date"),
        ]
    )
    order = ["at", "is_minute", "observation_id"]
    last = (
        scores.filter(in_weeks)
        .group_by("case_number", "t0", "end_date")
        .agg(score=pl.col("score").sort_by(order).last())
    )
    seen = (fallback <= x.horizon("observations")) & (fallback <= end)
    moderate = last.filter((pl.col("score") < 7) & seen).select("case_number", date=fallback)
    start = pl.concat([gone, moderate]).group_by("case_number").agg(trigger=pl.col("date").min())
    recorded = pl.concat([rows.filter(in_weeks).select("case_number") for rows in (scores, course)])

    specialty = {"specialty_system": "code_system", "specialty_key": "code_key"}
    related = x.codes(*RELATED).with_columns(is_related=pl.lit(True))
    dropped = pl.col("status").is_in(["draft", "entered-in-error"]) | (
        (pl.col("status") == "revoked") & ~(pl.col("completed_date") <= x.as_of).fill_null(False)
    )
    reason = ["reason_code_system", "reason_key", "reason_code"]
    orders = (
        x.scan("referrals", "ordered", *specialty, *reason, "status", "completed_date")
        .filter(~dropped)
        .rename(specialty)
        .join(x.codes("physical_therapy_specialty"), on=SYSTEM_AND_KEY, how="semi")
        .join(related, left_on=reason[:2], right_on=SYSTEM_AND_KEY, how="left")
        .filter(pl.col("reason_code").is_null() | pl.col("is_related"))
    )
    visits = (
        x.scan("encounters", "started", *specialty, "status", "fracture_related")
        .filter(~pl.col("status").is_in(["planned", "cancelled", "no-show", "entered-in-error"]))
        .filter(pl.col("fracture_related").fill_null(True))
        .rename(specialty)
        .join(x.codes("physical_therapy_specialty"), on=SYSTEM_AND_KEY, how="semi")
    )
    acts = [orders, visits, x.procedures("physical_therapy"), x.says("considered", "physical-therapy")]
    therapy = x.of_cases(pl.concat([act.select("patient_id", "date") for act in acts]), "dx_date")
    therapy = therapy.filter(pl.col("date").is_between("t0", "end_date"))
    due = pl.max_horizontal("trigger", "dx_date") + 28 * DAY
    acted = therapy.join(start, on="case_number").filter(pl.col("date") <= due)
    refused = x.of_cases(x.says("declined", "physical-therapy"), "dx_date").join(start, on="case_number")
    refused = refused.filter(pl.col("date").is_between(pl.col("trigger") - DAY, due + 7 * DAY))

    rows = x.with_flag(x.cases, recorded, "is_recorded")
    rows = x.with_flag(x.with_flag(rows, acted, "is_done"), refused, "is_refused")
    rows = rows.join(start, on="case_number", how="left")
    nothing = pl.col("trigger").is_null()
    horizon = x.horizon("observations")
    waits = (horizon < fallback) | (horizon < pl.min_horizontal(pl.lit(x.as_of), end))
    return rows.with_columns(
        state=_state(
            (pl.col("is_excluded") | HOSPICE_BEFORE, "excluded"),
            (nothing & (end < fallback), "censored"),
            (nothing & waits, "pending"),
            (nothing & ~pl.col("is_recorded"), "indeterminate"),
            (nothing, "not_applicable"),
            (pl.col("is_done"), "met"),
            (pl.col("is_refused") | (pl.col("hospice_date") <= due).fill_null(False), "exception"),
            (end < due, "censored"),
            (x.horizon("referrals", "encounters", "procedures", "observations") < due, "pending"),
            otherwise="deviation",
        )
    )
