import numpy as np

from edge_app.samples.faces import drawn_face
from edge_app.vision.recognition.jitter import jittered


def test_the_face_itself_comes_first_then_its_mirror_image() -> None:
    face = drawn_face(1, side=84)

    copies = jittered(face, 12)

    assert copies.shape == (12, 84, 84)
    np.testing.assert_array_equal(copies[0], face)
    np.testing.assert_array_equal(copies[1], face[:, ::-1])
    assert len({copy.tobytes() for copy in copies}) == 12


def test_copies_stay_near_the_face() -> None:
    face = drawn_face(1, side=84)
    other = drawn_face(2, side=84)
    apart = np.abs(other.astype(float) - face).mean()

    for number, copy in enumerate(jittered(face, 16)):
        original = face[:, ::-1] if number % 2 else face
        assert np.abs(copy.astype(float) - original).mean() < apart


def test_one_copy_is_the_face_alone() -> None:
    face = drawn_face(1, side=40)

    np.testing.assert_array_equal(jittered(face, 1), face[np.newaxis])
