"""The newest value for any number of readers, each at their own pace."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One slot that is overwritten: a slow reader skips values, and never gets an old one twice.

    A reader that stops reading costs nothing, and ``put`` never waits for anybody.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None
        self._count = 0
        self._readers = 0
        self._ended = False

    def put(self, value: T) -> bool:
        """Make it the newest; False once the mailbox has ended, which takes nothing any more."""
        with self._changed:
            if self._ended:
                return False
            self._value = value
            self._count += 1
            self._changed.notify_all()
            return True

    def end(self, *, at_once: bool = False) -> None:
        """No value will come any more. at_once: the last one is not given out any more, either."""
        with self._changed:
            self._ended = True
            if at_once:
                self._value, self._count = None, 0
            self._changed.notify_all()

    @property
    def newest(self) -> T | None:
        """The last value put, read before or not; None before the first."""
        return self._value

    @property
    def ended(self) -> bool:
        return self._ended

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
        """The number and value of the newest after number ``seen``; (seen, None) after a while.

        It waits for nothing once the mailbox has ended.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._count > seen or self._ended, timeout_s)
            return (self._count, self._value) if self._count > seen else (seen, None)

    def is_over(self, seen: int) -> bool:
        """Whether nothing will come after number ``seen``."""
        with self._changed:
            return self._ended and self._count <= seen


class Reader(Generic[T]):
    """Made by ``Mailbox.reader``."""

    def __init__(self, mailbox: Mailbox[T]) -> None:
        self._mailbox = mailbox
        self._seen = 0

    def next(self, timeout_s: float) -> T | None:
        """The newest value that this reader has not had; None after ``timeout_s``, or the end."""
        self._seen, value = self._mailbox.wait(self._seen, timeout_s)
        return value

    def each(self, patience_s: float) -> Iterator[T]:
        """What ``next`` gives, until the end. Raises TimeoutError where nothing comes that long."""
        while not self.ended:
            value = self.next(patience_s)
            if value is not None:
                yield value
            elif not self.ended:
                raise TimeoutError

    @property
    def ended(self) -> bool:
        """Whether the mailbox has ended and this reader has had its last value."""
        return self._mailbox.is_over(self._seen)
