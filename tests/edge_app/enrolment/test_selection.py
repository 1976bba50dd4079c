import cv2
import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.enrolment.selection import FaceCollection, Refusal
from edge_app.samples.faces import drawn_face
from tests.edge_app.enrolment.test_frontal import turned

FACE = Detection(BBox(20, 20, 220, 220), 9.0)


@pytest.fixture
def collection(bundle: Bundle) -> FaceCollection:
    return FaceCollection(bundle.manifest.identifier.crop)


def drawn(*, mood: float = 0.0, turn: float = 0.0) -> GrayImage:
    canvas = np.full((240, 240), 90, np.uint8)
    canvas[20:220, 20:220] = drawn_face(3, side=200, mood=mood)
    matrix = cv2.getRotationMatrix2D((120, 120), turn, 1.0)
    return cv2.warpAffine(canvas, matrix, (240, 240)).astype(np.uint8)


def picture(*, turn: float = 0.0) -> Picture:
    return Picture.of_gray(drawn(turn=turn))


def test_good_faces_that_differ_are_kept(collection: FaceCollection, bundle: Bundle) -> None:
    for turn in (-12, 0, 12):
        assert collection.offer(picture(turn=turn), [FACE]) is None
    size = bundle.manifest.identifier.crop.size
    assert [sample.crop.shape for sample in collection.samples] == [(size, size)] * 3
    assert all(0.0 < sample.quality <= 1.0 for sample in collection.samples)


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
        (turned(drawn(), 0.5), [FACE], Refusal.TURNED),
    ],
)
def test_each_refusal_has_its_reason(
    collection: FaceCollection, gray: GrayImage, found: list[Detection], reason: Refusal
) -> None:
    assert collection.offer(Picture.of_gray(gray), found) is reason
    assert len(collection.samples) == 0


def test_what_is_like_a_stored_sample_is_not_kept_again(bundle: Bundle) -> None:
    crop = bundle.manifest.identifier.crop
    before = FaceCollection(crop)
    assert before.offer(picture(), [FACE]) is None

    after = FaceCollection(crop, "upload", [sample.crop for sample in before.samples])

    assert after.offer(picture(), [FACE]) is Refusal.ALIKE
    assert after.offer(picture(turn=12), [FACE]) is None
    assert len(after.samples) == 1
