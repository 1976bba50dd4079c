import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from edge_app.core.errors import CameraError
from edge_app.core.types import BBox, Detection, Face, Frame, FrameResult, Identity
from edge_app.kiosk.loop import Kiosk
from edge_app.kiosk.watchdog import Heartbeat
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import LiveSource, ReconnectingSource
from edge_app.media.sources.reconnect import Backoff


@dataclass
class FakeCamera(LiveSource):
    """Opens while it is plugged in; gives grey pictures of ``size``."""

    name: str = "fake"
    plugged: threading.Event = field(default_factory=threading.Event)
    size: tuple[int, int] = (64, 48)

    def grab(self) -> Iterator[Frame]:
        while self.plugged.is_set():
            width, height = self.size
            yield Frame(np.full((height, width, 3), 128, np.uint8), 0, time.monotonic())
            time.sleep(0.005)
        raise CameraError("fake: unplugged")


class FakePipeline:
    """Finds the same known face in every picture of the camera."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.forgotten = 0
        self.without: list[float] = []
        self.error: Exception | None = None

    def process(self, frame: Frame) -> FrameResult:
        if self.error is not None:
            raise self.error
        self.shapes.append(frame.image.shape)
        face = Face(Detection(BBox(5, 5, 20, 20), 9.0), 1, Identity("Ana", 0.1, 0.5))
        return FrameResult(frame, (face,))

    def forget(self) -> None:
        self.forgotten += 1

    def without_picture(self, now: float) -> None:
        self.without.append(now)


@dataclass
class Bench:
    kiosk: Kiosk
    camera: FakeCamera
    pipeline: FakePipeline
    messages: list[str]

    def until(self, condition: Callable[[], bool], limit_s: float = 10.0) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, self.kiosk.status
            time.sleep(0.005)


@pytest.fixture
def bench() -> Iterator[Bench]:
    camera, pipeline, messages = FakeCamera(), FakePipeline(), list[str]()
    camera.plugged.set()
    source = ReconnectingSource(lambda: camera, backoff=Backoff(0.01, 0.02))
    kiosk = Kiosk(
        source, pipeline, FaceAnnotator("en"), size=(64, 48), heartbeat=Heartbeat(messages.append)
    )
    yield Bench(kiosk, camera, pipeline, messages)
    kiosk.stop()


def test_viewers_get_live_frames_and_status_says_who_is_there(bench: Bench) -> None:
    bench.kiosk.start()
    bench.until(lambda: bench.kiosk.status.healthy_frames >= 5)
    with bench.kiosk.views.reader() as reader:
        first, second = reader.next(1.0), reader.next(1.0)
    assert first and second and first is not second
    assert second.is_live()
    assert second.jpeg.startswith(b"\xff\xd8")
    status = second.status
    assert status.source.phase == "live"
    assert status.names == ("Ana",) and status.faces == 1
    assert status.rate > 0 and 0 < status.latency_ms < 1000
    assert "Ana" not in status.line()


def test_without_a_camera_the_screen_says_so_and_the_loop_is_alive(bench: Bench) -> None:
    bench.camera.plugged.clear()
    bench.kiosk.start()
    bench.until(lambda: bench.kiosk.status.source.phase == "lost" and len(bench.messages) > 1)
    view = bench.kiosk.views.newest
    assert view is not None and not view.is_picture and not view.is_live()
    assert view.status.faces == 0 and view.status.healthy_frames == 0
    assert "unplugged" in view.status.line()
    assert view.picture.shape == (48, 64, 3)
    assert "WATCHDOG=1" in bench.messages[-1]
    assert bench.pipeline.shapes == []  # nobody looks for faces in it
    assert bench.pipeline.without == sorted(bench.pipeline.without) != []

    bench.camera.plugged.set()
    bench.until(lambda: bench.kiosk.status.source.phase == "live")
    bench.camera.plugged.clear()
    with bench.kiosk.views.reader() as reader:
        seen_at = time.monotonic()
        while (newest := reader.next(5.0)) and newest.is_picture:
            seen_at = newest.result.frame.captured_at
    assert time.monotonic() - seen_at < 2.0  # 0.9, and what a busy machine adds


def test_an_old_frame_is_not_live(bench: Bench) -> None:
    bench.kiosk.start()
    bench.until(lambda: bench.kiosk.status.healthy_frames >= 1)
    view = bench.kiosk.views.newest
    assert view is not None
    captured = view.result.frame.captured_at
    assert view.is_live(captured + 0.9)
    assert not view.is_live(captured + 1.1)


def test_another_size_ends_the_tracks(bench: Bench) -> None:
    bench.kiosk.start()
    bench.until(lambda: bench.kiosk.status.healthy_frames >= 1)
    bench.camera.size = (96, 64)
    bench.until(lambda: (64, 96, 3) in bench.pipeline.shapes)
    assert bench.pipeline.forgotten == 1


def test_requests_are_done_by_the_loop_and_answered(bench: Bench) -> None:
    bench.kiosk.start()
    thread = bench.kiosk.ask(threading.current_thread).result(5.0)
    assert thread.name == "kiosk"

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        bench.kiosk.ask(fail).result(5.0)
    assert not bench.kiosk.wait(0.05)


def test_a_pipeline_that_breaks_ends_the_loop_and_silences_the_heartbeat(bench: Bench) -> None:
    bench.kiosk.start()
    bench.until(lambda: bench.kiosk.status.healthy_frames >= 1)
    bench.pipeline.error = RuntimeError("broken")
    with pytest.raises(RuntimeError, match="broken"):
        bench.until(lambda: bench.kiosk.wait(0.01))
    assert bench.messages[-1] == "STOPPING=1"
    said = len(bench.messages)
    time.sleep(0.05)
    assert len(bench.messages) == said


def test_a_pipeline_that_hangs_feeds_no_watchdog(bench: Bench) -> None:
    bench.kiosk.start()
    bench.until(lambda: bench.kiosk.status.healthy_frames >= 1)
    hanging, release = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        release.wait()

    bench.kiosk.ask(hang)
    assert hanging.wait(5.0)
    time.sleep(0.05)
    said = len(bench.messages)
    time.sleep(0.1)
    assert len(bench.messages) == said
    release.set()
