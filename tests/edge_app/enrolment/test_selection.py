import cv2
import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.enrolment.selection import FaceCollection, Refusal, symmetry
from edge_app.samples.faces import drawn_face

FACE = Detection(BBox(20, 20, 220, 220), 9.0)


@pytest.fixture
def collection(bundle: Bundle) -> FaceCollection:
    return FaceCollection(bundle.manifest.identifier.crop)


def drawn(*, mood: float = 0.0, turn: float = 0.0) -> GrayImage:
    canvas = np.full((240, 240), 90, np.uint8)
    canvas[20:220, 20:220] = drawn_face(3, side=200, mood=mood)
    matrix = cv2.getRotationMatrix2D((120, 120), turn, 1.0)
    return cv2.warpAffine(canvas, matrix, (240, 240)).astype(np.uint8)


def turned(face: GrayImage, share: float) -> GrayImage:
    """The features moved to one side, as those of a head that turns: 0.0 leaves it as it is."""
    side = face.shape[0]
    rows, columns = np.indices(face.shape)
    place = (columns - side / 2) / (side / 2)
    moved = columns + share * side / 2 * (1.0 - place**2)
    maps = np.stack([moved, rows], axis=2).astype(np.float32)
    return cv2.remap(face, maps, np.empty(0), cv2.INTER_LINEAR).astype(np.uint8)


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


TURNED_FACE = Detection(BBox(35, 35, 165, 165), 9.0)


def likeness(face: GrayImage) -> float:
    return symmetry(Picture.of_gray(face), TURNED_FACE)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_turned_face_is_less_symmetric(seed: int) -> None:
    found = [likeness(turned(drawn_face(seed), share)) for share in (0.0, 0.3, 0.6)]

    assert found == sorted(found, reverse=True)
    assert found[0] > 0.8 > found[1]


def test_both_sides_count_alike() -> None:
    face = turned(drawn_face(1), 0.3)
    mirrored = np.ascontiguousarray(face[:, ::-1])

    assert likeness(face) == pytest.approx(likeness(mirrored), abs=0.02)


def test_dim_light_does_not_count() -> None:
    dim = (drawn_face(1) * 0.5).astype(np.uint8)

    assert likeness(dim) == pytest.approx(likeness(drawn_face(1)), abs=0.03)
