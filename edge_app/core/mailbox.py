"""The newest value for any number of readers, each at their own pace."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Broadcast(Generic[T]):
    """One slot that is overwritten: a slow reader skips values, and never gets an old one twice.

    A reader that stops reading costs nothing, and ``put`` never waits for anybody.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._count = 0
        self._readers = 0

    def put(self, value: T) -> None:
        with self._changed:
            self._value = value
            self._count += 1
            self._changed.notify_all()

    @property
    def newest(self) -> T | None:
        """The last value put, read before or not; None before the first."""
        return self._value

    @property
    def readers(self) -> int:
        """How many read at present."""
        return self._readers

    @contextmanager
    def reader(self) -> Iterator["Reader[T]"]:
        """A reader whose first value is the newest there is."""
        with self._changed:
            self._readers += 1
        try:
            yield Reader(self)
        finally:
            with self._changed:
                self._readers -= 1

    def wait(self, seen: int, timeout_s: float) -> tuple[int, T | None]:
        """The number and value of the newest after number ``seen``; (seen, None) after a while."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._count > seen, timeout_s):
                return seen, None
            return self._count, self._value


class Reader(Generic[T]):
    """Made by ``Broadcast.reader``."""

    def __init__(self, broadcast: Broadcast[T]) -> None:
        self._broadcast = broadcast
        self._seen = 0

    def next(self, timeout_s: float) -> T | None:
        """The newest value that this reader has not had yet, or None after ``timeout_s``."""
        self._seen, value = self._broadcast.wait(self._seen, timeout_s)
        return value
