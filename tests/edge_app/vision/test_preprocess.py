import numpy as np
import pytest

from edge_app.core.types import BBox, GrayImage
from edge_app.vision.preprocess import crop_square, normalize, resize, to_gray


@pytest.fixture
def ramp() -> GrayImage:
    """Every pixel says where it is: 10 * row + column."""
    return (10 * np.arange(10)[:, np.newaxis] + np.arange(10)).astype(np.uint8)


def test_grey_weighs_green_most() -> None:
    blue, green, red = np.eye(3, dtype=np.uint8)[:, np.newaxis, np.newaxis] * 255

    greys = [int(to_gray(np.ascontiguousarray(color))[0, 0]) for color in (blue, green, red)]

    assert greys == [29, 150, 76]


def test_crop_is_the_box_itself_where_that_is_a_square(ramp: GrayImage) -> None:
    np.testing.assert_array_equal(crop_square(ramp, BBox(2, 3, 6, 7), 0.0), ramp[3:7, 2:6])


def test_crop_of_an_oblong_box_is_the_square_around_its_middle(ramp: GrayImage) -> None:
    np.testing.assert_array_equal(crop_square(ramp, BBox(4, 2, 6, 8), 0.0), ramp[2:8, 2:8])


@pytest.mark.parametrize(("margin", "side"), [(0.5, 6), (0.0, 4), (-0.25, 3)])
def test_margin_is_a_share_of_the_side(ramp: GrayImage, margin: float, side: int) -> None:
    assert crop_square(ramp, BBox(3, 3, 7, 7), margin).shape == (side, side)


def test_what_lies_outside_repeats_the_border(ramp: GrayImage) -> None:
    crop = crop_square(ramp, BBox(-2, -2, 2, 2), 0.0)

    assert crop.shape == (4, 4)
    assert (crop[:3, :3] == ramp[0, 0]).all()
    assert crop[3, 3] == ramp[1, 1]


@pytest.mark.parametrize("box", [BBox(3, 3, 3, 8), BBox(20, 20, 30, 30), BBox(-9, 0, -5, 4)])
def test_a_box_without_any_picture_in_it_is_an_error(ramp: GrayImage, box: BBox) -> None:
    with pytest.raises(ValueError, match="expected a box"):
        crop_square(ramp, box, 0.0)


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
