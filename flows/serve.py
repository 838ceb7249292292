"""`spine-audit serve`: the nightly flow on a schedule, with a Prefect server that schedules it.

Against the server of PREFECT_API_URL, else against one that is started for it (flows/prefect_server.py): the one that
Prefect starts by itself for a run schedules nothing. Two runs never overlap: the lock of the out folder holds whatever
Prefect knows, and Prefect cancels a run that would start beside another.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from flows.errors import is_failure
from flows.prefect_server import own_server
from flows.prefect_settings import prepare
from flows.private import make_folder
from flows.settings import Settings
from flows.through_prefect import flow_parameters
from schemas.errors import AuditError, SettingsError

DEFAULT_CRON = "0 4 * * *"
DEFAULT_NAME = "nightly"
_LEAVE_SECONDS = 60
"""How long a lost server may keep us from ending."""


def serve(
    settings: Settings,
    settings_file: Path | None,
    cron: str = DEFAULT_CRON,
    name: str = DEFAULT_NAME,
    quiet: bool = False,
    say: Callable[[str], None] = print,
) -> None:
    """Serves the flow until SIGTERM or Ctrl-C. cron is local time of the settings' time zone; name: the deployment's.

    A run that fails is recorded as failed, and the next one comes all the same. Raises SettingsError (10) for a bad cron
    line, AuditError (1) where the server can't be used or is lost.
    """
    make_folder(settings.out)
    with _stoppable(), ExitStack() as stack:
        server = None
        if "PREFECT_API_URL" in os.environ:
            prepare(settings.out)
        else:
            say("Prefect's server starts; that takes up to a minute")
            server = stack.enter_context(own_server(settings.out))
        schedule = schedule_of(cron, settings.timezone)
        if server:
            server.wait()
            _forget_broken_off(name)
        watch = stack.enter_context(_watched(server.process if server else None))
        say(
            f"schedule: {settings.out} is audited at {cron!r}, {settings.timezone} time;"
            f" Prefect: {os.environ['PREFECT_API_URL']}, deployment nightly-audit/{name}"
        )
        problem: AuditError | None = None
        try:
            _serve(settings, settings_file, schedule, name, quiet, is_own=server is not None)
        except KeyboardInterrupt:  # before Prefect's own handler was in place
            pass
        except BaseException as error:
            if not is_failure(error) or isinstance(error, AuditError):
                raise
            problem = AuditError(
                f"Prefect could not serve the flow ({type(error).__name__}; {os.environ['PREFECT_API_URL']})"
            )
        if watch.is_lost:
            problem = AuditError("Prefect's server ended by itself, and nothing is scheduled without it; start again")
        if problem:
            raise problem
    say("the schedule has ended")


def schedule_of(cron: str, timezone: str) -> Any:
    """The schedule as Prefect has it; SettingsError (10) for what is no cron line."""
    from prefect.schedules import Cron

    try:
        return Cron(cron, timezone=timezone)
    except ValueError:
        raise SettingsError(f"--cron: {cron!r} is no cron line; write for example '{DEFAULT_CRON}'") from None


def _serve(
    settings: Settings, settings_file: Path | None, schedule: Any, name: str, quiet: bool, *, is_own: bool
) -> None:
    """Serves until it is told to end. is_own: no worker of a cluster reaches our server, so parts are no tasks there."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.types.entrypoint import EntrypointType

    from flows.nightly import flow_on, nightly_audit

    served = nightly_audit if is_own else flow_on(settings.engine)
    served.serve(
        name=name,
        schedule=schedule,
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        parameters=flow_parameters(settings, settings_file, quiet),
        pause_on_shutdown=False,  # else the schedule would stay paused after the next start
        print_starting_message=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _forget_broken_off(name: str) -> None:
    """Says of runs that a crash broke off that they crashed, and gives their places back.

    A server of our own forgets with its process for whom it keeps a place, but not that it is taken: without this every run
    after a crash would be cancelled as one too many. Nobody else serves here (own_server), so no such run is at work.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter
    from prefect.client.schemas.filters import FlowRunFilterState as ByState
    from prefect.client.schemas.filters import FlowRunFilterStateType as ByType
    from prefect.client.schemas.objects import StateType
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Crashed

    at_work = ByState(type=ByType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]))
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(f"nightly-audit/{name}")
        except ObjectNotFound:
            return
        for run in client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
            flow_run_filter=FlowRunFilter(state=at_work),
        ):
            client.set_flow_run_state(run.id, Crashed(message="Broken off when its server ended."), force=True)
        if limit := deployment.global_concurrency_limit:
            client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM is what Ctrl-C is: an end that was asked for. Prefect has a handler of its own while it serves."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Watch:
    """Whether our server was lost."""

    is_lost = False


@contextmanager
def _watched(server: subprocess.Popen[bytes] | None) -> Iterator[_Watch]:
    """Ends the serving when our server ends by itself: a service manager then starts both again."""
    watch, is_over = _Watch(), threading.Event()

    def wait(process: subprocess.Popen[bytes]) -> None:
        process.wait()
        if not is_over.is_set():
            watch.is_lost = True
            os.kill(os.getpid(), signal.SIGTERM)
            if not is_over.wait(_LEAVE_SECONDS):
                os._exit(1)

    if server:
        threading.Thread(target=wait, args=(server,), daemon=True).start()
    try:
        yield watch
    finally:
        is_over.set()
