"""Keeps a thread's work below a share of one core."""

import threading
import time
from collections.abc import Callable

_LONGEST_S = 0.25


class CpuShare:
    """Says how long to wait before a thread is given more work.

    share: of one core, above 0. spent: CPU seconds of the thread so far. What was not spent does
    not pile up: a quiet hour is no reason for a busy minute.
    """

    def __init__(
        self,
        share: float,
        spent: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._share = share
        self._spent = spent
        self._clock = clock
        self._seen_at, self._seen_spent = clock(), spent()
        self._owed_s = 0.0

    def wait_s(self) -> float:
        """Seconds until the thread is back within its share, at most a quarter of one."""
        now, spent = self._clock(), self._spent()
        used, allowed = spent - self._seen_spent, self._share * (now - self._seen_at)
        self._owed_s = min(max(0.0, self._owed_s + used - allowed), self._share * _LONGEST_S)
        self._seen_at, self._seen_spent = now, spent
        return self._owed_s / self._share


def cpu_of_this_thread() -> Callable[[], float]:
    """What says, in any thread, how many CPU seconds the one that calls this has used.

    It raises OSError once that thread has ended.
    """
    number = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(number)
