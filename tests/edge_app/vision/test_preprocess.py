import numpy as np
import pytest

from edge_app.core.types import GrayImage
from edge_app.vision.preprocess import normalize, resize


@pytest.fixture
def ramp() -> GrayImage:
    """Every pixel says where it is: 10 * row + column."""
    return (10 * np.arange(10)[:, np.newaxis] + np.arange(10)).astype(np.uint8)


def test_resizing_keeps_a_picture_of_the_right_size(ramp: GrayImage) -> None:
    assert resize(ramp, 10, "area") is ramp


def test_shrinking_by_area_averages() -> None:
    checkered = (np.indices((8, 8)).sum(axis=0) % 2 * 200).astype(np.uint8)

    assert (resize(checkered, 4, "area") == 100).all()


def test_without_normalisation_the_greys_stay() -> None:
    faces = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)

    values = normalize(faces, "none")

    assert values.shape == (2, 2, 2, 1)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values[..., 0], faces)


def test_a_dim_face_is_normalised_to_what_a_bright_one_is() -> None:
    rng = np.random.default_rng(0)
    dim = rng.integers(0, 100, (1, 16, 16), dtype=np.uint8)
    bright = (2 * dim + 40).astype(np.uint8)

    np.testing.assert_allclose(normalize(dim, "standard"), normalize(bright, "standard"), atol=1e-4)


def test_standardised_faces_have_mean_zero_and_deviation_one_each() -> None:
    faces = np.random.default_rng(1).integers(0, 256, (3, 16, 16), dtype=np.uint8)

    values = normalize(faces, "standard")

    np.testing.assert_allclose(values.mean(axis=(1, 2, 3)), 0.0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=(1, 2, 3)), 1.0, atol=1e-5)


def test_a_blank_face_is_not_divided_by_nothing() -> None:
    assert (normalize(np.full((1, 4, 4), 77, np.uint8), "standard") == 0.0).all()
