"""What B1 and B2 share: a bedside sign is asked for where MRI was not immediately available and there was no deficit."""

from schemas.parameters import Parameters

from ..clock import DX, EVENT, at_day, at_most_hours_after, at_most_hours_before
from ..engine import Measure, Rule, Trigger, Untriggered
from ..vocabulary import DX_DATE, Seen, from_day


def bedside_sign(measure_id: str, code: str, p: Parameters, seen: Seen) -> Measure:
    hours = p.clocks.mri_immediate_hours
    at_once = from_day(DX_DATE, -p.deadlines.imaging_lookback_days) & at_most_hours_after(EVENT, DX, hours)
    deficit = Rule("deficit", lambda f: f.deficits, at_most_hours_after(EVENT, DX, hours), until=None)
    return Measure(
        id=measure_id,
        trigger=Trigger(events=lambda f: f.no_immediate_mri),
        deadline_hours=hours,
        not_applicable=(deficit,),
        never=(Rule("mri_immediately_available", lambda f: f.covering_mri, at_once, until=None), deficit),
        untriggered=Untriggered(
            opens=at_day(DX, hours, seen.timezone),
            unknown_at_once=True,
            unknown=(Rule("unknown_regions", lambda f: f.mri_without_regions, at_once, until=None),),
        ),
        met=(Rule("on_time", lambda f: f.statements(code), at_most_hours_before(EVENT, DX, hours)),),
        cannot_tell=(Rule("feed_absent", where=seen.lacks(code)),),
    )
