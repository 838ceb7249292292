"""The people of a part: whose events are judged, and what is known of each case's person (specification, section 2)."""

from datetime import date
from hashlib import sha256

import polars as pl

from schemas.parameters import Parameters

from .clock import Moment, days_after, three_months_after
from .concepts import Concepts, distinct_codes, fracture_facts
from .events import TABLE
from .facts import Facts


def hashed(keys: pl.DataFrame) -> pl.Series:
    """The first 16 hex digits of SHA-256 of each key; null stays null. Polars has no SHA-256: the one loop over keys."""
    return pl.Series(
        [None if k is None else sha256(k.encode()).hexdigest()[:16] for k in keys.to_series()], dtype=pl.String
    )


def fracture_patients(
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


def followup_periods(clean: dict[str, pl.LazyFrame], patients: pl.DataFrame, as_of: date) -> pl.DataFrame:
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


def with_people_rows(
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


def with_people_facts(
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
        case_id=hashed(
            cases.select(pl.format("{}|{}|{}", "patient_id", "level", pl.col("t0").dt.to_string("%Y-%m-%d")))
        ),
    )
    previous = pl.format("{}|{}|{}", "patient_id", "level", pl.col("previous_t0").dt.to_string("%Y-%m-%d"))
    cases = cases.with_columns(previous_case_id=hashed(cases.select(previous)))
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


def with_end_event(cases: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
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
