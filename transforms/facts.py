"""Facts about a case (specification, section 3 "Facts about a case"): what the measures speak of, found once for all cases.

Every fact is a frame of events of cases: case, event, also (List: further rows that make it), at/date/is_minute (when it
happened), known_at/known_date/known_is_minute (when it could be known), and what it says. Frames are made when first asked for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, wraps

import polars as pl

from schemas.augmentation import AUGMENTATION_REGIONS
from schemas.parameters import Parameters
from schemas.value_sets import SPECIALTY_SETS

from .cases import UNSPECIFIED
from .clock import (
    DX,
    EVENT,
    KNOWN,
    Moment,
    at_day,
    at_most_hours_after,
    both_minute,
    days_after,
    earlier_than,
    later_of,
    local_midnight,
    not_before,
)
from .concepts import REGION_BITS, SURGICAL_SETS, Concepts, matches, region_of_level
from .events import Events, unify_studies
from .places import before as row_before
from .places import first_along, first_of_each, is_first_of, marked, spread, sum_along
from .watch import Watch, unwatched

MOMENTS = ["at", "date", "is_minute", "known_at", "known_date", "known_is_minute"]
CASE_COLUMNS = ["case", "t0", "dx_date", "end_date"]
ASKED = {
    "conditions": (),
    "encounters": ("stay_end_date",),
    "imaging": ("modality", "contrast", "region_mask"),
    "medications": ("covered_to",),
    "observations": ("value_code", "score"),
    "procedures": (),
    "referrals": ("related", "priority", "encounter", "of_related", "of_class"),
}
"""What facts of several kinds ask of the events of a table, beside their moments. Who asks for more names it."""
AT_LEVEL = pl.col("level").alias("at_level")  # of the event; `level` is that of the case
CLOCKS = [
    *CASE_COLUMNS,
    "patient",
    "level",
    "dx_at",
    "dx_is_minute",
    "m3_date",
    "cons_date",
    "cons_3m_date",
    "tx_date",
    "analgesic_date",
    "end_reason",
    "death_at",
    "death_is_minute",
    "hospice_date",
    "aetiology",
    "is_minor",
    "dx_event",
    "end_event",
    "patient_event",
    "aetiology_event",
    "prevalent_event",
    "hospice_event",
]
NO_ROWS = pl.lit(None, pl.List(pl.UInt32))


BY_EVENT, BY_TIME = ("case", "event"), ("case", "at", "is_minute", "event")
_OF_CONTACT = ("kind", "priority", *Moment("stay_end_").columns())
_OF_STATEMENT = ("local", "value_number", "of_unrelated", AT_LEVEL)


def together(*parts: pl.DataFrame, keep: tuple[str, ...] = (), order: tuple[str, ...] = BY_EVENT) -> pl.DataFrame:
    """Events of several kinds as one frame in an order: what every event has, and the columns to keep (null where a part
    has none)."""
    wanted = {*CASE_COLUMNS, "event", "also", *MOMENTS, *keep}
    narrow = [part.select([c for c in part.columns if c in wanted]) for part in parts]
    every = pl.concat(narrow, how="diagonal", rechunk=True)
    if order != BY_EVENT:
        return every.sort(order)
    key = pl.col("case").cast(pl.UInt64) * 2**32 + pl.col("event")  # one number sorts faster than two
    return every[every.select(key.arg_sort()).to_series()]


def room_for(*numbers: pl.Series) -> int:
    """How many places it takes to put something at each of these numbers."""
    return max(series.to_frame().max().item() or 0 for series in numbers) + 1


def fact(find: "Callable[[Facts], pl.DataFrame]") -> "cached_property[pl.DataFrame]":
    """A frame that is found when it is first asked for, and kept."""

    @wraps(find)
    def found(facts: "Facts") -> pl.DataFrame:
        with facts.watch("facts"):
            return find(facts)

    return cached_property(found)


def once(find: "Callable[[Facts], pl.DataFrame]") -> "Callable[[Facts], pl.DataFrame]":
    """What several rules of a measure ask for: found once, as facts are."""

    @wraps(find)
    def found(facts: "Facts") -> pl.DataFrame:
        if find not in facts.found:
            facts.found[find] = find(facts)
        return facts.found[find]

    return found


def last_of_each(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """The last row of each key, which stands together."""
    return frame.filter(pl.col(key).ne_missing(pl.col(key).shift(-1)))


def _same_code() -> pl.Expr:
    """What makes two codes the same deficit: of ICD-10-CM injury codes (S, T) the 7th character aside."""
    injury = (pl.col("code_system") == "ICD10CM") & pl.col("code_key").str.contains("^[ST]")
    return pl.when(injury).then(pl.col("code_key").str.slice(0, 6)).otherwise(pl.col("code_key"))


def _in_course(scores: pl.DataFrame, course: pl.DataFrame) -> pl.DataFrame:
    """Scores and statements, each in the order of case and event, as one course: by day, then the score before the
    statement, then by time."""
    every = pl.concat([scores.with_columns(is_statement=pl.lit(False)), course.with_columns(is_statement=pl.lit(True))])
    day = pl.col("date").to_physical().cast(pl.Int64) * 2 + pl.col("is_statement")
    key = pl.col("case").cast(pl.Int64) * 2**32 + day
    return every[every.select(pl.arg_sort_by(key, maintain_order=True)).to_series()]


@dataclass(frozen=True)
class Facts:
    """events: all events of the patients; cases: one row a case to be judged; all_cases: of any level, for augmentations."""

    events: Events
    cases: pl.DataFrame
    all_cases: pl.DataFrame
    concepts: Concepts
    index_encounters: pl.DataFrame
    parameters: Parameters
    timezone: str
    horizons: dict[str, date]
    present: frozenset[str]
    watch: Watch = unwatched

    @fact
    def clocks(self) -> pl.DataFrame:
        """The cases' columns that rules speak of; case n stands at position n."""
        return self.cases.select(CLOCKS)

    # -- selecting events -------------------------------------------------------------------------------------------

    def of_cases(self, table: str, which: pl.Expr, *more: str | pl.Expr) -> pl.DataFrame:
        """The events of a table that satisfy an expression, for each case of their patient, with the case's clocks beside
        them; in the order of case and event. more: columns of the table beside those that are ASKED anyway."""
        events = self.events.of(table)
        return self._beside(events, events.select(pl.arg_where(which)).to_series(), (*ASKED[table], *more))

    def _beside(self, events: pl.DataFrame, places: pl.Series, columns: Iterable[str | pl.Expr]) -> pl.DataFrame:
        """The events at some places, in the order of patients, for each case of their patient."""
        case, place = self._meetings(events["patient"].gather(places))
        own = events.select("event", *MOMENTS, *columns)[places.gather(place)]
        return self.cases.select(CASE_COLUMNS)[case].hstack(own)

    def _meetings(self, patients: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Every place with every case of the patient who stands there, in the order of cases and places: case, place."""
        met = self._cases_of_patient[patients].with_row_index("place")
        n = met["n"]
        if n.min() == 1 == n.max():
            return met["first"], met["place"]

        def keys(nth: int) -> pl.Series:
            """The nth case of the patients who have one, and the place, as one number that sorts like the two."""
            rows = met.filter(n > nth)
            return (rows["first"] + nth).cast(pl.UInt64) * 2**32 + rows["place"]

        most = pl.select(n.max()).item() or 1
        every = pl.concat([keys(nth) for nth in range(most)]).sort()
        return (every // 2**32).cast(pl.UInt32), (every % 2**32).cast(pl.UInt32)

    @cached_property
    def _cases_of_patient(self) -> pl.DataFrame:
        """At the place of a patient's number the first of the patient's cases, which follow one another, and how many
        there are: first, n (0: none that is judged)."""
        cases = self.cases["patient"].rle().struct.unnest()
        first = cases.select(patient="value", n="len", first=(pl.col("len").cum_sum() - pl.col("len")).cast(pl.UInt32))
        return spread(first, "patient", room_for(self.events.written["patient"])).with_columns(pl.col("n").fill_null(0))

    def with_clocks(self, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """Adds further columns of each row's case."""
        return frame.hstack(self.cases.select(columns)[frame["case"]])

    def with_cases(self, cases: pl.DataFrame) -> "Facts":
        """The same with more columns of the cases; what was found stays found."""
        more = replace(self, cases=cases)
        vars(more).update({name: found for name, found in vars(self).items() if name not in vars(more)})
        return more

    def coded(self, *sets: str, tables: tuple[str, ...] = ("conditions",), more: tuple[str, ...] = ()) -> pl.DataFrame:
        """Rows that count, of codes in one of some value sets."""
        which = pl.col("counts") & self.concepts.is_in(*sets)
        parts = [self.of_cases(table, which, *more) for table in tables]
        return parts[0] if len(parts) == 1 else together(*parts, keep=("covered_to",))

    def conditions(self, *sets: str, more: tuple[str, ...] = ()) -> pl.DataFrame:
        return self.coded(*sets, more=more)

    def statements(self, code: str, *values: str) -> pl.DataFrame:
        """LOCAL observations of a code, with one of some values."""
        if (code, values) not in self.found:
            if values:
                said = self.statements(code).filter(pl.col("value_code").is_in(values))
            else:
                said = self.of_cases("observations", pl.col("local") == code, *_OF_STATEMENT)
            self.found[code, values] = said
        return self.found[code, values]

    @cached_property
    def found(self) -> dict[object, pl.DataFrame]:
        """What several rules ask for: statements by code and values, and what is found `once`."""
        return {}

    # -- pain -------------------------------------------------------------------------------------------------------

    @fact
    def all_scores(self) -> pl.DataFrame:
        """Pain scores 0-10 whenever taken, not of an encounter for something else."""
        is_of_this = ~pl.col("of_unrelated").fill_null(False)
        which = self.concepts.is_in("pain_score") & pl.col("score").is_not_null() & is_of_this
        return self.of_cases("observations", which)

    @fact
    def scores(self) -> pl.DataFrame:
        """Pain scores in [T0, end]."""
        return self.all_scores.filter(pl.col("date").is_between("t0", "end_date"))

    @fact
    def course(self) -> pl.DataFrame:
        """Statements of the symptoms' course in [T0, end]."""
        said = self.statements("course").filter(~pl.col("of_unrelated").fill_null(False))
        return said.filter(pl.col("date").is_between("t0", "end_date"))

    @fact
    def pain_records(self) -> pl.DataFrame:
        """Scores and statements together, in their order: by day, then the score before the statement, then by time."""
        columns = [*CASE_COLUMNS, "event", *MOMENTS, "score", "value_code"]
        return _in_course(self.scores.select(columns), self.course.select(columns))

    @fact
    def last_pain_record(self) -> pl.DataFrame:
        return last_of_each(self.pain_records, "case")

    @fact
    def low_first_score(self) -> pl.DataFrame:
        """The first pain score of [DX - 1, DX + 7], where it is low."""
        first, last = (days_after(pl.col("dx_date"), n) for n in (-1, self.parameters.deadlines.medical_first_days))
        near = self.all_scores.filter(pl.col("date").is_between(first, last))
        return near.filter(is_first_of("case") & (pl.col("score") <= self.parameters.pain.subsided_nrs))

    def _sustained(self, least: float, days: int) -> pl.DataFrame:
        """Scores of at least `least` with an earlier one at least `days` before and none below between the two."""
        run = pl.col("case").cast(pl.UInt64) * 2**32 + (pl.col("score") < least).cum_sum()
        runs = self.scores.select("event", "date", "score", run=run).with_row_index("place")
        runs = runs.filter(pl.col("score") >= least)
        first, since = (first_along(pl.col(c), "run") for c in ("event", "date"))
        long = runs.select("place", "date", first=first, since=since).filter(
            pl.col("date") >= days_after(pl.col("since"), days)
        )
        return self.scores[long["place"]].with_columns(long.select(also=pl.concat_list("first")))

    @fact
    def persistent_pain(self) -> pl.DataFrame:
        p = self.parameters.pain
        by_score = self._sustained(p.persistent_nrs, p.persistent_min_days_apart)
        by_word = self.course.filter(pl.col("value_code").is_in(["persistent", "worsening"]))
        return together(by_score, by_word)

    @fact
    def unresponsive_pain(self) -> pl.DataFrame:
        """Severe pain that stayed severe (S7)."""
        p = self.parameters.pain
        return self._sustained(p.severe_nrs, p.unresponsive_min_days_apart)

    @fact
    def worsening(self) -> pl.DataFrame:
        """A score well above the lowest of the weeks before it, or the statement."""
        p = self.parameters.pain
        scores = self.scores
        span = p.worsening_lookback_days - p.worsening_min_days_apart + 1
        if scores.height:
            low = scores.rolling(
                "date", period=f"{span}d", offset=f"-{p.worsening_lookback_days + 1}d", closed="right", group_by="case"
            ).agg(lowest=pl.col("score").min())
            # `rolling` answers once a row, in the frame's order.
            worse = scores.with_columns(low["lowest"]).filter(pl.col("score") >= pl.col("lowest") + p.change_points)
            low = scores.select("case", low_event="event", low_date="date", low_score="score")
            apart = (pl.col("date") - pl.col("low_date")).dt.total_days()
            lowest = (
                worse.join(low, on="case")
                .filter(
                    (pl.col("low_score") == pl.col("lowest"))
                    & apart.is_between(p.worsening_min_days_apart, p.worsening_lookback_days)
                )
                .group_by("case", "event")
                .agg(pl.col("low_event").min())
            )
            scores = worse.join(lowest, on=["case", "event"]).with_columns(also=pl.concat_list("low_event"))
        by_word = self.course.filter(pl.col("value_code") == "worsening").with_columns(also=NO_ROWS)
        return together(scores, by_word)

    @fact
    def improvement(self) -> pl.DataFrame:
        """Whether the patient was improving after each pain record of the cases that were referred to a surgeon: improving
        is true, false, or null (unknown)."""
        p = self.parameters.pain
        score = pl.col("score")
        columns = ["case", "event", *MOMENTS]
        referred = marked(self.referrals.filter("is_surgical")["case"], self.cases.height)
        scores, course = (frame.filter(referred.gather(frame["case"])) for frame in (self.scores, self.course))
        scores = scores.select(*columns, "score").with_columns(
            first=first_along(score, "case"),
            lowest=score.cum_min().over("case"),
            is_first=is_first_of("case"),
        )
        drop = pl.col("first") - score
        better = (
            (pl.col("first") > 0)
            & ((drop >= p.change_points) | (drop >= p.change_share * pl.col("first")))
            & (score < p.severe_nrs)
            & (score < pl.col("lowest") + p.change_points)
        )
        scores = scores.with_columns(improving=pl.when(~pl.col("is_first")).then(better))
        course = course.with_columns(improving=pl.col("value_code").is_in(["improving", "resolved"]))
        return _in_course(scores.select(*columns, "improving"), course.select(*columns, "improving"))

    @fact
    def resolved(self) -> pl.DataFrame:
        """case, event: the last pain record, of the cases whose last record says that the pain was gone."""
        gone = (pl.col("score") <= self.parameters.pain.subsided_nrs) | (pl.col("value_code") == "resolved")
        return self.last_pain_record.filter(
            pl.when(pl.col("is_statement")).then(pl.col("value_code") == "resolved").otherwise(gone)
        )

    # -- deficits ---------------------------------------------------------------------------------------------------

    @fact
    def _deficit_conditions(self) -> pl.DataFrame:
        """Deficit codes of the patients: same_code (the 7th character of an injury code aside), is_baseline, is_kin
        (a later row of another code that the same row of the value set takes in)."""
        p = self.parameters.deficit
        more = ("code_system", "code_key", "sets", "onset_date", "role", "encounter")
        rows = self.conditions("neuro_deficit", more=more).with_columns(same_code=_same_code())
        start = days_after(pl.col("t0"), -p.baseline_days)
        rows = rows.with_columns(old=(pl.col("date") < start) | (pl.col("onset_date") < start).fill_null(False))
        patterns = self.concepts.codes.filter(pl.col("value_set") == "neuro_deficit").select(
            "code_system", "code_key", "match", "set_row"
        )
        taken_in = matches(rows.select("code_system", "code_key").unique(), patterns)
        old = rows.filter("old").select("case", "code_system", "same_code", old_event="event", old_key="code_key")
        same_pairs = rows.join(old, on=["case", "code_system", "same_code"]).filter(
            pl.col("event") >= pl.col("old_event")
        )
        kin_pairs = (
            rows.join(taken_in, on=["code_system", "code_key"])
            .join(
                old.join(taken_in.rename({"code_key": "old_key"}), on=["code_system", "old_key"]).select(
                    "case", "set_row", "old_event"
                ),
                on=["case", "set_row"],
            )
            .filter(pl.col("event") > pl.col("old_event"))
        )
        key = ["case", "event"]
        return (
            rows.join(same_pairs.select(key).unique().with_columns(is_known_of_old=True), on=key, how="left")
            .join(kin_pairs.select(key).unique().with_columns(is_kin=True), on=key, how="left")
            .with_columns(
                is_baseline=pl.col("old") | pl.col("is_known_of_old").fill_null(False),
                is_kin=pl.col("is_kin").fill_null(False),
            )
        )

    @fact
    def deficits(self) -> pl.DataFrame:
        """Deficit events in [T0 - 30, end], at their event time: is_major, is_untimed (coded at the end of a stay)."""
        p = self.parameters.deficit
        coded = self._deficit_conditions.filter(~pl.col("is_baseline") & ~pl.col("is_kin"))
        stays = self.events.of("encounters").select(
            "encounter",
            "stay_end_at",
            "stay_end_date",
            "stay_end_is_minute",
            stay_at="at",
            stay_date="date",
            stay_is_minute="is_minute",
        )
        coded = coded.join(stays, on="encounter", how="left", maintain_order="left")
        end = Moment("stay_end_")
        after_stay = pl.when(both_minute(EVENT, end)).then(EVENT.at >= end.at).otherwise(EVENT.date > end.date)
        untimed = pl.col("stay_at").is_not_null() & ((pl.col("role") == "billing") | after_stay.fill_null(False))
        week_before = days_after(pl.col("t0"), -p.before_days)
        # The later of the stay's start and T0 - 7 (a day), never later than the record itself.
        from_stay = pl.col("stay_date") >= week_before
        start_at = pl.when(from_stay).then(pl.col("stay_at")).otherwise(local_midnight(week_before, self.timezone))
        start_date = pl.when(from_stay).then(pl.col("stay_date")).otherwise(week_before)
        start_is_minute = from_stay & pl.col("stay_is_minute")
        coded = coded.with_columns(
            is_untimed=untimed, start_at=start_at, start_date=start_date, start_is_minute=start_is_minute
        )
        moved = pl.col("is_untimed") & earlier_than(Moment("start_"), EVENT).fill_null(False)
        coded = coded.with_columns(
            pl.when(moved).then(pl.col(f"start_{c}")).otherwise(pl.col(c)).alias(c) for c in ("at", "date", "is_minute")
        ).with_columns(is_major=self.concepts.is_in("neuro_deficit_major"))
        exams = self.statements("neuro-exam", "deficit").with_columns(is_major=pl.lit(False), is_untimed=pl.lit(False))
        every = together(coded, exams, keep=("is_major", "is_untimed"), order=BY_TIME)
        return every.filter(pl.col("date").is_between(days_after(pl.col("t0"), -p.baseline_days), pl.col("end_date")))

    @fact
    def soft_deficits(self) -> pl.DataFrame:
        """Signs in [T0, end] that may mean a deficit."""
        p = self.parameters.deficit
        start = days_after(pl.col("t0"), -p.baseline_days)
        coded = self.conditions("neuro_deficit_soft", more=("code_system", "code_key")).with_columns(
            same_code=_same_code()
        )
        old = coded.filter(pl.col("date") < start).select("case", "code_system", "same_code").unique()
        coded = coded.join(old, on=["case", "code_system", "same_code"], how="anti")
        residual = self.statements("post-void-residual").filter(pl.col("value_number") > p.post_void_residual_ml)
        kin = self._deficit_conditions.filter("is_kin").filter(~pl.col("is_baseline"))
        return together(coded, residual, kin).filter(pl.col("date").is_between("t0", "end_date"))

    @fact
    def neuro_exams(self) -> pl.DataFrame:
        return self.statements("neuro-exam").sort("case", "event")

    # -- instability, deformity, lungs, cause -----------------------------------------------------------------------

    @fact
    def instability(self) -> pl.DataFrame:
        """Instability events in [T0 - 14, end]."""
        p = self.parameters.instability
        is_fracture = self.concepts.is_in("vertebral_fracture")
        coded = self.conditions("spinal_instability", more=("sets", "own_level", "stage"))
        coded = self.with_clocks(coded, "level")
        here = pl.col("own_level").is_null() | (pl.col("own_level") == pl.col("level"))
        coded = coded.filter(~is_fracture | (here & (pl.col("stage") != "subsequent")))
        said = [
            self.statements("stability", "unstable"),
            self.statements("tlics").filter(pl.col("value_number") >= p.tlics_min),
            self.statements("sins").filter(pl.col("value_number") >= p.sins_min),
        ]
        first = days_after(pl.col("t0"), -p.before_days)
        return together(coded, *said).filter(pl.col("date").is_between(first, pl.col("end_date")))

    @fact
    def measurements(self) -> pl.DataFrame:
        """Deformity measurements at the case's level or without a level, from T0 - 14 to end."""
        first = days_after(pl.col("t0"), -self.parameters.deformity.measured_before_days)
        here = pl.col("at_level").is_null() | (pl.col("at_level") == pl.col("level"))
        rows = pl.concat([self.statements("kyphosis-angle"), self.statements("height-loss")])
        rows = self.with_clocks(rows, "level")
        return rows.filter(here & pl.col("date").is_between(first, pl.col("end_date"))).sort("case", "event")

    @fact
    def _pairs(self) -> pl.DataFrame:
        """Every measurement beside every earlier one of its kind."""
        m = self.measurements
        earlier = m.select(
            "case", "local", earlier_event="event", earlier_number="value_number", earlier_posture="value_code"
        )
        p = self.parameters.deformity
        is_angle = pl.col("local") == "kyphosis-angle"
        grown = pl.col("value_number") - pl.col("earlier_number") >= pl.when(is_angle).then(
            p.progression_kyphosis_deg
        ).otherwise(p.progression_height_loss_points)
        comparable = ~is_angle | pl.col("value_code").eq_missing(pl.col("earlier_posture"))
        return (
            m.join(earlier, on=["case", "local"])
            .filter((pl.col("earlier_event") < pl.col("event")) & grown)
            .with_columns(comparable=comparable)
            .sort("case", "event", "earlier_event")
        )

    def _over(self, angle: float, loss: float) -> pl.Expr:
        is_angle = pl.col("local") == "kyphosis-angle"
        return pl.when(is_angle).then(pl.col("value_number") >= angle).otherwise(pl.col("value_number") >= loss)

    @fact
    def significant_deformity(self) -> pl.DataFrame:
        p = self.parameters.deformity
        absolute = self.measurements.filter(self._over(p.significant_kyphosis_deg, p.significant_height_loss_pct))
        grown = (
            self._pairs.filter("comparable")
            .unique(["case", "event"], keep="first", maintain_order=True)
            .with_columns(also=pl.concat_list("earlier_event"))
        )
        also_grown = grown.join(absolute.select("case", "event"), on=["case", "event"], how="anti")
        return together(absolute, also_grown)

    @fact
    def posture_mismatch(self) -> pl.DataFrame:
        """A progression that only differing postures forbid to state."""
        return self._pairs.filter(~pl.col("comparable")).with_columns(also=pl.concat_list("earlier_event"))

    @fact
    def kyphosis(self) -> pl.DataFrame:
        return self.conditions("kyphosis").filter(pl.col("date") <= pl.col("end_date"))

    @fact
    def any_deformity(self) -> pl.DataFrame:
        p = self.parameters.deformity
        measured = self.measurements.filter(self._over(p.any_kyphosis_deg, p.any_height_loss_pct))
        return together(measured, self.kyphosis)

    @fact
    def lower_tier(self) -> pl.DataFrame:
        """Measurements of any deformity below the significant thresholds, that are no progression either."""
        p = self.parameters.deformity
        return self.measurements.filter(self._over(p.any_kyphosis_deg, p.any_height_loss_pct)).join(
            self.significant_deformity.select("case", "event"), on=["case", "event"], how="anti"
        )

    @fact
    def pulmonary(self) -> pl.DataFrame:
        fvc = self.statements("fvc-percent-predicted")
        low = fvc.filter(pl.col("value_number") < self.parameters.pulmonary.fvc_pct_max)
        chronic = self.conditions("pulmonary_dysfunction")
        acute = self.conditions("pulmonary_dysfunction_acute").filter(pl.col("date") >= pl.col("t0"))
        every = together(low, chronic, acute).filter(pl.col("date") <= pl.col("end_date"))
        return every.unique(["case", "event"], maintain_order=True)

    def _within_a_year(self, frame: pl.DataFrame) -> pl.DataFrame:
        first = days_after(pl.col("t0"), -self.parameters.malignancy.lookback_days)
        return frame.filter(pl.col("date").is_between(first, pl.col("end_date"))).sort("case", "event")

    @fact
    def suspicion(self) -> pl.DataFrame:
        """Malignancy suspicion events."""
        coded = self._within_a_year(self.conditions("malignancy_suspicion"))
        return together(coded, self.suspicion_said)

    @fact
    def suspicion_said(self) -> pl.DataFrame:
        return self._within_a_year(self.statements("pathology-assessment", "suspicious"))

    @fact
    def infection(self) -> pl.DataFrame:
        return self._within_a_year(self.conditions("spine_infection"))

    @fact
    def cancer_history(self) -> pl.DataFrame:
        """A former cancer, or a sign that may mean one, at any date up to end."""
        rows = self.conditions("malignancy_history", "malignancy_sign")
        return rows.filter(pl.col("date") <= pl.col("end_date")).sort("case", "event")

    @fact
    def suspicion_or_infection(self) -> pl.DataFrame:
        return together(self.suspicion, self.infection)

    @fact
    def red_flags(self) -> pl.DataFrame:
        return together(
            self.deficits,
            self.soft_deficits,
            self.instability,
            self.any_deformity,
            self.suspicion,
            self.cancer_history,
            self.infection,
        )

    @fact
    def augmentation_indications(self) -> pl.DataFrame:
        """What lets an augmentation be early: any deformity, worsening, pulmonary dysfunction, malignancy suspicion."""
        parts = {
            "deformity": self.any_deformity,
            "worsening": self.worsening,
            "lungs": self.pulmonary,
            "suspicion": self.suspicion,
        }
        return together(*[frame.with_columns(kind=pl.lit(kind)) for kind, frame in parts.items()], keep=("kind",))

    @fact
    def indication_data(self) -> pl.DataFrame:
        """The first pain score, course statement and deformity measurement of each case since T0."""
        parts = (self.scores, self.course, self.measurements.filter(pl.col("date") >= pl.col("t0")))
        return together(*[part.filter(is_first_of("case")) for part in parts])

    # -- who was asked ----------------------------------------------------------------------------------------------

    def _asked(self, *sets: str, at_completion: bool = False) -> pl.DataFrame:
        """Related referrals to some specialties (kind referral at its order; completed at its end, where that counts too)
        and encounters of them."""
        counts = pl.col("counts") & self.concepts.is_in(*sets)
        completed = Moment("completed_")
        referrals = self.of_cases("referrals", counts & pl.col("related").fill_null(True), *completed.columns())
        referrals = referrals.with_columns(kind=pl.lit("referral"))
        related = pl.col("fracture_related").fill_null(True)
        encounters = self.of_cases("encounters", counts & related, "stay_end_at", "stay_end_is_minute")
        encounters = encounters.with_columns(kind=pl.lit("encounter"))
        if not at_completion:
            return together(referrals, encounters, keep=_OF_CONTACT)
        done = referrals.filter(completed.at.is_not_null()).with_columns(
            *completed.renamed(""), kind=pl.lit("completed")
        )
        return together(referrals, done, encounters, keep=_OF_CONTACT)

    def _discussed(self, specialty: str) -> pl.DataFrame:
        return self.statements("discussed-with", specialty).with_columns(kind=pl.lit("discussed"))

    def _ordered(self, *parts: pl.DataFrame) -> pl.DataFrame:
        return together(*parts, keep=_OF_CONTACT, order=BY_TIME)

    @fact
    def spine_operations(self) -> pl.DataFrame:
        return self.coded("spine_surgery_procedure", tables=("procedures",)).with_columns(kind=pl.lit("operation"))

    @fact
    def surgical_contact(self) -> pl.DataFrame:
        """Every way in which a surgeon was involved, with its kind and time."""
        transfers = self.discharges.filter(pl.col("disposition") == "transfer-acute")
        transfers = self._at_discharge(transfers).with_columns(kind=pl.lit("transfer"))
        return self._ordered(
            self._asked(*SURGICAL_SETS, at_completion=True),
            self.spine_operations,
            transfers,
            self._discussed("surgery"),
        )

    @fact
    def ir_contact(self) -> pl.DataFrame:
        return self._ordered(
            self._asked("interventional_radiology"),
            self.augmentations.filter("at_case").with_columns(kind=pl.lit("operation")),
            self._discussed("interventional-radiology"),
        )

    @fact
    def pain_contact(self) -> pl.DataFrame:
        return self._ordered(self._asked("pain_management"), self._discussed("pain-management"))

    @fact
    def therapy_contact(self) -> pl.DataFrame:
        """Referrals to and encounters of physical therapy."""
        return self._asked("physical_therapy_specialty")

    @fact
    def referrals(self) -> pl.DataFrame:
        """Every referral that counts, whatever its reason: is_surgical, is_ir, is_unknown (specialty)."""
        rows = self.of_cases("referrals", pl.col("counts"), "sets")
        return rows.with_columns(
            is_surgical=self.concepts.is_in(*SURGICAL_SETS),
            is_ir=self.concepts.is_in("interventional_radiology"),
            is_unknown=self.concepts.is_in("unknown_specialty") | ~self.concepts.is_in(*SPECIALTY_SETS),
        ).sort("case", "event")

    @fact
    def unknown_specialty_referrals(self) -> pl.DataFrame:
        return self.referrals.filter(pl.col("is_unknown") & pl.col("related").fill_null(True))

    @fact
    def other_specialty_referrals(self) -> pl.DataFrame:
        """Related referrals to a known specialty that is no surgical one."""
        return self.referrals.filter(~pl.col("is_unknown") & ~pl.col("is_surgical") & pl.col("related").fill_null(True))

    def declined(self, *what: str) -> pl.DataFrame:
        return self.statements("declined", *what)

    def considered(self, *what: str) -> pl.DataFrame:
        return self.statements("considered", *what)

    # -- imaging and procedures -------------------------------------------------------------------------------------

    @fact
    def studies(self) -> pl.DataFrame:
        """Completed imaging studies, each once; covers: the case's region was imaged (false: not; null: not stated)."""
        asked = ("patient", "event", *MOMENTS, "counts", "accession", *ASKED["imaging"])
        studies = unify_studies(self.events.of("imaging").select(asked))
        rows = self._beside(studies, pl.int_range(studies.height, eager=True), (*ASKED["imaging"], "also"))
        return self._with_region(rows)

    @fact
    def mri(self) -> pl.DataFrame:
        return self.studies.filter(pl.col("modality") == "mri")

    @fact
    def covering_mri(self) -> pl.DataFrame:
        return self.mri.filter("covers")

    @fact
    def covering_ct(self) -> pl.DataFrame:
        return self.studies.filter((pl.col("modality") == "ct") & pl.col("covers"))

    @fact
    def mri_without_regions(self) -> pl.DataFrame:
        return self.mri.filter(pl.col("covers").is_null())

    @fact
    def ordered_mri(self) -> pl.DataFrame:
        """MRI rows that were ordered or cancelled and not done, at their order: covers as for studies."""
        not_done = pl.col("status").is_in(["ordered", "cancelled"])
        is_ordered = pl.col("ordered_date").is_not_null()
        ordered = Moment("ordered_")
        rows = self.of_cases("imaging", not_done & (pl.col("modality") == "mri") & is_ordered, *ordered.columns())
        return self._with_region(rows.with_columns(ordered.renamed("")))

    def _with_region(self, images: pl.DataFrame) -> pl.DataFrame:
        """Adds region, that of the case's vertebra, and covers: whether the image shows it; null where it states no region."""
        regions = self.cases.select(region_of_level(pl.col("level"))).to_series()
        images = images.with_columns(regions.gather(images["case"]).alias("region"))
        shown = pl.when(pl.col("region_mask").is_not_null()).then((pl.col("region_mask") & pl.col("region")) != 0)
        return images.with_columns(covers=shown)

    @fact
    def mri_contraindication(self) -> pl.DataFrame:
        parts = [self.statements("mri-contraindication", "present"), self.conditions("mri_contraindication")]
        return together(*parts)

    @fact
    def biopsies(self) -> pl.DataFrame:
        return self.coded("biopsy", tables=("procedures", "imaging"))

    @fact
    def augmentations(self) -> pl.DataFrame:
        """Augmentations of a case's vertebra (at_case) or of a vertebra that can't be told (level_unknown)."""
        is_augmentation = pl.col("counts") & self.concepts.is_in("vertebroplasty", "kyphoplasty")
        procedures = self.events.of("procedures").filter(is_augmentation)
        done = procedures.select("event", "patient", "date", "code_system", "code_key", own="level")
        codes = matches(done.select("code_system", "code_key").unique(), AUGMENTATION_REGIONS).unique(
            ["code_system", "code_key"]
        )
        done = done.join(codes, on=["code_system", "code_key"], how="left").with_columns(
            is_add_on=pl.col("is_add_on").fill_null(False)
        )
        lead = (
            # The first other augmentation that tells something: a first level's code, or an add-on with a level of its own.
            done.filter(~pl.col("is_add_on") | pl.col("own").is_not_null())
            .sort("event")
            .unique(["patient", "date"], keep="first", maintain_order=True)
            .select("patient", "date", lead_level="own", lead_region="region")
        )
        follows = pl.col("is_add_on") & pl.col("own").is_null()
        done = done.join(lead, on=["patient", "date"], how="left").with_columns(
            own=pl.when(follows).then(pl.col("lead_level")).otherwise(pl.col("own")),
            region=pl.when(follows)
            .then(pl.col("lead_region"))
            .otherwise(pl.col("region"))
            .replace_strict(REGION_BITS, default=None, return_dtype=pl.UInt8),
        )
        p = self.parameters.deadlines
        rows = self.cases.select("case", "patient", "level", case_region=region_of_level(pl.col("level"))).join(
            done.select("event", "patient", "date", "own", "region"), on="patient"
        )
        others = self.all_cases.filter(pl.col("level") != UNSPECIFIED).select(
            "patient", other_level="level", other_t0="t0", other_region=region_of_level(pl.col("level"))
        )
        rival = (
            rows.join(others, on="patient")
            .filter(
                (pl.col("other_level") != pl.col("level"))
                & (pl.col("other_region") == pl.col("region"))
                & pl.col("other_t0").is_between(days_after(pl.col("date"), -p.same_region_case_days), pl.col("date"))
            )
            .select("case", "event")
            .unique()
            .with_columns(has_rival=True)
        )
        in_region = pl.col("region") == pl.col("case_region")
        at_case = (
            pl.when(pl.col("own").is_not_null())
            .then(pl.col("own") == pl.col("level"))
            .when(pl.col("region").is_null())
            .then(None)
            .when(in_region & pl.col("has_rival").fill_null(False))
            .then(None)
            .otherwise(in_region)
        )
        placed = rows.join(rival, on=["case", "event"], how="left").select("case", "event", at_case_or_null=at_case)
        return (
            self.coded("vertebroplasty", "kyphoplasty", tables=("procedures",), more=("sets", "of_class"))
            .join(placed, on=["case", "event"])
            .with_columns(
                at_case=pl.col("at_case_or_null").fill_null(False), level_unknown=pl.col("at_case_or_null").is_null()
            )
            .filter(pl.col("at_case") | pl.col("level_unknown"))
            .sort("case", "event")
        )

    @fact
    def nerve_root_blocks(self) -> pl.DataFrame:
        return self.coded("nerve_root_block", tables=("procedures",))

    @fact
    def interventions(self) -> pl.DataFrame:
        """Augmentations of the case's vertebra and spine operations."""
        return together(self.augmentations.filter("at_case"), self.spine_operations)

    # -- treatment --------------------------------------------------------------------------------------------------

    @fact
    def calcitonin(self) -> pl.DataFrame:
        return self.coded("calcitonin", tables=("medications",))

    @fact
    def analgesics(self) -> pl.DataFrame:
        return self.coded("analgesic", tables=("medications", "procedures"))

    @fact
    def conservative(self) -> pl.DataFrame:
        """Conservative treatments: drugs, braces, physical therapy; covered_to: the last day that one is known to run."""
        sets = ("analgesic", "calcitonin", "brace", "physical_therapy")
        given = self.coded(*sets, tables=("medications", "procedures"))
        asked = self.therapy_contact.with_columns(
            covered_to=pl.when(pl.col("kind") == "encounter").then(pl.col("stay_end_date"))
        )
        return together(given, asked, keep=("covered_to",))

    # -- what several measures ask ----------------------------------------------------------------------------------

    @fact
    def hospice(self) -> pl.DataFrame:
        """Hospice care: a condition, a procedure, or a discharge to hospice (at its end)."""
        coded = self.coded("hospice", tables=("conditions", "procedures"))
        discharges = self.discharges.filter(pl.col("disposition") == "hospice")
        return self._ordered(coded, self._at_discharge(discharges))

    @fact
    def discharges(self) -> pl.DataFrame:
        """Encounters that count with a disposition."""
        more = ("disposition", "has_end", "stay_end_at", "stay_end_is_minute")
        return self.of_cases("encounters", pl.col("counts") & pl.col("disposition").is_not_null(), *more)

    @staticmethod
    def _at_discharge(encounters: pl.DataFrame) -> pl.DataFrame:
        """Encounters dated as their disposition is: at their end, else at their start."""
        return encounters.with_columns(
            pl.when("has_end").then(pl.col(f"stay_end_{c}")).otherwise(pl.col(c)).alias(c) for c in EVENT.columns()
        )

    @fact
    def deficit_episodes(self) -> pl.DataFrame:
        """Episodes of deficits known about [T0 - 7, end]: at/date/is_minute is when the episode was known (t), first_* its
        earliest event time, origin_* the event time of the event that gives t; is_untimed says that this one is."""
        p = self.parameters.deficit
        order = ["known_at", "known_is_minute", "event"]
        rows = self.deficits.filter(pl.col("date") >= days_after(pl.col("t0"), -p.before_days)).sort("case", *order)
        before = Moment("before_")
        rows = rows.with_columns(
            *[row_before(moment, "case") for moment in KNOWN.renamed("before_")],
            first_major=pl.col("is_major") & (sum_along(pl.col("is_major"), "case") == 1),
            is_first=is_first_of("case"),
        )
        apart = (
            pl.when(both_minute(KNOWN, before))
            .then(KNOWN.at - before.at >= pl.duration(hours=p.new_instance_hours))
            .otherwise((KNOWN.date - before.date).dt.total_days() * 24 >= p.new_instance_hours)
        ).fill_null(False)
        rows = rows.with_columns(apart=apart)
        clear = self.statements("neuro-exam", "no-deficit").select("case", *KNOWN.renamed("exam_"))
        exam = Moment("exam_")
        between = (
            rows.filter("apart")
            .join(clear, on="case")
            .filter(earlier_than(before, exam) & earlier_than(exam, KNOWN))
            .select("case", "event")
            .unique()
            .with_columns(cleared=True)
        )
        rows = rows.join(between, on=["case", "event"], how="left", maintain_order="left").with_columns(
            starts=pl.col("is_first")
            | (pl.col("apart") & pl.col("cleared").fill_null(False))
            | (pl.col("apart") & pl.col("first_major")),
        )
        rows = rows.with_columns(episode=pl.col("starts").cum_sum())
        earliest = first_of_each(rows, "episode", ["at", "is_minute", "event"]).select(EVENT.renamed("first_"))
        further = rows.filter(~pl.col("starts")).group_by("episode").agg(also=pl.col("event").sort())
        return (
            rows.filter("starts")
            .select("case", "episode", "event", "is_untimed", *KNOWN.columns(), *EVENT.renamed("origin_"))
            .hstack(earliest)
            .join(further, on="episode", how="left", maintain_order="left")
            .with_columns(KNOWN.renamed(""))
        )

    @fact
    def unexamined_soft_deficits(self) -> pl.DataFrame:
        """Soft deficits without any neurological examination in the day after."""
        soft, exam = self.soft_deficits, Moment("exam_")
        exams = self.neuro_exams.select("case", *EVENT.renamed("exam_"))
        seen = (
            soft.join(exams, on="case")
            .filter(not_before(exam, EVENT) & at_most_hours_after(exam, EVENT, self.parameters.deficit.soft_exam_hours))
            .select("case", "event")
            .unique()
        )
        return soft.join(seen, on=["case", "event"], how="anti").sort("case", "event")

    def known_not_before_dx(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The same events at the time they were known, moved to DX where that is earlier; event_* keeps the event time."""
        kept = self.with_clocks(frame, "dx_at", "dx_is_minute")
        kept = kept.with_columns(EVENT.renamed("event_")).with_columns(later_of(KNOWN, DX, ""))
        return kept.sort("case", "known_at", "known_is_minute", "event")

    @fact
    def initial_ct(self) -> pl.DataFrame:
        """Covering CT about the diagnosis, of cases without a covering MRI there."""
        return self.covering_ct.filter(self._initial()).join(self.initial_mri, on="case", how="anti")

    @fact
    def initial_mri(self) -> pl.DataFrame:
        return self.covering_mri.filter(self._initial())

    def _initial(self) -> pl.Expr:
        p = self.parameters.deadlines
        first, last = (
            days_after(pl.col("dx_date"), -p.imaging_lookback_days),
            days_after(pl.col("dx_date"), p.imaging_days),
        )
        return pl.col("date").is_between(first, last) & (pl.col("date") <= pl.col("end_date"))

    def ct_beside(self, statements: pl.DataFrame) -> pl.DataFrame:
        """Covering CT with the first of some statements dated no later than a few days after it (`also`)."""
        days = self.parameters.deadlines.contraindication_after_ct_days
        said = statements.select("case", said_event="event", said_date="date")
        return (
            self.covering_ct.drop("also")
            .join(said, on="case")
            .filter(pl.col("said_date") <= days_after(pl.col("date"), days))
            .sort("case", "event", "said_event")
            .unique(["case", "event"], keep="first", maintain_order=True)
            .with_columns(also=pl.concat_list("said_event"))
        )

    @fact
    def no_immediate_mri(self) -> pl.DataFrame:
        """Cases at DX for which MRI was not immediately available: said so, or none done by DX + 24 h (once that has passed)."""
        p = self.parameters
        hours = p.clocks.mri_immediate_hours
        window = (
            pl.col("date") >= days_after(pl.col("dx_date"), -p.deadlines.imaging_lookback_days)
        ) & at_most_hours_after(EVENT, DX, hours)
        said = self.with_clocks(self.statements("mri-unavailable"), "dx_at", "dx_is_minute")
        said = said.filter(window & (pl.col("date") <= pl.col("end_date")))
        told = first_of_each(said, "case", ["event"]).select("case", "event").with_columns(also=pl.concat_list("event"))
        at_once = self.with_clocks(self.mri, "dx_at", "dx_is_minute").filter(window & pl.col("covers").fill_null(True))
        last_day = at_day(DX, hours, self.timezone)
        passed = (last_day <= self.horizons["imaging"]) & (last_day <= pl.col("end_date"))
        none_done = passed & pl.lit("imaging" in self.present) & ~pl.lit(marked(at_once["case"], self.cases.height))
        silent = self.cases.filter(none_done & ~pl.lit(marked(told["case"], self.cases.height)))
        silent = silent.select("case", event="dx_event", also=NO_ROWS)
        every = pl.concat([told, silent]).sort("case")
        return every.hstack(self.cases.select(DX.renamed(""))[every["case"]])

    @fact
    def visits(self) -> pl.DataFrame:
        """Encounters that took place: is_reassessment (of the fracture: true, false, null: it can't be told)."""
        is_score = self.concepts.is_in("pain_score") & pl.col("score").is_not_null()
        tells = is_score | pl.col("local").is_in(["neuro-exam", "course"])
        telling = self.events.of("observations").select(pl.col("encounter").filter(tells)).to_series().drop_nulls()
        took_place = pl.col("counts") & pl.col("status").is_in(["finished", "in-progress"])
        rows = self.of_cases("encounters", took_place, "class", "fracture_related", "encounter")
        has_content = marked(telling, room_for(telling, rows["encounter"])).gather(rows["encounter"])
        told = pl.coalesce("fracture_related", pl.when(pl.lit(has_content)).then(True))
        return rows.with_columns(is_reassessment=told)

    @fact
    def reassessments(self) -> pl.DataFrame:
        return self.visits.filter("is_reassessment")
