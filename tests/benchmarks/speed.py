"""Frames per second of recorded video: this project, the package ``fer``, and the student project.

Each loop is a process of its own on one core, and is timed in that core's seconds, from the first
frame to the last, decoding included; so other work on the machine does not count.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.portraits import RATE, write_clip

SIZE = (596, 336)

_OURS = """
import sys, time
from functools import partial
from pathlib import Path
import cv2
from edge_app.core.progress import SILENT
from edge_app.media import annotate
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import VideoSource
from edge_app.vision.parts import RecognitionSettings, build_pipeline, load_bundle
cv2.setNumThreads(1)
recognition = RecognitionSettings(detector=sys.argv[2])
bundle, made = load_bundle(), []
def build():
    made.append(build_pipeline(bundle, recognition))
    return made[-1]
source = VideoSource(Path(sys.argv[1]), threads=1)
results = Path(sys.argv[1]).with_suffix(".jsonl")
started = time.process_time()
found = annotate.annotate_source(
    source, None, build, FaceAnnotator(), SILENT, results=results, workers=1
)
print(found.frames_with_faces, time.process_time() - started)
"""
_FER = """
import sys, time
import cv2
from fer.fer import FER
cv2.setNumThreads(1)
detector, capture, found = FER(), cv2.VideoCapture(sys.argv[1]), 0
started = time.process_time()
while True:
    whole, image = capture.read()
    if not whole:
        break
    found += len(detector.detect_emotions(image)) > 0
print(found, time.process_time() - started)
"""
_STUDENT = """
import sys, time
import cv2
cv2.setNumThreads(1)
cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
capture, found = cv2.VideoCapture(sys.argv[1]), 0
kind = cv2.VideoWriter.fourcc(*"mp4v")
writer = cv2.VideoWriter(sys.argv[1] + ".mp4", kind, 20.0, (596, 336))
started = time.process_time()
while True:
    whole, image = capture.read()
    if not whole:
        break
    faces = cascade.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1.1, 4)
    for x, y, w, h in faces:
        cv2.rectangle(image, (x, y), (x + w, y + h), (175, 50, 200), 2)
    writer.write(image)
    found += len(faces) > 0
print(found, time.process_time() - started)
"""


@dataclass(frozen=True)
class Row:
    """rate: frames per second, median. ratio: to the first row's, each round by itself; the median.

    found: share of the frames in which a face was found.
    """

    name: str
    rate: float
    ratio: float
    found: float


def measure(seconds: int, rounds: int, fer: Path | None) -> list[Row]:
    """All loops in turn, ``rounds`` times, on a clip of one face.

    fer: the folder of ``pip install --no-deps --target DIR fer==25.10.3``, which needs the train
    extra; its loop is the first row. Without it, the student project's is.
    """
    loops = {} if fer is None else {"fer 25.10.3, detect_emotions": (_FER, "")}
    loops |= {
        "student project: Haar (1.1, 4), no emotion, written": (_STUDENT, ""),
        "annotate -o none": (_OURS, "auto"),
        "annotate -o none --detector haar": (_OURS, "haar"),
    }
    with tempfile.TemporaryDirectory() as scratch:
        clip = Path(scratch) / "clip.mp4"
        write_clip(clip, seconds, SIZE)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in loops}
        for _ in range(rounds):
            for name, (code, detector) in loops.items():
                times[name].append(_timed(code, clip, detector, fer))
    first = next(iter(times.values()))
    frames = seconds * RATE
    return [
        Row(
            name,
            frames / statistics.median(spent for _, spent in taken),
            statistics.median(one / own for (_, one), (_, own) in zip(first, taken, strict=True)),
            taken[0][0] / frames,
        )
        for name, taken in times.items()
    ]


def _timed(code: str, clip: Path, detector: str, fer: Path | None) -> tuple[float, float]:
    """Frames with a face, and seconds of the processor."""
    core = sorted(os.sched_getaffinity(0))[:1]
    places = [str(place) for place in (Path.cwd(), fer) if place is not None]
    done = subprocess.run(
        [sys.executable, "-c", code, str(clip), detector],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places), "OMP_NUM_THREADS": "1"},
        preexec_fn=partial(os.sched_setaffinity, 0, core),
    )
    found, spent = done.stdout.split()[-2:]
    return float(found), float(spent)
