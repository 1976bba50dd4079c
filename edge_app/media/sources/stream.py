"""Network streams: HTTP MJPEG and RTSP, such as phones' camera apps give.

PyAV is imported where it is used: a kiosk with a camera has no need of its 17 MiB.
"""

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.media.sources.base import LiveSource, reason, upright

if TYPE_CHECKING:
    from av.container import InputContainer

_TIMEOUT_S = 10.0
_ADDRESS = re.compile(r"(\w+://)([^?#]*)(.*)", re.DOTALL)


class StreamSource(LiveSource):
    """An HTTP MJPEG or RTSP stream. Raises CameraError where it does not open or breaks off."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = without_password(url)
        self._container: InputContainer | None = None

    def __enter__(self) -> Self:
        import av

        try:
            self._container = av.open(self.url, timeout=_TIMEOUT_S)
        except (av.FFmpegError, OSError) as error:
            raise CameraError(
                f"{self.name}: expected a video stream, found none ({reason(error)}); "
                "check the address, and that the phone's camera app is running"
            ) from error
        return self

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def grab(self) -> Iterator[Frame]:
        import av

        container = self._container
        if container is None:
            raise ValueError("a StreamSource is read inside of `with`")
        try:
            for index, picture in enumerate(container.decode(video=0)):
                yield Frame(upright(picture), index, time.monotonic())
        except (av.FFmpegError, OSError) as error:
            raise CameraError(f"{self.name}: the stream broke off ({reason(error)})") from error


def without_password(url: str) -> str:
    """The address as it may be shown and logged: scheme, host and path; other text as it is.

    Passwords stand before the host, where people also write "@" and "/" as they are, or in the
    query. An "@" behind a "?" may belong to either, and then neither host nor path is shown.
    """
    address = _ADDRESS.fullmatch(url)
    if address is None:
        return url
    scheme, rest, query = address.groups()
    return scheme + ("..." if "@" in query else rest.rpartition("@")[2])
