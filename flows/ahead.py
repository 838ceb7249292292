"""Work on one batch while the next is read and the last is written."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_AHEAD = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`work` of every item, in their order, done in a second thread; the first error of either side comes out here.

    At most two items wait, so that memory stays bounded.
    """
    with ThreadPoolExecutor(1) as worker:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(worker.submit(work, item))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
