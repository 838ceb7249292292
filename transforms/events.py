"""The clean tables of the fracture patients as one long table of events, in the order of time.

`event` numbers the rows by (patient, instant, day before minute precision, table, row id): the smallest number is the first
event, which makes "first" the same whatever the order of the input. `known_*` is when the row could be known.
Columns that only one table fills are null elsewhere.
"""

from datetime import date

import polars as pl

from .clock import Moment, later_of
from .concepts import KEY, RELATED_REASON_SETS, Concepts, distinct_codes, fracture_facts, region_mask, set_masks

TABLES = (
    "conditions",
    "encounters",
    "followup",
    "imaging",
    "medications",
    "observations",
    "patients",
    "procedures",
    "referrals",
)
TABLE = pl.Enum(TABLES)

_CODED = {
    "conditions": ("code_system", "code_key"),
    "observations": ("code_system", "code_key"),
    "imaging": ("code_system", "code_key"),
    "procedures": ("code_system", "code_key"),
    "medications": ("code_system", "code_key"),
    "encounters": ("specialty_system", "specialty_key"),
    "referrals": ("specialty_system", "specialty_key"),
}
BONE_METASTASIS = "C7951"  # the one code that makes a fracture neoplastic by being on record (section 2, "aetiology")
FVC_LOINC = "19872-1"  # the contract's second name of LOCAL fvc-percent-predicted
LOCAL_NUMBERS = ("post-void-residual", "kyphosis-angle", "height-loss", "tlics", "sins", "fvc-percent-predicted")


def _visible(name: str, as_of: date) -> list[pl.Expr]:
    """A time inside a row, null when it lies after as_of."""
    stem = name.removesuffix("_at")
    seen = pl.col(f"{stem}_date") <= as_of
    return [pl.when(seen).then(pl.col(c)).alias(c) for c in (f"{stem}_at", f"{stem}_date", f"{stem}_is_minute")]


def _moment(stem: str, prefix: str) -> list[pl.Expr]:
    return Moment(f"{stem}_").renamed(prefix)


def _common(table: str, id_column: str) -> list[pl.Expr]:
    return [pl.col("patient_id"), pl.lit(table, TABLE).alias("table_name"), pl.col(id_column).alias("row_id")]


