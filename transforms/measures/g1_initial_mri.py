"""G1: MRI without contrast, or CT where MRI is contraindicated.

Guideline line 25: "MRI of the spine without IV contrast (or CT ... if MRI is contraindicated) should be obtained".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import KNOWN, Moment, days_after, earlier_than
from ..engine import Measure, Rule, Trigger, holds_any, in_time, pick
from ..facts import Facts
from ..places import placed
from ..vocabulary import DUE, DX_DATE, Seen, declined, from_day

SHOWS_NATIVE = pl.col("contrast").is_in(["without", "both"]).fill_null(False)
MRI = Moment("mri_")


def measure(p: Parameters, seen: Seen) -> Measure:
    in_window = from_day(DX_DATE, -p.deadlines.imaging_lookback_days)
    window_opens = days_after(DX_DATE, -p.deadlines.imaging_lookback_days)
    qualifying_mri = Rule("on_time", lambda f: f.covering_mri, in_window & SHOWS_NATIVE)
    ct_where_mri_is_contraindicated = Rule(
        "alternative", lambda f: f.ct_beside(f.mri_contraindication), in_window & SHOWS_NATIVE
    )
    with_contrast_only = Rule("wrong_contrast", lambda f: f.covering_mri, in_window & (pl.col("contrast") == "with"))
    ct_only = Rule("wrong_modality", lambda f: f.covering_ct, in_window)

    def add_first_mri(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        first = pick(rows, qualifying_mri, facts, in_time()).select("row", *Moment("").renamed("mri_"))
        rows = placed(rows, first, "row")
        return holds_any(
            rows,
            facts.covering_mri,
            in_window & (DATE_IN_TIME) & (pl.col("contrast") == "with"),
            "has_contrast_only_mri",
        )

    known_before = pl.when(MRI.at.is_not_null()).then(earlier_than(KNOWN, MRI)).otherwise(KNOWN.date <= DUE)
    return Measure(
        id="G1",
        trigger=Trigger(anchor="dx"),
        deadline_days=p.deadlines.imaging_days,
        prepare=add_first_mri,
        not_applicable=(
            Rule("suspicion_or_infection_known", lambda f: f.suspicion_or_infection, known_before, until=None),
        ),
        met=(qualifying_mri, ct_where_mri_is_contraindicated),
        exceptions=(declined(p, "mri", "imaging", since=window_opens),),
        cannot_tell=(
            Rule("unknown_regions", lambda f: f.mri_without_regions, in_window),
            Rule("unknown_contrast", lambda f: f.covering_mri, in_window & pl.col("contrast").is_null()),
            Rule(
                "unknown_device",
                lambda f: f.ct_beside(f.statements("mri-contraindication", "unknown-device")),
                in_window,
            ),
            Rule(
                "feed_absent",
                lambda f: f.covering_ct,
                in_window & seen.absent("observations") & ~pl.col("has_contrast_only_mri"),
            ),
        ),
        deviations=(
            with_contrast_only,
            ct_only,
            Rule(
                "ordered_not_done",
                lambda f: f.ordered_mri,
                in_window,
            ),
            Rule("missing"),
        ),
        severity=pl.when(pl.col("reason").is_in(["wrong_modality", "wrong_contrast"])).then(pl.lit("moderate")),
    )


DATE_IN_TIME = pl.col("date") <= DUE
