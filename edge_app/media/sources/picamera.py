"""The Raspberry Pi's own camera, through picamera2 (a package of Raspberry Pi OS, not of PyPI)."""

import importlib
import time
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.media.sources.base import CameraSettings, LiveSource

_BGR_IN_MEMORY = "RGB888"
"""libcamera names the bytes of a word from the other end: its RGB888 is blue, green, red here."""


class PiCameraSource(LiveSource):
    """A camera at the Pi's ribbon connector.

    number: of the camera, 0 for the first. wanted: None leaves size and rate to picamera2.
    Raises CameraError without picamera2, without a camera, or while another program has it.
    """

    def __init__(self, number: int = 0, wanted: CameraSettings | None = None) -> None:
        self.name = f"picamera:{number}"
        self._number = number
        self._wanted = wanted
        self._camera: Any = None

    def __enter__(self) -> Self:
        try:
            module = importlib.import_module("picamera2")
        except ImportError as error:
            raise CameraError(
                f"{self.name}: expected picamera2, found none ({error}); "
                "apt install python3-picamera2, in a venv with system site packages"
            ) from error
        try:
            self._camera = module.Picamera2(self._number)
            self._start(self._camera)
        except Exception as error:  # IndexError without a camera, RuntimeError while it is busy
            self.close()
            raise CameraError(
                f"{self.name}: expected a camera, found none that opens ({error}); "
                "check the ribbon cable, or which program uses it"
            ) from error
        return self

    def _start(self, camera: Any) -> None:
        main: dict[str, Any] = {"format": _BGR_IN_MEMORY}
        controls: dict[str, Any] = {}
        if self._wanted is not None:
            main["size"] = self._wanted.size
            controls["FrameRate"] = self._wanted.rate
        camera.configure(camera.create_video_configuration(main=main, controls=controls))
        camera.start()

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    def grab(self) -> Iterator[Frame]:
        if self._camera is None:
            raise ValueError("a PiCameraSource is read inside of `with`")
        index = 0
        while True:
            try:
                image = self._camera.capture_array("main")
            except Exception as error:  # whatever libcamera says, the camera is to be opened anew
                raise CameraError(
                    f"{self.name}: the camera stopped giving frames ({error})"
                ) from error
            yield Frame(image.astype(np.uint8, copy=False), index, time.monotonic())
            index += 1
