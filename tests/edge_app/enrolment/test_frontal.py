import cv2
import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.enrolment.selection import symmetry
from edge_app.samples.faces import drawn_face

FACE = Detection(BBox(35, 35, 165, 165), 9.0)


def likeness(face: GrayImage) -> float:
    return symmetry(Picture.of_gray(face), FACE)


def turned(face: GrayImage, share: float) -> GrayImage:
    """The features moved to one side, as those of a head that turns: 0.0 leaves it as it is."""
    side = face.shape[0]
    rows, columns = np.indices(face.shape)
    place = (columns - side / 2) / (side / 2)
    moved = columns + share * side / 2 * (1.0 - place**2)
    maps = np.stack([moved, rows], axis=2).astype(np.float32)
    return cv2.remap(face, maps, np.empty(0), cv2.INTER_LINEAR).astype(np.uint8)


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
