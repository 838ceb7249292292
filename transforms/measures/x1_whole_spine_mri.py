"""X1: whole-spine MRI without and with contrast when malignancy is suspected.

Guideline line 54: "a complete spine MRI without and with contrast is indicated".
"""

import polars as pl

from schemas.parameters import Parameters

from ..clock import EVENT, KNOWN, TRIGGER, Moment, days_after, earlier_than, later_of
from ..concepts import REGION_BITS
from ..engine import EventFrame, Measure, Rule, Trigger, Untriggered, holds_any, in_time
from ..facts import Facts, once
from ..places import first_of_each, latest_along, placed
from ..vocabulary import DATE, DUE, DX_DATE, Seen, X, declined, from_day

WHOLE_SPINE = ("cervical", "thoracic", "lumbar")
SPINE_MASK = sum(REGION_BITS[r] for r in (*WHOLE_SPINE, "sacrum"))
SUSPECTED = Moment("trigger_event_")
ALL_CONTRASTS = ("without", "with", "both", None)


def bundles(f: Facts, contrasts: tuple[str | None, ...], within_days: int) -> pl.DataFrame:
    """MRI studies by which the whole spine is complete, with the studies that complete it (`also`) and the first one's day.

    For each study: the latest study so far of each region. The bundle begins with the oldest of these.
    """
    allowed = pl.col("contrast").is_in([c for c in contrasts if c]) | (
        pl.col("contrast").is_null() & (None in contrasts)
    )
    mri = f.mri.filter(allowed.fill_null(False) & pl.col("region_mask").is_not_null()).sort("case", "event")
    last_day, last_event = {}, {}
    for region in WHOLE_SPINE:
        shows = (pl.col("region_mask") & REGION_BITS[region]) != 0
        last_day[region] = latest_along(DATE, shows, "case")
        last_event[region] = latest_along(pl.col("event"), shows, "case")
    complete = pl.all_horizontal(pl.col(f"day_{r}").is_not_null() for r in WHOLE_SPINE)
    return (
        mri.with_columns(
            *[e.alias(f"day_{r}") for r, e in last_day.items()], *[e.alias(f"event_{r}") for r, e in last_event.items()]
        )
        .filter(complete)
        .with_columns(
            bundle_begins=pl.min_horizontal(f"day_{r}" for r in WHOLE_SPINE),
            also=pl.concat_list(f"event_{r}" for r in WHOLE_SPINE),
        )
        .filter((DATE - pl.col("bundle_begins")).dt.total_days() <= within_days)
    )


