import cv2
import numpy as np
import pytest

from edge_app.core.types import BBox, GrayImage
from edge_app.enrolment.selection import symmetry
from edge_app.samples.faces import drawn_face

BOX = BBox(35, 35, 165, 165)


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
    likeness = [symmetry(turned(drawn_face(seed), share), BOX) for share in (0.0, 0.3, 0.6)]

    assert likeness == sorted(likeness, reverse=True)
    assert likeness[0] > 0.8 > likeness[1]


def test_both_sides_count_alike() -> None:
    face = turned(drawn_face(1), 0.3)
    mirrored = np.ascontiguousarray(face[:, ::-1])

    assert symmetry(face, BOX) == pytest.approx(symmetry(mirrored, BOX), abs=0.02)


def test_dim_light_does_not_count() -> None:
    dim = (drawn_face(1) * 0.5).astype(np.uint8)

    assert symmetry(dim, BOX) == pytest.approx(symmetry(drawn_face(1), BOX), abs=0.03)
