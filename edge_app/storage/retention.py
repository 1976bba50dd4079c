"""From when on what is kept for some days is too old."""

import time

_DAY_S = 86_400.0


def kept_since(days: float) -> float:
    """Seconds since 1970, UTC: what is older has been kept for so many days.

    For any number of days; more than there ever were give a time that nothing is older than.
    """
    return time.time() - days * _DAY_S
