"""Cameras of this machine through OpenCV (V4L2, so most USB cameras)."""

import time
from collections.abc import Iterator
from typing import Self

import cv2
import numpy as np

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.media.sources.base import LiveSource


class CameraSource(LiveSource):
    """A camera of this machine through OpenCV.

    index: N of /dev/videoN. size: (width, height) and rate in frames per second that the camera is
    asked for; it may give others. Raises CameraError where it does not open or stops.
    """

    def __init__(
        self, index: int, *, size: tuple[int, int] | None = None, rate: float | None = None
    ) -> None:
        self.index = index
        self.name = f"camera:{index}"
        self._size = size
        self._rate = rate
        self._capture: cv2.VideoCapture | None = None

    def __enter__(self) -> Self:
        self._capture = cv2.VideoCapture(self.index)
        if not self._capture.isOpened():
            self.close()
            raise CameraError(
                f"{self.name}: expected a camera, found none that opens; "
                "check the cable, or which program uses it, with `reconocias doctor`"
            )
        self._ask_for_format(self._capture)
        return self

    def _ask_for_format(self, capture: cv2.VideoCapture) -> None:
        if self._size is not None:
            width, height = self._size
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        if self._rate is not None:
            capture.set(cv2.CAP_PROP_FPS, self._rate)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def grab(self) -> Iterator[Frame]:
        capture = self._capture
        if capture is None:
            raise ValueError("a CameraSource is read inside of `with`")
        index = 0
        while True:
            whole, image = capture.read()
            if not whole:
                raise CameraError(
                    f"{self.name}: the camera stopped giving frames; plug it in again"
                )
            yield Frame(image.astype(np.uint8, copy=False), index, time.monotonic())
            index += 1
