"""A video or a live source, annotated: read, recognised and written side by side."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from edge_app.core.errors import CameraError, InputError, OutputError
from edge_app.core.types import Detection, Detector, Frame, FrameResult
from edge_app.core.worker import Closing
from edge_app.media.job import Job, Summary, Tally, partial
from edge_app.media.results import ResultsWriter, frame_record
from edge_app.media.side_by_side import Behind, closing, in_order, read_ahead
from edge_app.media.sources import LiveSource, VideoSource
from edge_app.media.video_writer import VideoWriter

_LIVE_RATE = Fraction(30)
"""Frames per second that the file of a live source declares; each frame keeps its own time."""

Recognise = Callable[[Iterator[Frame]], Iterator[FrameResult]]


def annotate_moving(
    source: VideoSource | LiveSource, job: Job, duration_s: float | None
) -> Summary:
    """Raises what ``annotate.annotate_source`` raises."""
    recognise = _recognition(job)
    room = 0 if job.workers == 1 else 1
    with ExitStack() as stack:
        results = stack.enter_context(ResultsWriter(job.results)) if job.results else None
        stack.enter_context(source)
        tally = Tally()
        job.progress.start(source.frame_count if isinstance(source, VideoSource) else 0)
        frames = read_ahead(iter(source), room)
        stack.enter_context(closing(frames))
        first = next(frames, None)
        if first is None:
            raise InputError(f"{source.name}: expected a video, found one without any frame")
        files = stack.enter_context(_Files(source, job, first, results, room))
        found = recognise(_wanted(first, frames, job, duration_s))
        stack.enter_context(closing(found))
        try:
            for result in found:
                files.write(result)
                tally.add(len(result.faces))
                job.progress.advance()
        except (InputError, CameraError) as error:
            kept = files.keep_part()
            raise type(error)(f"{error}; what could be read is in {kept}") from error
        if not tally.frames:
            raise OutputError(
                f"{job.output or job.results}: not written, interrupted before the first frame"
            )
        files.finish()
    return tally.summary(job)


def _wanted(
    first: Frame, rest: Iterator[Frame], job: Job, duration_s: float | None
) -> Iterator[Frame]:
    frame: Frame | None = first
    while frame is not None and not job.interrupted():
        if duration_s is not None and frame.captured_at - first.captured_at >= duration_s:
            return
        yield frame
        frame = next(rest, None)


class _Files(Closing):
    """The annotated video, where one is wanted, and the results, where those are."""

    def __init__(
        self,
        source: VideoSource | LiveSource,
        job: Job,
        first: Frame,
        results: ResultsWriter | None,
        room: int,
    ) -> None:
        self._name = source.name
        self._began = first.captured_at
        self._annotator = job.annotator
        self._results = results
        self._open = ExitStack()
        self._video: VideoWriter | None = None
        if job.output is not None:
            self._video = self._open.enter_context(_video_writer(source, job.output, first))
        self._drawing = self._open.enter_context(Behind(self._draw, room))

    def write(self, result: FrameResult) -> None:
        if self._results:
            record = frame_record(result, self._name, self._seconds(result))
            self._results.write(record)
        if self._video:
            self._drawing.put(result)

    def _draw(self, result: FrameResult) -> None:
        if self._video:
            self._video.write(self._annotator.annotate(result), self._seconds(result))

    def _seconds(self, result: FrameResult) -> float:
        return result.frame.captured_at - self._began

    def finish(self) -> None:
        self._drawing.finish()
        if self._video:
            self._video.finish()
        if self._results:
            self._results.finish()

    def keep_part(self) -> Path | None:
        """Finish under names that say that the files are not whole. Returns the video's, if any."""
        kept = None
        self._drawing.finish()
        if self._results:
            kept = self._results.finish(partial(self._results.path))
        if self._video:
            kept = self._video.finish(partial(self._video.path))
        return kept

    def close(self) -> None:
        self._open.close()


def _video_writer(source: VideoSource | LiveSource, output: Path, first: Frame) -> VideoWriter:
    """With one thread in the encoder: with more, the pictures would depend on their number."""
    height, width = first.image.shape[:2]
    size = (width, height)
    if isinstance(source, VideoSource):
        audio_from = (source.path, source.start_s)
        return VideoWriter(output, size=size, rate=source.rate, audio_from=audio_from, threads=1)
    return VideoWriter(output, size=size, rate=_LIVE_RATE, threads=1)


def _recognition(job: Job) -> Recognise:
    """What makes results of frames.

    Several workers search a frame each, ahead of the one place where tracks and votes go from frame
    to frame, which takes a small part of the time.
    """
    pipeline = job.build()
    if job.workers == 1:
        return lambda frames: map(pipeline.process, frames)
    others = [job.build().detector for _ in range(job.workers - 1)]
    searchers = list(map(_searcher, (pipeline.detector, *others)))

    def recognise(frames: Iterator[Frame]) -> Iterator[FrameResult]:
        searched = in_order(searchers, frames)
        with closing(searched):
            for frame, found in searched:
                yield pipeline.describe(frame, found)

    return recognise


def _searcher(detector: Detector) -> Callable[[Frame], tuple[Frame, Sequence[Detection]]]:
    return lambda frame: (frame, detector.detect(frame))
