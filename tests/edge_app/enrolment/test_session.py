import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from edge_app.core.errors import OutputError, PeopleError
from edge_app.core.types import BBox, Detection, Face, Frame, FrameResult, Picture
from edge_app.enrolment.selection import Refusal
from edge_app.enrolment.session import EnrolmentSession
from edge_app.enrolment.state_machine import (
    Collecting,
    Confirmed,
    Countdown,
    Failed,
    Idle,
    Known,
    NotSaved,
    Prompt,
    Rules,
    Saved,
    Saving,
)
from edge_app.storage.gallery import NewSample
from tests.stored import new_sample

RULES = Rules(countdown_s=1.0, wanted=5, enough=3, limit_s=10.0, lost_s=2.0, result_s=2.0)
FOUND = Detection(BBox(0, 0, 9, 9), 9.0)


class FakeCollection:
    """Keeps every second frame with one face."""

    def __init__(self) -> None:
        self.samples: list[NewSample] = []
        self.offers = 0

    def offer(self, picture: Picture, found: Sequence[Detection]) -> Refusal | None:
        self.offers += 1
        if len(found) != 1 or self.offers % 2:
            return Refusal.ALIKE
        self.samples.append(new_sample())
        return None


class Stage:
    """Ten frames a second of a clock that the test turns."""

    def __init__(
        self, save: Callable[[str | None, Sequence[NewSample]], Saved | Known | NotSaved]
    ) -> None:
        self.now = 0.0
        self.lamps: list[str] = []
        self.saved: list[tuple[str | None, int]] = []
        self.enrolment = EnrolmentSession(RULES, FakeCollection, save, lambda: self.now)
        self.enrolment.show_on(self.lamps.append)

    def look(
        self, seconds: float, faces: int = 1, *, found: bool = True, first_number: int = 1
    ) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            frame = Frame(np.zeros((9, 9, 3), np.uint8), 0, self.now)
            shown = tuple(Face(FOUND, first_number + n, found=found) for n in range(faces))
            self.enrolment.look(FrameResult(frame, shown))

    def until_saved(self) -> None:
        deadline = time.monotonic() + 5
        while isinstance(self.enrolment.state, Saving):
            assert time.monotonic() < deadline
            time.sleep(0.005)
            self.look(0.1)


@pytest.fixture
def stage() -> Iterator[Stage]:
    saved: list[tuple[str | None, int]] = []

    def save(name: str | None, samples: Sequence[NewSample]) -> Saved:
        saved.append((name, len(samples)))
        return Saved(name or "Persona 4")

    stage = Stage(save)
    stage.saved = saved
    with stage.enrolment:
        yield stage


def test_two_people_are_not_enrolled_as_one(stage: Stage) -> None:
    stage.enrolment.press()
    stage.look(1.1)
    stage.look(0.8)
    stage.look(1.0, faces=0)
    assert isinstance(stage.enrolment.state, Collecting) and stage.enrolment.state.kept == 4

    stage.look(0.2, first_number=2)
    assert stage.enrolment.state.kept == 1

    stage.look(0.9, first_number=2)
    stage.until_saved()
    assert stage.saved == [(None, 5)]


def test_nothing_is_kept_of_where_a_face_only_was(stage: Stage) -> None:
    stage.enrolment.press()
    stage.look(1.1)
    stage.look(5.0, found=False)
    assert isinstance(stage.enrolment.state, Collecting) and stage.enrolment.state.kept == 0
    stage.look(0.3)
    assert stage.enrolment.state.kept == 1


def test_from_the_press_to_the_name(stage: Stage) -> None:
    stage.enrolment.press()
    assert isinstance(stage.enrolment.state, Countdown)
    stage.look(1.1)
    assert isinstance(stage.enrolment.state, Collecting)
    stage.look(0.5)
    prompt = stage.enrolment.prompt
    assert prompt is not None and prompt.share == pytest.approx(0.4)
    stage.look(0.6)
    stage.until_saved()
    assert isinstance(stage.enrolment.state, Confirmed)
    assert stage.enrolment.prompt is not None and stage.enrolment.prompt.name == "Persona 4"
    assert stage.saved == [(None, 5)]
    stage.look(2.5)
    assert stage.enrolment.state == Idle() and stage.enrolment.prompt is None
    assert list(dict.fromkeys(stage.lamps)) == ["slow", "fast", "on", "off"]


