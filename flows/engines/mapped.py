"""The parts as tasks of a Prefect flow on a Dask cluster: recorded each for itself, and retried."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prefect import Task
from prefect_dask import DaskTaskRunner

from flows.engines.cluster import CONNECT_SECONDS, as_they_end, connected, result_of
from flows.engines.part import Common, Part, share


def runner(address: str) -> Any:
    """The task runner of a flow whose parts go to the cluster of the scheduler at `address`."""
    return DaskTaskRunner(address=address, client_kwargs={"timeout": CONNECT_SECONDS})


class Mapped:
    """Judges the parts as runs of `task`; only within a flow that has the task runner for `address`."""

    def __init__(self, address: str, task: "Task[..., None]") -> None:
        self.address = address
        self.task = task

    def __call__(self, common: Common, parts: Sequence[Part], work: Path, note: Callable[[str], None]) -> None:
        with connected(self.address):  # says in plain words where it can't be
            pass
        submitted: list[Any] = [self.task.submit(*given) for given in share(common, parts, work)]
        runs = {run.wrapped_future: run for run in submitted}
        client = next(iter(runs)).client
        for done, future in enumerate(as_they_end(client, list(runs)), 1):
            result_of(runs[future].result)
            note(f"audit: part {done} of {len(parts)}")
