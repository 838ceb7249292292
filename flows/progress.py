"""What a run says while it works: a live line on a terminal, plain lines elsewhere. Never a patient's value."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol


class Progress(Protocol):
    """Says what goes on."""

    def stage(self, name: str) -> AbstractContextManager[Any]:
        """A context manager around the stage of that name."""

    def note(self, text: str) -> None:
        """One line about something worth knowing."""

    def warn(self, text: str) -> None:
        """One line about something that somebody should look at; also said where nothing else is."""


def _line(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Quiet:
    """Says nothing but warnings."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        yield

    def note(self, text: str) -> None:
        pass

    def warn(self, text: str) -> None:
        _line(text)


class Plain:
    """A line a stage, for logs."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        _line(name)
        yield

    def note(self, text: str) -> None:
        _line(text)

    def warn(self, text: str) -> None:
        _line(text)


class Live:
    """A turning wheel beside the stage at work, a tick beside those that are done."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        with self._console.status(name):
            yield
        self._console.print(f"[green]✓[/green] {name}")

    def note(self, text: str) -> None:
        self._console.print(text, markup=False)

    def warn(self, text: str) -> None:
        self._console.print(text, markup=False, style="yellow")


def progress(quiet: bool = False) -> Progress:
    """The form that fits where stderr goes."""
    if quiet:
        return Quiet()
    return Live() if sys.stderr.isatty() else Plain()