def test_a_name_given_on_the_page_is_used(stage: Stage) -> None:
    stage.enrolment.press("Íñigo")
    stage.look(2.2)
    stage.until_saved()
    assert stage.saved == [("Íñigo", 5)]


def test_whoever_is_enrolled_already_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(lambda name, samples: Known("Ana"))
    with stage.enrolment, caplog.at_level(logging.INFO):
        stage.enrolment.press()
        stage.look(2.2)
        stage.until_saved()
        assert stage.enrolment.prompt == Prompt("already_known", name="Ana")
        stage.look(2.5)
        assert stage.enrolment.state == Idle()
    assert "enrolled already" in caplog.text and "Ana" not in caplog.text


def test_two_people_in_turn_are_told_so(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(lambda name, samples: NotSaved("two_people"))
    with stage.enrolment, caplog.at_level(logging.INFO):
        stage.enrolment.press()
        stage.look(2.2)
        stage.until_saved()
        assert stage.enrolment.prompt == Prompt("two_people")
    assert "not enrolled: several people" in caplog.text


def test_a_face_lost_half_way_keeps_nothing(stage: Stage) -> None:
    stage.enrolment.press()
    stage.look(1.6)
    stage.look(2.5, faces=0)
    assert isinstance(stage.enrolment.state, Failed) and stage.enrolment.state.reason == "face_lost"
    assert stage.saved == []


def test_a_long_press_keeps_nothing_and_the_next_starts_anew(stage: Stage) -> None:
    stage.enrolment.press()
    stage.look(1.6)
    stage.enrolment.hold()
    assert isinstance(stage.enrolment.state, Failed)
    stage.enrolment.press()
    stage.look(1.15)
    assert isinstance(stage.enrolment.state, Collecting) and stage.enrolment.state.kept <= 1


def test_a_full_disk_is_said_and_the_kiosk_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def save(name: str | None, samples: Sequence[NewSample]) -> Saved:
        raise OutputError("no space left on the device")

    stage = Stage(save)
    with stage.enrolment:
        stage.enrolment.press("Ana")
        stage.look(2.2)
        stage.until_saved()
        assert isinstance(stage.enrolment.state, Failed)
        assert stage.enrolment.prompt is not None and "no space left" in stage.enrolment.prompt.text
        stage.look(3.0)
        assert stage.enrolment.prompt is None
    assert "enrolment not saved" in caplog.text and "Ana" not in caplog.text


def test_a_name_that_is_taken_is_said_on_the_screen_and_not_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def save(name: str | None, samples: Sequence[NewSample]) -> Saved:
        raise PeopleError(f"{name} is enrolled already")

    stage = Stage(save)
    with stage.enrolment:
        stage.enrolment.press("Ana")
        stage.look(2.2)
        stage.until_saved()
        assert stage.enrolment.prompt is not None and "Ana" in stage.enrolment.prompt.text
    assert "enrolment not saved" in caplog.text
    assert not any("Ana" in str(vars(record)) for record in caplog.records)


def test_frames_go_on_while_the_disk_is_slow() -> None:
    release = threading.Event()

    def save(name: str | None, samples: Sequence[NewSample]) -> Saved:
        release.wait(5.0)
        return Saved("Ana")

    stage = Stage(save)
    with stage.enrolment:
        stage.enrolment.press()
        stage.look(2.2)
        started = time.monotonic()
        stage.look(1.0)
        assert isinstance(stage.enrolment.state, Saving) and time.monotonic() - started < 1.0
        release.set()
        stage.until_saved()
        assert isinstance(stage.enrolment.state, Confirmed)
