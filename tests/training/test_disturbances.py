import numpy as np
import pytest

from edge_app.core.types import GrayImage
from edge_app.samples.faces import drawn_face
from training.disturbances import DISTURBANCES, Disturbance


@pytest.fixture(scope="module")
def faces() -> GrayImage:
    return np.stack([drawn_face(seed, side=48) for seed in range(3)])


def named(name: str) -> Disturbance:
    return next(disturbance for disturbance in DISTURBANCES if disturbance.name == name)


def test_the_first_leaves_faces_as_they_are(faces: GrayImage) -> None:
    np.testing.assert_array_equal(DISTURBANCES[0](faces), faces)


@pytest.mark.parametrize("disturbance", DISTURBANCES[1:], ids=lambda one: one.name)
def test_every_other_changes_each_face_the_same_way_each_time(
    disturbance: Disturbance, faces: GrayImage
) -> None:
    before = faces.copy()
    once, again = disturbance(faces), disturbance(faces)

    assert once.shape == faces.shape
    assert once.dtype == np.uint8
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(faces, before)
    assert all(not np.array_equal(changed, face) for changed, face in zip(once, faces, strict=True))


def test_light_is_scaled_and_clipped() -> None:
    faces = np.full((1, 48, 48), 100, np.uint8)
    faces[0, 0, 0] = 200

    assert named("a quarter of the light")(faces)[0, 1, 1] == 25
    assert named("twice the light, clipped")(faces)[0, :1, :2].tolist() == [[255, 200]]


def test_a_larger_box_shows_a_smaller_face() -> None:
    square = np.zeros((1, 48, 48), np.uint8)
    square[0, 12:36, 12:36] = 255

    larger, smaller = named("box 10 % larger")(square), named("box 10 % smaller")(square)

    assert larger.sum() < square.sum() < smaller.sum()


def test_a_shift_moves_by_its_share_of_the_side() -> None:
    point = np.zeros((1, 48, 48), np.uint8)
    point[0, 23:26, 23:26] = 255

    moved = named("box shifted by 8 %")(point)[0].astype(float)

    rows, columns = np.indices(moved.shape)
    middle = np.array([(moved * rows).sum(), (moved * columns).sum()]) / moved.sum()
    assert np.linalg.norm(middle - 24) == pytest.approx(0.08 * 48, abs=0.2)
