import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import OutputError
from edge_app.core.types import BBox, Detection, Face, Frame, FrameResult, Identity, Picture
from edge_app.kiosk.grouping import Grouping
from edge_app.kiosk.unknown_keeper import ENOUGH_FACES, StrangerFilter, UnknownKeeper
from edge_app.storage.gallery import NewSample
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from edge_app.vision.recognition.identifier import FaceSample, identifier_of
from tests.stored import drawn_sample, new_sample

MOODS = (-0.8, -0.3, 0.3, 0.8)
NOTHING = FrameResult(Frame(np.zeros((9, 9, 3), np.uint8), 0, 0.0), ())


@pytest.fixture
def unknown(tmp_path: Path) -> Iterator[UnknownPeople]:
    with State(tmp_path) as state:
        yield UnknownPeople(state)


def faces(person: int) -> list[NewSample]:
    return [new_sample(person, mood=mood, origin="unknown") for mood in MOODS]


class Seen(StrangerFilter):
    """Hands over what the test says, whatever is shown."""

    def __init__(self) -> None:
        self.next: list[list[NewSample]] = []

    def observe(self, result: FrameResult) -> list[list[NewSample]]:
        handed, self.next = self.next, []
        return handed


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def keeper(
    open_unknown: Callable[[ExitStack], UnknownPeople],
    seen: StrangerFilter,
    basis: EigenfaceBasis,
    *,
    keep: int = 50,
    keep_days: float = 7.0,
) -> UnknownKeeper:
    grouping = Grouping(lambda: basis)
    return UnknownKeeper(open_unknown, seen, grouping, keep=keep, keep_days=keep_days)


def show(worker: UnknownKeeper, seen: Seen, *strangers: Sequence[NewSample]) -> None:
    seen.next = [list(stranger) for stranger in strangers]
    worker.observe_frame(NOTHING)


def test_the_same_stranger_is_kept_once_and_another_beside_them(
    unknown: UnknownPeople, basis: EigenfaceBasis
) -> None:
    seen = Seen()
    with keeper(lambda stack: unknown, seen, basis) as worker:
        show(worker, seen, faces(1))
        until(lambda: len(unknown.people()) == 1)
        show(worker, seen, faces(1), faces(2))
        until(lambda: len(unknown.people()) == 2)
        show(worker, seen, faces(2))
        until(lambda: sum(person.sightings for person in unknown.people()) == 4)

    assert sorted(person.sightings for person in unknown.people()) == [2, 2]


def test_who_is_enrolled_is_no_stranger(unknown: UnknownPeople, basis: EigenfaceBasis) -> None:
    seen = Seen()
    ana = identifier_of(basis, [FaceSample("Ana", drawn_sample(1, mood)) for mood in MOODS])
    with keeper(lambda stack: unknown, seen, basis) as worker:
        show(worker, seen, faces(1), faces(2))
        until(lambda: len(unknown.people()) == 2)
        worker.use_identifier(ana)
        until(lambda: len(unknown.people()) == 1)  # enrolled after they were kept
        (left,) = unknown.people()
        show(worker, seen, faces(1), faces(2))
        until(lambda: unknown.person(left.id).sightings == 2)

    assert len(unknown.people()) == 1


def test_not_more_are_kept_than_the_settings_allow(
    unknown: UnknownPeople, basis: EigenfaceBasis
) -> None:
    seen = Seen()
    with keeper(lambda stack: unknown, seen, basis, keep=2) as worker:
        for person in range(1, 5):
            show(worker, seen, faces(person))
        until(lambda: {row.id for row in unknown.people()} == {3, 4})


def test_those_kept_for_too_long_are_deleted_without_anybody_coming(
    tmp_path: Path, basis: EigenfaceBasis
) -> None:
    with State(tmp_path) as state:
        UnknownPeople(state, clock=lambda: time.time() - 2 * 86_400.0).see(faces(1))
        unknown = UnknownPeople(state)
        with keeper(lambda stack: unknown, Seen(), basis, keep_days=1.0):
            until(lambda: unknown.people() == [])


