import cv2
import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, GrayImage
from edge_app.enrolment.selection import FaceCollection, Refusal
from edge_app.samples.faces import drawn_face
from tests.edge_app.enrolment.test_frontal import turned

BOX = BBox(20, 20, 220, 220)


@pytest.fixture
def collection(bundle: Bundle) -> FaceCollection:
    return FaceCollection(bundle.manifest.identifier.crop)


def picture(*, mood: float = 0.0, turn: float = 0.0) -> GrayImage:
    canvas = np.full((240, 240), 90, np.uint8)
    canvas[20:220, 20:220] = drawn_face(3, side=200, mood=mood)
    matrix = cv2.getRotationMatrix2D((120, 120), turn, 1.0)
    return cv2.warpAffine(canvas, matrix, (240, 240)).astype(np.uint8)


def test_good_faces_that_differ_are_kept(collection: FaceCollection, bundle: Bundle) -> None:
    for turn in (-12, 0, 12):
        assert collection.offer(picture(turn=turn), [BOX]) is None
    size = bundle.manifest.identifier.crop.size
    assert [sample.crop.shape for sample in collection.samples] == [(size, size)] * 3
    assert all(0.0 < sample.quality <= 1.0 for sample in collection.samples)


def test_the_same_picture_is_kept_once(collection: FaceCollection) -> None:
    assert collection.offer(picture(), [BOX]) is None
    assert collection.offer(picture(), [BOX]) is Refusal.ALIKE
    assert len(collection.samples) == 1


@pytest.mark.parametrize(
    ("gray", "boxes", "reason"),
    [
        (picture(), [], Refusal.NO_FACE),
        (picture(), [BOX, BOX], Refusal.SEVERAL_FACES),
        (picture(), [BBox(0, 0, 40, 40)], Refusal.TOO_SMALL),
        (picture() // 6, [BOX], Refusal.TOO_DARK),
        (255 - picture() // 8, [BOX], Refusal.TOO_BRIGHT),
        (cv2.GaussianBlur(picture(), (0, 0), 12).astype(np.uint8), [BOX], Refusal.BLURRED),
        (turned(picture(), 0.5), [BOX], Refusal.TURNED),
    ],
)
def test_each_refusal_has_its_reason(
    collection: FaceCollection, gray: GrayImage, boxes: list[BBox], reason: Refusal
) -> None:
    assert collection.offer(gray, boxes) is reason
    assert len(collection.samples) == 0


def test_what_is_like_a_stored_sample_is_not_kept_again(bundle: Bundle) -> None:
    crop = bundle.manifest.identifier.crop
    before = FaceCollection(crop)
    assert before.offer(picture(), [BOX]) is None

    after = FaceCollection(crop, "upload", [sample.crop for sample in before.samples])

    assert after.offer(picture(), [BOX]) is Refusal.ALIKE
    assert after.offer(picture(turn=12), [BOX]) is None
    assert len(after.samples) == 1