@once
def spine_mri(f: Facts) -> pl.DataFrame:
    return f.mri.filter((pl.col("region_mask") & SPINE_MASK) != 0)


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    window_opens = days_after(X, -d.malignancy_mri_lookback_days)
    in_window = from_day(X, -d.malignancy_mri_lookback_days)
    begins_in_window = pl.col("bundle_begins") >= window_opens
    history_known = DATE <= days_after(DX_DATE, d.pathology_days)
    around_dx = DATE.is_between(days_after(DX_DATE, -d.pathology_before_days), days_after(DX_DATE, d.pathology_days))

    def complete(*contrasts: str | None) -> EventFrame:
        return once(lambda f: bundles(f, contrasts, d.whole_spine_bundle_days))

    def shorten_with_deficit(facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
        """With a deficit known by the deadline: 24 h after the later of t and the deficit, where that is earlier."""
        first = first_of_each(facts.deficits, "case", ["known_at", "known_is_minute", "event"])
        rows = placed(rows, first.select("case", *KNOWN.renamed("deficit_"), deficit_event="event"), "case")
        late, hours = Moment("from_"), d.malignancy_mri_hours_with_deficit
        rows = rows.with_columns(later_of(TRIGGER, Moment("deficit_"), "from_"))
        counts = (pl.col("deficit_date") <= DUE).fill_null(False)
        exact = pl.when(late.is_minute).then(late.at + pl.duration(hours=hours))
        last = days_after(late.date, -(-hours // 24))
        short_date = pl.coalesce(exact.dt.convert_time_zone(facts.timezone).dt.date(), last)
        shorter = counts & (short_date <= DUE)
        rows = rows.with_columns(
            with_deficit=counts,
            is_in_hours=shorter.fill_null(False),
            due_at=pl.when(shorter).then(exact),
            due_day=pl.when(shorter).then(pl.min_horizontal(last, DUE)).otherwise(DUE),
            due_date=pl.when(shorter).then(short_date).otherwise(DUE),
            # A second event that makes the trigger.
            trigger_also=pl.when(counts).then(pl.concat_list("deficit_event")),
        )
        rows = holds_any(rows, facts.cancer_history, history_known, "has_history")
        rows = holds_any(
            rows,
            facts.statements("pathology-assessment", "benign"),
            around_dx & (DATE <= pl.col("end_date")),
            "assessed_benign",
        )
        any_contrast = bundles(facts, ALL_CONTRASTS, d.whole_spine_bundle_days)
        return holds_any(rows, any_contrast, begins_in_window & in_time(), "has_bundle")

    unassessed = pl.col("has_history") & ~pl.col("assessed_benign")

    @once
    def no_gadolinium(f: Facts) -> pl.DataFrame:
        said = f.statements("gadolinium-contraindication", "present").select(
            "case", gad_event="event", **{f"gad_{c}": c for c in EVENT.columns()}
        )
        joined = complete("both", "without")(f).join(said, on="case")
        return joined.with_columns(also=pl.concat_list("also", pl.concat_list("gad_event")))

    return Measure(
        id="X1",
        trigger=Trigger(
            events=lambda f: f.known_not_before_dx(f.suspicion),
            order=("known_at", "known_is_minute", "event"),
            carry=("event_at", "event_date", "event_is_minute"),
        ),
        deadline_days=d.malignancy_mri_days,
        prepare=shorten_with_deficit,
        untriggered=Untriggered(
            waits_until=days_after(DX_DATE, d.pathology_days),
            waiting=unassessed,
            unknown=(
                Rule("feed_absent", where=unassessed & seen.lacks("pathology-assessment")),
                Rule("history_not_assessed", lambda f: f.cancer_history, unassessed & history_known, until=None),
            ),
            otherwise=(
                Rule(
                    "assessed_benign",
                    lambda f: f.statements("pathology-assessment", "benign"),
                    pl.col("has_history") & around_dx,
                    until=None,
                ),
                Rule("no_suspicion"),
            ),
        ),
        met=(
            Rule("on_time", complete("both"), begins_in_window),
            Rule("alternative", no_gadolinium, begins_in_window & in_time(Moment("gad_"))),
        ),
        exceptions=(
            Rule("contraindicated", lambda f: f.mri_contraindication, after_end=True),
            declined(p, "mri", "imaging"),
            Rule(
                "ruled_out",
                lambda f: f.statements("pathology-assessment", "benign"),
                earlier_than(SUSPECTED, EVENT),
                after_end=True,
            ),
        ),
        cannot_tell=(
            Rule("unknown_regions", lambda f: f.mri_without_regions, in_window),
            Rule("unknown_contrast", spine_mri, in_window & pl.col("contrast").is_null()),
        ),
        deviations=(
            Rule("incomplete_extent", spine_mri, in_window & ~pl.col("has_bundle")),
            Rule("wrong_contrast", spine_mri, in_window),
            Rule(
                "ordered_not_done",
                lambda f: f.ordered_mri,
                in_window & ((pl.col("region_mask") & SPINE_MASK) != 0).fill_null(True),
            ),
            Rule("missing"),
        ),
        severity=pl.when(pl.col("with_deficit").fill_null(False)).then(pl.lit("critical")),
    )
