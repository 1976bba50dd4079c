"""A thread that lives as long as a ``with``."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

_JOIN_S = 10.0


class Worker(ABC):
    """Does ``run`` in a thread of its own, from ``with`` to the end of it.

    ``run`` ends soon after ``stopping`` is set; it is waited for ten seconds. A subclass extends
    ``stop`` with what wakes its thread or has to be handed over first.
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join(_JOIN_S)
