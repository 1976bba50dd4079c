"""Cameras of this machine through OpenCV (V4L2, so most USB cameras)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.media.sources.base import CameraSettings, Device, LiveSource

_FOLDER = Path("/sys/class/video4linux")


class CameraSource(LiveSource):
    """A camera of this machine through OpenCV.

    index: N of /dev/videoN. wanted: None leaves size and rate to the camera. Raises CameraError
    where it does not open or stops.
    """

    def __init__(self, index: int, wanted: CameraSettings | None = None) -> None:
        self.index = index
        self.name = f"camera:{index}"
        self._wanted = wanted
        self._capture: cv2.VideoCapture | None = None

    def __enter__(self) -> Self:
        self._capture = cv2.VideoCapture(self.index)
        if not self._capture.isOpened():
            self.close()
            raise CameraError(
                f"{self.name}: expected a camera, found none that opens; "
                "check the cable, or which program uses it, with `reconocias doctor`"
            )
        if self._wanted is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._wanted.width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wanted.height)
            self._capture.set(cv2.CAP_PROP_FPS, self._wanted.rate)
        return self

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


def cameras() -> list[Device]:
    """Every camera of this machine, each opened and tried."""
    nodes = sorted(_FOLDER.glob("video*")) if _FOLDER.is_dir() else []
    if not nodes:
        return [Device("cameras", False, "none found (/dev/video*)")]
    return [_tried(int(node.name.removeprefix("video")), node) for node in nodes]


def _tried(index: int, node: Path) -> Device:
    name = (node / "name").read_text(encoding="utf-8", errors="replace").strip()
    capture = cv2.VideoCapture(index)
    try:
        works = capture.isOpened() and capture.read()[0]
    finally:
        capture.release()
    state = "gives frames" if works else "gives no frames (busy, or not a capture device)"
    return Device(f"camera:{index}", works, f"{name}: {state}")
