"""I3: interventional radiology referral before 3 months without an indication.

Guideline line 32: "No Referral Needed (Manage Conservatively)".
"""

from schemas.parameters import Parameters

from ..engine import Measure, Rule
from ..vocabulary import Seen, grace_ends
from .early_indication import add_indication_data, indicated, unseen
from .early_referral import UNKNOWN_REASON, UNRELATED, early_referrals, none_seen


def measure(p: Parameters, seen: Seen) -> Measure:
    return Measure(
        id="I3",
        trigger=early_referrals("is_ir"),
        commission=True,
        grace=True,
        goals_of_care=False,
        has_late=False,
        judged_from=grace_ends(p),
        prepare=add_indication_data(p),
        untriggered=none_seen("no_ir_referral"),
        not_applicable=(UNRELATED,),
        met=indicated(p),
        cannot_tell=(UNKNOWN_REASON, *unseen(seen)),
        deviations=(Rule("not_indicated"),),
    )
