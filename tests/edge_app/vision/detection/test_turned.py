"""Pictures that lie on their side."""

from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest

import edge_app
from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, ColorImage, Detection, FloatArray, Picture
from edge_app.vision import align
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.detection.turned import TurningDetector
from edge_app.vision.parts import RecognitionSettings, build_detector
from tests.edge_app.conftest import scene

TURNS: dict[Literal[90, 180, 270], int] = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}
"""How a picture is laid for it to be upright after so many degrees clockwise."""


@pytest.fixture(scope="module")
def portrait() -> ColorImage:
    """Not square, so that width and height are told apart."""
    image = cv2.imread(str(Path(edge_app.__file__).parent / "samples" / "astronaut.jpg"))
    assert image is not None
    return image[:400].astype(np.uint8)


@pytest.fixture(scope="module")
def yunet(bundle: Bundle) -> TurningDetector:
    detector = build_detector(bundle, RecognitionSettings(detector="yunet"), still=True)
    assert isinstance(detector, TurningDetector)
    return detector


def laid(image: ColorImage, turn: Literal[90, 180, 270]) -> ColorImage:
    return cv2.rotate(image, TURNS[turn]).astype(np.uint8)


@pytest.mark.parametrize("turn", TURNS)
def test_a_portrait_on_its_side_is_found_where_it_lies(
    yunet: TurningDetector, portrait: ColorImage, turn: Literal[90, 180, 270]
) -> None:
    (upright,) = yunet.detect(Picture(portrait))
    image = laid(portrait, turn)
    cover = np.zeros(portrait.shape, np.uint8)
    box = upright.bbox
    cover[box.ymin : box.ymax, box.xmin : box.xmax] = 255

    (found,) = yunet.detect(Picture(image))

    assert (upright.turn, found.turn) == (0, turn)
    assert found.score == upright.score
    ys, xs = np.nonzero(laid(cover, turn)[..., 0])
    assert found.bbox == BBox(xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    one, other = (
        align.sample(Picture(image), found),
        align.sample(Picture(portrait), upright),
    )
    assert _apart(one, other) < 0.6


def _apart(one: ColorImage, other: ColorImage) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("turn", TURNS)
def test_landmarks_come_back_in_the_picture_as_it_lies(
    yunet: TurningDetector, portrait: ColorImage, turn: Literal[90, 180, 270]
) -> None:
    """The person's right eye first: on its side, one eye lies above the other."""
    (found,) = yunet.detect(Picture(laid(portrait, turn)))

    places = found.landmarks
    assert places is not None and places.dtype == np.float32
    across = places[1] - places[0]
    expected = {90: (0, -1), 180: (-1, 0), 270: (0, 1)}[turn]
    assert across / np.linalg.norm(across) == pytest.approx(expected, abs=0.2)


def test_faces_without_landmarks_get_those_of_an_upright_face(detector: HaarDetector) -> None:
    turning = TurningDetector(detector)
    image = scene(1, size=(640, 400))
    (upright,) = turning.detect(Picture(image))

    (found,) = turning.detect(Picture(laid(image, 90)))

    assert (upright.landmarks, upright.turn, found.turn) == (None, 0, 90)
    assert found.landmarks is not None
    one, other = (
        align.sample(Picture(image), upright),
        align.sample(Picture(laid(image, 90)), found),
    )
    assert _apart(one, other) < 0.6


class _Upright:
    """Finds faces of a score in pictures by the colour of their corner."""

    def __init__(self, scores: dict[int, list[float]]) -> None:
        self._scores = scores
        self.looks = 0

    def detect(self, picture: Picture) -> list[Detection]:
        self.looks += 1
        corner = int(picture.image[0, 0, 0])
        places: FloatArray = np.zeros((5, 2), np.float32)
        return [
            Detection(BBox(1, 2, 5, 9), score, places) for score in self._scores.get(corner, [])
        ]


def _numbered() -> Picture:
    """Every corner has a grey of its own: from the top left, clockwise, 10, 20, 30, 40."""
    image = np.zeros((12, 14, 3), np.uint8)
    image[0, 0], image[0, -1], image[-1, -1], image[-1, 0] = 10, 20, 30, 40
    image[-1, -3] = 30  # the corner of what is around a face
    return Picture(image)


@pytest.mark.parametrize("score", [0.91, 17.0])
def test_a_face_that_is_surely_upright_is_looked_at_once(score: float) -> None:
    detector = _Upright({10: [0.7, score], 40: [99.0]})

    faces = TurningDetector(detector).detect(_numbered())

    assert [(face.turn, face.score) for face in faces] == [(0, 0.7), (0, score)]
    assert detector.looks == 1


@pytest.mark.parametrize(("score", "turn", "looks"), [(0.87, 90, 5), (0.89, 180, 3), (0.91, 0, 1)])
def test_a_face_that_scores_well_can_only_stand_on_its_head(
    score: float, turn: int, looks: int
) -> None:
    """After half a turn the corner at the bottom right is the one at the top left."""
    detector = _Upright({10: [score], 40: [0.96], 30: [0.95]})

    faces = TurningDetector(detector).detect(_numbered())

    assert (faces[0].turn, detector.looks) == (turn, looks)


@pytest.mark.parametrize(("other", "turn"), [(0.81, 0), (0.815, 0), (0.83, 90)])
def test_a_face_that_is_not_sure_must_score_clearly_more_on_its_side(
    other: float, turn: int
) -> None:
    """After 90 degrees clockwise the corner at the bottom left is the one at the top left."""
    detector = _Upright({10: [0.8], 40: [other, 0.7]})

    faces = TurningDetector(detector).detect(_numbered())

    assert faces[0].turn == turn
    assert len(faces) == (2 if turn else 1)


@pytest.mark.parametrize("then", [[], [0.79]])
def test_a_face_that_is_better_around_the_best_one_alone_turns_nothing(then: list[float]) -> None:
    """What is seen in the part that is looked at, and not as well in the whole picture."""

    class Once(_Upright):
        def detect(self, picture: Picture) -> list[Detection]:
            self._scores = self._scores if self.looks < 4 else {40: then}
            return super().detect(picture)

    (face,) = TurningDetector(Once({10: [0.8], 40: [0.95]})).detect(_numbered())

    assert (face.turn, face.score) == (0, 0.8)


def test_the_direction_whose_faces_score_most_in_all_is_taken() -> None:
    detector = _Upright({40: [0.9], 30: [0.7, 0.65]})

    faces = TurningDetector(detector).detect(_numbered())

    assert [(face.turn, face.score) for face in faces] == [(180, 0.7), (180, 0.65)]
    assert faces[0].bbox == BBox(9, 3, 13, 10)
    assert TurningDetector(_Upright({40: [0.9]})).detect(_numbered())[0].turn == 90
    assert TurningDetector(_Upright({20: [0.9]})).detect(_numbered())[0].turn == 270


def test_nothing_in_any_direction_is_nothing() -> None:
    detector = _Upright({})

    assert TurningDetector(detector).detect(_numbered()) == []
    assert detector.looks == 4
