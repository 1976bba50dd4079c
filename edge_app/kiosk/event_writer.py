"""Writes visits in a thread of its own, seldom and together, so that an SD card lasts."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from edge_app.core.config import Table
from edge_app.core.types import Face, FrameResult
from edge_app.core.worker import LoopWorker
from edge_app.kiosk.outlets import Outlet
from edge_app.kiosk.visits import VisitRecorder
from edge_app.storage.events import EventLog, Visit, kept_since

_log = logging.getLogger(__name__)

_MAX_WAITING = 1000
_FORGET_EVERY_S = 3600.0


class EventSettings(Table):
    """Who was seen with which emotion from when to when."""

    enabled: bool = True
    """false: no event is stored."""
    write_every_s: Annotated[float, Field(gt=0.0, le=3600.0)] = 30.0
    """Seconds between two writes to the disk; so much is lost in a power cut."""
    gap_s: PositiveFloat = 5.0
    """Seconds that somebody may be out of sight within one visit."""
    shortest_s: Annotated[float, Field(ge=0.0)] = 1.0
    """Seconds; a shorter visit is none, and a shorter emotion is no change."""
    keep_days: PositiveFloat = 30.0
    """Days after which a visit is deleted."""
    quota_mib: PositiveInt = 32
    """MiB that all visits take in the database at most; the oldest are deleted first."""


class EventWriter(LoopWorker):
    """Observes frames and writes visits every ``every_s`` seconds; forgets the old every hour.

    open_log: called in the thread that writes, and what it puts on the stack is closed there.
    keep_days, max_bytes: for how long visits are kept, and how much of the disk they may take.
    A full disk is logged, and up to 1,000 visits wait in memory for room; the oldest go first.
    outlets: told of each visit that is over until they confirm it, by the names under which the
    database remembers that. ``observe`` never waits for the disk.
    """

    def __init__(
        self,
        open_log: Callable[[ExitStack], EventLog],
        *,
        recorder: VisitRecorder,
        every_s: float,
        keep_days: float,
        max_bytes: int,
        outlets: Mapping[str, Outlet] | None = None,
    ) -> None:
        super().__init__("events", failing="events not written", every_s=every_s)
        self._open_log = open_log
        self._recorder = recorder
        self._keep_days = keep_days
        self._max_bytes = max_bytes
        self._outlets = outlets or {}
        self._events: EventLog | None = None
        self._waiting: deque[Visit] = deque(maxlen=_MAX_WAITING)
        self._forget_at = 0.0
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Also ends the visits of those in view."""
        with self._lock:
            self._recorder.finish()
        super().stop()

    def observe_frame(self, result: FrameResult) -> None:
        self.observe(result.faces, result.frame.captured_at)

    def observe(self, faces: Sequence[Face], now: float) -> None:
        """The faces of a frame at ``now`` seconds of ``time.monotonic()``."""
        with self._lock:
            self._recorder.observe(faces, now)

    def step(self) -> None:
        with self._lock:
            self._waiting.extend(self._recorder.take(time.monotonic(), time.time()))
        events = self._events = self._events or self._open_log(self.opened)
        events.write(list(self._waiting), to_tell=self._outlets)
        self._waiting.clear()
        for name, outlet in self._outlets.items():  # one that fails keeps no other waiting
            self.guarded(partial(_tell, events, name, outlet))
        if time.monotonic() >= self._forget_at:
            self._forget(events)
            self._forget_at = time.monotonic() + _FORGET_EVERY_S

    def finish(self) -> None:
        self.step()

    def broke(self) -> None:
        _log.exception("events lost", extra={"visits": len(self._waiting)})
        self._waiting.clear()  # or they would stop all that follow

    def _forget(self, log: EventLog) -> None:
        count = log.forget(before=kept_since(self._keep_days), max_bytes=self._max_bytes)
        if count:
            _log.info("old events deleted", extra={"visits": count})


def _tell(events: EventLog, name: str, outlet: Outlet) -> None:
    if untold := events.untold(name):
        events.told(name, outlet.tell(untold))
