"""Telling systemd how the kiosk is: sd_notify(3), one datagram per message."""

import logging
import os
import socket
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

_STATUS_EVERY_S = 2.0


def notify(message: str, address: str | None = None) -> None:
    """Send e.g. ``READY=1`` to the service manager; nothing where there is none.

    address: of the socket, by default NOTIFY_SOCKET; a leading @ is an abstract one. One that
    takes no message is logged: the kiosk goes on, and the manager decides.
    """
    address = address or os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(message.encode(), address)
    except OSError as error:
        _log.warning("service manager not told", extra={"reason": str(error)})


class Heartbeat:
    """READY at the first picture shown, WATCHDOG at every one, STATUS every two seconds.

    It is only ever called by the loop that processes and shows pictures, so a loop that hangs falls
    silent and systemd restarts the program. Nothing calls it from a timer.
    """

    def __init__(
        self,
        send: Callable[[str], None] = notify,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._clock = clock
        self._ready = False
        self._status_due = 0.0

    def beat(self, status: str) -> None:
        """After each picture that is shown. status: one line for ``systemctl status``."""
        lines = ["WATCHDOG=1"]
        if not self._ready:
            lines.append("READY=1")
        now = self._clock()
        if not self._ready or now >= self._status_due:
            lines.append(f"STATUS={status}")
            self._status_due = now + _STATUS_EVERY_S
        self._send("\n".join(lines))
        self._ready = True

    def stopping(self) -> None:
        self._send("STOPPING=1")
