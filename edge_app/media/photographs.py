"""One photograph or a folder of them, annotated side by side."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from edge_app.core.errors import InputError
from edge_app.core.types import Processor
from edge_app.media.job import Job, Summary, Tally
from edge_app.media.photo import write_photo
from edge_app.media.results import frame_record
from edge_app.media.resuming import FolderResults, done_before
from edge_app.media.side_by_side import closing, in_order
from edge_app.media.sources import PhotoSource

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Done:
    """What is left of a photograph once it is written; the picture itself is not kept."""

    index: int
    faces: int
    record: dict[str, Any]


def annotate_photographs(source: PhotoSource, job: Job, *, resume: bool) -> Summary:
    """Raises what ``annotate.annotate_source`` raises."""
    before = done_before(source, job) if resume else None
    todo = [index for index in range(len(source.paths)) if index not in (before or ())]
    workers = [
        _worker(source, job, job.build()) for _ in range(max(1, min(job.workers, len(todo))))
    ]
    tally = Tally()
    damaged: InputError | None = None
    job.progress.start(len(todo))
    with ExitStack() as stack:
        results = stack.enter_context(FolderResults(job.results, before))
        outcomes = in_order(workers, _until_interrupted(todo, job))
        stack.enter_context(closing(outcomes))
        for outcome in outcomes:
            if isinstance(outcome, InputError):
                if not source.is_folder:
                    raise outcome
                damaged = outcome
                _log.warning("left out: %s", outcome)
            else:
                results.add(outcome.index, outcome.record)
                tally.add(outcome.faces)
            job.progress.advance()
        if damaged is not None and not tally.frames and not before:
            raise InputError(
                f"{source.name}: none of the {len(source.paths)} photos can be read; "
                f"the last one: {damaged}"
            )
        results.finish()
    return tally.summary(job, skipped=len(before or ()))


def _until_interrupted(todo: list[int], job: Job) -> Iterator[int]:
    for index in todo:
        if job.interrupted():
            return
        yield index


def _worker(
    source: PhotoSource, job: Job, pipeline: Processor
) -> Callable[[int], _Done | InputError]:
    """Does all that there is to do with a photograph, so that a worker holds one at a time."""

    def work(index: int) -> _Done | InputError:
        try:
            frame = source.read(index)
        except InputError as error:
            return error
        pipeline.forget()
        result = pipeline.process(frame)
        path = source.paths[index]
        if job.output is not None:
            place = job.output / path.name if source.is_folder else job.output
            write_photo(place, job.annotator.annotate(result))
        return _Done(index, len(result.faces), frame_record(result, str(path), 0.0))

    return work
