"""What the kiosk says about itself, and how it measures its own pace."""

from collections import deque
from dataclasses import dataclass

from edge_app.enrolment.state_machine import Prompt
from edge_app.media.sources import SourceState
from edge_app.updates.report import Health

_WINDOW_S = 3.0


@dataclass(frozen=True, slots=True)
class KioskStatus:
    """A snapshot, immutable and safe to read from any thread."""

    source: SourceState
    rate: float
    """Live frames per second over the last three seconds."""
    latency_ms: float
    """From the capture of the last live frame until it was processed, in milliseconds."""
    healthy_frames: int
    """Live frames processed since the start."""
    faces: int
    """In the last frame."""
    names: tuple[str, ...]
    """Of the known people in the last frame, largest face first."""

    prompt: Prompt | None = None
    """What the screen says to somebody who is being enrolled; None while nobody is."""

    def health(self) -> Health:
        """For whoever replaces the bundle of this kiosk."""
        return Health(
            healthy_frames=self.healthy_frames,
            live=self.source.phase == "live",
            enrolling=self.prompt is not None,
            status=self.line(),
        )

    def line(self) -> str:
        """For ``systemctl status``; says how many people, and never who."""
        if self.source.phase != "live":
            return f"no picture: {self.source.reason or self.source.phase}"
        return f"{self.rate:.1f} frames per second, {self.faces} people in view"


class RateMeter:
    """Events per second over the last three seconds."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def add(self, now: float) -> None:
        self._moments.append(now)

    def rate(self, now: float) -> float:
        while self._moments and now - self._moments[0] > _WINDOW_S:
            self._moments.popleft()
        if len(self._moments) < 2:
            return 0.0
        return (len(self._moments) - 1) / max(now - self._moments[0], 1e-9)
