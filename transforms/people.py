"""The people of a part: whose events are judged, and what is known of each case's person (specification, section 2)."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

import polars as pl

from schemas.parameters import Parameters

from .clock import KNOWN, days_after, three_months_after
from .concepts import KEY, Concepts, distinct_codes, fracture_facts
from .events import BONE_METASTASIS, TABLE, WRITTEN, Events
from .facts import Facts
from .places import first_of_each


def hashed(keys: pl.DataFrame) -> pl.Series:
    """The first 16 hex digits of SHA-256 of each key; null stays null. Polars has no SHA-256: the one loop over keys."""
    return pl.Series(
        [None if k is None else sha256(k.encode()).hexdigest()[:16] for k in keys.to_series()], dtype=pl.String
    )


def fracture_patients(clean: Mapping[str, pl.LazyFrame], concepts: Concepts, as_of: date) -> pl.DataFrame:
    """patient_id, patient (UInt32) of everyone with a vertebral fracture code through as_of, in the order of the ids."""
    conditions = clean["conditions"].select("patient_id", "recorded_date", *KEY)
    codes = distinct_codes([conditions], *KEY)
    known = fracture_facts(codes, concepts.fractures).select(KEY)
    patients = (
        conditions.filter(pl.col("recorded_date") <= as_of)
        .join(known.lazy(), on=KEY, how="semi")
        .select("patient_id")
        .unique()
        .sort("patient_id")
    )
    return patients.collect().with_row_index("patient")


def followup_periods(clean: Mapping[str, pl.LazyFrame], patients: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """patient, started_date, ended_date, row_id of the patients' follow-up periods that began through as_of."""
    if "followup" not in clean:
        schema = {"patient": pl.UInt32, "started_date": pl.Date, "ended_date": pl.Date, "row_id": pl.String}
        return pl.DataFrame(schema=schema)
    started = pl.col("started_date").dt.to_string("%Y-%m-%d")
    return (
        clean["followup"]
        .filter(pl.col("started_date") <= as_of)
        .join(patients.lazy(), on="patient_id")
        .select("patient", "started_date", "ended_date", row_id=pl.concat_str("patient_id", started, separator="|"))
        .collect()
    )


def with_people_rows(
    events: Events, clean: Mapping[str, pl.LazyFrame], patients: pl.DataFrame, followup: pl.DataFrame, as_of: date
) -> Events:
    """Adds the patients' own rows and their follow-up periods, which only evidence refers to, after the events."""
    died = (pl.col("deceased_date") <= as_of).fill_null(False)
    nothing = {"sets": pl.lit(0, pl.UInt64)} | dict.fromkeys(
        ("code_system", "code", "value", "level", "encounter_id", "site_id", "unit"), pl.lit(None, pl.String)
    )
    people = (
        clean["patients"]
        .join(patients.lazy(), on="patient_id")
        .select(
            "patient",
            row_id="patient_id",
            table_name=pl.lit("patients", TABLE),
            at=pl.when(died).then(pl.col("deceased_at")),
            date=pl.when(died).then(pl.col("deceased_date")).otherwise(pl.col("birth_date")),
            is_minute=died & pl.col("deceased_is_minute"),
        )
        .collect()
    )
    periods = followup.unique("row_id", maintain_order=True).select(
        "patient",
        "row_id",
        table_name=pl.lit("followup", TABLE),
        at=pl.lit(None, pl.Datetime("us", "UTC")),
        date="started_date",
        is_minute=pl.lit(False),
    )
    tables, written, height = dict(events.tables), [events.written], events.written.height
    for name, frame in (("followup", periods), ("patients", people)):
        numbered = frame.sort("patient", "row_id").with_row_index("event", offset=height)
        no_moment = [pl.lit(None, kind).alias(c) for c, kind in zip(KNOWN.columns(), _MOMENT_TYPES, strict=True)]
        tables[name] = numbered.with_columns(*no_moment, **nothing)
        written.append(tables[name].select(WRITTEN))
        height += frame.height
    behind = pl.int_range(events.written.height, height, dtype=pl.UInt32, eager=True)
    return Events(tables, pl.concat(written), pl.concat([events.places, behind]))


_MOMENT_TYPES: tuple[pl.DataType, ...] = (pl.Datetime("us", "UTC"), pl.Date(), pl.Boolean())


def with_people_facts(
    cases: pl.DataFrame,
    clean: Mapping[str, pl.LazyFrame],
    events: Events,
    rows: pl.DataFrame,
    case_codes: pl.DataFrame,
    concepts: Concepts,
    p: Parameters,
    as_of: date,
) -> pl.DataFrame:
    """Adds ids, age, aetiology, prevalence, hospice, death and where the diagnosis was made."""
    cases = cases.with_columns(_case_key(cases, "t0").alias("case_id"))
    cases = cases.with_columns(_case_key(cases, "previous_t0").alias("previous_case_id"))
    died = pl.col("deceased_date") <= as_of
    people = (
        clean["patients"]
        .join(cases.lazy().select("patient_id", "patient").unique(), on="patient_id")
        .select(
            "patient",
            "display_id",
            "birth_date",
            "sex",
            "race",
            "ethnicity",
            "language",
            "payer",
            home_site="site_id",
            death_at=pl.when(died).then("deceased_at"),
            death_date=pl.when(died).then("deceased_date"),
            death_is_minute=pl.when(died).then("deceased_is_minute"),
        )
        .collect()
    )
    own = events.of("patients").select("patient", patient_event="event")
    cases = (
        cases.join(people, on="patient", maintain_order="left")
        .join(own, on="patient", maintain_order="left")
        .hstack(events.told(cases["dx_event"], dx_encounter_id="encounter_id", dx_site_id="site_id"))
        .with_columns(age_at_t0=_age(pl.col("birth_date"), pl.col("t0")))
    )
    cases = cases.with_columns(
        site_id=pl.coalesce("dx_site_id", "home_site"),
        is_minor=(pl.col("age_at_t0") < p.cohort.min_age).fill_null(False),
    )
    cases = _with_aetiology(cases, events.of("conditions"), case_codes, concepts, p)
    return _with_hospice(_with_prevalence(cases, events.of("observations"), rows, p), events, concepts)


