"""The clean tables of the fracture patients as events: one frame a table, numbered through in the order of time.

`event` numbers the rows of all tables by (patient, instant, day before minute precision, table, row id): the smallest number is
the first event, which makes "first" the same whatever the order of the input. `known_*` is when the row could be known.
`patient` numbers the patients. Every frame stands in the order of its events.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.local_codes import LOCAL_CODES

from .clock import EVENT, Moment, later_of
from .concepts import KEY, RELATED_REASON_SETS, Concepts, code_facts, region_mask
from .contract import empty_clean
from .places import looked_up, nothing, place_of, those

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
LOCAL = pl.Enum(list(LOCAL_CODES))

BONE_METASTASIS = "C7951"  # the one code that makes a fracture neoplastic by being on record (section 2, "aetiology")
FVC_LOINC = "19872-1"  # the contract's second name of LOCAL fvc-percent-predicted
LOCAL_NUMBERS = ("post-void-residual", "kyphosis-angle", "height-loss", "tlics", "sins", "fvc-percent-predicted")


@dataclass(frozen=True)
class Events:
    """tables: a frame for each table, in the order of its events, with what measures ask of them (see `build_events`).
    written: the events of all tables in any order, with WRITTEN: what people read of them.
    places: at which row of `written` each event stands, in the order of events."""

    tables: Mapping[str, pl.DataFrame]
    written: pl.DataFrame
    places: pl.Series

    def told(self, events: pl.Series, **columns: str) -> pl.DataFrame:
        """What `written` says of some events (new name = its column), in their order."""
        place = self.places.gather(events)
        return pl.DataFrame({name: self.written[column].gather(place) for name, column in columns.items()})

    def of(self, table: str) -> pl.DataFrame:
        """The rows of one table; of a table that isn't there an empty frame with its columns."""
        return self.tables[table]


WRITTEN = (
    "event",
    "patient",
    "table_name",
    "row_id",
    "at",
    "date",
    "is_minute",
    "known_at",
    "known_date",
    "known_is_minute",
    "sets",
    "code_system",
    "code",
    "value",
    "level",
    "encounter_id",
    "site_id",
    "unit",
)
"""What is told of every event whatever its table; value: the text that says most of it."""
_ONLY_WRITTEN = ("row_id", "code", "value", "encounter_id", "site_id", "unit")
"""What no measure asks."""


def _visible(name: str, as_of: date) -> list[pl.Expr]:
    """A time inside a row, null when it lies after as_of."""
    stem = name.removesuffix("_at")
    seen = pl.col(f"{stem}_date") <= as_of
    return [pl.when(seen).then(pl.col(c)).alias(c) for c in (f"{stem}_at", f"{stem}_date", f"{stem}_is_minute")]


def _moment(stem: str, prefix: str = "") -> list[pl.Expr]:
    return Moment(f"{stem}_").renamed(prefix)


_CODED = ("code_system", "code", "code_key")


def _conditions(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    verified = pl.col("verification").fill_null("confirmed")
    role = pl.col("role").fill_null("diagnosis")
    return t.select(
        "patient_id",
        "encounter_id",
        *_moment("recorded"),
        *_CODED,
        row_id="condition_id",
        onset_date=pl.when(pl.col("onset_date") <= as_of).then(pl.col("onset_date")),
        role=role,
        verification=verified,
        counts=verified.is_in(["confirmed", "provisional"]) & (role != "order"),
        value=_NO_TEXT,
        level=_NO_TEXT,
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
            "patient_id",
            "encounter_id",
            *_moment("observed"),
            *later_of(Moment("observed_"), Moment("recorded_"), "known_"),
            *_CODED,
            "value_code",
            "level",
            "value_number",
            row_id="observation_id",
            score=number,
            local=pl.when(has_fact).then(local).cast(LOCAL, strict=False),
            counts=pl.lit(True),
            value=pl.coalesce("value_code", _plain(pl.col("value_number"))),
        )
    )


