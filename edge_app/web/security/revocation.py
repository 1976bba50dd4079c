"""Sessions that ended before their time."""

import time
from collections.abc import Callable


class RevokedSessions:
    """The numbers of those that were logged out of. Kept in memory, so until the program ends.

    Changed in the event loop's thread alone; any may ask.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def add(self, number: str, until: float) -> None:
        """until: when it would have ended by itself, in seconds since 1970; kept until then."""
        now = self._clock()
        self._until = {known: end for known, end in self._until.items() if end > now}
        self._until[number] = until

    def __contains__(self, number: object) -> bool:
        return number in self._until
