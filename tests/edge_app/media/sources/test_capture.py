import threading
from collections.abc import Iterator

import numpy as np
import pytest

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.media.sources.capture import NewestFrame

PICTURE = np.zeros((2, 2, 3), np.uint8)


def frame(index: int) -> Frame:
    return Frame(PICTURE, index, float(index))


def test_a_slow_reader_gets_the_newest_frame_and_not_the_old_ones() -> None:
    all_taken = threading.Event()

    def camera() -> Iterator[Frame]:
        for index in range(100):
            yield frame(index)
        all_taken.set()

    with NewestFrame(camera) as newest:
        assert all_taken.wait(5)
        indices = [taken.index for taken in newest]

    assert indices[-1] == 99
    assert len(indices) == 1


def test_an_error_of_the_camera_arrives_after_the_frame_before_it() -> None:
    def camera() -> Iterator[Frame]:
        yield frame(7)
        raise CameraError("unplugged")

    seen = []
    with NewestFrame(camera) as newest, pytest.raises(CameraError, match="unplugged"):
        for taken in newest:
            seen.append(taken.index)

    assert seen == [7]


def test_a_camera_that_hangs_is_an_error_and_not_a_hang() -> None:
    go_on = threading.Event()

    def camera() -> Iterator[Frame]:
        go_on.wait(5)
        yield frame(0)

    with (
        NewestFrame(camera, stall_s=0.05) as newest,
        pytest.raises(CameraError, match="expected frames, found none"),
    ):
        try:
            next(iter(newest))
        finally:
            go_on.set()


def test_leaving_stops_the_thread() -> None:
    closed = threading.Event()

    def camera() -> Iterator[Frame]:
        try:
            index = 0
            while True:
                yield frame(index)
                index += 1
        finally:
            closed.set()

    with NewestFrame(camera) as newest:
        next(iter(newest))

    assert closed.wait(5)