def _plain(number: pl.Expr) -> pl.Expr:
    """A number as a person would write it: 7, not 7.0."""
    whole = number.cast(pl.Int64, strict=False)
    return pl.when(number == number.round(0)).then(whole.cast(pl.String)).otherwise(number.cast(pl.String))


def _imaging(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    performed = pl.col("performed_at").is_not_null()
    return t.select(
        "patient_id",
        "encounter_id",
        *[
            pl.when(performed).then(pl.col(f"performed_{c}")).otherwise(pl.col(f"ordered_{c}")).alias(c)
            for c in EVENT.columns()
        ],
        *_CODED,
        "status",
        "modality",
        "regions",
        "contrast",
        "accession",
        *_moment("ordered", "ordered_"),
        row_id="imaging_id",
        counts=pl.col("status") == "completed",
        value="status",
        level=_NO_TEXT,
    )


def _procedures(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    return t.select(
        "patient_id",
        "encounter_id",
        *_moment("performed"),
        *_CODED,
        "level",
        row_id="procedure_id",
        counts=pl.col("status") == "completed",
        value=_NO_TEXT,
    )


def _referrals(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    dropped = pl.col("status").is_in(["draft", "entered-in-error"]) | (
        (pl.col("status") == "revoked") & pl.col("completed_at").is_null()
    )
    return t.with_columns(_visible("completed_at", as_of)).select(
        "patient_id",
        "encounter_id",
        *_moment("ordered"),
        *_moment("completed", "completed_"),
        "priority",
        "reason_code",
        "reason_key",
        row_id="referral_id",
        code_system="specialty_system",
        code="specialty",
        code_key="specialty_key",
        reason_system="reason_code_system",
        counts=~dropped,
        value="priority",
        level=_NO_TEXT,
    )


def _medications(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    supplied = pl.col("started_date") + pl.duration(days=pl.col("days_supply").floor().cast(pl.Int64) - 1)
    covered_to = pl.coalesce("ended_date", supplied)
    return t.select(
        "patient_id",
        "encounter_id",
        *_moment("started"),
        *_CODED,
        row_id="medication_id",
        covered_to=covered_to,
        counts=~pl.col("status").is_in(["cancelled", "entered-in-error"]),
        value=covered_to.dt.to_string("to %Y-%m-%d"),
        level=_NO_TEXT,
    )


def _encounters(t: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    ended = pl.col("ended_at").is_not_null()
    runs_on = ~ended & (pl.col("status") == "in-progress")
    disposition = pl.when((pl.col("status") == "finished") | ended).then(pl.col("disposition"))
    return t.with_columns(_visible("ended_at", as_of)).select(
        "patient_id",
        "encounter_id",
        *_moment("started"),
        "class",
        "status",
        "fracture_related",
        row_id="encounter_id",
        disposition=disposition,
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
        value=disposition,
        level=_NO_TEXT,
        site_id="site_id",
        unit="unit",
    )


_NO_TEXT = pl.lit(None, pl.String)
_FORMS = {
    "conditions": _conditions,
    "encounters": _encounters,
    "imaging": _imaging,
    "medications": _medications,
    "observations": _observations,
    "procedures": _procedures,
    "referrals": _referrals,
}


def build_events(clean: Mapping[str, pl.LazyFrame], patients: pl.DataFrame, concepts: Concepts, as_of: date) -> Events:
    """All events through as_of of the given patients (patient_id, patient: UInt32), concepts attached, sorted, numbered.

    Rows without a time can't be placed and are left out. Every table has event, patient, table_name, at, date, is_minute,
    known_*, sets, counts, level, code_system, code_key, encounter (a number: the encounter that the row names), and its
    own columns; of_class, of_related are the encounter's; of_unrelated: it is known to be for something else.
    """
    forms = [
        form(clean[name] if name in clean else empty_clean(name).lazy(), as_of).with_columns(
            table_name=pl.lit(name, TABLE)
        )
        for name, form in _FORMS.items()
    ]
    every = dict(zip(_FORMS, pl.collect_all(forms), strict=True))
    frames = _of_patients(every, patients)
    # Where an encounter was is told by its row even where its time can't be seen yet, or isn't known.
    seen = (pl.col("date") <= as_of).fill_null(False)
    encounters = frames["encounters"].with_row_index("encounter").with_columns(is_seen=seen)
    frames = {name: those(frame, frame.select(seen).to_series()) for name, frame in frames.items()}
    codes = code_facts(frames.values(), concepts)
    frames = {name: _with_codes(name, frame, codes, concepts) for name, frame in frames.items()}
    return _numbered(_with_encounters(frames, encounters))


def _of_patients(frames: Mapping[str, pl.DataFrame], patients: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of the patients, with their numbers in place of their ids."""
    ids = pl.concat([frame.select("patient_id") for frame in frames.values()])
    numbers = looked_up(ids, ["patient_id"], patients, "patient")
    numbered = {
        name: frames[name].drop("patient_id").with_columns(patient) for name, patient in _cut(numbers, frames).items()
    }
    return {name: those(frame, frame["patient"].is_not_null()) for name, frame in numbered.items()}


def _cut(values: pl.Series, frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.Series]:
    """Values of the rows of all tables, one table behind the other, cut into those of each."""
    cut, start = {}, 0
    for name, frame in frames.items():
        cut[name] = values.slice(start, frame.height)
        start += frame.height
    return cut


def _with_codes(name: str, frame: pl.DataFrame, codes: pl.DataFrame, concepts: Concepts) -> pl.DataFrame:
    """Adds sets, and what the codes of the table say besides."""
    says = {
        "conditions": ("own_level", "code_aetiology", "stage"),
        "imaging": ("code_modality", "code_regions", "code_contrast"),
    }
    place = looked_up(frame, KEY, codes.with_row_index("place"), "place")
    said = codes.select(pl.col("sets", *says.get(name, ())).gather(place))
    frame = frame.hstack(said).with_columns(pl.col("sets").fill_null(0))
    if name == "imaging":
        contrast = pl.coalesce("contrast", "code_contrast")
        frame = frame.with_columns(
            modality=pl.coalesce("modality", "code_modality"),
            region_mask=region_mask(pl.coalesce("regions", "code_regions")),
            contrast=pl.when(contrast != "unknown").then(contrast),
        ).drop("regions", "code_modality", "code_regions", "code_contrast")
    if name == "referrals":
        reasons = codes.select(reason_system="code_system", reason_key="code_key", reason_sets="sets")
        related = concepts.is_in(*RELATED_REASON_SETS, column="reason_sets")
        frame = (
            frame.join(reasons, on=["reason_system", "reason_key"], how="left")
            .with_columns(related=pl.when(pl.col("reason_code").is_not_null()).then(related))
            .drop("reason_code", "reason_system", "reason_key", "reason_sets")
        )
    return frame


def _with_encounters(frames: Mapping[str, pl.DataFrame], encounters: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Adds to every table encounter (one number for each that is named anywhere, also where it has no row of its own), its
    site_id and unit, and what else is asked of it."""
    key = ["patient", "encounter_id"]
    named = pl.concat([frame.select(key) for frame in frames.values()])
    found = looked_up(named, ["encounter_id"], encounters, "encounter")
    is_own = encounters["patient"].gather(found) == named["patient"]  # not somebody else's
    number = found = found.zip_with(is_own, nothing(named.height, pl.UInt32))
    others = named.filter(found.is_null() & named["encounter_id"].is_not_null()).unique()
    if others.height:
        numbers = others.with_row_index("other", offset=encounters.height)
        number = found.zip_with(found.is_not_null(), looked_up(named, key, numbers, "other"))
    rows, of_table = _cut(found, frames), _cut(number, frames)
    return {
        name: _with_encounter(name, frame.with_columns(encounter=of_table[name]), rows[name], encounters)
        for name, frame in frames.items()
    }


def _with_encounter(name: str, frame: pl.DataFrame, row: pl.Series, encounters: pl.DataFrame) -> pl.DataFrame:
    """row: where among the encounters the frame's own stand; null for one without a row, of which nothing is known."""
    is_seen = pl.col("is_seen")
    asked = {
        "of_unrelated": pl.when(is_seen).then(~pl.col("fracture_related").fill_null(True)),
        "of_related": pl.when(is_seen).then("fracture_related"),
        "of_class": pl.when(is_seen).then("class"),
    }
    wanted = encounters.select("site_id", "unit", **{word: asked[word] for word in _OF_ENCOUNTER.get(name, ())})
    return frame.drop("site_id", "unit", strict=False).hstack(wanted.select(pl.all().gather(row)))


_OF_ENCOUNTER = {
    "observations": ("of_unrelated",),
    "procedures": ("of_class",),
    "referrals": ("of_related", "of_class"),
}


def _numbered(frames: Mapping[str, pl.DataFrame]) -> Events:
    """Puts the rows of all tables into one order of time and numbers them."""
    order = _order(frames.values())
    events = _cut(place_of(order, order.len()), frames)
    tables, written, start = {}, [], 0
    for name, frame in frames.items():
        known = [] if "known_at" in frame.columns else EVENT.renamed("known_")
        numbered = frame.with_columns(*known, event=events[name])
        written.append(numbered.select(WRITTEN))
        end = start + frame.height
        own = order.filter((order >= start) & (order < end)) - start
        tables[name] = numbered.drop(_ONLY_WRITTEN)[own]
        start = end
    return Events(tables, pl.concat(written), order)


def _order(frames: Collection[pl.DataFrame]) -> pl.Series:
    """The rows of all tables, one behind the other, in the order of events.

    Patient and second are one whole number, which is sorted fast. The rest is compared only between the few rows that
    share them.
    """
    second = pl.col("patient").cast(pl.Int64) * 2**39 + pl.col("at").dt.epoch("s")  # 2**38 seconds: year 10,680
    rows = pl.concat([frame.select(second=second) for frame in frames]).with_row_index("row")
    ordered = rows.sort("second").with_row_index("place")
    same_as_next = (ordered["second"] == ordered["second"].shift(-1)).fill_null(False)
    ties = ordered.filter(same_as_next | same_as_next.shift(1, fill_value=False))
    rest = pl.concat([frame.select("at", "is_minute", "table_name", "row_id") for frame in frames])[ties["row"]]
    settled = ties.hstack(rest).sort("second", "at", "is_minute", "table_name", "row_id")
    return ordered["row"].scatter(ties["place"], settled["row"])


def unify_studies(imaging: pl.DataFrame) -> pl.DataFrame:
    """Completed imaging studies, each once: rows of one accession, or of one date and modality with regions that overlap
    or are not stated, are one study (section 2, "Actions that never count").

    Gives event (the earliest row's), also (List: all rows, null where there is but one), the earliest moment, union of
    regions, joined contrast.
    """
    done = imaging.filter("counts")
    alike = done.select("patient", "date", "modality").is_duplicated()
    same = pl.col("accession").is_not_null() & pl.struct("patient", "accession").is_duplicated()
    shares = alike | done.select(same).to_series()
    alone = done.filter(~shares).with_columns(also=pl.lit(None, pl.List(pl.UInt32)))
    united = _united(done.filter(shares)).select(alone.columns)
    return pl.concat([alone, united]).sort("event")


def _united(rows: pl.DataFrame) -> pl.DataFrame:
    """The studies of rows that share a day and modality, or an accession, with another.

    Labels spread along shared accessions and overlaps until nothing changes: as many rounds as the longest chain of rows.
    """
    rows = rows.with_columns(study=pl.col("event"))
    alike = (
        rows.select("event", "patient", "date", "modality", "region_mask")
        .join(
            rows.select("patient", "date", "modality", other="event", other_mask="region_mask"),
            on=["patient", "date", "modality"],
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
    accessions = rows.filter(pl.col("accession").is_not_null()).select("event", "patient", "accession")
    same = (
        accessions.join(accessions.rename({"event": "other"}), on=["patient", "accession"])
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
