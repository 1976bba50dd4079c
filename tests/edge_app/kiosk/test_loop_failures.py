"""A hundred failures of a camera, one after the other, before a kiosk whose time the test makes."""

import queue
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import numpy as np
import pytest

from edge_app.core.errors import CameraError
from edge_app.core.types import ColorImage, Frame, FrameResult
from edge_app.kiosk.loop import Kiosk
from edge_app.kiosk.view import MAX_LIVE_AGE_S, View
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import LiveSource, ReconnectingSource
from edge_app.media.sources.reconnect import Backoff

FAILURES = 100
STALL_S = 5.0
RETRY_S = 0.01
LIMIT_S = 20.0
PICTURE = np.zeros((48, 64, 3), np.uint8)


class Camera(LiveSource):
    """One opening of the device: gives what it is handed, and raises what it is handed."""

    name = "fake"

    def __init__(self, device: "Device") -> None:
        self._device = device
        self._handed: queue.SimpleQueue[Frame | Exception] = queue.SimpleQueue()

    def hand(self, news: Frame | Exception) -> None:
        self._handed.put(news)

    def __enter__(self) -> "Camera":
        if not self._device.plugged:
            raise CameraError("fake: no such device")
        self._device.opened.put(self)
        return self

    def grab(self) -> Iterator[Frame]:
        while True:
            news = self._handed.get()
            if isinstance(news, Exception):
                raise news
            yield news


class Device:
    """What is opened again and again; opening it frees a read that hangs."""

    def __init__(self) -> None:
        self.plugged = True
        self.opened: queue.SimpleQueue[Camera] = queue.SimpleQueue()


class NoFaces:
    def process(self, frame: Frame) -> FrameResult:
        return FrameResult(frame, ())

    def forget(self) -> None:
        pass

    def without_picture(self, now: float) -> None:
        pass


class Theatre:
    """A kiosk, the camera before it, and somebody who sees all that is shown.

    now: the kiosk's time in seconds. shown: each picture's age when it was shown.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.shown: list[float] = []
        self.device = Device()
        source = ReconnectingSource(
            lambda: Camera(self.device),
            stall_s=STALL_S,
            backoff=Backoff(RETRY_S, RETRY_S),
            clock=lambda: self.now,
        )
        self.kiosk = Kiosk(source, NoFaces(), FaceAnnotator("en"), clock=lambda: self.now)
        show = self.kiosk.views.put

        def watch(view: View) -> None:
            if view.is_picture:
                self.shown.append(self.now - view.result.frame.captured_at)
            show(view)

        monkeypatch.setattr(self.kiosk.views, "put", watch)

    def open(self) -> None:
        """The kiosk opens the device, as soon as it tries again."""
        self.now += RETRY_S
        self.camera = self.device.opened.get(timeout=LIMIT_S)

    def picture(self, age_s: float, image: ColorImage = PICTURE) -> None:
        self.camera.hand(Frame(image, 0, self.now - age_s))

    def until(self, condition: Callable[[View], bool]) -> None:
        """Until what is shown is so; the kiosk's time stands still."""
        deadline = time.monotonic() + LIMIT_S
        while (view := self.kiosk.views.newest) is None or not condition(view):
            assert time.monotonic() < deadline, self.kiosk.status
            time.sleep(0.001)

    def until_processed(self, frames: int) -> None:
        self.until(lambda view: view.status.healthy_frames == frames)

    def until_lost(self) -> None:
        self.until(lambda view: not view.is_picture and view.status.source.phase == "lost")


def raise_an_error(theatre: Theatre) -> None:
    theatre.camera.hand(RuntimeError("the driver broke"))


def give_garbage(theatre: Theatre) -> None:
    theatre.picture(0.0, np.zeros((0, 3), np.uint8))


def stall(theatre: Theatre) -> None:
    hanging = theatre.camera
    theatre.now += STALL_S + 0.1
    theatre.until_lost()
    hanging.hand(RuntimeError("the device is opened anew"))


def unplug(theatre: Theatre) -> None:
    """Opening fails until it is plugged in again."""
    theatre.device.plugged = False
    theatre.camera.hand(CameraError("fake: unplugged"))
    theatre.until_lost()
    failures = theatre.kiosk.status.source.failures
    theatre.now += RETRY_S
    theatre.until(lambda view: view.status.source.failures > failures)
    theatre.device.plugged = True


def test_hundred_failures_are_hundred_recoveries_and_no_old_picture_is_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    theatre = Theatre(monkeypatch)
    theatre.kiosk.start()
    theatre.open()
    kinds = [raise_an_error, give_garbage, stall, unplug]
    for number, fail in enumerate(islice(cycle(kinds), FAILURES), 1):
        theatre.picture(age_s=3.0)  # a driver's buffer may hold one of before
        theatre.until_processed(2 * number - 1)
        theatre.picture(age_s=MAX_LIVE_AGE_S - 0.15)
        theatre.until(lambda view: view.is_picture)
        fail(theatre)
        theatre.until_lost()
        theatre.open()
    theatre.camera.hand(RuntimeError("the end"))
    theatre.kiosk.stop()

    told = [record.message for record in caplog.records if record.message.startswith("source")]
    assert told == ["source live", "source lost"] * FAILURES
    assert len(theatre.shown) == FAILURES
    assert max(theatre.shown) <= MAX_LIVE_AGE_S
