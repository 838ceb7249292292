"""The parts judged on this machine: in this process, or by several processes at a time where there are several parts.

A worker that dies (killed, out of memory) takes all others of its pool with it. What was in work then is judged again,
by half as many workers; a part during which a worker dies a second time ends the run.
"""

import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path

from flows.engines.memory import fitting_workers, usable_cpus
from flows.engines.part import Arguments, Common, Part, judge_from, judge_part, share
from flows.errors import StageError

_TRIES = 2
_KEEP_MEMORY = "narenas:1,dirty_decay_ms:-1"
"""A worker keeps what it gave back, in one store for all its threads: it asks for as much a moment later, and to have the
system map these pages anew was a sixth of its work. The peak is the same within 3 %; what is kept ends with the worker."""


class Processes:
    """Judges the parts with so many `workers` at a time; by default as many as processors and memory allow."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers

    def __call__(self, common: Common, parts: Sequence[Part], work: Path, note: Callable[[str], None]) -> None:
        workers = min(self.workers, len(parts)) if self.workers else fitting_workers(parts)
        done = 0

        def finished() -> None:
            nonlocal done
            done += 1
            if len(parts) > 1:
                note(f"audit: part {done} of {len(parts)}")

        if workers == 1:
            for part in parts:
                judge_part(common, part)
                finished()
        else:
            _judge(share(common, parts, work), workers, finished, note)


def _judge(parts: Sequence[Arguments], workers: int, finished: Callable[[], None], note: Callable[[str], None]) -> None:
    waiting = deque(parts)
    lost: Counter[int] = Counter()
    while waiting:
        again = _until_one_dies(waiting, workers, finished)
        lost.update(number for _, number, *_ in again)
        if max(lost.values(), default=0) >= _TRIES:
            raise StageError(
                f"audit failed: a worker process died (killed, or out of memory), and again at the second try with"
                f" {workers} at a time; nothing was published. Run with fewer --workers or smaller --part-rows."
            )
        if again:
            waiting.extendleft(reversed(again))
            workers = max(1, workers // 2)
            note(f"audit: a worker process died; {len(again)} parts again, {workers} at a time")


def _until_one_dies(waiting: deque[Arguments], workers: int, finished: Callable[[], None]) -> list[Arguments]:
    """Take parts from `waiting` and judge them; those that were in work when a worker died."""
    running: dict[Future[None], Arguments] = {}
    with _pool(workers) as pool:
        while waiting or running:
            while waiting and len(running) < workers:  # no more than are in work, so that it is known which these are
                part = waiting.popleft()
                try:
                    with _deaf_from_birth():
                        running[pool.submit(judge_from, *part)] = part
                except BrokenProcessPool:
                    return [*running.values(), part]
            lost = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                part = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    lost.append(part)
                elif error is not None:
                    raise error.with_traceback(None) from None
                else:
                    finished()
            if lost:
                return [*lost, *running.values()]
    return []


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that are gone at the end: at once where anything goes wrong."""
    others = set(active_children())
    # Both are read once, when Polars is imported: the workers must be born with them. What Polars, imported here, has put
    # into the second for its children stands before ours: of two values the last one holds.
    allocator = ",".join(filter(None, (os.environ.get("_RJEM_MALLOC_CONF"), _KEEP_MEMORY)))
    threads = str(max(1, usable_cpus() // workers))
    with _environment({"POLARS_MAX_THREADS": threads, "_RJEM_MALLOC_CONF": allocator}):
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start)
        try:
            yield pool
        except BaseException:
            for process in set(active_children()) - others:
                process.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The environment with these values in place of its own, which come back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf_from_birth() -> Iterator[None]:
    """A worker that is born here does not hear a Ctrl-C while it imports; ours waits until this ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _start() -> None:
    """A worker's first act. Ctrl-C reaches the whole group: the run alone answers it, and ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    """A run that is killed can't end its workers, and they would wait for work for ever."""
    run = parent_process()
    if run is not None:
        run.join()
        os._exit(1)
