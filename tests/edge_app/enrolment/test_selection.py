import cv2
import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.enrolment.selection import PHOTO_FACE_PX, FaceCollection, Refusal, quality_of
from edge_app.samples.faces import drawn_face
from edge_app.vision import align
from tests.edge_app.conftest import DRAWN_FACE, drawn_picture

FACE = Detection(BBox(50, 50, 190, 190), 9.0)


@pytest.fixture
def collection() -> FaceCollection:
    return FaceCollection()


def seen(*, nose_right: float = 0.0) -> Detection:
    """The face with landmarks. nose_right: moved so many pixels, as by a head that turns."""
    landmarks = align.points(FACE).copy()
    landmarks[2, 0] += nose_right
    return Detection(FACE.bbox, FACE.score, landmarks)


def drawn(*, mood: float = 0.0, turn: float = 0.0) -> GrayImage:
    canvas = np.full((240, 240), 90, np.uint8)
    canvas[20:220, 20:220] = drawn_face(3, side=200, mood=mood)
    matrix = cv2.getRotationMatrix2D((120, 120), turn, 1.0)
    return cv2.warpAffine(canvas, matrix, (240, 240)).astype(np.uint8)


def picture(*, turn: float = 0.0) -> Picture:
    return Picture.of_gray(drawn(turn=turn))


def test_good_faces_that_differ_are_kept(collection: FaceCollection) -> None:
    for turn in (-12, 0, 12):
        assert collection.offer(picture(turn=turn), [FACE]) is None
    assert [sample.crop.shape for sample in collection.samples] == [(160, 160, 3)] * 3
    assert all(0.0 < sample.quality.score <= 1.0 for sample in collection.samples)


def test_the_same_picture_is_kept_once(collection: FaceCollection) -> None:
    assert collection.offer(picture(), [FACE]) is None
    assert collection.offer(picture(), [FACE]) is Refusal.ALIKE
    assert len(collection.samples) == 1


@pytest.mark.parametrize(
    ("gray", "found", "reason"),
    [
        (drawn(), [], Refusal.NO_FACE),
        (drawn(), [FACE, FACE], Refusal.SEVERAL_FACES),
        (drawn(), [Detection(BBox(0, 0, 40, 40), 9.0)], Refusal.TOO_SMALL),
        (drawn() // 6, [FACE], Refusal.TOO_DARK),
        (255 - drawn() // 8, [FACE], Refusal.TOO_BRIGHT),
        (cv2.GaussianBlur(drawn(), (0, 0), 12).astype(np.uint8), [FACE], Refusal.BLURRED),
        (drawn(), [seen(nose_right=25.0)], Refusal.TURNED),
    ],
)
def test_each_refusal_has_its_reason(
    collection: FaceCollection, gray: GrayImage, found: list[Detection], reason: Refusal
) -> None:
    assert collection.offer(Picture.of_gray(gray), found) is reason
    assert len(collection.samples) == 0


def test_what_is_like_a_stored_sample_is_not_kept_again() -> None:
    before = FaceCollection()
    assert before.offer(picture(), [FACE]) is None

    after = FaceCollection("upload", [sample.crop for sample in before.samples])

    assert after.offer(picture(), [FACE]) is Refusal.ALIKE
    assert after.offer(picture(turn=12), [FACE]) is None
    assert len(after.samples) == 1


def test_a_face_in_a_photograph_may_be_smaller_than_one_before_a_camera() -> None:
    small = Picture(cv2.resize(picture().image, (80, 80), interpolation=cv2.INTER_AREA))
    face = Detection(BBox(17, 17, 63, 63), 9.0)

    assert FaceCollection().offer(small, [face]) is Refusal.TOO_SMALL
    assert FaceCollection("upload", smallest=PHOTO_FACE_PX).offer(small, [face]) is None


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_face_that_is_turned_a_little_is_kept(side: float, collection: FaceCollection) -> None:
    assert collection.offer(picture(), [seen(nose_right=side * 12.0)]) is None


def test_quality_is_measured_in_the_sample_and_the_picture_that_it_is_of() -> None:
    shown = drawn_picture(1, 0.0)
    quality = quality_of(align.sample(shown, DRAWN_FACE), DRAWN_FACE)
    dim = Picture(shown.image // 2)
    dimmer = quality_of(align.sample(dim, DRAWN_FACE), DRAWN_FACE)

    assert quality.size_px == 130
    assert quality.yaw is None
    assert dimmer.light == pytest.approx(quality.light / 2, rel=0.05)
    assert dimmer.sharpness < quality.sharpness
    assert quality_of(align.sample(shown, DRAWN_FACE), seen()).yaw == pytest.approx(0.0, abs=0.1)
