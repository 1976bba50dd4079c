"""Work on several cores with a result in the old order, and never much of it in memory."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Generic, TypeVar

from edge_app.core.worker import Closing

T = TypeVar("T")
R = TypeVar("R")

_MEMORY_EACH = 512 * 2**20
"""Bytes that the machine should have per worker: a photograph of 50 million pixels takes as many
when it is read, drawn on and written."""


def usable_workers() -> int:
    """One for each core that this process may use, as far as the machine's memory goes."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not say
        return cores
    return max(1, min(cores, round(memory / _MEMORY_EACH)))


def in_order(workers: Sequence[Callable[[T], R]], values: Iterator[T]) -> Iterator[R]:
    """What the workers make of the values, each worker in one thread at a time, in their order.

    At most one value more than there are workers is under way. What a worker raises is raised in
    its turn; what ``values`` raises, after all that came before it. A single worker has no thread.
    """
    if len(workers) == 1:
        yield from map(workers[0], values)
        return
    free: SimpleQueue[Callable[[T], R]] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work(value: T) -> R:
        worker = free.get()
        try:
            return worker(value)
        finally:
            free.put(worker)

    failure: Exception | None = None
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(len(workers), "recognise") as pool:
        try:
            while failure is None:
                try:
                    value = next(values)
                except StopIteration:
                    break
                except Exception as error:  # raised below, in its turn
                    failure = error
                    break
                waiting.append(pool.submit(work, value))
                if len(waiting) > len(workers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            _cancel(waiting)
    if failure is not None:
        raise failure


def read_ahead(values: Iterator[T], room: int) -> Iterator[T]:
    """The same values, at most ``room`` of them taken before they are asked for.

    A thread of its own takes them and closes the generator that gives them, so that nothing of it
    runs in any other. room: 0 takes them when they are asked for, without a thread.
    """
    if room == 0:
        with closing(values):
            yield from values
        return
    end = object()
    waiting: deque[Future[T | object]] = deque()
    with ThreadPoolExecutor(1, "decode") as pool:
        try:
            for _ in range(room):
                waiting.append(pool.submit(next, values, end))
            while (value := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(next, values, end))
                yield value  # type: ignore[misc]  # all but ``end`` is of the values
        finally:
            _cancel(waiting)
            pool.submit(getattr(values, "close", _nothing)).result()


class Behind(Closing, Generic[T]):
    """Has a thread do some work on one value after the other, at most ``room`` values late.

    What goes wrong is raised by a later ``put``, or by ``finish``. Leaving ``with`` drops what has
    not been begun. room: 0 does it at once, without a thread.
    """

    def __init__(self, work: Callable[[T], None], room: int) -> None:
        self._work = work
        self._room = room
        self._waiting: deque[Future[None]] = deque()
        self._pool = ThreadPoolExecutor(1, "encode")

    def put(self, value: T) -> None:
        """Add a value; waits while ``room`` others are not done."""
        if self._room == 0:
            self._work(value)
            return
        self._waiting.append(self._pool.submit(self._work, value))
        while len(self._waiting) > self._room:
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Wait until all is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        _cancel(self._waiting)
        self._pool.shutdown()


def closing(values: Iterator[T]) -> ExitStack:
    """For ``with``: closes a generator at the end; other iterators have nothing to close."""
    stack = ExitStack()
    stack.callback(getattr(values, "close", _nothing))
    return stack


def _cancel(waiting: "deque[Future[T]]") -> None:
    for future in waiting:
        future.cancel()


def _nothing() -> None:
    pass
