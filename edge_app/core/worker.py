"""A thread that lives as long as a ``with``, and one that outlives what goes wrong in it."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from edge_app.core.errors import ReconociasError


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


class LoopWorker(Worker):
    """Does ``step`` again and again; what goes wrong in it is logged, and the next one is done.

    opened: for what the steps need and the thread itself has to close at its end. every_s: seconds
    before each step. failing: what the log of the subclass's module says of a step that failed.
    """

    def __init__(self, name: str, *, failing: str, every_s: float = 0.0) -> None:
        super().__init__(name)
        self.failing = failing
        self.opened = ExitStack()
        self.every_s = every_s
        self.log = logging.getLogger(type(self).__module__)

    @abstractmethod
    def step(self) -> None:
        """A piece of the work."""

    def run(self) -> None:
        with self.opened:
            while not self.wait():
                self.guarded(self.step)
            self.guarded(self.finish)

    def wait(self) -> bool:
        """Wait for the next step; True where there is none, as the thread is to end."""
        return self.stopping.wait(self.every_s)

    def finish(self) -> None:
        """The last piece of the work, if there is one, once the thread is to end."""
        return

    def guarded(self, work: Callable[[], None]) -> bool:
        """Whether work came to its end; what stopped it is told to ``failed`` or ``broke``."""
        try:
            work()
        except ReconociasError as error:
            self.failed(error)
        except Exception:  # this thread must outlive a mistake of the program
            self.broke()
        else:
            return True
        return False

    def failed(self, error: ReconociasError) -> None:
        """Something went wrong that the owner can put right."""
        self.log.warning(self.failing, extra={"reason": str(error)})

    def broke(self) -> None:
        """There is a mistake in the program. Called where the exception is handled."""
        self.log.exception(self.failing)
