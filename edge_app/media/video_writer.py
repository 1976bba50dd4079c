"""Annotated video that a browser plays, through PyAV (FFmpeg).

PyAV is imported where it is used: a kiosk that records nothing has no need of its 17 MiB.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import cv2
import numpy as np

from edge_app.core.atomic import Unfinished, output_errors
from edge_app.core.errors import OutputError
from edge_app.core.types import ColorImage

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_log = logging.getLogger(__name__)

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
ODD_SIZE_SUFFIXES = (".mp4", ".mkv", ".webm")
"""Of containers that hold VP9, too."""

_TIME_BASE = Fraction(1, 90_000)
"""Seconds per tick of the written frames: exact for all usual rates."""

_CODEC_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "21"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0"},
}
_COPIED_AUDIO = {
    ".webm": {"opus", "vorbis"},
    ".mkv": {"aac", "mp3", "opus", "vorbis", "flac", "ac3"},
}
_COPIED_AUDIO_MP4 = {"aac", "mp3", "opus", "ac3"}


def codec_for(path: Path, size: tuple[int, int]) -> str:
    """H.264, or VP9 for .webm and for odd sizes, which H.264 as browsers play it cannot hold.

    Raises OutputError for a suffix whose container browsers do not play, or without VP9 in it.
    """
    suffix = path.suffix.lower()
    if suffix not in VIDEO_SUFFIXES:
        raise OutputError(
            f"{path}: expected a video name ending in {', '.join(VIDEO_SUFFIXES)}, "
            f"found {suffix or 'no ending'}; choose one of them"
        )
    odd = is_odd(size)
    if odd and suffix not in ODD_SIZE_SUFFIXES:
        raise OutputError(
            f"{path}: expected a video name ending in {', '.join(ODD_SIZE_SUFFIXES)} for pictures "
            f"of {size[0]}x{size[1]}, found {suffix}, which holds even sizes; choose one of them"
        )
    return "libvpx-vp9" if suffix == ".webm" or odd else "libx264"


def is_odd(size: tuple[int, int]) -> bool:
    """Whether a width or height is no multiple of two."""
    return bool(size[0] % 2 or size[1] % 2)


@contextmanager
def _video_errors(path: Path) -> Iterator[None]:
    """``output_errors``, of FFmpeg's refusals as well; not all of those are the system's."""
    import av

    with output_errors(path):
        try:
            yield
        except av.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error


class VideoWriter:
    """Writes frames at the times they were taken; the file has its name only after ``finish``.

    size: (width, height) of every frame; others are scaled to it. rate: frames per second that the
    file declares. audio_from: a file whose sound is copied, and the second of it that is second 0
    here. threads: of the encoder; 0 is one or more a core, and the file depends on how many.
    Leaving ``with`` without ``finish`` throws the file away. Raises OutputError.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int],
        rate: Fraction,
        audio_from: tuple[Path, float] | None = None,
        threads: int = 0,
    ) -> None:
        self.path = path
        self._size = size
        self._rate = rate
        self._codec = codec_for(path, size)
        self._audio_from = audio_from
        self._threads = threads
        self._last_tick = -1

    def __enter__(self) -> Self:
        import av

        self._unfinished = Unfinished(self.path)
        with ExitStack() as stack:
            stack.callback(self._unfinished.discard)
            working = self._unfinished.working_path
            options = {} if self.path.suffix.lower() in (".webm", ".mkv") else _FASTSTART
            with _video_errors(self.path):
                self._container: OutputContainer = av.open(
                    str(working), "w", container_options=options
                )
                stack.callback(self._container.close)
                self._stream = self._add_video(self._container)
                self._audio = self._open_audio(stack)
            self._cleanup = stack.pop_all()
        return self

    def _add_video(self, container: "OutputContainer") -> "VideoStream":
        from av.video.stream import VideoStream

        stream = container.add_stream(
            self._codec, rate=self._rate, options=dict(_CODEC_OPTIONS[self._codec])
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        stream.codec_context.thread_count = self._threads
        return stream

    def _open_audio(self, stack: ExitStack) -> "_AudioCopy | None":
        import av

        if self._audio_from is None:
            return None
        path, start_s = self._audio_from
        source: InputContainer = stack.enter_context(av.open(str(path)))
        if not source.streams.audio:
            return None
        stream = source.streams.audio[0]
        copied = _COPIED_AUDIO.get(self.path.suffix.lower(), _COPIED_AUDIO_MP4)
        if stream.codec_context.name not in copied:
            _log.warning(
                "%s: the sound (%s) cannot be copied into a %s file and is left out",
                path, stream.codec_context.name, self.path.suffix,
            )  # fmt: skip
            return None
        return _AudioCopy(source, stream, self._container, start_s)

    def write(self, image: ColorImage, seconds: float) -> None:
        """Add uint8 (H, W, 3) BGR, shown from ``seconds`` after the start on."""
        import av

        if image.shape[1::-1] != self._size:
            image = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        tick = max(self._last_tick + 1, round(seconds / _TIME_BASE))
        frame.pts, frame.time_base = tick, _TIME_BASE
        self._last_tick = tick
        with _video_errors(self.path):
            self._container.mux(self._stream.encode(frame))
            if self._audio is not None:
                self._audio.copy_until(seconds)

    def finish(self, name: Path | None = None) -> Path:
        """Write what is left and give the file its name, or another one in the same folder."""
        with _video_errors(self.path):
            self._container.mux(self._stream.encode(None))
            if self._audio is not None:
                self._audio.copy_until(float(self._last_tick * _TIME_BASE))
            self._container.close()
        return self._unfinished.finish(name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with _video_errors(self.path):
            self._cleanup.close()


_FASTSTART = {"movflags": "+faststart"}
"""The index stands at the front, so that a browser plays before it has the whole file."""


class _AudioCopy:
    """Copies a file's sound packet by packet, no further than the pictures are."""

    def __init__(
        self,
        source: "InputContainer",
        stream: "AudioStream",
        target: "OutputContainer",
        start_s: float,
    ) -> None:
        self._target = target
        self._stream = target.add_stream_from_template(stream)
        self._start_s = start_s
        self._packets: Iterator[Packet[AudioStream]] = source.demux(stream)
        self._next: Packet[AudioStream] | None = next(self._packets, None)

    def copy_until(self, seconds: float) -> None:
        while (packet := self._next) is not None:
            if packet.pts is not None and packet.time_base is not None:
                shift = round(self._start_s / packet.time_base)
                if (packet.pts - shift) * packet.time_base > seconds:
                    return
                self._mux(packet, shift)
            self._next = next(self._packets, None)

    def _mux(self, packet: "Packet[AudioStream]", shift: int) -> None:
        if packet.pts is None or packet.dts is None or packet.pts < shift:
            return
        packet.pts -= shift
        packet.dts -= shift
        packet.stream = self._stream
        self._target.mux(packet)
