"""The parts judged by the workers of a Dask cluster, which share the run's work folder under the same path.

Dask itself gives the part of a worker that is lost to another one, up to three times.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client, Future, wait
from distributed.scheduler import KilledWorker

from flows.engines.part import Common, Part, judge_from, share
from flows.errors import StageError
from schemas.errors import AuditError, SettingsError

CONNECT_SECONDS = 10
WORKER_SECONDS = 30
_LOOK_SECONDS = 15
_PATIENCE_SECONDS = 600
"""So long a run waits for workers when the last one is gone."""


class Cluster:
    """Judges the parts on the cluster of the scheduler at `address`."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, common: Common, parts: Sequence[Part], work: Path, note: Callable[[str], None]) -> None:
        with connected(self.address) as client:
            arguments = share(common, parts, work)
            futures = [client.submit(judge_from, *given, pure=False) for given in arguments]
            for done, future in enumerate(as_they_end(client, futures), 1):
                result_of(future.result)
                note(f"audit: part {done} of {len(parts)}")


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler. SettingsError (exit 10) where none answers, or where it has no worker."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said by the errors below
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise SettingsError(
            f"no Dask scheduler answers at {address} within {CONNECT_SECONDS} s; correct --scheduler or start it"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise SettingsError(
                f"the Dask scheduler at {address} has no worker; start some with `dask worker {address}`"
            ) from None
        yield client


def as_they_end(client: Client, futures: Sequence[Future]) -> Iterator[Future]:
    """The futures, each when it is done. StageError where the cluster has no worker for ten minutes."""
    running = set(futures)
    alone_seconds = 0
    while running:
        try:
            with client.as_current():  # Dask asks for the client of the futures in this roundabout way
                ended = wait(running, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            has_workers = bool(client.scheduler_info()["workers"])
            alone_seconds = 0 if has_workers else alone_seconds + _LOOK_SECONDS
            if alone_seconds >= _PATIENCE_SECONDS:
                raise StageError(
                    "audit failed: the Dask cluster has no worker any more; nothing was published"
                ) from None
            continue
        except CancelledError:
            raise _lost_scheduler() from None
        running -= ended
        yield from ended


def result_of(result: Callable[[], Any]) -> Any:
    """What `result` gives; an AuditError as it is, Dask's own errors in plain words."""
    try:
        return result()
    except AuditError as error:
        raise error.with_traceback(None) from None
    except KilledWorker:
        raise StageError(
            "audit failed: workers of the Dask cluster died again and again (killed, or out of memory) over the same"
            " part; nothing was published. Give them more memory, or run with smaller --part-rows."
        ) from None
    except CancelledError:
        raise _lost_scheduler() from None


def _lost_scheduler() -> StageError:
    return StageError("audit failed: the Dask scheduler was lost, or dropped the parts; nothing was published")
