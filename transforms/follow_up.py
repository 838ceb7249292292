"""How long a case can be seen: death, the end of follow-up, a transfer out, the next fracture, a year (section 2, "end")."""

import polars as pl

from schemas.parameters import Parameters

from .clock import EVENT, Moment, both_minute, days_after
from .places import first_along, is_first_of, latest_day_before

ACUTE_CLASSES = ["emergency", "inpatient", "observation"]


def merged_periods(followup: pl.DataFrame) -> pl.DataFrame:
    """Follow-up periods of each patient, those that overlap or touch joined: starts, ends (null: open), last_row.

    followup: patient, started_date, ended_date. last_row is the row id of the period that ends the joined one.
    """
    far = pl.date(9999, 12, 31)
    rows = followup.with_columns(stop=pl.col("ended_date").fill_null(far)).sort(
        "patient", "started_date", "stop", "row_id"
    )
    reach = pl.min_horizontal(latest_day_before(pl.col("stop"), "patient"), pl.date(9999, 12, 30))
    starts_new = is_first_of("patient") | (pl.col("started_date") > days_after(reach, 1))
    return (
        rows.with_columns(block=starts_new.cum_sum())
        .with_columns(starts=first_along(pl.col("started_date"), "block"))
        .sort("block", "stop", "row_id")
        .unique("block", keep="last", maintain_order=True)
        .select("patient", "starts", last_row="row_id", ends=pl.when(pl.col("stop") < far).then(pl.col("stop")))
    )


def followup_end(cases: pl.DataFrame, followup: pl.DataFrame) -> pl.DataFrame:
    """case -> followup_end, followup_row. A patient with rows none of which contains DX is seen until DX only."""
    periods = merged_periods(followup)
    seen = cases.select("case", "patient", "dx_date").join(periods, on="patient", how="left")
    holds = (pl.col("starts") <= pl.col("dx_date")) & (pl.col("ends").is_null() | (pl.col("ends") >= pl.col("dx_date")))
    return (
        seen.filter(pl.col("starts").is_not_null())
        .with_columns(holds=holds)
        .sort("case", "holds", "starts", descending=[False, True, False])
        .group_by("case", maintain_order=True)
        .first()
        .select(
            "case",
            followup_end=pl.when("holds").then(pl.col("ends")).otherwise(pl.col("dx_date")),
            followup_row="last_row",
        )
    )


def transfers_out(cases: pl.DataFrame, encounters: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """case -> transfer_date, transfer_event: the first acute stay that ended by a transfer from which nobody came back."""
    c = p.cohort
    stays = encounters.filter("counts").select(
        "event", "patient", "class", "disposition", "has_end", *EVENT.columns(), *Moment("stay_end_").columns()
    )
    acute = stays.filter(pl.col("class").is_in(ACUTE_CLASSES))
    gone = (
        cases.select("case", "patient", "dx_date")
        .join(acute.filter(pl.col("disposition") == "transfer-acute"), on="patient")
        # A disposition is dated as the end, else as the start, with that time's precision.
        .with_columns(
            pl.when("has_end").then(pl.col(f"stay_end_{c}")).otherwise(pl.col(c)).alias(f"out_{c}")
            for c in EVENT.columns()
        )
        .filter(
            (pl.col("out_date") >= days_after(pl.col("dx_date"), -1))
            & (pl.col("date") <= days_after(pl.col("dx_date"), c.transfer_days))
        )
    )
    other = stays.rename({name: f"other_{name}" for name in stays.columns if name != "patient"})
    pairs = gone.join(other, on="patient").filter(pl.col("event") != pl.col("other_event"))
    out, start, stop = Moment("out_"), Moment("other_"), Moment("other_stay_end_")
    begun_by = pl.when(both_minute(start, out)).then(start.at <= out.at).otherwise(start.date <= pl.col("out_date"))
    still_on = pl.when(both_minute(stop, out)).then(stop.at >= out.at).otherwise(stop.date >= pl.col("out_date"))
    runs = pl.col("other_class").is_in(ACUTE_CLASSES) & begun_by & still_on
    from_out = pl.when(both_minute(start, out)).then(start.at >= out.at).otherwise(start.date >= pl.col("out_date"))
    back = from_out & (start.date <= days_after(pl.col("out_date"), c.transfer_return_days))
    returned = pairs.filter(runs | back).select("case", "event").unique()
    return (
        gone.join(returned, on=["case", "event"], how="anti")
        .sort("case", "out_date", "event")
        .group_by("case", maintain_order=True)
        .first()
        .select("case", transfer_date="out_date", transfer_event="event")
    )


def with_ends(cases: pl.DataFrame, encounters: pl.DataFrame, followup: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Adds end_date (always known: a year bounds every case), end_reason, and of a death its instant (death_*)."""
    last_day = days_after(pl.col("t0"), p.cohort.episode_days)
    joined = cases.join(followup_end(cases, followup), on="case", how="left").join(
        transfers_out(cases, encounters, p), on="case", how="left"
    )
    ends = {
        "death": pl.col("death_date"),
        "followup_ended": pl.col("followup_end"),
        "transferred_out": pl.col("transfer_date"),
        "new_fracture": days_after(pl.col("next_t0"), -1),
        "episode_over": last_day,
    }
    end = pl.min_horizontal(*ends.values())
    reason = pl.coalesce(*[pl.when(day == pl.col("end_date")).then(pl.lit(word)) for word, day in ends.items()])
    return joined.with_columns(end_date=end).with_columns(end_reason=reason)
