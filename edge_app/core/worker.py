"""A thread that lives as long as a ``with``."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """Opens on ``with`` where it has something to open, and closes on the way out."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of what it holds."""


_JOIN_S = 10.0


class Worker(Closing):
    """Does ``run`` in a thread of its own, from ``with`` to the end of it.

    ``run`` ends soon after ``stopping`` is set; it is waited for ten seconds. A subclass extends
    ``stop`` with what wakes its thread or has to be handed over first, and ``close`` with what is
    left to do once it has ended.
    """

    def __init__(self, name: str) -> None:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    @abstractmethod
    def run(self) -> None:
        """The work of the thread."""

    def stop(self) -> None:
        """Tell the thread to end. Called on the way out of ``with``."""
        self.stopping.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self.stop()
        self._thread.join(_JOIN_S)
