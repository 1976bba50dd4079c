"""What every source shares."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import PositiveFloat, PositiveInt

from edge_app.core.config import Table
from edge_app.core.types import ColorImage, Frame
from edge_app.core.worker import Closing
from edge_app.media.sources.capture import NewestFrame

if TYPE_CHECKING:
    import av


class CameraSettings(Table):
    """What a camera is asked for; it may give others."""

    width: PositiveInt = 640
    """Pixels."""
    height: PositiveInt = 480
    """Pixels."""
    rate: PositiveFloat = 15.0
    """Frames per second."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height


class Device(NamedTuple):
    """Something of this machine that a source could read, and whether it can now."""

    name: str
    works: bool
    detail: str


class Source(Closing):
    """Opens on ``with`` and closes on the way out."""

    name: str

    def close(self) -> None:
        """Let go of the file or device."""


class LiveSource(Source):
    """A source that goes on whether anybody reads it or not: iterating gives the newest frame.

    captured_at is ``time.monotonic()``. Raises CameraError where it does not open or stops.
    comes_back: whether opening it anew after its end makes sense.
    """

    comes_back = True

    @abstractmethod
    def grab(self) -> Iterator[Frame]:
        """Every frame in order; for a thread that does nothing else."""

    def __iter__(self) -> Iterator[Frame]:
        with NewestFrame(self.grab) as newest:
            yield from newest


def upright(picture: "av.VideoFrame") -> ColorImage:
    """uint8 (H, W, 3) BGR, turned as the file asks (phones store how they were held)."""
    image = picture.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    quarter_turns = round(picture.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def reason(error: Exception) -> str:
    """What the system said, without number and class."""
    return getattr(error, "strerror", None) or str(error)
