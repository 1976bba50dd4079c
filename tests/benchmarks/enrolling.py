"""How long a camera takes to enrol somebody, and what the live picture notices of one more."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge_app.core.types import ColorImage, FrameResult, Picture
from edge_app.enrolment.gallery_identifier import identifier_for
from edge_app.enrolment.selection import FaceCollection
from edge_app.kiosk.assembly import assembled
from edge_app.kiosk.settings import Settings, StateSettings
from edge_app.media.photo import write_photo
from edge_app.media.sources import SourceSettings
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.vision.parts import build_detector, load_bundle, load_space
from tests.benchmarks.portraits import PortraitScene, her_samples
from tests.stored import new_sample

_RATE = 30.0
_SIZE = (640, 480)
_NOISE = 3.0
_LIMIT_S = 60.0
_QUIET_S = 5.0
_NEW = "somebody new"


@dataclass(frozen=True)
class Collected:
    """Seconds of the camera's clock until so many samples were kept.

    gate_ms: processor time of judging a frame, median.
    """

    seconds: dict[int, float]
    gate_ms: float


def collect(bundle_folder: Path | None, wanted: tuple[int, ...]) -> Collected:
    """Somebody sways before a camera of 30 frames per second, whose clock is simulated.

    The clock goes on by a frame's time, or by the time that looking at the frame took where that
    is longer.
    """
    detector, scene = build_detector(load_bundle(bundle_folder)), PortraitScene(size=_SIZE)
    collection = FaceCollection()
    now, reached, spent = 0.0, dict[int, float](), list[float]()
    index = 0
    while len(reached) < len(wanted) and now < _LIMIT_S:
        picture = Picture(_swaying(scene, now, index))
        started = time.perf_counter()
        found = detector.detect(picture)
        looked = time.process_time()
        collection.offer(picture, found)
        spent.append(time.process_time() - looked)
        now += max(1.0 / _RATE, time.perf_counter() - started)
        kept = len(collection.samples)
        reached |= {number: now for number in wanted if number <= kept and number not in reached}
        index += 1
    return Collected(reached, float(np.median(spent)) * 1e3)


def _swaying(scene: PortraitScene, seconds: float, index: int) -> ColorImage:
    """Tilts by 12 degrees in three seconds, drifts, and has a camera's noise."""
    width, height = _SIZE
    tilt = cv2.getRotationMatrix2D((width / 2, height / 2), 12 * np.sin(seconds * 2.1), 1.0)
    picture = scene.at(seconds)
    moved = cv2.warpAffine(picture, tilt, _SIZE, borderMode=cv2.BORDER_REPLICATE)
    noise = np.random.default_rng(index).normal(0.0, _NOISE, moved.shape)
    return np.clip(moved + noise, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Gap:
    """The longest between two frames of the kiosk's loop.

    processor_ms: time that all threads of the process had together in the one that had most, which
    is what a core of one's own would need; a busy machine adds to wall_ms alone.
    """

    wall_ms: float
    processor_ms: float


@dataclass(frozen=True)
class Stall:
    """Gaps alone and while somebody is enrolled.

    enrolled_s, enrolled_processor_s: from the samples' being there until the live picture shows the
    name.
    """

    alone: Gap
    enrolling: Gap
    enrolled_s: float
    enrolled_processor_s: float


def stall(bundle_folder: Path | None, people: int, samples: int) -> Stall:
    """Enrol who stands before a running kiosk that knows ``people`` others already."""
    space = load_space(load_bundle(bundle_folder))
    with tempfile.TemporaryDirectory(prefix="reconocias-") as folder, State(Path(folder)) as state:
        photos = Path(folder) / "photos"
        write_photo(photos / "her.png", PortraitScene(size=_SIZE).at(0.0))
        gallery = Gallery(state)
        for number in range(people):
            moods = np.linspace(-1.0, 1.0, samples)
            others = [new_sample(100 + number, mood=mood) for mood in moods]
            gallery.enrol(f"person {number}", others)
        identifier_for(gallery, space)  # embedded before, as in a kiosk that runs
        settings = Settings(
            state=StateSettings(directory=Path(folder)),
            source=SourceSettings(input=str(photos), rate=_RATE),
        )
        with assembled(settings, bundle_folder) as controls:
            watcher = _Watcher()
            controls.kiosk.add_observer(watcher.observe)
            controls.kiosk.start()
            _until(lambda: watcher.identified)
            quiet_from = _now()
            time.sleep(_QUIET_S)
            begun = _now()
            gallery.enrol(_NEW, her_samples(samples))
            controls.people_changed()
            _until(lambda: watcher.name == _NEW)
            recognised = _now()
    return Stall(
        watcher.longest_gap(quiet_from, begun),
        watcher.longest_gap(begun, recognised),
        *np.subtract(recognised, begun).tolist(),
    )


def _now() -> tuple[float, float]:
    """Seconds of the clock, and of the processor for this process."""
    return time.monotonic(), time.process_time()


class _Watcher:
    """Notes when each frame was processed, and who was in it."""

    def __init__(self) -> None:
        self.identified = False
        self.name: str | None = None
        self._times: list[tuple[float, float]] = []

    def observe(self, result: FrameResult) -> None:
        self._times.append(_now())
        for face in result.faces:
            self.identified = face.identity is not None
            self.name = face.identity.name if face.identity else None

    def longest_gap(self, start: tuple[float, float], end: tuple[float, float]) -> Gap:
        times = [moment for moment in self._times if start <= moment <= end]
        gaps = np.diff([start, *times, end], axis=0)
        wall_ms, processor_ms = gaps.max(axis=0) * 1e3
        return Gap(float(wall_ms), float(processor_ms))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came of it in {_LIMIT_S:.0f} s")
        time.sleep(0.005)
