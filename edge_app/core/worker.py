"""A thread that lives as long as a ``with``."""

import threading
from abc import abstractmethod
from typing import Self

from edge_app.core.closing import Closing

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
