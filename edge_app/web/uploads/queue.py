"""Photos and videos that were uploaded to be annotated: one after the other, in a thread."""

import csv
import json
import os
import queue
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from edge_app.core.atomic import output_errors
from edge_app.core.errors import ReconociasError
from edge_app.core.worker import LoopWorker
from edge_app.media import annotate
from edge_app.media.sources import PhotoSource, VideoSource
from edge_app.web.pipelines import Pipelines
from edge_app.web.uploads.receiving import Kind, kind_of, without_path

MAX_WAITING = 4
KEEP_S = 3600.0
"""Seconds that the result can be fetched; then upload and result are deleted."""
_LOOK_S = 60.0
"""How often what is too old is looked for."""
_NICENESS = 10

Phase = Literal["waiting", "running", "done", "failed"]
_FIELDS = (
    "frame", "t", "track", "name", "distance", "threshold", "emotion", "score",
    "xmin", "ymin", "xmax", "ymax",
)  # fmt: skip


@dataclass
class Annotation:
    """An upload and what became of it. total: frames, 0 where nobody knows. error: for people."""

    id: str
    name: str
    upload: Path
    kind: Kind
    created_at: float
    phase: Phase = "waiting"
    frames: int = 0
    total: int = 0
    error: str = ""

    @property
    def folder(self) -> Path:
        return self.upload.parent

    @property
    def output(self) -> Path:
        return self.folder / ("annotated.jpg" if self.kind == "photo" else "annotated.mp4")

    @property
    def lines(self) -> Path:
        """One JSON object per frame, as they are found."""
        return self.folder / "results.jsonl"

    @property
    def results(self) -> Path:
        """An array of the same objects."""
        return self.folder / "results.json"

    @property
    def table(self) -> Path:
        """One line of CSV per face."""
        return self.folder / "results.csv"

    def start(self, total: int) -> None:
        self.total = total

    def advance(self) -> None:
        self.frames += 1


class Annotations(LoopWorker):
    """The uploads below a folder, which is emptied on the way in and out."""

    def __init__(
        self, folder: Path, pipelines: Pipelines, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__("annotate", failing="an upload could not be annotated")
        self._folder = folder
        self._pipelines = pipelines
        self._clock = clock
        self._known: dict[str, Annotation] = {}
        self._receiving: set[str] = set()
        self._looked_at = clock()
        self._waiting: queue.Queue[Annotation | None] = queue.Queue()
        self._at_work: Annotation | None = None

    def __enter__(self) -> Self:
        self._empty()
        return super().__enter__()

    def stop(self) -> None:
        super().stop()
        self._waiting.put(None)

    def close(self) -> None:
        super().close()
        self._empty()

    def _empty(self) -> None:
        _delete(self._folder)

    @property
    def is_full(self) -> bool:
        """Whether as many uploads are waiting as may."""
        return self._waiting.qsize() >= MAX_WAITING

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """An empty folder for one upload, deleted at the end unless ``add`` was given the file."""
        folder = self._folder / secrets.token_urlsafe(12)
        self._receiving.add(folder.name)
        try:
            with output_errors(folder):
                folder.mkdir(parents=True)
            yield folder
        finally:
            self._receiving.discard(folder.name)
            if folder.name not in self._known:
                _delete(folder)

    def add(self, upload: Path, name: str) -> Annotation:
        """Queue a file in a folder of ``receiving``."""
        added = Annotation(upload.parent.name, name, upload, kind_of(upload), self._clock())
        self._known[added.id] = added
        self._waiting.put(added)
        return added

    def find(self, number: str) -> Annotation | None:
        """None for one that never was, was forgotten, or is too old."""
        found = self._known.get(number)
        return None if found is None or self._is_old(found) else found

    def forget(self, number: str) -> None:
        """Delete an upload and its results; one that is being worked on ends early."""
        forgotten = self._known.pop(number, None)
        if forgotten is not None:
            _delete(forgotten.folder)

    def _is_old(self, known: Annotation) -> bool:
        return self._clock() - known.created_at > KEEP_S

    def _tidy(self) -> None:
        """Delete what is too old, and folders that belong to no upload."""
        self._looked_at = self._clock()
        for known in list(self._known.values()):
            if self._is_old(known):
                self.forget(known.id)
        for folder in self._folder.glob("*"):
            # asked in this order: an upload is known before it is no longer being received
            if folder.name not in self._receiving and folder.name not in self._known:
                _delete(folder)

    def run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        super().run()

    def step(self) -> None:
        task = self._at_work = None
        with suppress(queue.Empty):
            task = self._at_work = self._waiting.get(timeout=_LOOK_S)
        self._tidy()
        if task is not None and task.id in self._known and not self.stopping.is_set():
            task.phase = "running"
            self._annotate(task)
            _write_results(task)
            task.phase = "done"

    def failed(self, error: ReconociasError) -> None:
        if self._at_work is None:
            super().failed(error)
        else:
            self._give_up(self._at_work, without_path(_first(error), self._at_work.upload))

    def broke(self) -> None:
        """The next upload is worked on all the same."""
        super().broke()
        if self._at_work is not None:
            self._give_up(
                self._at_work, "expected to annotate it, found a mistake of ours; see the log"
            )

    def _give_up(self, task: Annotation, reason: str) -> None:
        task.error, task.phase = reason, "failed"
        _delete(task.folder)

    def _is_unwanted(self, task: Annotation) -> bool:
        """Whether to stop working on it; asked with each frame, as a video may take an hour."""
        if self._clock() - self._looked_at > _LOOK_S:
            self._tidy()
        return self.stopping.is_set() or task.id not in self._known

    def _annotate(self, task: Annotation) -> None:
        still = task.kind == "photo"
        source = PhotoSource([task.upload], task.name) if still else VideoSource(task.upload)
        annotate.annotate_source(
            source,
            task.output,
            partial(self._pipelines.recorded, still=still),
            self._pipelines.annotator(),
            task,
            results=task.lines,
            interrupted=lambda: self._is_unwanted(task),
        )


def _delete(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _first(error: ReconociasError) -> Exception:
    """What went wrong, without where the part that could be read is kept: it is not."""
    return error.__cause__ if isinstance(error.__cause__, ReconociasError) else error


def _write_results(task: Annotation) -> None:
    """From the lines of ``annotate.annotate`` an array, with the name for people, and a table."""
    with (
        output_errors(task.results),
        task.lines.open(encoding="utf-8") as lines,
        task.results.open("w", encoding="utf-8") as results,
        task.table.open("w", encoding="utf-8", newline="") as table,
    ):
        writer = csv.writer(table)
        writer.writerow(_FIELDS)
        for number, line in enumerate(lines):
            record = {**json.loads(line), "source": task.name}
            results.write(("," if number else "[") + json.dumps(record, ensure_ascii=False))
            writer.writerows(_rows(record))
        results.write("]\n")


def _rows(record: dict[str, Any]) -> Iterator[list[Any]]:
    """A row of the table per face of a frame."""
    for face in record["faces"]:
        who = [face[key] for key in ("track", "name", "distance", "threshold", "emotion")]
        score = max(face["scores"].values()) if face["scores"] else None
        yield [record["frame"], record["t"], *who, score, *face["bbox"]]
