"""The work of ``reconocias annotate``: a source through to where the result goes."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from edge_app.core.progress import Progress
from edge_app.core.types import DividedProcessor
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.job import Job, Summary
from edge_app.media.moving import annotate_moving
from edge_app.media.outputs import check_resumable
from edge_app.media.photographs import annotate_photographs
from edge_app.media.sources import AnySource, PhotoSource


def annotate_source(
    source: AnySource,
    output: Path | None,
    build: Callable[[], DividedProcessor],
    annotator: FaceAnnotator,
    progress: Progress,
    *,
    results: Path | None = None,
    duration_s: float | None = None,
    interrupted: Callable[[], bool] | None = None,
    workers: int = 1,
    resume: bool = False,
) -> Summary:
    """Annotate all of a source, or the first ``duration_s`` seconds of it.

    output: a photo for one photo, a folder for a folder of photos, else a video file; None for no
    pictures at all. build: makes a pipeline; called once for every worker, before anything is
    written. results: file that receives one JSON object per frame. workers: threads that recognise;
    1 does everything in the calling thread, and the files are the same with any number. resume:
    leave out the photos of a folder that an earlier run has done. An interrupt ends the work early
    and keeps what was done: Ctrl-C, or a True of ``interrupted``, without which this is for the
    main thread alone.
    Raises InputError, CameraError and OutputError; a video that turns out damaged on the way is
    kept so far as ``NAME.partial.SUFFIX``, and so are the results of a folder that cannot go on.
    """
    if resume:
        check_resumable(source)
    with ExitStack() as stack:
        interrupted = interrupted or stack.enter_context(interrupt_flag())
        job = Job(output, build, annotator, progress, results, workers, interrupted)
        if isinstance(source, PhotoSource):
            return annotate_photographs(source, job, resume=resume)
        return annotate_moving(source, job, duration_s)


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
