"""When the whole picture is searched for faces."""


class Cadence:
    """Every ``every_s`` seconds, or more seldom: a search takes at most ``share`` of the time.

    A slow device so gets its picture as fast as it can follow the known faces, and new faces a
    little later. Has no clock of its own: the caller says what time it is, in seconds.
    """

    def __init__(self, every_s: float, share: float) -> None:
        self._every_s = every_s
        self._share = share
        self._due = float("-inf")
        self._earliest = float("-inf")

    def due(self, now: float) -> bool:
        return now >= self._due

    def searched(self, now: float, took_s: float) -> None:
        """A search that began at ``now`` took so long."""
        self._earliest = now + took_s / self._share
        self._due = max(self._earliest, now + self._every_s)

    def hurry(self) -> None:
        """A face was lost: search again as soon as the share of the time allows it."""
        self._due = self._earliest
