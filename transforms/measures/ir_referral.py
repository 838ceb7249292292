"""What I1 and I2 share: how interventional radiology is involved, and who is no candidate for augmentation."""

from schemas.parameters import Parameters

from ..engine import Rule
from ..vocabulary import T0, contact, from_day

NO_CANDIDATE = Rule("contraindicated", lambda f: f.statements("augmentation-candidate", "no"), after_end=True)


def ir_involved(p: Parameters) -> tuple[Rule, ...]:
    """IR contact in [T0, deadline], or considered."""
    return (
        *contact("ir_contact", from_day(T0)),
        Rule("considered", lambda f: f.considered("interventional-radiology"), from_day(T0), late=False),
    )
