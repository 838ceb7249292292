"""B1: closed-fist percussion sign documented when MRI is not immediately available.

Guideline line 56: "Closed-fist percussion of the spine".
"""

from schemas.parameters import Parameters

from ..engine import Measure
from ..vocabulary import Seen
from .bedside_sign import bedside_sign


def measure(p: Parameters, seen: Seen) -> Measure:
    return bedside_sign("B1", "percussion-sign", p, seen)
