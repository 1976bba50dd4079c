import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from edge_app.core.errors import CameraError
from edge_app.core.types import ColorImage
from edge_app.media.sources import PhoneLink, PhoneSource, ReconnectingSource
from edge_app.media.sources.phone import Lending
from edge_app.media.sources.reconnect import Backoff
from tests.edge_app.media.sources.test_reconnect import until


def picture(shade: int) -> ColorImage:
    return np.full((4, 6, 3), shade, np.uint8)


@contextmanager
def sending(lending: Lending) -> Iterator[None]:
    """A phone that gives pictures until the ``with`` ends."""
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(0.005):
            lending.put(picture(7), time.monotonic())

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_only_the_newest_picture_is_kept_with_the_moment_it_was_captured() -> None:
    link = PhoneLink()
    with link.lend() as lending:
        for shade in (1, 2, 3):
            assert lending.put(picture(shade), 10.0 + shade)
        frame = next(PhoneSource(link, patience_s=1.0).grab())
    assert (frame.image.max(), frame.captured_at) == (3, 13.0)


def test_the_last_phone_counts_and_the_one_before_does_not_end_it() -> None:
    link = PhoneLink()
    first = link.lend()
    before = first.__enter__()
    with link.lend() as after:
        assert after.counts and not before.counts
        assert not before.put(picture(1), 1.0)
        first.__exit__(None, None, None)
        assert after.put(picture(2), 2.0)
        assert next(PhoneSource(link, patience_s=0.0).grab()).captured_at == 2.0


def test_pictures_go_on_with_the_phone_that_takes_over() -> None:
    link = PhoneLink()
    frames = PhoneSource(link, patience_s=1.0).grab()
    with link.lend() as before:
        before.put(picture(1), 1.0)
        assert next(frames).captured_at == 1.0
        before.put(picture(2), 2.0)  # nobody has taken it when the other one comes
        with link.lend() as after:
            after.put(picture(3), 3.0)
            frame = next(frames)
    assert (frame.index, frame.captured_at) == (1, 3.0)


def test_a_phone_that_leaves_takes_its_picture_with_it() -> None:
    link = PhoneLink()
    with link.lend() as lending:
        frames = PhoneSource(link, patience_s=1.0).grab()
        lending.put(picture(1), 1.0)
        next(frames)
        lending.put(picture(2), 2.0)
    with pytest.raises(CameraError, match="does not lend its camera any more"):
        next(frames)


def test_a_phone_that_is_silent_is_said_to_be() -> None:
    link = PhoneLink()
    with link.lend(), pytest.raises(CameraError, match=r"found none for 0\.05 s; keep the page"):
        next(PhoneSource(link, patience_s=0.05).grab())


def test_a_phone_that_stays_silent_is_not_taken_for_live_when_it_is_opened_again() -> None:
    link = PhoneLink()
    with link.lend() as lending:
        lending.put(picture(1), 1.0)
        assert next(PhoneSource(link, patience_s=1.0).grab()).captured_at == 1.0
        with pytest.raises(CameraError, match="expected pictures of now"):
            next(PhoneSource(link, patience_s=0.05).grab())
        lending.put(picture(2), 2.0)
        assert next(PhoneSource(link, patience_s=1.0).grab()).captured_at == 2.0


def test_the_kiosk_waits_for_a_phone_and_is_live_while_one_is_lent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    link = PhoneLink()
    caplog.set_level("INFO")
    with ReconnectingSource(
        lambda: PhoneSource(link, patience_s=5.0), backoff=Backoff(0.05, 0.05)
    ) as source:
        until(source, lambda: source.state.failures >= 2)
        assert source.state.phase == "lost" and "waiting for one" in source.state.reason
        for _ in range(2):
            with link.lend() as lending, sending(lending):
                until(source, lambda: source.state.phase == "live")
            until(source, lambda: source.state.phase == "lost")
    assert [record.message for record in caplog.records] == [
        "source lost", "source live", "source lost", "source live", "source lost",
    ]  # fmt: skip
