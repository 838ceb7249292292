"""A real Dask cluster on this machine: a scheduler and workers in processes of their own, as a site would start them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 120


class DaskCluster:
    """A scheduler, and workers of one thread that can be added one by one."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        port = self.address.rpartition(":")[2]
        self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show")

    def add_worker(self) -> subprocess.Popen[bytes]:
        """One more worker, without a nanny that would replace it when it dies."""
        folder = self.folder / f"worker-{len(self.processes)}"
        return self._start(
            *("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"),
            *("--local-directory", str(folder)),
        )

    def wait_for(self, workers: int) -> None:
        """Until so many workers have reported to the scheduler."""
        from distributed import Client

        with Client(self.address, timeout=START_SECONDS, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=START_SECONDS)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
        for process in self.processes:
            process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment = kept | {"POLARS_MAX_THREADS": "1"}
        with (self.folder / f"{arguments[0]}-{len(self.processes)}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments], env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.processes.append(process)
        return process


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[DaskCluster]:
    """A cluster of so many workers, all of it gone at the end."""
    cluster = DaskCluster(folder)
    try:
        time.sleep(0.5)
        for _ in range(workers):
            cluster.add_worker()
        cluster.wait_for(workers)
        yield cluster
    finally:
        cluster.stop()
