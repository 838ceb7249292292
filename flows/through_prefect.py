"""Runs the nightly flow through Prefect from the command line: its server started or reached, its noise kept away."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from flows.prefect_settings import prepare
from flows.private import make_folder
from flows.run import Outcome
from flows.settings import Settings
from schemas.errors import AuditError

_INSTEAD = "; `spine-audit run --direct` does the same without Prefect"


def run_flow(settings: Settings, settings_file: Path | None, quiet: bool) -> Outcome:
    """The outcome of the flow `nightly-audit`. Raises the AuditError that stopped it, or one that says that Prefect's
    server could not be used."""
    make_folder(settings.out)
    prepare(settings.out)
    try:
        from flows.nightly import flow_on
    except ImportError:
        raise AuditError(f"Prefect is not installed as this version needs it{_INSTEAD}") from None
    problem: AuditError | None = None
    try:
        with _interruptible():
            parameters = flow_parameters(settings, settings_file, quiet)
            state = flow_on(settings.engine)(**parameters, return_state=True)
        return _outcome(state)
    except AuditError:
        raise
    except Exception as error:
        # A stage's error comes out as AuditError. Of this one only the class: Prefect's texts speak of Prefect.
        where = os.environ.get("PREFECT_API_URL", "the server that Prefect starts for a run")
        problem = AuditError(f"Prefect could not run the flow ({type(error).__name__}; {where}){_INSTEAD}")
    raise problem


def flow_parameters(settings: Settings, settings_file: Path | None, quiet: bool) -> dict[str, Any]:
    """The parameters of the flow: paths, a format, a date and the engine's."""
    engine = settings.engine
    return {
        "extract": str(settings.extract.absolute()),
        "out": str(settings.out.absolute()),
        "fmt": settings.fmt,
        "as_of": settings.as_of.isoformat() if settings.as_of else None,
        "settings_file": str(settings_file.absolute()) if settings_file else None,
        "quiet": quiet,
        "engine": engine.name,
        "scheduler": engine.scheduler,
        "workers": engine.workers,
        "part_rows": engine.part_rows,
    }


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run at once, and a server that Prefect started with it.

    On a terminal Ctrl-C ends that server first: without this Prefect would wait for it, and report its absence.
    """
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    is_interrupted = False
    with ExitStack() as stack:

        def interrupted(*_: Any) -> None:
            nonlocal is_interrupted
            is_interrupted = True
            if "PREFECT_API_URL" not in os.environ:
                stack.enter_context(temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}))
            raise KeyboardInterrupt

        before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        except Exception:
            if is_interrupted:
                raise KeyboardInterrupt from None
            raise
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _outcome(state: Any) -> Outcome:
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return result
