"""One thing that `spine-audit doctor` looked at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """verdict: `ok`, `note` or `broken`; remedy: what to do, in one line, empty where nothing."""

    what: str
    verdict: str
    detail: str
    remedy: str = ""

    @property
    def is_broken(self) -> bool:
        """True where a run can't succeed like this."""
        return self.verdict == "broken"
