from collections.abc import Sequence

import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, Face, Frame, FrameResult, Identity, Picture
from edge_app.kiosk.unknown_keeper import ENOUGH_FACES, StrangerFilter
from edge_app.storage.gallery import NewSample

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
            self.samples.append(NewSample(picture.gray, 0.5, "unknown"))


class Scene:
    """Frames of a second's tenth each."""

    def __init__(self) -> None:
        self.made: list[Faces] = []
        self.lookout = StrangerFilter(self._collect, AFTER_S)
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
            handed += map(len, self.lookout.observe(FrameResult(frame, faces)))
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
