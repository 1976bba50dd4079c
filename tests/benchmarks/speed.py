"""Frames per second of ``annotate`` and of the loop that the student project had."""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2

from edge_app.bundle import loader
from edge_app.core.progress import SILENT
from edge_app.media import annotate
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import VideoSource
from edge_app.vision.parts import build_pipeline
from tests.system.test_memory import film


@dataclass(frozen=True)
class Row:
    name: str
    rate: float
    ratio: float


def measure(seconds: int, rounds: int) -> list[Row]:
    """Both loops in turn, ``rounds`` times; the medians count."""
    with tempfile.TemporaryDirectory() as scratch:
        clip, output = Path(scratch) / "clip.mp4", Path(scratch) / "out.mp4"
        film(clip, seconds)
        frames = seconds * 30
        loops: dict[str, Callable[[], None]] = {
            "student project: Haar (1.1, 4), no emotion": lambda: _student(clip, output),
            "annotate": lambda: _annotate(clip, output, emotions=True),
            "annotate --no-emotions": lambda: _annotate(clip, output, emotions=False),
        }
        times: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(rounds):
            for name, loop in loops.items():
                started = time.perf_counter()
                loop()
                times[name].append(time.perf_counter() - started)
    rates = {name: frames / statistics.median(taken) for name, taken in times.items()}
    baseline = next(iter(rates.values()))
    return [Row(name, rate, rate / baseline) for name, rate in rates.items()]


def _annotate(clip: Path, output: Path, *, emotions: bool) -> None:
    build = partial(build_pipeline, loader.load(), emotions=emotions)
    annotate.annotate_source(VideoSource(clip), output, build, FaceAnnotator(), SILENT)


def _student(clip: Path, output: Path) -> None:
    """Decode, find faces at full size, draw boxes, write mp4v, as the notebooks did."""
    cascade = cv2.CascadeClassifier(str(loader.load().path("haarcascade_frontalface_default.xml")))
    capture = cv2.VideoCapture(str(clip))
    fourcc = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(output), fourcc, 20.0, (640, 480))
    while True:
        whole, image = capture.read()
        if not whole:
            break
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        for x, y, w, h in cascade.detectMultiScale(gray, 1.1, 4):
            cv2.rectangle(image, (x, y), (x + w, y + h), (175, 50, 200), 2)
        writer.write(image)
    capture.release()
    writer.release()
