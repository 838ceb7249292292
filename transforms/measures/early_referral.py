"""What S5, S6 and I3 share: referrals in the first three months that the text advises against."""

import polars as pl

from ..engine import Rule, Trigger, Untriggered
from ..facts import Facts
from ..vocabulary import DATE, END, M3, days_before

CARRY = ("related", "encounter", "of_related", "of_class")


def early_referrals(which: str) -> Trigger:
    """Each referral of a kind, whatever its reason, ordered in [DX, M3 - 1]."""

    def frame(f: Facts) -> pl.DataFrame:
        index = f.index_encounters.with_columns(in_index_encounter=True)
        rows = f.referrals.filter(which).join(index, on=["case", "encounter"], how="left", maintain_order="left")
        return rows.with_columns(pl.col("in_index_encounter").fill_null(False))

    window = DATE.is_between(pl.col("dx_date"), days_before(M3, 1)) & (DATE <= END)
    return Trigger(events=frame, where=window, each=True, carry=(*CARRY, "in_index_encounter"))


def none_seen(reason: str) -> Untriggered:
    return Untriggered(closes=days_before(M3, 1), until_closed=True, otherwise=(Rule(reason),))


UNRELATED = Rule("unrelated_reason", where=~pl.col("trigger_related"))
UNKNOWN_REASON = Rule(
    "unknown_reason",
    where=pl.col("trigger_related").is_null()
    & ~pl.col("trigger_in_index_encounter")
    & ~pl.col("trigger_of_related").fill_null(False),
)
