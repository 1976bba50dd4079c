"""Places that frames come from: photos, folders, videos, cameras and network streams.

Every source is a context manager and an iterable of Frame. What is read here is upright, BGR and
as large as the file says.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import PositiveFloat

from edge_app.core.errors import InputError, InputMissingError
from edge_app.media.photo import is_photo, photos_in
from edge_app.media.sources.base import CameraSettings, Device, LiveSource
from edge_app.media.sources.camera import CameraSource, cameras
from edge_app.media.sources.pattern import PatternSource
from edge_app.media.sources.phone import PhoneLink, PhoneSource
from edge_app.media.sources.photo import PhotoSource, Slideshow, SlideshowSettings
from edge_app.media.sources.picamera import PiCameraSource
from edge_app.media.sources.reconnect import ReconnectingSource, SourceState
from edge_app.media.sources.stream import StreamSource
from edge_app.media.sources.video import LoopedVideo, VideoSettings, VideoSource

__all__ = [
    "KINDS",
    "PHONE",
    "AnySource",
    "CameraSettings",
    "CameraSource",
    "Device",
    "Kind",
    "LiveSource",
    "LoopedVideo",
    "PatternSource",
    "PhoneLink",
    "PhoneSource",
    "PhotoSource",
    "PiCameraSource",
    "ReconnectingSource",
    "Slideshow",
    "SourceSettings",
    "SourceState",
    "StreamSource",
    "VideoSource",
    "inputs",
    "live_source",
    "open_source",
]

PHONE = "phone"

AnySource = PhotoSource | VideoSource | LiveSource


class SourceSettings(CameraSettings, VideoSettings, SlideshowSettings):
    """Where the pictures come from; a source's own keys stand beside it, in a class of its own."""

    input: str = "picamera"
    """One of ``KINDS``, a video or a folder of photos."""
    turn: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise that every picture is turned."""
    mirror: bool = False
    swap_red_blue: bool = False
    """For a camera whose faces look blue."""
    stall_s: PositiveFloat = 5.0
    """Seconds without a frame after which the source is opened anew."""
    retry_first_s: PositiveFloat = 0.5
    """Seconds until the first new attempt; doubled each time."""
    retry_longest_s: PositiveFloat = 30.0
    """Seconds between attempts at most."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of ``KINDS``: a source that is no file."""

    what: str
    """In the words of a command's help."""
    pattern: str
    """Of the whole text that names one."""
    make: Callable[[re.Match[str], SourceSettings | None], LiveSource] | None
    """Of the match, and of what the settings ask for: None leaves that to the camera. None in place
    of it: the kiosk alone has such a source (see ``live_source``)."""
    devices: Callable[[], list[Device]] = list
    """Those of this machine, for `reconocias doctor`."""


KINDS: dict[str, Kind] = {
    "picamera[:N]": Kind(
        "the Raspberry Pi's own camera",
        r"picamera(?::(\d+))?",
        lambda match, wanted: PiCameraSource(int(match[1] or 0), wanted),
    ),
    "camera:N": Kind(
        "a USB camera, /dev/videoN",
        r"camera:(\d+)",
        lambda match, wanted: CameraSource(int(match[1]), wanted),
        cameras,
    ),
    "http(s)://... or rtsp(s)://...": Kind(
        "a network stream, such as a phone's camera app gives",
        r"(?is)(https?|rtsps?)://.*",
        lambda match, _: StreamSource(match[0]),
    ),
    PHONE: Kind(
        "a phone's browser, which lends its camera on the page (run and serve alone)", PHONE, None
    ),
    "pattern": Kind(
        "a drawn face, without any camera",
        "pattern",
        lambda _, wanted: PatternSource(wanted or CameraSettings()),
    ),
}
"""Every source that is no file, by how it is written."""


def inputs() -> list[tuple[str, str]]:
    """What may be given as a source: how it is written, and what it is."""
    kinds = [(spelling, kind.what) for spelling, kind in KINDS.items()]
    return [*kinds, ("PATH", "a video, a folder of photos, or (annotate alone) a photo")]


def open_source(text: str, *, threads: int = 0) -> AnySource:
    """The source that a command-line argument names: one of ``KINDS``, or a path.

    threads: of a video's decoder; 0 is one or more a core.
    Raises InputMissingError for a path that is not there, InputError for a folder without photos.
    """
    if live := _device(text, None):
        return live
    path = Path(text)
    if path.is_dir():
        paths = photos_in(path)
        if not paths:
            raise InputError(f"{path}: expected a folder with photos, found none; check the path")
        return PhotoSource(paths, str(path))
    if not path.exists():
        others = ", ".join(spelling for spelling, kind in KINDS.items() if kind.make)
        raise InputMissingError(
            f"{path}: no such file or folder; check the path, or give one of {others}"
        )
    if is_photo(path):
        return PhotoSource([path], str(path))
    return VideoSource(path, threads=threads)


def live_source(
    settings: SourceSettings, phone: PhoneLink | None = None
) -> Callable[[], LiveSource]:
    """What makes the kiosk's source anew at every attempt. Files stand in for a camera.

    phone: the pictures of whichever phone is lent to the kiosk; in place of everything else.
    """

    def make() -> LiveSource:
        if phone is not None:
            return PhoneSource(phone, patience_s=settings.stall_s)
        if live := _device(settings.input, settings):
            return live
        path = Path(settings.input)
        if path.is_dir():
            return Slideshow(path, photo_s=settings.photo_s, rate=settings.rate)
        return LoopedVideo(path, loop=settings.loop)

    return make


def _device(text: str, wanted: SourceSettings | None) -> LiveSource | None:
    """What a text names that is no path."""
    for kind in KINDS.values():
        if kind.make and (match := re.fullmatch(kind.pattern, text)):
            return kind.make(match, wanted)
    return None
