"""The work of ``reconocias annotate``: where the result goes, and a source through to there."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

from edge_app.core.errors import CameraError, InputError, OutputError
from edge_app.core.progress import Progress
from edge_app.core.types import Frame, FrameResult, Processor
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.photo import PHOTO_SUFFIXES, is_photo, write_photo
from edge_app.media.results import ResultsWriter, frame_record
from edge_app.media.sources import AnySource, LiveSource, PhotoSource, StreamSource, VideoSource
from edge_app.media.video_writer import ODD_SIZE_SUFFIXES, VIDEO_SUFFIXES, VideoWriter, is_odd

_log = logging.getLogger(__name__)

_MARK = ".annotated"
_LIVE_RATE = Fraction(30)
"""Frames per second that the file of a live source declares; each frame keeps its own time."""


@dataclass(frozen=True)
class Summary:
    """What was done. seconds: time the frames took from being read to being written."""

    output: Path
    frames: int
    frames_with_faces: int
    faces: int
    seconds: float
    interrupted: bool = False

    @property
    def rate(self) -> float:
        """Frames per second."""
        return self.frames / self.seconds if self.seconds else 0.0


@dataclass
class _Tally:
    """Counts while the work goes on."""

    frames: int = 0
    frames_with_faces: int = 0
    faces: int = 0

    def add(self, result: FrameResult) -> None:
        self.frames += 1
        self.frames_with_faces += bool(result.faces)
        self.faces += len(result.faces)

    def summary(self, output: Path, started: float, interrupted: bool) -> Summary:
        seconds = time.perf_counter() - started
        return Summary(
            output, self.frames, self.frames_with_faces, self.faces, seconds, interrupted
        )


def annotate_source(
    source: AnySource,
    output: Path,
    pipeline: Processor,
    annotator: FaceAnnotator,
    progress: Progress,
    *,
    results: Path | None = None,
    duration_s: float | None = None,
    interrupted: Callable[[], bool] | None = None,
) -> Summary:
    """Annotate all of a source, or the first ``duration_s`` seconds of it.

    output: a photo for one photo, a folder for a folder of photos, else a video file. results:
    file that receives one JSON object per frame. An interrupt ends the work early and keeps what
    was done: Ctrl-C, or a True of ``interrupted``, without which this is for the main thread alone.
    Raises InputError, CameraError and OutputError; a video that turns out damaged on the way is
    kept so far as ``NAME.partial.SUFFIX``.
    """
    with ExitStack() as stack:
        interrupted = interrupted or stack.enter_context(interrupt_flag())
        writer = stack.enter_context(ResultsWriter(results)) if results else None
        record = writer.write if writer else _forget
        if isinstance(source, PhotoSource):
            summary = _photos(source, output, pipeline, annotator, progress, record, interrupted)
            if writer:
                writer.finish()
            return summary
        stack.enter_context(source)
        return _moving(
            source, output, pipeline, annotator, progress, writer, duration_s, interrupted
        )


def _forget(record: dict[str, Any]) -> None:
    pass


def _photos(
    source: PhotoSource,
    output: Path,
    pipeline: Processor,
    annotator: FaceAnnotator,
    progress: Progress,
    record: Callable[[dict[str, Any]], None],
    interrupted: Callable[[], bool],
) -> Summary:
    tally, started = _Tally(), time.perf_counter()
    is_folder = Path(source.name).is_dir()
    damaged: InputError | None = None
    progress.start(len(source.paths))
    for index, path in enumerate(source.paths):
        if interrupted():
            break
        try:
            frame = source.read(index)
        except InputError as error:
            if not is_folder:
                raise
            damaged = error
            _log.warning("left out: %s", error)
            progress.advance()
            continue
        pipeline.forget()
        result = pipeline.process(frame)
        write_photo(output / path.name if is_folder else output, annotator.annotate(result))
        record(frame_record(result, str(path), 0.0))
        tally.add(result)
        progress.advance()
    if damaged is not None and not tally.frames:
        raise InputError(
            f"{source.name}: none of the {len(source.paths)} photos can be read; "
            f"the last one: {damaged}"
        )
    return tally.summary(output, started, interrupted())


def _moving(
    source: VideoSource | LiveSource,
    output: Path,
    pipeline: Processor,
    annotator: FaceAnnotator,
    progress: Progress,
    results: ResultsWriter | None,
    duration_s: float | None,
    interrupted: Callable[[], bool],
) -> Summary:
    tally, started = _Tally(), time.perf_counter()
    progress.start(source.frame_count if isinstance(source, VideoSource) else 0)
    frames = iter(source)
    first = next(frames, None)
    if first is None:
        raise InputError(f"{source.name}: expected a video, found one without any frame")
    with _video_writer(source, output, first) as video:
        try:
            for frame in _with_first(first, frames):
                seconds = frame.captured_at - first.captured_at
                if interrupted() or (duration_s is not None and seconds >= duration_s):
                    break
                result = pipeline.process(frame)
                video.write(annotator.annotate(result), seconds)
                if results:
                    results.write(frame_record(result, source.name, seconds))
                tally.add(result)
                progress.advance()
        except (InputError, CameraError) as error:
            kept = _keep_part(video, results)
            raise type(error)(f"{error}; what could be read is in {kept}") from error
        if not tally.frames:
            raise OutputError(f"{output}: not written, interrupted before the first frame")
        video.finish()
        if results:
            results.finish()
    return tally.summary(output, started, interrupted())


def _with_first(first: Frame, rest: Iterator[Frame]) -> Iterator[Frame]:
    yield first
    yield from rest


def _video_writer(source: VideoSource | LiveSource, output: Path, first: Frame) -> VideoWriter:
    height, width = first.image.shape[:2]
    if isinstance(source, VideoSource):
        audio_from = (source.path, source.start_s)
        return VideoWriter(output, size=(width, height), rate=source.rate, audio_from=audio_from)
    return VideoWriter(output, size=(width, height), rate=_LIVE_RATE)


def _keep_part(video: VideoWriter, results: ResultsWriter | None) -> Path:
    """Finish both files under names that say that they are not whole. Returns the video's."""
    if results:
        results.finish(_partial(results.path))
    return video.finish(_partial(video.path))


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.stem}.partial{path.suffix}")


