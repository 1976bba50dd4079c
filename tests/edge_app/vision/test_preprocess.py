import numpy as np
import pytest

from edge_app.bundle.manifest import CropSpec
from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.vision.preprocess import crop, normalize, resize


@pytest.fixture
def ramp() -> GrayImage:
    """Every pixel says where it is: 10 * row + column."""
    return (10 * np.arange(10)[:, np.newaxis] + np.arange(10)).astype(np.uint8)


def cut(gray: GrayImage, box: BBox, size: int, margin: float = 0.0) -> GrayImage:
    spec = CropSpec(size=size, margin=margin, interpolation="area")
    return crop(Picture.of_gray(gray), Detection(box, 1.0), spec)


def test_crop_is_the_box_itself_where_that_is_a_square(ramp: GrayImage) -> None:
    np.testing.assert_array_equal(cut(ramp, BBox(2, 3, 6, 7), 4), ramp[3:7, 2:6])


def test_crop_of_an_oblong_box_is_the_square_around_its_middle(ramp: GrayImage) -> None:
    np.testing.assert_array_equal(cut(ramp, BBox(4, 2, 6, 8), 6), ramp[2:8, 2:8])


@pytest.mark.parametrize(("margin", "start", "side"), [(0.5, 2, 6), (0.0, 3, 4), (-0.25, 4, 3)])
def test_margin_is_a_share_of_the_side(
    ramp: GrayImage, margin: float, start: int, side: int
) -> None:
    end = start + side
    found = cut(ramp, BBox(3, 3, 7, 7), side, margin)
    np.testing.assert_array_equal(found, ramp[start:end, start:end])


def test_crop_has_the_size_of_the_spec(ramp: GrayImage) -> None:
    whole = cut(ramp, BBox(0, 0, 10, 10), 5)

    np.testing.assert_array_equal(whole, resize(ramp, 5, "area"))


def test_what_lies_outside_repeats_the_border(ramp: GrayImage) -> None:
    face = cut(ramp, BBox(-2, -2, 2, 2), 4)

    assert (face[:3, :3] == ramp[0, 0]).all()
    assert face[3, 3] == ramp[1, 1]


@pytest.mark.parametrize("box", [BBox(3, 3, 3, 8), BBox(20, 20, 30, 30), BBox(-9, 0, -5, 4)])
def test_a_box_without_any_picture_in_it_is_an_error(ramp: GrayImage, box: BBox) -> None:
    with pytest.raises(ValueError, match="expected a box"):
        cut(ramp, box, 4)


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
