"""The kiosk's loop against the student project's, and what it takes from start to soak.

Times are CPU time of this process on one core, so that other work on the machine does not count.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np

from edge_app.core.types import ColorImage, Frame
from edge_app.kiosk.settings import Settings
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.photo import write_photo
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.vision.live import LivePipeline
from edge_app.vision.parts import build_live_pipeline, load_bundle, load_space
from edge_app.vision.recognition.identifier import FaceSample, identifier_of
from tests.benchmarks.portraits import PortraitScene, her_samples
from tests.benchmarks.student import StudentLoop
from tests.stored import drawn_sample, new_sample

_CAMERA_RATE = 30
_WARM_UP = 30
_PEOPLE, _SAMPLES = 3, 20
_HER = "Eileen Collins"
_FIRST_NAME = """
import sys, time
from pathlib import Path
from edge_app.kiosk.assembly import assembled
from edge_app.kiosk.settings import load_settings
named = []
def look(result):
    named.extend(face.identity.name for face in result.faces if face.identity)
with assembled(load_settings(Path(sys.argv[1]))) as controls:
    controls.kiosk.add_observer(look)
    controls.kiosk.start()
    while not any(named):
        time.sleep(0.002)
    print(flush=True)
    controls.kiosk.stop()
"""


@dataclass(frozen=True)
class Latency:
    """Milliseconds a frame at a camera's 30 frames a second. stages: the mean of each."""

    faces: int
    p50: float
    p99: float
    mean: float
    stages: dict[str, float]


@dataclass(frozen=True)
class Race:
    """Frames per second of both loops as fast as they can."""

    student: float
    kiosk: float

    @property
    def ratio(self) -> float:
        return self.kiosk / self.student


@dataclass(frozen=True)
class Soak:
    """MiB resident at the end, MiB an hour.

    ready_s: from the start of the process to READY; ready_cpu_s: CPU time until then.
    growth_mib: since the first fifth of the time.
    """

    ready_s: float
    ready_cpu_s: float
    resident_mib: float
    growth_mib: float
    slope_mib_per_hour: float


def latency(faces: int, frames: int) -> Latency:
    """The pipeline and the drawing, frame by frame as a camera gives them."""
    pictures = _film(faces, frames + _WARM_UP)
    with patch.object(time, "perf_counter", time.process_time):  # what the stages are timed by
        return _latency(faces, frames, pictures)


def _latency(faces: int, frames: int, pictures: Sequence[ColorImage]) -> Latency:
    pipeline, annotator = _pipeline(), FaceAnnotator()
    taken, stages = [], Counter[str]()
    for index, picture in enumerate(pictures):
        started = time.process_time()
        result = pipeline.process(Frame(picture, index, index / _CAMERA_RATE))
        drawing = time.process_time()
        annotator.annotate(result)
        done = time.process_time()
        if index >= _WARM_UP:
            taken.append((done - started) * 1e3)
            stages.update({**result.timings_ms, "draw": (done - drawing) * 1e3})
            if len(result.faces) != faces:
                raise ValueError(f"expected {faces} faces, found {len(result.faces)}")
    p50, p99 = np.quantile(taken, [0.5, 0.99])
    means = {stage: total / frames for stage, total in stages.items()}
    return Latency(faces, float(p50), float(p99), statistics.fmean(taken), means)


def race(frames: int) -> Race:
    """Both loops on the same pictures of one face, in turn; the medians of a frame count."""
    pictures = _film(1, frames)
    student, pipeline, annotator = StudentLoop(), _pipeline(), FaceAnnotator()
    for _ in range(3):
        student.process(pictures[0].copy())  # Keras traces its graph
    students, ours = [], []
    for picture in pictures:
        started = time.process_time()
        student.process(picture.copy())
        students.append(time.process_time() - started)
    for index in range(20 * frames):
        started = time.process_time()
        annotator.annotate(pipeline.process(Frame(pictures[index % frames], index, started)))
        ours.append(time.process_time() - started)
    return Race(1 / statistics.fmean(students), 1 / statistics.fmean(ours[_WARM_UP:]))


