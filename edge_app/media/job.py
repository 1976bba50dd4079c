"""What is to be done with a source, and what was."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge_app.core.progress import Progress
from edge_app.core.types import DividedProcessor
from edge_app.media.annotators import FaceAnnotator


@dataclass(frozen=True)
class Job:
    """output: None where no pictures are wanted. build: a pipeline, as often as it is called."""

    output: Path | None
    build: Callable[[], DividedProcessor]
    annotator: FaceAnnotator
    progress: Progress
    results: Path | None
    workers: int
    interrupted: Callable[[], bool]


@dataclass(frozen=True)
class Summary:
    """What was done. seconds: time the frames took from being read to being written.

    output: None where no pictures were wanted. skipped: photographs that an earlier run had done.
    """

    output: Path | None
    frames: int
    frames_with_faces: int
    faces: int
    seconds: float
    interrupted: bool = False
    skipped: int = 0

    @property
    def rate(self) -> float:
        """Frames per second."""
        return self.frames / self.seconds if self.seconds else 0.0


@dataclass
class Tally:
    """Counts while the work goes on."""

    frames: int = 0
    frames_with_faces: int = 0
    faces: int = 0
    started: float = field(default_factory=time.perf_counter)

    def add(self, faces: int) -> None:
        """One more frame."""
        self.frames += 1
        self.frames_with_faces += bool(faces)
        self.faces += faces

    def summary(self, job: Job, skipped: int = 0) -> Summary:
        seconds = time.perf_counter() - self.started
        return Summary(
            job.output, self.frames, self.frames_with_faces, self.faces, seconds,
            job.interrupted(), skipped,
        )  # fmt: skip


def partial(path: Path) -> Path:
    """The name of a file that is not whole."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")
