"""Faces are brought upright alike, however they lie in the picture."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_app.bundle.manifest import CropSpec
from edge_app.core.types import BBox, ColorImage, Detection, FloatArray, Picture
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.align import (
    SAMPLE_POINTS,
    SAMPLE_SIZE,
    TEMPLATE,
    TEMPLATE_SIZE,
    of_sample,
    points,
    sample,
    similarity,
    square,
    template_crops,
)

BOX = BBox(0, 0, 1, 1)
"""Of no account where there are landmarks."""


def move(degrees: float, scale: float, right: float, down: float) -> NDArray[np.float64]:
    """A turn (counter-clockwise, as the picture is seen), a scale and a shift, (2, 3)."""
    matrix = cv2.getRotationMatrix2D((0.0, 0.0), degrees, scale).astype(np.float64)
    matrix[:, 2] = right, down
    return matrix


def moved(places: FloatArray, matrix: NDArray[np.float64]) -> FloatArray:
    return (places @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def face_at(places: FloatArray) -> Detection:
    return Detection(BOX, 0.9, places)


@pytest.fixture
def head() -> ColorImage:
    return tinted(drawn_face(1, side=400))


HEAD_POINTS = np.array([(150, 180), (250, 180), (200, 240), (160, 292), (240, 292)], np.float32)
"""Where the landmarks of a drawn head of 400 pixels are, roughly."""


def laid(head: ColorImage, degrees: float, scale: float = 1.0) -> tuple[Picture, Detection]:
    """The head turned around the middle of a larger picture, and its landmarks."""
    matrix = cv2.getRotationMatrix2D((200.0, 200.0), degrees, scale).astype(np.float64)
    matrix[:, 2] += 200
    image = cv2.warpAffine(head, matrix, (800, 800), flags=cv2.INTER_CUBIC)
    return Picture(image.astype(np.uint8)), face_at(moved(HEAD_POINTS, matrix))


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8], border: int = 8) -> float:
    """Mean difference in grey levels, but for the border."""
    inside = np.abs(one.astype(float) - other)[border:-border, border:-border]
    return float(inside.mean())


@pytest.mark.parametrize(
    "matrix",
    [move(0, 1, 0, 0), move(0, 1, 30, -7), move(33, 0.2, 5, 5), move(-170, 8.0, 1000, 3)],
    ids=["none", "shift", "turn", "all"],
)
def test_a_known_similarity_is_found_exactly(matrix: NDArray[np.float64]) -> None:
    found = similarity(TEMPLATE, moved(TEMPLATE, matrix))

    np.testing.assert_allclose(found, matrix, atol=1e-3)


def test_what_no_similarity_does_is_brought_as_near_as_it_can() -> None:
    rng = np.random.default_rng(0)
    target = TEMPLATE + rng.normal(0, 3, TEMPLATE.shape).astype(np.float32)

    def error(matrix: NDArray[np.float64]) -> float:
        return float(((moved(TEMPLATE, matrix) - target) ** 2).sum())

    best = similarity(TEMPLATE, target)

    assert best[0, 0] == best[1, 1] and best[0, 1] == -best[1, 0]
    for change in rng.normal(0, 0.01, (50, 4)):
        a, b, right, down = change
        other = best + np.array([[a, -b, 30 * right], [b, a, 30 * down]])
        assert error(best) < error(other)


def test_mirrored_landmarks_are_not_mirrored_back() -> None:
    found = similarity(TEMPLATE, TEMPLATE * np.array([-1, 1], np.float32))

    assert np.linalg.det(found[:, :2]) > 0


def test_landmarks_stand_in_a_sample_where_the_template_has_them(head: ColorImage) -> None:
    matrix = move(25, 2.5, 300, 100)
    image = np.zeros((800, 800, 3), np.uint8)
    places = moved(TEMPLATE, matrix)
    for x, y in places:
        cv2.circle(image, (round(float(x)), round(float(y))), 6, (255, 255, 255), -1)

    face = sample(Picture(image), face_at(places))

    assert face.shape == (SAMPLE_SIZE, SAMPLE_SIZE, 3)
    for x, y in SAMPLE_POINTS.round().astype(int):
        assert face[y, x].min() > 200


@pytest.mark.parametrize("degrees", [40, -40, 90, 180])
def test_a_tilted_face_gives_the_sample_of_the_upright_one(
    head: ColorImage, degrees: float
) -> None:
    upright = sample(*laid(head, 0))

    assert apart(sample(*laid(head, degrees)), upright) < 2.5
    assert apart(sample(*laid(head, 12)), sample(*laid(tinted(drawn_face(2, side=400)), 0))) > 10


@pytest.mark.parametrize("degrees", [0, 35, -80])
def test_roll_is_removed_from_a_square(head: ColorImage, degrees: float) -> None:
    spec = CropSpec(size=64, span=2.5, interpolation="area")

    assert apart(square(*laid(head, degrees), spec), square(*laid(head, 0), spec), 2) < 4


@pytest.mark.parametrize("span", [2.0, 3.0])
def test_the_side_of_a_square_is_its_span_from_the_eyes_to_the_mouth(span: float) -> None:
    """Landmarks 100 apart, so 100 * span pixels of a ramp of one grey level in four pixels."""
    ramp = np.repeat((np.arange(800) // 4).astype(np.uint8)[np.newaxis], 800, axis=0)
    places = np.array([(360, 350), (440, 350), (400, 400), (360, 450), (440, 450)], np.float32)

    cut = square(Picture.of_gray(ramp), face_at(places), CropSpec(
        size=50, span=span, interpolation="linear"
    )).astype(float)  # fmt: skip

    step = 100 * span / 50
    assert cut[25].mean() * 4 == pytest.approx(400, abs=4)
    assert (cut[25, -1] - cut[25, 0]) * 4 == pytest.approx(49 * step, abs=8)


def test_a_square_stands_around_the_middle_between_eyes_and_mouth() -> None:
    image = np.zeros((300, 300), np.uint8)
    cv2.circle(image, (120, 150), 5, 255, -1)
    places = np.array([(100, 130), (140, 130), (90, 90), (100, 170), (140, 170)], np.float32)

    cut = square(Picture.of_gray(image), face_at(places), CropSpec(
        size=49, span=2.5, interpolation="area"
    ))  # fmt: skip

    assert np.unravel_index(cut.argmax(), cut.shape) == pytest.approx((24, 24), abs=2)
    assert apart(cut, cut[::-1], 1) < 3


@pytest.mark.parametrize("cut", [sample, lambda picture, face: square(picture, face, CropSpec(
    size=48, span=2.5, interpolation="area"
))])  # fmt: skip
def test_what_lies_outside_repeats_the_border(
    cut: Callable[[Picture, Detection], NDArray[np.uint8]],
) -> None:
    image = np.full((60, 60, 3), 200, np.uint8)
    places = moved(TEMPLATE, move(0, 0.5, -20, -20))

    assert (cut(Picture(image), face_at(places)) == 200).all()


def test_a_large_face_is_averaged_and_no_single_pixels_are_picked() -> None:
    checkered = (np.indices((1600, 1600)).sum(axis=0) % 2 * 200).astype(np.uint8)
    places = moved(TEMPLATE, move(0, 10, 150, 100))

    face = sample(Picture.of_gray(checkered), face_at(places))
    cut = square(Picture.of_gray(checkered), face_at(places), CropSpec(
        size=48, span=2.5, interpolation="area"
    ))  # fmt: skip

    assert np.abs(face.astype(int) - 100).max() <= 5
    assert np.abs(cut.astype(int) - 100).max() <= 5


@pytest.mark.parametrize("scale", [0.3, 0.49, 0.51, 1.3])
def test_averaging_moves_nothing(head: ColorImage, scale: float) -> None:
    """A face at the size where it is averaged first, and just beyond, is cut in the same place."""
    large = cv2.resize(head, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    places = 3 * (HEAD_POINTS + 0.5) - 0.5
    cut = sample(Picture(large), face_at(places.astype(np.float32)))

    smaller = cv2.resize(large, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    there = scale * (places + 0.5) - 0.5
    again = sample(Picture(smaller.astype(np.uint8)), face_at(there.astype(np.float32)))

    assert apart(cut, again) < 2.0


def test_a_detection_without_landmarks_is_an_upright_face_of_the_usual_proportions() -> None:
    box = BBox(100, 200, 300, 400)

    found = points(Detection(box, 9.0))

    eyes, mouth = (found[0] + found[1]) / 2, (found[3] + found[4]) / 2
    assert (eyes + mouth) / 2 == pytest.approx([200, 300], abs=1e-3)
    assert np.linalg.norm(mouth - eyes) == pytest.approx(200 / (0.98 * 2.59), abs=1e-3)
    scale = similarity(TEMPLATE, found)
    assert scale[0, 1] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("box", [BBox(3, 3, 3, 8), BBox(3, 8, 9, 8), BBox(9, 9, 3, 3)])
def test_a_box_without_an_area_is_an_error(box: BBox) -> None:
    with pytest.raises(ValueError, match="expected a box with an area"):
        points(Detection(box, 1.0))


@pytest.mark.parametrize(
    "places",
    [np.full((5, 2), 20.0, np.float32), np.full((5, 2), -1e6, np.float32), TEMPLATE + 1e5],
    ids=["one-point", "one-point-outside", "outside"],
)
def test_landmarks_that_are_no_faces_give_a_picture_and_no_error(places: FloatArray) -> None:
    picture = Picture(np.full((40, 50, 3), 90, np.uint8))
    spec = CropSpec(size=48, span=2.5, interpolation="area")

    assert (sample(picture, face_at(places)) == 90).all()
    assert (square(picture, face_at(places), spec) == 90).all()


def test_a_sample_is_a_picture_with_its_face_where_it_was_put(head: ColorImage) -> None:
    face = sample(*laid(head, 20))

    again = sample(*of_sample(face))

    assert apart(face, again) < 1.0


def test_the_template_is_cut_out_of_samples_without_a_change() -> None:
    samples = np.random.default_rng(0).integers(0, 256, (3, SAMPLE_SIZE, SAMPLE_SIZE, 3), np.uint8)

    crops = template_crops(samples)

    assert crops.shape == (3, TEMPLATE_SIZE, TEMPLATE_SIZE, 3)
    left, top = (SAMPLE_POINTS - TEMPLATE)[0].round().astype(int)
    np.testing.assert_array_equal(crops[1, 0, 0], samples[1, top, left])
