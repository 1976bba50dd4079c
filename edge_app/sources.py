"""Places that frames come from: photos, folders, videos, cameras and network streams.

Every source is a context manager and an iterable of Frame. What is read here is upright, BGR and
as large as the file says.
"""

import re
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.container import InputContainer

from edge_app.errors import CameraError, InputError, InputMissingError
from edge_app.newest import NewestFrame
from edge_app.photo import is_photo, photos_in, read_photo
from edge_app.types import ColorImage, Frame

_CAMERA = re.compile(r"camera:(\d+)")
_STREAM = re.compile(r"(https?|rtsp)://", re.IGNORECASE)
_STREAM_TIMEOUT_S = 10.0
_MISSING_SECONDS = 1.0
"""A video that ends this long before the length it declares was cut short."""


class _Source:
    """What every source shares: it opens on ``with`` and closes on the way out."""

    name: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file or device."""


class PhotoSource(_Source):
    """One photo, or the photos of a folder, as frames 0, 1, 2 ...; captured_at is always 0."""

    def __init__(self, paths: list[Path], name: str) -> None:
        self.paths = paths
        self.name = name

    def read(self, index: int) -> Frame:
        """One photo of the source. Raises InputError for a damaged one; the next may be whole."""
        return Frame(read_photo(self.paths[index]), index, 0.0)

    def __iter__(self) -> Iterator[Frame]:
        return (self.read(index) for index in range(len(self.paths)))


class VideoSource(_Source):
    """A video file, decoded with PyAV (FFmpeg) and turned upright.

    rate: frames per second, the file's average. size: (width, height) as shown. frame_count: as
    declared or estimated, 0 where unknown. start_s: the file's own time of the first frame, in
    seconds; captured_at counts from there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.rate = Fraction(0)
        self.size = (0, 0)
        self.frame_count = 0
        self.start_s = 0.0
        self._container: InputContainer | None = None

    def __enter__(self) -> Self:
        if not self.path.is_file():
            raise InputMissingError(f"{self.path}: no such file; check the path")
        if self.path.stat().st_size == 0:
            raise InputError(f"{self.path}: expected a video, found an empty file; copy it again")
        try:
            self._container = av.open(str(self.path))
        except (av.FFmpegError, OSError) as error:
            raise InputError(
                f"{self.path}: expected a photo or a whole video, found data that is none "
                f"({_reason(error)}); check what the file is, or copy it again"
            ) from error
        try:
            self._inspect(self._container)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _inspect(self, container: InputContainer) -> None:
        """Read rate, size and length; the rotation stands on the first frame only."""
        if not container.streams.video:
            raise InputError(f"{self.path}: expected a video, found a file without pictures in it")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        first = next(self._decode(container), None)
        if first is None:
            raise InputError(f"{self.path}: expected a video, found one without any frame")
        height, width = _upright(first).shape[:2]
        self.size = (width, height)
        self.start_s = first.time or 0.0
        self.rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        seconds = self._declared_seconds(container)
        self.frame_count = stream.frames or round(seconds * self.rate)
        container.seek(0)

    def _declared_seconds(self, container: InputContainer) -> float:
        stream = container.streams.video[0]
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return (container.duration or 0) / av.time_base

    def _decode(self, container: InputContainer) -> Iterator[av.VideoFrame]:
        try:
            yield from container.decode(video=0)
        except (av.FFmpegError, OSError) as error:
            raise InputError(
                f"{self.path}: expected a whole video, found damaged data ({_reason(error)}); "
                "copy it again"
            ) from error

    def __iter__(self) -> Iterator[Frame]:
        """Raises InputError where the file is damaged or ends before the length it declares."""
        container = self._container
        if container is None:
            raise ValueError("a VideoSource is read inside of `with`")
        seconds = 0.0
        for index, picture in enumerate(self._decode(container)):
            timed = (
                index / float(self.rate) if picture.time is None else picture.time - self.start_s
            )
            seconds = max(seconds, timed)
            yield Frame(_upright(picture), index, timed)
        declared = self._declared_seconds(container)
        if declared - seconds > _MISSING_SECONDS + 1 / float(self.rate):
            raise InputError(
                f"{self.path}: expected {declared:.1f} s of video, "
                f"found {seconds:.1f} s; the file was cut short, copy it again"
            )


def _upright(picture: av.VideoFrame) -> ColorImage:
    """uint8 (H, W, 3) BGR, turned as the file asks (phones store how they were held)."""
    image = picture.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    quarter_turns = round(picture.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class CameraSource(_Source):
    """A camera of this machine through OpenCV (V4L2). Gives the newest frame, drops older ones.

    index: N of /dev/videoN. Raises CameraError where it does not open or stops.
    """

    def __init__(self, index: int) -> None:
        self.index = index
        self.name = f"camera:{index}"
        self._capture: cv2.VideoCapture | None = None

    def __enter__(self) -> Self:
        self._capture = cv2.VideoCapture(self.index)
        if not self._capture.isOpened():
            self.close()
            raise CameraError(
                f"{self.name}: expected a camera, found none that opens; "
                "check the cable, or which program uses it, with `reconocias doctor`"
            )
        return self

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def __iter__(self) -> Iterator[Frame]:
        with NewestFrame(self._grab) as newest:
            yield from newest

    def _grab(self) -> Iterator[Frame]:
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


class StreamSource(_Source):
    """An HTTP MJPEG or RTSP stream, such as a phone's camera app gives. Newest frame only."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = url
        self._container: InputContainer | None = None

    def __enter__(self) -> Self:
        try:
            self._container = av.open(self.url, timeout=_STREAM_TIMEOUT_S)
        except (av.FFmpegError, OSError) as error:
            raise CameraError(
                f"{self.url}: expected a video stream, found none ({_reason(error)}); "
                "check the address, and that the phone's camera app is running"
            ) from error
        return self

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def __iter__(self) -> Iterator[Frame]:
        with NewestFrame(self._grab) as newest:
            yield from newest

    def _grab(self) -> Iterator[Frame]:
        container = self._container
        if container is None:
            raise ValueError("a StreamSource is read inside of `with`")
        try:
            for index, picture in enumerate(container.decode(video=0)):
                yield Frame(_upright(picture), index, time.monotonic())
        except (av.FFmpegError, OSError) as error:
            raise CameraError(f"{self.url}: the stream broke off ({_reason(error)})") from error


AnySource = PhotoSource | VideoSource | CameraSource | StreamSource


def open_source(text: str) -> AnySource:
    """The source that a command-line argument names.

    ``camera:N``, an http(s):// or rtsp:// address, a photo, a folder of photos, or a video file.
    Raises InputMissingError for a path that is not there, InputError for a folder without photos.
    """
    if camera := _CAMERA.fullmatch(text):
        return CameraSource(int(camera.group(1)))
    if _STREAM.match(text):
        return StreamSource(text)
    path = Path(text)
    if path.is_dir():
        paths = photos_in(path)
        if not paths:
            raise InputError(f"{path}: expected a folder with photos, found none; check the path")
        return PhotoSource(paths, str(path))
    if not path.exists():
        raise InputMissingError(f"{path}: no such file or folder; check the path")
    if is_photo(path):
        return PhotoSource([path], str(path))
    return VideoSource(path)
