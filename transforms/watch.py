"""Who wants to know how long the parts of the audit take may watch; the transforms themselves read no clock."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Watch = Callable[[str], AbstractContextManager[object]]
"""Opens a context for a named piece of work. Pieces may lie within one another."""


def unwatched(name: str) -> AbstractContextManager[object]:
    return nullcontext(name)
