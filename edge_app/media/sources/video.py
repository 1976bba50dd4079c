"""Video files.

PyAV is imported where it is used: a kiosk with a camera has no need of its 17 MiB.
"""

import re
import time
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

from edge_app.core.config import Table
from edge_app.core.errors import CameraError, InputError, InputMissingError
from edge_app.core.types import Frame
from edge_app.media.sources.base import LiveSource, Source, reason, upright

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

_MISSING_SECONDS = 1.0
"""A video that ends this long before the length it declares was cut short."""
_TAGGED = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


class VideoSource(Source):
    """A video file, decoded with PyAV (FFmpeg) and turned upright.

    rate: frames per second, the file's average. size: (width, height) as shown. frame_count: as
    declared or estimated, 0 where unknown. start_s: the file's own time of the first frame, in
    seconds; captured_at counts from there. threads: of the decoder; 0 is one or more a core.
    """

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        self.path = path
        self._threads = threads
        self.name = str(path)
        self.rate = Fraction(0)
        self.size = (0, 0)
        self.frame_count = 0
        self.start_s = 0.0
        self._container: InputContainer | None = None

    def __enter__(self) -> Self:
        import av

        if not self.path.is_file():
            raise InputMissingError(f"{self.path}: no such file; check the path")
        if self.path.stat().st_size == 0:
            raise InputError(f"{self.path}: expected a video, found an empty file; copy it again")
        try:
            self._container = av.open(str(self.path))
        except (av.FFmpegError, OSError) as error:
            raise InputError(
                f"{self.path}: expected a photo or a whole video, found data that is none "
                f"({reason(error)}); check what the file is, or copy it again"
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

    def _inspect(self, container: "InputContainer") -> None:
        """Read rate, size and length; the rotation stands on the first frame only."""
        if not container.streams.video:
            raise InputError(f"{self.path}: expected a video, found a file without pictures in it")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = self._threads
        first = next(self._decode(container), None)
        if first is None:
            raise InputError(f"{self.path}: expected a video, found one without any frame")
        height, width = upright(first).shape[:2]
        self.size = (width, height)
        self.start_s = first.time or 0.0
        self.rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        seconds = self._declared_seconds(container)
        if seconds is None:
            seconds = _container_seconds(container)
        self.frame_count = stream.frames or round(seconds * self.rate)
        container.seek(0)

    def _declared_seconds(self, container: "InputContainer") -> float | None:
        """Length of the pictures alone, None where the file gives that of its longest track only.

        Matroska and WebM count it from the file's start, and not from the first picture on.
        """
        stream = container.streams.video[0]
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        seconds = _tagged_seconds(stream.metadata)
        if seconds is None and len(container.streams) == 1:
            seconds = _container_seconds(container)
        return None if seconds is None else max(0.0, seconds - self.start_s)

    def _decode(self, container: "InputContainer") -> Iterator["av.VideoFrame"]:
        import av

        try:
            yield from container.decode(video=0)
        except (av.FFmpegError, OSError) as error:
            raise InputError(
                f"{self.path}: expected a whole video, found damaged data ({reason(error)}); "
                "copy it again"
            ) from error

    def __iter__(self) -> Iterator[Frame]:
        """Raises InputError where the file is damaged or ends before the length it declares.

        Some files declare no length of their pictures; nobody can tell whether those were cut.
        """
        container = self._container
        if container is None:
            raise ValueError("a VideoSource is read inside of `with`")
        seconds, usual = 0.0, 1 / float(self.rate)
        for index, picture in enumerate(self._decode(container)):
            timed = index * usual if picture.time is None else picture.time - self.start_s
            seconds = max(seconds, timed + (_shown_seconds(picture) or usual))
            yield Frame(upright(picture), index, timed)
        declared = self._declared_seconds(container)
        if declared is not None and declared - seconds > _MISSING_SECONDS:
            raise InputError(
                f"{self.path}: expected {declared:.1f} s of video, "
                f"found {seconds:.1f} s; the file was cut short, copy it again"
            )


def _container_seconds(container: "InputContainer") -> float:
    """Length of the longest track, which may be sound; 0 where the file says nothing."""
    import av

    return (container.duration or 0) / av.time_base


def _tagged_seconds(metadata: Mapping[str, str]) -> float | None:
    """What a Matroska file's tags say of one track: ``DURATION`` or, with a language, ``-eng``."""
    for name, value in metadata.items():
        if name.partition("-")[0] == "DURATION" and (match := _TAGGED.match(value)):
            hours, minutes, seconds = map(float, match.groups())
            return 3600 * hours + 60 * minutes + seconds
    return None


def _shown_seconds(picture: "av.VideoFrame") -> float:
    """How long the file says to show a picture; 0 where it does not."""
    return float(picture.duration * picture.time_base) if picture.time_base else 0.0


class VideoSettings(Table):
    """A video in place of a camera."""

    loop: bool = True
    """A video starts again at its end; false ends the program there."""


class LoopedVideo(LiveSource):
    """A video file as if it were a camera: at its own pace, and from the start again at its end.

    loop: False ends after one pass. Raises CameraError for a file that cannot be read.
    """

    def __init__(self, path: Path, *, loop: bool) -> None:
        self.name = str(path)
        self._path = path
        self._loop = loop
        self.comes_back = loop

    def grab(self) -> Iterator[Frame]:
        index = 0
        while True:
            started = time.monotonic()
            try:
                with VideoSource(self._path) as video:
                    for frame in video:
                        _sleep_until(started + frame.captured_at)
                        yield Frame(frame.image, index, time.monotonic())
                        index += 1
            except (InputError, InputMissingError) as error:
                raise CameraError(str(error)) from error
            if not self._loop:
                return


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
