"""X2: biopsy considered when malignancy is suspected. Guideline line 54: "along with potential biopsy"."""

from schemas.parameters import Parameters

from ..clock import EVENT, KNOWN, TRIGGER, Moment, days_after, earlier_than
from ..engine import Measure, Rule, Trigger, Untriggered
from ..vocabulary import DATE, DUE, Seen, X, declined, from_day

SUSPECTED = Moment("trigger_event_")


def measure(p: Parameters, seen: Seen) -> Measure:
    d = p.deadlines
    in_window = from_day(X, -d.biopsy_before_days)
    return Measure(
        id="X2",
        trigger=Trigger(
            events=lambda f: f.known_not_before_dx(f.suspicion_said),
            order=("known_at", "known_is_minute", "event"),
            carry=("event_at", "event_date", "event_is_minute"),
        ),
        deadline_days=d.biopsy_days,
        untriggered=Untriggered(
            unknown=(Rule("feed_absent", where=seen.lacks("pathology-assessment")),), otherwise=(Rule("no_suspicion"),)
        ),
        not_applicable=(
            Rule(
                "known_malignancy",
                lambda f: f.conditions("spine_malignancy"),
                earlier_than(KNOWN, TRIGGER),
                until=None,
                after_end=True,
            ),
        ),
        met=(
            Rule("on_time", lambda f: f.biopsies, in_window),
            Rule("considered", lambda f: f.considered("biopsy"), in_window, late=False),
        ),
        exceptions=(
            declined(p, "biopsy"),
            Rule(
                "ruled_out",
                lambda f: f.statements("pathology-assessment", "benign"),
                earlier_than(SUSPECTED, EVENT),
                after_end=True,
            ),
        ),
        cannot_tell=(
            Rule(
                "biopsy_may_be_bundled",
                lambda f: f.augmentations.filter("at_case"),
                DATE.is_between(days_after(X, -d.biopsy_before_days), DUE),
            ),
        ),
    )
