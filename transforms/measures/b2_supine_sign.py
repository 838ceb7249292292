"""B2: supine sign documented when MRI is not immediately available.

Guideline line 56: "assessment of pain while lying supine".
"""

from schemas.parameters import Parameters

from ..engine import Measure
from ..vocabulary import Seen
from .bedside_sign import bedside_sign


def measure(p: Parameters, seen: Seen) -> Measure:
    return bedside_sign("B2", "supine-sign", p, seen)
