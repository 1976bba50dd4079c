"""The live picture for any number of viewers: each gets the newest frame when it is ready for one.

A thread takes frames from the kiosk only while somebody watches, and has each encoded once. Sending
them has a share of one core: many viewers get fewer frames each, and the kiosk loses none for them
(docs/decisions/0034).
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from edge_app.core.mailbox import Mailbox, Reader
from edge_app.kiosk.view import View
from edge_app.media.results import face_record
from edge_app.web.live.cpu_share import CpuShare, cpu_of_this_thread

_LOOK_S = 0.5
_SHARE = 0.05
"""Of one core, for everything that the event loop does while somebody watches."""


@dataclass(frozen=True)
class LiveFrame:
    """What is sent: the annotated picture, and what it shows as JSON."""

    jpeg: bytes
    facts: dict[str, Any]
    message: bytes
    """Both in one: 4 bytes with the length of the JSON (big-endian), the JSON, the JPEG."""


def live_frame(view: View) -> LiveFrame:
    """Draws and encodes, unless that was done before."""
    frame, status, jpeg = view.result.frame, view.status, view.jpeg
    facts = {
        "frame": frame.index,
        "captured_at": frame.captured_at,
        "age_ms": round((time.monotonic() - frame.captured_at) * 1e3, 1),
        "is_picture": view.is_picture,
        "size": [frame.image.shape[1], frame.image.shape[0]],
        "rate": round(status.rate, 1),
        "latency_ms": round(status.latency_ms, 1),
        "source": {"phase": status.source.phase, "reason": status.source.reason},
        "prompt": asdict(status.prompt) if status.prompt else None,
        "faces": [face_record(face) for face in view.result.faces] if view.is_picture else [],
    }
    head = json.dumps(facts).encode()
    return LiveFrame(jpeg, facts, len(head).to_bytes(4, "big") + head + jpeg)


class LiveViewers:
    """Hands the kiosk's views from its thread to the viewers, who live in one event loop."""

    def __init__(self, views: Mailbox[View]) -> None:
        self._views = views
        self._watching = 0
        self._pump: _Pump | None = None

    @property
    def watching(self) -> int:
        return self._watching

    @contextmanager
    def watch(self) -> Iterator["LiveViewer"]:
        """One viewer, for as long as the ``with`` lasts."""
        self._watching += 1
        self._pump = pump = self._pump or _Pump(self._views)
        try:
            with pump.frames.reader() as reader:
                yield LiveViewer(pump, reader)
        finally:
            self._watching -= 1
            if not self._watching and self._pump is not None:
                self._pump.stop()
                self._pump = None


class LiveViewer:
    """Made by ``LiveViewers.watch``."""

    def __init__(self, pump: "_Pump", frames: Reader[LiveFrame]) -> None:
        self._pump = pump
        self._frames = frames

    async def next(self) -> LiveFrame:
        """The newest frame that this viewer has not had yet; waits for one."""
        while (frame := self._frames.next(0.0)) is None:
            await self._pump.changed.wait()
        return frame


class _Pump:
    """The thread between the kiosk's frames and the event loop in which it was made.

    changed: set, and replaced, in that loop when there is a new frame.
    """

    def __init__(self, views: Mailbox[View]) -> None:
        self.frames: Mailbox[LiveFrame] = Mailbox()
        self.changed = asyncio.Event()
        self._views = views
        self._loop = asyncio.get_running_loop()
        self._share = CpuShare(_SHARE, cpu_of_this_thread())
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="live", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _publish(self, frame: LiveFrame) -> None:
        self.frames.put(frame)
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def _run(self) -> None:
        ended = suppress(RuntimeError, OSError)  # of the event loop, of its thread's clock
        with ended, self._views.reader() as reader:
            while not self._stopped.is_set():
                view = reader.next(_LOOK_S)
                if view is None:
                    continue
                if not self._stopped.wait(self._share.wait_s()):
                    newest = reader.next(0.0) or view
                    self._loop.call_soon_threadsafe(self._publish, live_frame(newest))
