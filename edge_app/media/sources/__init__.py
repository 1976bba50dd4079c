"""Places that frames come from: photos, folders, videos, cameras and network streams.

Every source is a context manager and an iterable of Frame. What is read here is upright, BGR and
as large as the file says.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edge_app.core.errors import InputError, InputMissingError
from edge_app.media.photo import is_photo, photos_in
from edge_app.media.sources.base import LiveSource
from edge_app.media.sources.camera import CameraSource
from edge_app.media.sources.pattern import PatternSource
from edge_app.media.sources.phone import PhoneLink, PhoneSource
from edge_app.media.sources.photo import PhotoSource, Slideshow
from edge_app.media.sources.picamera import PiCameraSource
from edge_app.media.sources.reconnect import ReconnectingSource, SourceState
from edge_app.media.sources.stream import StreamSource
from edge_app.media.sources.video import LoopedVideo, VideoSource

if TYPE_CHECKING:
    from edge_app.media.sources.base import SourceSettings

__all__ = [
    "AnySource",
    "CameraSource",
    "LiveSource",
    "LoopedVideo",
    "PatternSource",
    "PhoneLink",
    "PhoneSource",
    "PhotoSource",
    "PiCameraSource",
    "ReconnectingSource",
    "Slideshow",
    "SourceState",
    "StreamSource",
    "VideoSource",
    "live_source",
    "open_source",
]

_CAMERA = re.compile(r"camera:(\d+)")
_PI_CAMERA = re.compile(r"picamera(?::(\d+))?")
_STREAM = re.compile(r"(https?|rtsps?)://", re.IGNORECASE)
_PATTERN = "pattern"
PHONE = "phone"

AnySource = PhotoSource | VideoSource | LiveSource


def open_source(text: str) -> AnySource:
    """The source that a command-line argument names.

    ``camera:N``, ``picamera:N``, ``pattern``, an http(s):// or rtsp(s):// address, a photo, a
    folder of photos, or a video file. Raises InputMissingError for a path that is not there,
    InputError for a folder without photos.
    """
    if live := _device(text, size=None, rate=None):
        return live
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


def live_source(
    settings: "SourceSettings", phone: PhoneLink | None = None
) -> Callable[[], LiveSource]:
    """What makes the kiosk's source anew at every attempt. Files stand in for a camera.

    phone: the pictures of whichever phone is lent to the kiosk; in place of everything else.
    """

    def make() -> LiveSource:
        if phone is not None:
            return PhoneSource(phone, patience_s=settings.stall_s)
        size = (settings.width, settings.height)
        if live := _device(settings.input, size=size, rate=settings.rate):
            return live
        path = Path(settings.input)
        if path.is_dir():
            return Slideshow(path, photo_s=settings.photo_s, rate=settings.rate)
        return LoopedVideo(path, loop=settings.loop)

    return make


def _device(text: str, *, size: tuple[int, int] | None, rate: float | None) -> LiveSource | None:
    """The camera, stream or pattern that a text names; None for a path."""
    if camera := _CAMERA.fullmatch(text):
        return CameraSource(int(camera.group(1)), size=size, rate=rate)
    if camera := _PI_CAMERA.fullmatch(text):
        return PiCameraSource(int(camera.group(1) or 0), size=size, rate=rate)
    if _STREAM.match(text):
        return StreamSource(text)
    if text == _PATTERN:
        return PatternSource(size=size or (640, 480), rate=rate or 15.0)
    return None