def _case_key(cases: pl.DataFrame, day: str) -> pl.Series:
    return hashed(cases.select(pl.format("{}|{}|{}", "patient_id", "level", pl.col(day).dt.to_string("%Y-%m-%d"))))


def _age(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Whole years; who was born on 29 February has the birthday on 1 March in other years."""
    had_birthday = (day.dt.month() > born.dt.month()) | (
        (day.dt.month() == born.dt.month()) & (day.dt.day() >= born.dt.day())
    )
    return (day.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)).cast(pl.Int32)


def _with_aetiology(
    cases: pl.DataFrame, conditions: pl.DataFrame, case_codes: pl.DataFrame, concepts: Concepts, p: Parameters
) -> pl.DataFrame:
    c = p.cohort
    key = ["patient", "level", "episode"]
    codes = case_codes.filter(pl.col("code_aetiology").is_not_null()).join(cases.select("case", *key), on=key)
    said = codes.select(
        "case",
        "event",
        aetiology="code_aetiology",
        rank=pl.when(pl.col("code_aetiology") == "neoplastic").then(0).otherwise(2),
    )
    is_bone_metastasis = (pl.col("code_system") == "ICD10CM") & (pl.col("code_key") == BONE_METASTASIS)
    telling = conditions.select(
        "event",
        "patient",
        "date",
        is_bone_metastasis=is_bone_metastasis,
        is_osteoporosis=concepts.is_in("osteoporosis"),
        is_high_energy=concepts.is_in("high_energy"),
        counts="counts",
    ).filter(pl.col("counts") & pl.any_horizontal("is_bone_metastasis", "is_osteoporosis", "is_high_energy"))
    recorded = cases.select("case", "patient", "dx_date").join(telling, on="patient")
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
    first = first_of_each(pl.concat(parts, how="vertical_relaxed"), "case", ["rank", "event"])
    said_first = first.select("case", "aetiology", aetiology_event="event")
    return cases.join(said_first, on="case", how="left", maintain_order="left").with_columns(
        aetiology=pl.col("aetiology").fill_null("other")
    )


def _with_prevalence(
    cases: pl.DataFrame, observations: pl.DataFrame, rows: pl.DataFrame, p: Parameters
) -> pl.DataFrame:
    """Adds prevalent_event: the code that says that the fracture was under care before."""
    c = p.cohort
    acute = observations.filter((pl.col("local") == "fracture-acuity") & (pl.col("value_code") == "acute")).select(
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
    before = (
        cases.filter(~pl.col("case").is_in(fresh.implode()))
        .select("case", "patient", "level", "dx_date")
        .join(
            rows.filter((pl.col("stage") == "subsequent") & pl.col("is_confirmed")).select(
                "patient", "level", "date", "event"
            ),
            on=["patient", "level"],
        )
        .filter(window)
        .group_by("case")
        .agg(prevalent_event=pl.col("event").min())
    )
    return cases.join(before, on="case", how="left", maintain_order="left")


def _with_hospice(cases: pl.DataFrame, events: Events, concepts: Concepts) -> pl.DataFrame:
    """Adds hospice_date, hospice_event: the first hospice care of the patient; a discharge to it at its end."""
    columns = ["patient", "event", "day"]
    coded = [
        events.of(table).filter(pl.col("counts") & concepts.is_in("hospice")).with_columns(day="date").select(columns)
        for table in ("conditions", "procedures")
    ]
    day = pl.when("has_end").then(pl.col("stay_end_date")).otherwise(pl.col("date"))
    discharges = events.of("encounters").filter(pl.col("counts") & (pl.col("disposition") == "hospice"))
    care = pl.concat([*coded, discharges.with_columns(day=day).select(columns)])
    first = first_of_each(care, "patient", ["day", "event"])
    return cases.join(
        first.select("patient", hospice_date="day", hospice_event="event"),
        on="patient",
        how="left",
        maintain_order="left",
    )


def with_end_event(cases: pl.DataFrame, events: Events) -> pl.DataFrame:
    """Adds end_event: the row that ended the case."""
    periods = events.of("followup").select(followup_row="row_id", followup_event="event")
    reason = pl.col("end_reason")
    return cases.join(periods, on="followup_row", how="left", maintain_order="left").with_columns(
        end_event=pl.when(reason == "death")
        .then(pl.col("patient_event"))
        .when(reason == "followup_ended")
        .then(pl.col("followup_event"))
        .when(reason == "transferred_out")
        .then(pl.col("transfer_event"))
        .when(reason == "new_fracture")
        .then(pl.col("next_dx_event"))
    )


def with_treatment(cases: pl.DataFrame, facts: Facts, p: Parameters) -> pl.DataFrame:
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
