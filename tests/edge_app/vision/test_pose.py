import numpy as np
import pytest

from edge_app.core.types import FloatArray
from edge_app.vision.align import TEMPLATE
from edge_app.vision.pose import eyes_to_mouth, yaw


def face(nose_x: float) -> FloatArray:
    """Eyes at 0 and 40, the nose at ``nose_x`` of the line between them and below it."""
    points = [(0, 0), (40, 0), (nose_x, 22), (6, 45), (34, 45)]
    return np.array(points, np.float32)


def turned(points: FloatArray, degrees: float) -> FloatArray:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points @ turn.T).astype(np.float32)


def test_a_frontal_face_has_none() -> None:
    assert yaw(face(20)) == pytest.approx(0.0)
    assert abs(yaw(TEMPLATE)) < 0.02


def test_it_is_the_nose_s_way_between_the_eyes() -> None:
    assert yaw(face(30)) == pytest.approx(0.5)
    assert yaw(face(10)) == pytest.approx(-0.5)


def test_a_mirrored_face_has_the_opposite() -> None:
    mirrored = (face(33) * (-1, 1))[[1, 0, 2, 4, 3]].astype(np.float32)

    assert yaw(mirrored) == pytest.approx(-yaw(face(33)))


def test_neither_size_nor_place_nor_tilt_changes_it() -> None:
    moved = turned(face(27) * 3 + 100, 35)

    assert yaw(moved.astype(np.float32)) == pytest.approx(yaw(face(27)), abs=1e-5)


@pytest.mark.parametrize(("nose_x", "expected"), [(52.0, 1.0), (-12.0, -1.0)])
def test_a_nose_beyond_an_eye_is_a_profile(nose_x: float, expected: float) -> None:
    assert yaw(face(nose_x)) == expected


def test_eyes_that_fall_together_are_no_error() -> None:
    assert -1.0 <= yaw(np.zeros((5, 2), np.float32)) <= 1.0


def test_the_size_of_a_face_is_from_the_eyes_to_the_mouth_whichever_way_it_is_turned() -> None:
    assert eyes_to_mouth(face(20)) == pytest.approx(45.0)
    assert eyes_to_mouth(turned(face(31) * 2, 70)) == pytest.approx(90.0)