def _conditions(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    verified = pl.col("verification").fill_null("confirmed")
    role = pl.col("role").fill_null("diagnosis")
    return t.select(
        *_common("conditions", "condition_id"),
        "encounter_id",
        *_moment("recorded", ""),
        "code_system",
        "code",
        "code_key",
        onset_date=pl.when(pl.col("onset_date") <= as_of).then(pl.col("onset_date")),
        role=role,
        verification=verified,
        counts=verified.is_in(["confirmed", "provisional"]) & (role != "order"),
    )


def _observations(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    local = (
        pl.when(pl.col("code_system") == "LOCAL")
        .then(pl.col("code"))
        .when((pl.col("code_system") == "LOINC") & (pl.col("code_key") == FVC_LOINC))
        .then(pl.lit("fvc-percent-predicted"))
    )
    number = pl.when(pl.col("unit") == "mm").then(pl.col("value_number") / 10).otherwise(pl.col("value_number"))
    has_fact = (
        pl.when(local.is_in(LOCAL_NUMBERS))
        .then(pl.col("value_number").is_not_null())
        .otherwise(pl.col("value_code").is_not_null())
    )
    return (
        t.with_columns(_visible("recorded_at", as_of))
        .filter(~pl.col("status").fill_null("final").is_in(["cancelled", "entered-in-error"]))
        .select(
            *_common("observations", "observation_id"),
            "encounter_id",
            *_moment("observed", ""),
            *later_of(Moment("observed_"), Moment("recorded_"), "known_"),
            "code_system",
            "code",
            "code_key",
            "value_code",
            "level",
            "value_number",
            score=number,
            local=pl.when(has_fact).then(local),
            counts=pl.lit(True),
        )
    )


def _imaging(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    done = pl.col("status") == "completed"
    performed = pl.col("performed_at").is_not_null()
    return t.with_columns(
        pl.when(performed).then(pl.col(f"performed_{c}")).otherwise(pl.col(f"ordered_{c}")).alias(c)
        for c in ("at", "date", "is_minute")
    ).select(
        *_common("imaging", "imaging_id"),
        "encounter_id",
        "at",
        "date",
        "is_minute",
        "code_system",
        "code",
        "code_key",
        "status",
        "modality",
        "regions",
        "contrast",
        "accession",
        "ordered_at",
        "ordered_date",
        "ordered_is_minute",
        counts=done,
    )


def _procedures(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    return t.select(
        *_common("procedures", "procedure_id"),
        "encounter_id",
        *_moment("performed", ""),
        "code_system",
        "code",
        "code_key",
        "level",
        "status",
        counts=pl.col("status") == "completed",
    )


def _referrals(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    dropped = pl.col("status").is_in(["draft", "entered-in-error"]) | (
        (pl.col("status") == "revoked") & pl.col("completed_at").is_null()
    )
    return t.with_columns(_visible("completed_at", as_of)).select(
        *_common("referrals", "referral_id"),
        "encounter_id",
        *_moment("ordered", ""),
        *_moment("completed", "completed_"),
        "priority",
        "status",
        "reason_code",
        code_system="specialty_system",
        code="specialty",
        code_key="specialty_key",
        reason_system=pl.col("reason_code_system"),
        reason_key=pl.col("reason_key"),
        counts=~dropped,
    )


def _medications(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    supplied = pl.col("started_date") + pl.duration(days=pl.col("days_supply").floor().cast(pl.Int64) - 1)
    return t.select(
        *_common("medications", "medication_id"),
        "encounter_id",
        *_moment("started", ""),
        "code_system",
        "code",
        "code_key",
        "status",
        covered_to=pl.coalesce("ended_date", supplied),
        counts=~pl.col("status").is_in(["cancelled", "entered-in-error"]),
    )


def _encounters(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    ended = pl.col("ended_at").is_not_null()
    runs_on = ~ended & (pl.col("status") == "in-progress")
    return t.with_columns(_visible("ended_at", as_of)).select(
        *_common("encounters", "encounter_id"),
        "encounter_id",
        *_moment("started", ""),
        "class",
        "status",
        "fracture_related",
        disposition=pl.when((pl.col("status") == "finished") | ended).then(pl.col("disposition")),
        code_system="specialty_system",
        code="specialty",
        code_key="specialty_key",
        # Without an end the stay covers its last day whole.
        stay_end_at="ended_at",
        stay_end_is_minute=pl.when(ended).then(pl.col("ended_is_minute")).otherwise(False),
        stay_end_date=pl.when(ended)
        .then(pl.col("ended_date"))
        .when(runs_on)
        .then(pl.lit(as_of))
        .otherwise(pl.col("started_date")),
        has_end=ended,
        counts=~pl.col("status").is_in(["planned", "cancelled", "no-show", "entered-in-error"]),
    )


_FORMS = {
    "conditions": _conditions,
    "observations": _observations,
    "imaging": _imaging,
    "procedures": _procedures,
    "referrals": _referrals,
    "medications": _medications,
    "encounters": _encounters,
}


def build_events(
    clean: dict[str, pl.LazyFrame], patients: pl.DataFrame, concepts: Concepts, as_of: date
) -> pl.DataFrame:
    """All events through as_of of the given patients (patient_id, patient: UInt32), concepts attached, sorted, numbered.

    Rows without a time can't be placed and are left out.
    """
    mine = patients.lazy().select("patient_id", "patient")
    forms = {
        name: _FORMS[name](table.join(mine.select("patient_id"), on="patient_id", how="semi"), as_of)
        for name, table in clean.items()
        if name in _FORMS
    }
    frames = pl.collect_all([f.filter(pl.col("date") <= as_of) for f in forms.values()])
    tables = dict(zip(forms, frames, strict=True))
    events = pl.concat(list(tables.values()), how="diagonal_relaxed")
    events = events.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in _OPTIONAL.items() if name not in events.columns
    )
    events = _attach_codes(events, concepts)
    encounters = events.filter(pl.col("table_name") == "encounters").select(
        "patient_id",
        "encounter_id",
        of_unrelated=~pl.col("fracture_related").fill_null(True),
        of_related="fracture_related",
        of_class="class",
    )
    events = events.join(encounters, on=["patient_id", "encounter_id"], how="left")
    site = _encounter_places(clean, mine)
    if site is not None:
        events = events.join(site, on=["patient_id", "encounter_id"], how="left")
    else:
        events = events.with_columns(site_id=pl.lit(None, pl.String), unit=pl.lit(None, pl.String))
    known = pl.col("known_at").is_null()
    return (
        events.with_columns(
            pl.when(known).then(pl.col(c)).otherwise(pl.col(f"known_{c}")).alias(f"known_{c}")
            for c in ("at", "date", "is_minute")
        )
        .join(patients.select("patient_id", "patient"), on="patient_id")
        .sort("patient", "at", "is_minute", pl.col("table_name").cast(pl.String), "row_id")
        .with_row_index("event")
    )


_OPTIONAL: dict[str, type[pl.DataType] | pl.DataType] = {
    "known_at": pl.Datetime("us", "UTC"),
    "known_date": pl.Date,
    "known_is_minute": pl.Boolean,
    "onset_date": pl.Date,
    "role": pl.String,
    "verification": pl.String,
    "value_code": pl.String,
    "level": pl.String,
    "value_number": pl.Float64,
    "score": pl.Float64,
    "local": pl.String,
    "status": pl.String,
    "modality": pl.String,
    "regions": pl.String,
    "contrast": pl.String,
    "accession": pl.String,
    "ordered_at": pl.Datetime("us", "UTC"),
    "ordered_date": pl.Date,
    "ordered_is_minute": pl.Boolean,
    "priority": pl.String,
    "reason_code": pl.String,
    "reason_system": pl.String,
    "reason_key": pl.String,
    "completed_at": pl.Datetime("us", "UTC"),
    "completed_date": pl.Date,
    "completed_is_minute": pl.Boolean,
    "covered_to": pl.Date,
    "class": pl.String,
    "fracture_related": pl.Boolean,
    "disposition": pl.String,
    "stay_end_at": pl.Datetime("us", "UTC"),
    "stay_end_date": pl.Date,
    "stay_end_is_minute": pl.Boolean,
    "has_end": pl.Boolean,
    "encounter_id": pl.String,
}


def _encounter_places(clean: dict[str, pl.LazyFrame], mine: pl.LazyFrame) -> pl.DataFrame | None:
    """Where each encounter was: site_id and unit, whatever its status or date."""
    if "encounters" not in clean:
        return None
    return (
        clean["encounters"]
        .join(mine, on="patient_id", how="semi")
        .select("patient_id", "encounter_id", "site_id", "unit")
        .collect()
    )


def _attach_codes(events: pl.DataFrame, concepts: Concepts) -> pl.DataFrame:
    """Adds sets, own_level, code_aetiology, stage, and for imaging modality, region mask and contrast; related for referrals."""
    codes = events.select(*KEY).drop_nulls().unique()
    masks = set_masks(codes, concepts)
    fractures = fracture_facts(codes, concepts.fractures)
    studies = concepts.imaging.select(
        *KEY, code_modality="modality", code_regions="regions", code_contrast="contrast"
    ).unique(KEY, keep="first", maintain_order=True)
    reasons = set_masks(distinct_codes([events.lazy()], "reason_system", "reason_key"), concepts).select(
        reason_system="code_system", reason_key="code_key", reason_sets="sets"
    )
    related = concepts.is_in(*RELATED_REASON_SETS, column="reason_sets")
    imaging = pl.col("table_name") == "imaging"
    return (
        events.join(masks, on=KEY, how="left")
        .join(fractures, on=KEY, how="left")
        .join(studies, on=KEY, how="left")
        .join(reasons, on=["reason_system", "reason_key"], how="left")
        .with_columns(
            sets=pl.col("sets").fill_null(0),
            is_osteoporosis=concepts.is_in("osteoporosis"),
            is_high_energy=concepts.is_in("high_energy"),
            is_bone_metastasis=(pl.col("code_system") == "ICD10CM") & (pl.col("code_key") == BONE_METASTASIS),
            is_hospice=pl.col("counts")
            & (
                (pl.col("table_name").is_in(["conditions", "procedures"]) & concepts.is_in("hospice"))
                | ((pl.col("table_name") == "encounters") & (pl.col("disposition") == "hospice").fill_null(False))
            ),
            related=pl.when(pl.col("reason_code").is_null()).then(None).otherwise(related),
            modality=pl.when(imaging).then(pl.coalesce("modality", "code_modality")),
            region_mask=pl.when(imaging).then(region_mask(pl.coalesce("regions", "code_regions"))),
            contrast=pl.when(imaging).then(pl.coalesce("contrast", "code_contrast")),
        )
        .with_columns(contrast=pl.when(pl.col("contrast") != "unknown").then(pl.col("contrast")))
        .drop("code_modality", "code_regions", "code_contrast", "reason_sets", "regions")
    )


def unify_studies(events: pl.DataFrame, patient: str = "patient") -> pl.DataFrame:
    """Completed imaging studies, each once: rows of one accession, or of one date and modality with regions that overlap
    or are not stated, are one study (section 2, "Actions that never count").

    Gives event (the earliest row's), also (List: all rows), the earliest moment, union of regions, joined contrast.
    Labels spread along shared accessions and overlaps until nothing changes: as many rounds as the longest chain of rows.
    """
    rows = events.filter((pl.col("table_name") == "imaging") & pl.col("counts")).with_columns(study=pl.col("event"))
    alike = (
        rows.select("event", patient, "date", "modality", "region_mask")
        .join(
            rows.select(patient, "date", "modality", other="event", other_mask="region_mask"),
            on=[patient, "date", "modality"],
        )
        .filter(
            (pl.col("event") != pl.col("other"))
            & (
                pl.col("region_mask").is_null()
                | pl.col("other_mask").is_null()
                | ((pl.col("region_mask") & pl.col("other_mask")) != 0)
            )
        )
        .select("event", "other")
    )
    accessions = rows.filter(pl.col("accession").is_not_null()).select("event", patient, "accession")
    same = (
        accessions.join(accessions.rename({"event": "other"}), on=[patient, "accession"])
        .filter(pl.col("event") != pl.col("other"))
        .select("event", "other")
    )
    links = pl.concat([alike, same]).unique()
    while links.height:
        nearest = (
            links.join(rows.select("study", other="event"), on="other")
            .group_by("event")
            .agg(least=pl.col("study").min())
        )
        moved = rows.join(nearest, on="event", how="left", maintain_order="left").with_columns(
            new=pl.min_horizontal("study", "least")
        )
        if (moved["new"] == moved["study"]).all():
            break
        rows = moved.with_columns(study="new").drop("least", "new")
    order = rows.sort("event")
    bits = order.group_by("study").agg(
        also=pl.col("event"),
        mask=pl.col("region_mask").bitwise_or(),
        modality=pl.col("modality").drop_nulls().first(),
        has_without=pl.col("contrast").is_in(["without", "both"]).any(),
        has_with=pl.col("contrast").is_in(["with", "both"]).any(),
    )
    contrast = (
        pl.when(pl.col("has_without") & pl.col("has_with"))
        .then(pl.lit("both"))
        .when("has_without")
        .then(pl.lit("without"))
        .when("has_with")
        .then(pl.lit("with"))
    )
    return (
        order.filter(pl.col("event") == pl.col("study"))
        .drop("region_mask", "modality", "contrast")
        .join(bits.with_columns(contrast=contrast).rename({"mask": "region_mask"}), on="study")
        .drop("study", "has_without", "has_with")
        .sort("event")
    )