def test_a_disk_that_fails_is_logged_and_the_next_stranger_kept(
    unknown: UnknownPeople, basis: EigenfaceBasis, caplog: pytest.LogCaptureFixture
) -> None:
    seen, full, threads = Seen(), [True], set()

    def open_unknown(stack: ExitStack) -> UnknownPeople:
        threads.add(threading.current_thread().name)
        if full:
            full.pop()
            raise OutputError("no space left")
        return unknown

    with keeper(open_unknown, seen, basis) as worker:
        show(worker, seen, faces(1))
        until(lambda: "strangers not kept" in caplog.text)
        show(worker, seen, faces(2))
        until(lambda: len(unknown.people()) == 1)
    assert threads == {"unknown"}


AFTER_S = 4.0
FOUND = Detection(BBox(0, 0, 100, 100), 9.0)
STRANGER = Identity(None, 0.9, 0.5)
ANA = Identity("Ana", 0.1, 0.5)


class Faces:
    """Keeps a face of every picture that is not black."""

    def __init__(self) -> None:
        self.samples: list[NewSample] = []
        self.offered = 0

    def offer(self, picture: Picture, found: Sequence[Detection]) -> None:
        self.offered += 1
        assert found == [FOUND]
        if picture.gray.any():
            self.samples.append(new_sample(origin="unknown"))


class Scene:
    """Frames of a second's tenth each."""

    def __init__(self) -> None:
        self.made: list[Faces] = []
        self.seen = StrangerFilter(self._collect, AFTER_S)
        self.now = 100.0

    def _collect(self) -> Faces:
        self.made.append(Faces())
        return self.made[-1]

    def show(self, seconds: float, *faces: Face, grey: int = 200) -> list[int]:
        """How many faces were handed over of each stranger in that time."""
        handed: list[int] = []
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            frame = Frame(np.full((120, 120, 3), grey, np.uint8), 0, self.now)
            handed += map(len, self.seen.observe(FrameResult(frame, faces)))
        return handed


@pytest.fixture
def scene() -> Scene:
    return Scene()


def face(track: int = 1, identity: Identity | None = STRANGER, *, found: bool = True) -> Face:
    return Face(FOUND, track, identity, found=found)


def test_a_stranger_is_kept_once_after_a_while(scene: Scene) -> None:
    assert scene.show(AFTER_S - 0.5, face()) == []
    (count,) = scene.show(60.0, face())

    assert count >= ENOUGH_FACES
    assert scene.made[0].offered < 15  # a few looks a second, and none afterwards


def test_where_nobody_is_enrolled_everybody_is_a_stranger(scene: Scene) -> None:
    assert len(scene.show(AFTER_S + 1, face(identity=None))) == 1


def test_passers_by_are_not_kept(scene: Scene) -> None:
    for track in range(1, 6):
        assert scene.show(AFTER_S - 1.0, face(track)) == []


def test_somebody_with_a_name_is_not_kept(scene: Scene) -> None:
    assert scene.show(20.0, face(identity=ANA)) == []
    assert scene.made[0].offered == 0


@pytest.mark.parametrize("first", [STRANGER, ANA])
def test_a_track_that_had_a_name_once_is_no_strangers(scene: Scene, first: Identity) -> None:
    scene.show(AFTER_S - 1.0, face(identity=first))
    scene.show(0.2, face(identity=ANA))

    assert scene.show(20.0, face()) == []


def test_bad_pictures_are_not_enough(scene: Scene) -> None:
    assert scene.show(20.0, face(), grey=0) == []

    assert len(scene.show(2.0, face())) == 1  # better ones are


def test_a_face_that_is_not_found_is_not_cut_out(scene: Scene) -> None:
    assert scene.show(20.0, face(found=False)) == []
    assert scene.made[0].offered == 0


def test_two_strangers_side_by_side_are_two(scene: Scene) -> None:
    assert len(scene.show(AFTER_S + 1, face(1), face(2))) == 2


def test_a_track_that_is_gone_is_forgotten(scene: Scene) -> None:
    scene.show(AFTER_S + 1, face(1))
    scene.show(60.0)

    scene.show(0.1, face(1))

    assert len(scene.made) == 2
