"""The Prefect flow `nightly-audit`: a thin shell that runs the stages of flows/run.py as tasks, recorded and retried.

Retried is the pull alone, and only where trying again may help. Nothing is persisted or cached: results are patients'
rows. The flow's parameters are paths, a format and a date, never a value of a row. Texts of errors that reach Prefect
are those of flows/errors.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Task, flow
from prefect.cache_policies import NO_CACHE

from flows import run
from flows.errors import StageError
from flows.progress import Progress, progress
from flows.settings import load_settings

PULL_RETRY_SECONDS = [5, 30, 120]


def _may_help(_task: Any, _task_run: Any, state: Any) -> bool:
    """True where the failure may be gone the next time: a disk or a connection, not a broken extract."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, StageError) and error.transient


def _as_task(stage: Callable[..., Any], **options: Any) -> Task[..., Any]:
    def guarded(*args: Any) -> Any:
        return run.directly(stage, *args)

    guarded.__doc__ = stage.__doc__
    return Task(guarded, name=stage.__name__, persist_result=False, cache_policy=NO_CACHE, **options)


TASKS: dict[Callable[..., Any], Task[..., Any]] = {
    run.land: _as_task(
        run.land, retries=len(PULL_RETRY_SECONDS), retry_delay_seconds=PULL_RETRY_SECONDS, retry_condition_fn=_may_help
    ),
    run.contract: _as_task(run.contract),
    run.audit: _as_task(run.audit),
    run.rates: _as_task(run.rates),
    run.merge: _as_task(run.merge),
    run.exports: _as_task(run.exports),
    run.publish: _as_task(run.publish),
}
"""Every stage as a task."""


def _call(stage: Callable[..., Any], /, *args: Any) -> Any:
    return TASKS[stage](*args)


@flow(name="nightly-audit", persist_result=False, validate_parameters=True)
def nightly_audit(
    extract: str | None = None,
    out: str = "out",
    fmt: str = "auto",
    as_of: str | None = None,
    settings_file: str | None = None,
    quiet: bool = False,
) -> run.Outcome:
    """The nightly audit once: an extract in, the published warehouse out. Parameters as the command line's options."""
    settings = load_settings(
        extract=Path(extract) if extract else None,
        out=Path(out),
        fmt=fmt,
        as_of=as_of,
        settings_file=Path(settings_file) if settings_file else None,
    )
    says: Progress = progress(quiet)
    return run.night(settings, says, _call)