def soak(seconds: float) -> Soak:
    """``reconocias run`` without the page, people enrolled: when it is ready, and its memory."""
    with (
        _device() as config,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        address = str(config.parent / "notify")
        manager.bind(address)
        manager.settimeout(60.0)
        command = [sys.executable, "-m", "edge_app", "run", "--config", str(config)]
        started = time.monotonic()
        kiosk = subprocess.Popen(
            command, env={**os.environ, "NOTIFY_SOCKET": address}, stderr=subprocess.DEVNULL
        )
        try:
            manager.recv(1000)
            ready_s, ready_cpu_s = time.monotonic() - started, _cpu_s(kiosk.pid)
            moments, sizes = _sizes(kiosk, manager, seconds)
        finally:
            kiosk.terminate()
            kiosk.wait(30)
    settled = len(moments) // 5  # the allocator's first pages
    slope = np.polyfit(moments[settled:], sizes[settled:], 1)[0] * 3600
    return Soak(ready_s, ready_cpu_s, sizes[-1], sizes[-1] - sizes[settled], float(slope))


def first_name(rounds: int) -> float:
    """Seconds from the start of a kiosk's process until it names who stands before it; median."""
    with _device() as config:
        return statistics.median(_first_name(config) for _ in range(rounds))


def _first_name(config: Path) -> float:
    started = time.monotonic()
    command = [sys.executable, "-c", _FIRST_NAME, str(config)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as kiosk:
        assert kiosk.stdout is not None
        if not kiosk.stdout.readline():
            raise RuntimeError("expected the kiosk to name somebody, found it ended")
        return time.monotonic() - started


@contextmanager
def _device() -> Iterator[Path]:
    """The settings of a kiosk that looks at her portrait and knows her and others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_photo(folder / "photos" / "her.png", PortraitScene().at(0.0))
        with State(folder / "state") as state:
            gallery = Gallery(state)
            gallery.enrol(_HER, her_samples(_SAMPLES))
            for person in range(1, _PEOPLE):
                moods = np.linspace(-1, 1, _SAMPLES)
                gallery.enrol(f"person {person}", [new_sample(person, mood=m) for m in moods])
        config = folder / "config.toml"
        config.write_text(
            f'[source]\ninput = "{folder / "photos"}"\n[web]\nenabled = false\n'
            f'[state]\ndirectory = "{folder / "state"}"\n',
            encoding="utf-8",
        )
        yield config


def _sizes(
    kiosk: "subprocess.Popen[bytes]", manager: socket.socket, seconds: float
) -> tuple[list[float], list[float]]:
    moments: list[float] = []
    sizes: list[float] = []
    start = time.monotonic()
    while (now := time.monotonic() - start) < seconds:
        manager.recv(1000)  # one datagram a frame; nobody else empties the socket
        if not moments or now - moments[-1] >= 1.0:
            moments.append(now)
            sizes.append(_resident_mib(kiosk.pid))
    return moments, sizes


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _film(faces: int, frames: int) -> list[ColorImage]:
    scene = PortraitScene(faces)
    return [scene.at(index / _CAMERA_RATE) for index in range(frames)]


def _pipeline() -> LivePipeline:
    """The kiosk's own, with three enrolled people of 20 samples, her among them."""
    cv2.setNumThreads(1)
    bundle = load_bundle()
    samples = [FaceSample(_HER, sample.crop) for sample in her_samples(_SAMPLES)]
    for person in range(1, _PEOPLE):
        moods = np.linspace(-1, 1, _SAMPLES)
        samples += [FaceSample(f"person {person}", drawn_sample(person, mood)) for mood in moods]
    identifier = identifier_of(load_space(bundle), samples)
    settings = Settings()
    return build_live_pipeline(bundle, settings.detection, settings.emotions, identifier=identifier)
