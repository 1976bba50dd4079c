"""A live source that comes back by itself, read by a thread that keeps the newest frame only."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from edge_app.core.errors import CameraError
from edge_app.core.mailbox import Mailbox, Reader
from edge_app.core.types import ColorImage, Frame
from edge_app.core.worker import Closing
from edge_app.media.sources.base import LiveSource

_log = logging.getLogger(__name__)

Correction = Callable[[ColorImage], ColorImage]

_JOIN_S = 2.0
_HUNG_S = 60.0
"""A read that has not come back after so long never will; sockets and V4L2 give up after 10 s."""


class DriverHungError(RuntimeError):
    """A read hangs in the driver and keeps the camera busy: only a new process frees it."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between attempts: ``first``, doubled each time, up to ``longest``."""

    first: float = 0.5
    longest: float = 30.0

    def wait(self, failures: int) -> float:
        """How long to wait after so many failures in a row, 1 or more."""
        doublings = min(failures - 1, 32)
        return min(self.longest, self.first * 2.0**doublings)


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is. reason: why it was lost, empty while it is not."""

    name: str
    phase: Literal["connecting", "live", "lost", "ended"]
    reason: str = ""
    failures: int = 0
    """Attempts since the start that ended or did not open."""


class ReconnectingSource(Closing):
    """Opens a source, reads it in a thread, and opens it anew whenever it fails.

    A failure is an error, an end, a picture that is none, ``stall_s`` seconds without a frame, or
    ``opening_s`` seconds until the first. correct: applied to every picture, in that thread.
    Each attempt is a thread that opens, reads and closes its own source, so that nothing is closed
    under a read. A read that hangs is left to itself; it closes its source when it returns. One
    reader at a time calls ``next``, which also does the supervising: there is no further thread.
    """

    def __init__(
        self,
        make: Callable[[], LiveSource],
        *,
        stall_s: float = 5.0,
        opening_s: float = 20.0,
        hung_s: float = _HUNG_S,
        backoff: Backoff | None = None,
        correct: Correction | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._stall_s = stall_s
        self._opening_s = opening_s
        self._hung_s = hung_s
        self._correct = correct
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._attempt: _Attempt | None = None
        self._hanging: list[tuple[_Attempt, float]] = []
        """Attempts that were left to themselves, and since when."""
        self._failures_in_a_row = 0
        self._retry_at = 0.0
        self._index = 0
        self._state = SourceState("", "connecting")

    @property
    def state(self) -> SourceState:
        return self._state

    def close(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.abandon()
            attempt.join(_JOIN_S)

    def next(self, timeout_s: float) -> Frame | None:
        """The newest frame that was not given yet, or None after ``timeout_s`` seconds.

        Frames are numbered on across failures. Raises DriverHungError when the source is lost and
        a read of before has not come back for a minute.
        """
        self._supervise()
        attempt = self._attempt
        if attempt is None:
            time.sleep(max(0.0, min(timeout_s, self._retry_at - self._clock())))
            return None
        picture = attempt.pictures.next(timeout_s)
        if picture is None:
            return None
        self._note_live(attempt)
        image, captured_at = picture
        frame = Frame(image, self._index, captured_at)
        self._index += 1
        return frame

    def _supervise(self) -> None:
        """Start an attempt, or give one up."""
        now = self._clock()
        if self._attempt is None:
            if now >= self._retry_at:
                self._start(now)
        elif self._attempt.pictures.ended and self._attempt.final:
            self._end()
        elif self._attempt.pictures.ended:
            self._give_up(self._attempt.reason, now)
        elif now - self._attempt.last_news > (
            patience := self._stall_s if self._attempt.delivered else self._opening_s
        ):
            self._hanging.append((self._attempt, now))
            self._give_up(f"no frame for {patience:g} s", now)

    def _start(self, now: float) -> None:
        self._hanging = [(attempt, since) for attempt, since in self._hanging if attempt.alive()]
        if any(now - since > self._hung_s for _, since in self._hanging):
            raise DriverHungError(
                f"{self._state.name}: a read has not come back for {self._hung_s:g} s; a new "
                "process is needed, and if that does not help, pull the camera's plug"
            )
        self._attempt = _Attempt(self._make, self._correct, self._clock)

    def _end(self) -> None:
        self._attempt, self._retry_at = None, math.inf
        self._state = replace(self._state, phase="ended")

    def _give_up(self, reason: str, now: float) -> None:
        assert self._attempt is not None
        self._attempt.abandon()
        name, self._attempt = self._attempt.name or self._state.name, None
        self._failures_in_a_row += 1
        self._retry_at = now + self._backoff.wait(self._failures_in_a_row)
        if self._state.phase != "lost":
            _log.warning("source lost", extra={"source": name, "reason": reason})
        self._state = SourceState(name, "lost", reason, self._state.failures + 1)

    def _note_live(self, attempt: "_Attempt") -> None:
        self._failures_in_a_row = 0
        if self._state.phase != "live":
            _log.info("source live", extra={"source": attempt.name})
            self._state = SourceState(attempt.name, "live", "", self._state.failures)


class _Attempt:
    """One opening of a source and the thread that reads it.

    pictures: each with the moment it was captured. ``reason`` and ``final`` hold once they ended.
    """

    def __init__(
        self,
        make: Callable[[], LiveSource],
        correct: Correction | None,
        clock: Callable[[], float],
    ) -> None:
        self.name = ""
        self.reason = "it ended"
        self.final = False
        self.delivered = False
        self.last_news = clock()
        self._make = make
        self._correct = correct
        self._clock = clock
        self._mailbox: Mailbox[tuple[ColorImage, float]] = Mailbox()
        self.pictures = Reader(self._mailbox)
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def abandon(self) -> None:
        self._abandoned = True

    def alive(self) -> bool:
        return self._thread.is_alive()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            with self._make() as source:
                self.name, comes_back = source.name, source.comes_back
                for frame in source.grab():
                    if self._abandoned:
                        return
                    image = checked_image(frame.image)
                    self._deliver(
                        self._correct(image) if self._correct else image, frame.captured_at
                    )
            self.final = not comes_back
        except Exception as error:  # whatever a driver raises, the source is opened anew
            self.reason = str(error) or type(error).__name__
        finally:
            self._mailbox.end()

    def _deliver(self, image: ColorImage, captured_at: float) -> None:
        self.last_news = self._clock()
        self.delivered = True
        self._mailbox.put((image, captured_at))


def checked_image(image: object) -> ColorImage:
    """The image itself. Raises CameraError for what is no picture: drivers give odd things."""
    if (
        isinstance(image, np.ndarray)
        and image.dtype == np.uint8
        and image.ndim == 3
        and image.shape[2] == 3
        and image.size > 0
    ):
        return image
    found = (
        f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
    )
    raise CameraError(f"expected pictures of uint8 (H, W, 3), found {found}")
