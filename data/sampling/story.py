"""What a story is: a function that writes one patient's chart, and what the audit should say about it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .chart import Chart


@dataclass(frozen=True)
class Story:
    """One interesting patient.

    write: fills the chart; its docstring is the story as the README tells it.
    ago: days from the diagnosis to the audit's as-of date.
    says: the findings that matter, each "measure state reason", at level L2 unless `level` says otherwise.
    fhir: whether the patient is also in the FHIR form (then only facts that FHIR carries are used).
    who: age, sex and site where the story needs them.
    """

    write: Callable[[Chart], object]
    ago: int
    says: tuple[str, ...]
    level: str = "L2"
    fhir: bool = False
    who: dict[str, object] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The function's name in words."""
        return self.write.__name__.replace("_", " ")

    @property
    def text(self) -> str:
        """The story in one line."""
        return " ".join((self.write.__doc__ or "").split())
