"""The Prefect flow `nightly-audit`: a thin shell that runs the stages of flows/run.py as tasks, recorded and retried.

Retried are the pull and the parts on a cluster, and only where trying again may help. No result is persisted or cached:
results are patients' rows. (Of a flow that fails Prefect always keeps the error; it is one of ours.) The flow's parameters
are paths, a format, a date and the engine's, never a value of a row.
Texts of errors that reach Prefect are those of flows/errors.py; counts are those of reports/recorded.py.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect import Flow, Task, flow
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.settings import PREFECT_API_URL

from flows import run
from flows.engines.choose import address_of
from flows.engines.part import Judge, judge_from
from flows.errors import StageError, directly
from flows.progress import Progress, progress
from flows.recorded import record
from flows.settings import Engine, load_settings
from schemas.errors import AuditError

PULL_RETRY_SECONDS = [5, 30, 120]
PART_RETRY_SECONDS = 10


def _may_help(_task: Any, _task_run: Any, state: Any) -> bool:
    """True where the failure may be gone the next time: a disk or a connection, not a broken extract."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, StageError) and error.transient


def _as_task(stage: Callable[..., Any], **options: Any) -> Task[..., Any]:
    def guarded(*args: Any) -> Any:
        return directly(stage, *args)

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
    run.gate: _as_task(run.gate),
    run.publish: _as_task(run.publish),
}
"""Every stage as a task."""


AUDIT_PART: Task[..., Any] = Task(
    judge_from,
    name="audit_part",
    retries=1,
    retry_delay_seconds=PART_RETRY_SECONDS,
    retry_condition_fn=_may_help,
    persist_result=False,
    cache_policy=NO_CACHE,
)
"""A part as a task of a cluster. Its parameters are paths and a number."""


def _call(stage: Callable[..., Any], /, *args: Any) -> Any:
    return TASKS[stage](*args)


def _call_with_parts(stage: Callable[..., Any], /, *args: Any) -> Any:
    """The stage `audit` is no task where its parts are: a task's arguments would go to each worker with every part."""
    return directly(stage, *args) if stage is run.audit else TASKS[stage](*args)


def _judge_here() -> Judge | None:
    """The judge that makes tasks of the parts, where this run of the flow has Dask's task runner."""
    context = FlowRunContext.get()
    runner: Any = context.task_runner if context else None
    if type(runner).__name__ != "DaskTaskRunner":
        return None
    from flows.engines.mapped import Mapped

    return Mapped(runner.address, AUDIT_PART)


def flow_on(engine: Engine) -> Flow[..., Any]:
    """The flow with the task runner that an engine needs.

    Workers report what they do to the server of PREFECT_API_URL. A server that lives as long as the run they could not
    reach: without that address the parts go to the same cluster, but are no tasks of their own.
    """
    if engine.name != "dask" or not PREFECT_API_URL.value():
        return nightly_audit
    from flows.engines.mapped import runner

    return nightly_audit.with_options(task_runner=runner(address_of(engine)))


@flow(name="nightly-audit", persist_result=False, validate_parameters=True)
def nightly_audit(
    extract: str | None = None,
    out: str = "out",
    fmt: str = "auto",
    as_of: str | None = None,
    settings_file: str | None = None,
    quiet: bool = False,
    engine: str = "local",
    scheduler: str | None = None,
    workers: int | None = None,
    part_rows: int | None = None,
) -> run.Outcome:
    """The nightly audit once: an extract in, the published warehouse out. Parameters as the command line's options."""
    judge = _judge_here()
    says: Progress = progress(quiet)
    with _said_where_nobody_waits():
        settings = load_settings(
            extract=Path(extract) if extract else None,
            out=Path(out),
            fmt=fmt,
            as_of=as_of,
            settings_file=Path(settings_file) if settings_file else None,
            engine=Engine(engine, scheduler, workers, part_rows),
        )
        outcome: run.Outcome = directly(run.night, settings, says, _call_with_parts if judge else _call, judge)
    record(settings, outcome, says.note)
    if _is_scheduled() and not quiet:
        _say(f"audited through {outcome.as_of}, published as run {outcome.run_id}")
    return outcome


@contextmanager
def _said_where_nobody_waits() -> Iterator[None]:
    """Says what stopped a run that a schedule began: the command line has nobody to say it to, the journal has."""
    try:
        yield
    except AuditError as error:
        if _is_scheduled():
            _say(str(error))
        raise


def _is_scheduled() -> bool:
    context = FlowRunContext.get()
    return bool(context and context.flow_run and context.flow_run.deployment_id)


def _say(text: str) -> None:
    print(f"spine-audit: {text}", file=sys.stderr, flush=True)