@contextmanager
def interrupt_flag() -> Iterator[Callable[[], bool]]:
    """Turns the first Ctrl-C (or SIGTERM) into an answer of True; the second one acts as ever."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, previous[signal.SIGINT])

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def choose_output(source: AnySource, wanted: Path | None, results: Path | None = None) -> Path:
    """The wanted place, or one beside the input; checked to be of the same kind as the source.

    results: where else something is written; checked, too. Raises OutputError for another kind of
    file, for the input itself, and for results in the place of the input or the output;
    InputError for a video that cannot be read, where its size decides.
    """
    output = wanted or _default(source)
    if isinstance(source, PhotoSource):
        _check_photo_output(source, output)
    elif output.suffix.lower() not in VIDEO_SUFFIXES:
        raise OutputError(
            f"{output}: expected a video name ending in {', '.join(VIDEO_SUFFIXES)}; "
            "choose one of them"
        )
    path = _input_path(source)
    if path is not None and _same(output, path):
        raise OutputError(f"{output}: is the input itself; choose another place for the output")
    if results is not None:
        _check_results(source, output, results)
    return output


def _check_results(source: AnySource, output: Path, results: Path) -> None:
    path = _input_path(source)
    inputs, outputs = [] if path is None else [path], [output]
    if isinstance(source, PhotoSource) and path is not None and path.is_dir():
        inputs += source.paths
        outputs += [output / photo.name for photo in source.paths]
    for what, taken in (("the input", inputs), ("the output", outputs)):
        if any(_same(results, other) for other in taken):
            raise OutputError(f"{results}: is {what} itself; choose another place for the results")


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, which need not be there yet."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _input_path(source: AnySource) -> Path | None:
    if isinstance(source, PhotoSource):
        return Path(source.name)
    return source.path if isinstance(source, VideoSource) else None


def _default(source: AnySource) -> Path:
    path = _input_path(source)
    if path is None:
        name = "stream" if isinstance(source, StreamSource) else source.name.replace(":", "-")
        return Path(f"{name}{_MARK}.mp4")
    path = path.absolute()
    if path.is_dir():
        return path.with_name(path.name + _MARK)
    suffix = path.suffix
    if isinstance(source, VideoSource) and not _can_be_written(source, suffix.lower()):
        suffix = ".mp4"
    return path.with_name(path.stem + _MARK + suffix)


def _can_be_written(source: VideoSource, suffix: str) -> bool:
    """Whether such a container holds the pictures. Opens the file where their size decides."""
    if suffix not in VIDEO_SUFFIXES or suffix in ODD_SIZE_SUFFIXES:
        return suffix in VIDEO_SUFFIXES
    with source:
        return not is_odd(source.size)


def _check_photo_output(source: PhotoSource, output: Path) -> None:
    if Path(source.name).is_dir():
        if output.exists() and not output.is_dir():
            raise OutputError(f"{output}: expected a folder for the photos, found a file")
    elif not is_photo(output):
        raise OutputError(
            f"{output}: expected a photo name ending in {', '.join(PHOTO_SUFFIXES)}; "
            "choose one of them"
        )
