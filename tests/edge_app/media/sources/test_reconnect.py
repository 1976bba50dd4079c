import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.media.sources.base import LiveSource
from edge_app.media.sources.reconnect import (
    Backoff,
    DriverHungError,
    ReconnectingSource,
    checked_image,
)

QUICK = Backoff(first=0.001, longest=0.002)
PICTURE = np.zeros((4, 6, 3), np.uint8)


class FakeCamera(LiveSource):
    """Gives frames, or fails as its plan says."""

    name = "fake"

    def __init__(self, failure: str = "", release: threading.Event | None = None) -> None:
        self._failure = failure
        self._release = release or threading.Event()

    def __enter__(self) -> "FakeCamera":
        if self._failure == "unplug":
            raise CameraError("fake: no such device")
        return self

    def grab(self) -> Iterator[Frame]:
        for index in range(3):
            yield Frame(PICTURE, index, time.monotonic())
            time.sleep(0.001)
        if self._failure == "raise":
            raise RuntimeError("the driver broke")
        if self._failure == "garbage":
            yield Frame(np.zeros((0, 3), np.uint8), 3, time.monotonic())
        if self._failure == "stall":
            self._release.wait(5.0)
        if self._failure == "":
            while not self._release.wait(0.002):
                yield Frame(PICTURE, 3, time.monotonic())


def until(
    source: ReconnectingSource, condition: Callable[[], bool], *, limit_s: float = 10.0
) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, source.state
        source.next(0.01)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("raise", "the driver broke"),
        ("stall", "no frame for 0.03 s"),
        ("garbage", "expected pictures"),
        ("unplug", "no such device"),
        ("ended", "it ended"),
    ],
)
def test_each_failure_is_named_in_the_state(failure: str, reason: str) -> None:
    release = threading.Event()
    with ReconnectingSource(
        lambda: FakeCamera(failure, release), stall_s=0.03, backoff=Backoff(60, 60)
    ) as source:
        until(source, lambda: source.state.phase == "lost")
        assert reason in source.state.reason
        assert source.state.failures == 1
    release.set()


def test_a_loss_is_logged_once_however_often_opening_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ReconnectingSource(lambda: FakeCamera("unplug"), backoff=QUICK) as source:
        until(source, lambda: source.state.failures >= 5)
    assert [record.message for record in caplog.records] == ["source lost"]


def test_a_read_that_never_comes_back_asks_for_a_new_process() -> None:
    release = threading.Event()
    cameras = iter([FakeCamera("stall", release)])  # afterwards it is busy

    with (
        ReconnectingSource(
            lambda: next(cameras, FakeCamera("unplug")), stall_s=0.01, hung_s=0.1, backoff=QUICK
        ) as source,
        pytest.raises(DriverHungError, match="a read has not come back"),
    ):
        until(source, lambda: False)
    release.set()


def test_a_read_that_hangs_is_nothing_while_another_gives_frames() -> None:
    release, other = threading.Event(), threading.Event()
    cameras = iter([FakeCamera("stall", release)])
    with ReconnectingSource(
        lambda: next(cameras, FakeCamera("", other)), stall_s=0.05, hung_s=0.1, backoff=QUICK
    ) as source:
        until(source, lambda: source.state.failures == 1 and source.state.phase == "live")
        recovered = time.monotonic()
        until(source, lambda: time.monotonic() - recovered > 0.3)
        assert source.state.phase == "live"
    release.set()
    other.set()


def test_a_source_that_does_not_come_back_ends() -> None:
    class Film(FakeCamera):
        comes_back = False

    with ReconnectingSource(lambda: Film("ended"), backoff=QUICK) as source:
        until(source, lambda: source.state.phase == "ended")
        assert source.next(0.01) is None


def test_only_the_newest_frame_is_given() -> None:
    release = threading.Event()
    with ReconnectingSource(lambda: FakeCamera("", release)) as source:
        until(source, lambda: source.state.phase == "live")
        time.sleep(0.1)
        frame = source.next(1.0)
        assert frame is not None
        assert time.monotonic() - frame.captured_at < 0.09
    release.set()


def test_the_correction_is_applied_to_every_picture() -> None:
    release = threading.Event()
    with ReconnectingSource(
        lambda: FakeCamera("", release), correct=lambda image: image + np.uint8(7)
    ) as source:
        until(source, lambda: source.state.phase == "live")
        frame = source.next(1.0)
        assert frame is not None and frame.image.min() == 7
    release.set()


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(first=0.5, longest=3.0)
    assert [backoff.wait(failures) for failures in (1, 2, 3, 4, 500)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    "garbage",
    [None, [1, 2], np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 0, 3), np.uint8)],
)
def test_what_is_no_picture_is_refused(garbage: object) -> None:
    with pytest.raises(CameraError, match="expected pictures of uint8"):
        checked_image(garbage)
