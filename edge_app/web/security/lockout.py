"""Slows down the guessing of passwords."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_ATTEMPTS = 5
FIRST_LOCK_S = 30.0
LONGEST_LOCK_S = 900.0
_FREE_ATTEMPTS_OF_ALL = 30
_REMEMBERED = 1000


@dataclass
class _Record:
    failures: int = 0
    locked_until: float = 0.0
    last_failure: float = 0.0


class Lockout:
    """Counts wrong passwords per address (IPv6: per /64 network) and of all addresses together.

    After ``FREE_ATTEMPTS`` wrong ones an address waits 30 s, then twice as long after each further
    one, up to 15 minutes; a right one, or ``LONGEST_LOCK_S`` without a wrong one, forgets them.
    Belongs to the event loop's thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._everybody = _Record()

    def wait_s(self, address: str) -> float:
        """Seconds until the address may try again; 0.0 for at once."""
        record = self._records.get(_network(address), _Record())
        until = max(record.locked_until, self._everybody.locked_until)
        return max(0.0, until - self._clock())

    def failed(self, address: str) -> None:
        key = _network(address)
        record = self._records.setdefault(key, _Record())
        self._records.move_to_end(key)
        while len(self._records) > _REMEMBERED:
            self._records.popitem(last=False)
        self._count(record, FREE_ATTEMPTS)
        self._count(self._everybody, _FREE_ATTEMPTS_OF_ALL)

    def succeeded(self, address: str) -> None:
        self._records.pop(_network(address), None)

    def _count(self, record: _Record, free: int) -> None:
        now = self._clock()
        if now - record.last_failure > LONGEST_LOCK_S:
            record.failures = 0
        record.failures += 1
        record.last_failure = now
        excess = record.failures - free
        if excess >= 0:
            record.locked_until = now + min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** min(excess, 16))


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
