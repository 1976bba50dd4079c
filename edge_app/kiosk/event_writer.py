"""Writes visits in a thread of its own, seldom and together, so that an SD card lasts."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from edge_app.core.config import Table
from edge_app.core.errors import ReconociasError
from edge_app.core.types import Face, FrameResult
from edge_app.core.worker import Worker
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


class EventWriter(Worker):
    """Observes frames and writes visits every ``every_s`` seconds; forgets the old every hour.

    open_log: called in the thread that writes, and what it puts on the stack is closed there.
    keep_days, max_bytes: for how long visits are kept, and how much of the disk they may take.
    A full disk is logged, and up to 1,000 visits wait in memory for room; the oldest go first.
    tell: given the visits that are over, in the writer's thread, and returns those it passed on;
    the others are given to it again, also after a restart. ``observe`` never waits for the disk.
    """

    def __init__(
        self,
        open_log: Callable[[ExitStack], EventLog],
        *,
        recorder: VisitRecorder,
        every_s: float,
        keep_days: float,
        max_bytes: int,
        tell: Callable[[Sequence[Visit]], Sequence[Visit]] | None = None,
    ) -> None:
        super().__init__("events")
        self._open_log = open_log
        self._recorder = recorder
        self._every_s = every_s
        self._keep_days = keep_days
        self._max_bytes = max_bytes
        self._tell = tell
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

    def run(self) -> None:
        with ExitStack() as stack:
            self._write(stack)

    def _write(self, stack: ExitStack) -> None:
        waiting: deque[Visit] = deque(maxlen=_MAX_WAITING)
        log: EventLog | None = None
        forget_at = 0.0
        stopping = False
        while not stopping:
            stopping = self.stopping.wait(self._every_s)
            with self._lock:
                waiting.extend(self._recorder.take(time.monotonic(), time.time()))
            try:
                log = log or self._open_log(stack)
                log.write(list(waiting), to_tell=self._tell is not None)
                waiting.clear()
                if self._tell is not None and (untold := log.untold()):
                    log.told(self._tell(untold))
                if time.monotonic() >= forget_at:
                    self._forget(log)
                    forget_at = time.monotonic() + _FORGET_EVERY_S
            except ReconociasError as error:
                _log.warning("events not written", extra={"reason": str(error)})
            except Exception:  # this thread must outlive a mistake of the program
                _log.exception("events lost", extra={"visits": len(waiting)})
                waiting.clear()  # or they would stop all that follow

    def _forget(self, log: EventLog) -> None:
        count = log.forget(before=kept_since(self._keep_days), max_bytes=self._max_bytes)
        if count:
            _log.info("old events deleted", extra={"visits": count})
