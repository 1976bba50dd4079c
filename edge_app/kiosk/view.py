"""What a viewer of the kiosk is given for one frame; drawn only when somebody looks."""

import threading
import time
from dataclasses import dataclass, field
from functools import cached_property

import cv2

from edge_app.core.types import ColorImage, FrameResult
from edge_app.kiosk.status import KioskStatus
from edge_app.media.annotators import FaceAnnotator

MAX_LIVE_AGE_S = 1.0
"""An older frame is not shown as live."""

_JPEG_QUALITY = 80


@dataclass(frozen=True)
class View:
    """One processed frame. is_picture: False for what is shown while there is no camera.

    The picture and its JPEG are made once, in the thread of the first viewer that asks.
    """

    result: FrameResult
    status: KioskStatus
    annotator: FaceAnnotator
    is_picture: bool
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def is_live(self, now: float | None = None) -> bool:
        """Whether it may be shown as what happens now. now: ``time.monotonic()``."""
        moment = time.monotonic() if now is None else now
        return self.is_picture and moment - self.result.frame.captured_at <= MAX_LIVE_AGE_S

    @property
    def picture(self) -> ColorImage:
        """The annotated frame, uint8 (H, W, 3) BGR. Not to be drawn on: others see it too."""
        with self._lock:
            return self._picture

    @property
    def jpeg(self) -> bytes:
        """The annotated frame as a JPEG."""
        with self._lock:
            return self._jpeg

    @cached_property
    def _picture(self) -> ColorImage:
        return self.annotator.annotate(self.result) if self.is_picture else self.result.frame.image

    @cached_property
    def _jpeg(self) -> bytes:
        _, data = cv2.imencode(".jpg", self._picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        return data.tobytes()
