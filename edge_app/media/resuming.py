"""Which photographs of a folder an earlier run has done, and what it found on them."""

import json
import math
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from edge_app.core.atomic import whole_file, working_path
from edge_app.core.errors import OutputError
from edge_app.media.job import Job, partial
from edge_app.media.results import ResultsWriter, line
from edge_app.media.sources import PhotoSource

Record = dict[str, Any]


class _Earlier(NamedTuple):
    """A record, and when the file that holds it was written, in nanoseconds."""

    record: Record
    written_at: int


def done_before(source: PhotoSource, job: Job) -> dict[int, Record]:
    """The photographs that need no more work, by index, with their records (empty without results).

    One is done if its picture and its record are there, as far as they are wanted, and it has not
    been changed since.
    """
    records = _read(job.results) if job.results else {}
    done: dict[int, Record] = {}
    for index, path in enumerate(source.paths):
        earlier = records.get(_key(path))
        if job.results and earlier is None:
            continue
        output = job.output / path.name if job.output else None
        made_at = _made_at(output) if output else earlier.written_at if earlier else None
        if made_at is not None and path.stat().st_mtime_ns <= made_at:
            record = earlier.record if earlier else {}
            done[index] = {**record, "source": str(path), "frame": index}
    if job.results and working_path(job.results).exists():  # left by a killed run; written over now
        with whole_file(partial(job.results)) as draft:
            draft.write_text("".join(map(line, done.values())), "utf-8")
    return done


def _made_at(output: Path) -> int | None:
    """When a picture was written; None where there is none."""
    with suppress(OSError):
        status = output.stat()
        return status.st_mtime_ns if status.st_size else None
    return None


def _key(path: Path) -> Path:
    """The same for one photograph, however its folder is written."""
    return path.parent.resolve() / path.name


def _read(results: Path) -> dict[Path, _Earlier]:
    """What earlier runs wrote: whole, stopped by an error, or killed; the latest word counts."""
    names = (results, partial(results), working_path(results))
    files = sorted((path.stat().st_mtime_ns, path) for path in names if path.is_file())
    return {
        _key(Path(record["source"])): _Earlier(record, written_at)
        for written_at, path in files
        for record in _records(path)
    }


def _records(path: Path) -> list[Record]:
    """The whole lines of a file."""
    records = []
    for text in path.read_bytes().splitlines():
        with suppress(ValueError):  # cut off in the middle, or none of ours
            record = json.loads(text)
            if isinstance(record, dict) and isinstance(record.get("source"), str):
                records.append(record)
    return records


class FolderResults:
    """The results of a folder in its order: those of an earlier run, and each that is added.

    path: None writes nothing. before: the earlier ones by index; None where no run is resumed.
    Leaving ``with`` without ``finish`` keeps what there is, if anything, under a name that says
    that it is not whole. Raises OutputError.
    """

    def __init__(self, path: Path | None, before: Mapping[int, Record] | None) -> None:
        self._writer = ResultsWriter(path) if path else None
        self._resumed = before is not None
        self._before = deque(sorted((before or {}).items()))
        self._added = 0

    def __enter__(self) -> Self:
        if self._writer:
            self._writer.__enter__()
        return self

    def add(self, index: int, record: Record) -> None:
        """The record of a photograph; those of later ones come later."""
        if self._writer:
            self._write_before(self._writer, index)
            self._writer.write(record)
        self._added += 1

    def _write_before(self, writer: ResultsWriter, index: float = math.inf) -> None:
        while self._before and self._before[0][0] < index:
            writer.write(self._before.popleft()[1])

    def finish(self) -> None:
        """Give the file its name; one that says the same already stays as it is."""
        if self._writer:
            self._write_before(self._writer)
            if self._added or not self._writer.says_the_same():
                self._writer.finish()
            if self._resumed:
                partial(self._writer.path).unlink(missing_ok=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._writer:
            return
        if error is not None and self._added:
            with suppress(OutputError):  # the disk may be full
                self._write_before(self._writer)
                self._writer.finish(partial(self._writer.path))
        self._writer.__exit__(kind, error, traceback)
