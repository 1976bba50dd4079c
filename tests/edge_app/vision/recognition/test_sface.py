"""Embeddings compared by their cosine: a threshold off a curve, people by their mean."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

import edge_app
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import ModelFile
from edge_app.core.errors import BundleError
from edge_app.core.types import ColorImage, FloatArray, Picture
from edge_app.vision import align
from edge_app.vision.parts import (
    RecognitionSettings,
    build_detector,
    identifier_spec,
    load_bundle,
    load_space,
)
from edge_app.vision.recognition.identifier import PeopleIdentifier
from edge_app.vision.recognition.sface import (
    OperatingPoint,
    SfaceMatcher,
    SfaceSpace,
    SfaceSpec,
    unit,
)
from tests.bundles import edit_manifest
from tests.stored import drawn_sample


def spec_of(*curve: tuple[float, float]) -> SfaceSpec:
    return SfaceSpec(
        golden="golden.npz",
        models=(ModelFile(file="a.onnx", runtime="onnx", precision="float32", tolerance=0.01),),
        dimensions=2,
        false_accept_rate=0.01,
        curve=tuple(
            OperatingPoint(false_accept_rate=rate, similarity=similarity)
            for rate, similarity in curve
        ),
    )


SPEC = spec_of((0.1, 0.3), (0.01, 0.4), (0.001, 0.6))


@pytest.mark.parametrize(
    ("rate", "similarity"),
    [
        (0.1, 0.3),
        (0.01, 0.4),
        (0.001, 0.6),
        (10**-1.5, 0.35),
        (10**-2.25, 0.45),
        (10**-3.5, 0.7),
        (10**-4.5, 0.9),
        (1e-9, 0.99),
        (0.5, 0.3),
    ],
)
def test_the_threshold_is_read_off_the_curve(rate: float, similarity: float) -> None:
    assert SPEC.similarity_at(rate) == pytest.approx(similarity, abs=1e-6)


def test_the_curve_may_stand_in_any_order() -> None:
    assert spec_of((0.001, 0.6), (0.1, 0.3), (0.01, 0.4)) == SPEC


@pytest.mark.parametrize(
    "curve",
    [
        [(0.01, 0.4)],
        [(0.01, 0.4), (0.001, 0.4)],
        [(0.01, 0.4), (0.001, 0.3)],
        [(0.01, 0.4), (0.01, 0.5)],
        [(0.0, 0.5), (0.1, 0.4)],
        [(0.1, 1.0), (0.2, 0.4)],
    ],
)
def test_a_curve_that_is_none_is_refused(curve: list[tuple[float, float]]) -> None:
    with pytest.raises(ValidationError):
        spec_of(*curve)


def turned(*degrees: float) -> FloatArray:
    """Unit vectors of two numbers."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_person_is_the_mean_of_their_samples() -> None:
    matcher = SfaceMatcher(np.array([7, 3, 7]), turned(0, 90, 40), SPEC)

    match = matcher.match(turned(20)[0])

    assert match.person == 7
    assert match.distance == pytest.approx(0.0, abs=1e-6)
    assert matcher.match(turned(60)[0]).person == 3
    assert matcher.match(turned(60)[0]).distance == pytest.approx(1 - np.cos(np.radians(30)))


def test_thresholds_and_distances_are_of_the_cosine() -> None:
    matcher = SfaceMatcher(np.array([0]), turned(0), SPEC)

    assert matcher.threshold(0.01) == pytest.approx(0.6)
    np.testing.assert_allclose(
        matcher.distances(turned(0)[0], turned(0, 60, 90, 180)), [0, 0.5, 1, 2], atol=1e-6
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_embeddings_that_are_no_numbers_are_left_out(value: float) -> None:
    embeddings = turned(0, 30, 90, 90)
    embeddings[1], embeddings[3] = value, value
    matcher = SfaceMatcher(np.array([1, 1, 2, 3]), embeddings, SPEC)

    assert matcher.match(turned(0)[0]).distance == pytest.approx(0.0, abs=1e-6)
    assert matcher.match(turned(90)[0]).person == 2
    nobody = SfaceMatcher(np.array([3]), embeddings[3:], SPEC)
    assert nobody.match(turned(90)[0]).distance == 1.0 > nobody.threshold(0.1)


class _Colors:
    """A network whose two numbers are the red of the left half and of the right."""

    input_shape: tuple[int | None, ...] = (112, 112, 3)
    outputs = 2

    def __init__(self, factor: float = 1.0) -> None:
        self.seen: list[FloatArray] = []
        self._factor = factor

    def __call__(self, inputs: FloatArray) -> FloatArray:
        self.seen.append(inputs)
        red = inputs[..., 0].mean(axis=1)
        halves = np.stack([red[:, :56].mean(axis=1), red[:, 56:].mean(axis=1)], 1)
        return (halves * self._factor).astype(np.float32)


def face(left: int, right: int) -> ColorImage:
    """A sample in OpenCV's order, of two shades of red."""
    image = np.zeros((160, 160, 3), np.uint8)
    image[:, :80, 2], image[:, 80:, 2] = left, right
    return image


def test_the_network_gets_the_template_in_red_green_blue() -> None:
    network = _Colors()
    image = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)

    SfaceSpace(network, SPEC, "d").project(image[np.newaxis])

    (seen,) = network.seen
    assert seen.dtype == np.float32 and seen.flags.c_contiguous
    np.testing.assert_array_equal(seen, align.template_crops(image[np.newaxis])[..., ::-1])


def test_embeddings_have_the_length_of_one() -> None:
    space = SfaceSpace(_Colors(), SPEC, "d")

    np.testing.assert_allclose(
        space.project(np.stack([face(200, 0), face(0, 100), face(90, 90)])),
        [[1, 0], [0, 1], [0.5**0.5, 0.5**0.5]],
        atol=1e-6,
    )


def test_an_enrolled_sample_is_averaged_with_its_mirror_image() -> None:
    space = SfaceSpace(_Colors(), SPEC, "d")

    np.testing.assert_allclose(space.enrolled(face(200, 0)), [[0.5**0.5, 0.5**0.5]], atol=1e-6)


@pytest.mark.parametrize("factor", [np.nan, np.inf, 1e30])
def test_a_face_without_numbers_is_nobody(factor: float) -> None:
    """Of 1e30 the square is no float32 any more."""
    names, enrolled = ["Ana"], SfaceSpace(_Colors(), SPEC, "d").enrolled(face(90, 80))[np.newaxis]
    broken = SfaceSpace(_Colors(factor), SPEC, "d")

    identity = PeopleIdentifier(broken, names, enrolled).identify_sample(face(90, 80))

    assert identity.name is None
    assert identity.distance > identity.threshold


def test_vectors_of_zeros_stay() -> None:
    np.testing.assert_array_equal(unit(np.zeros((1, 4), np.float32)), np.zeros((1, 4)))


@pytest.fixture(scope="module")
def space(bundle: Bundle) -> SfaceSpace:
    found = load_space(bundle, RecognitionSettings(method="sface"))
    assert isinstance(found, SfaceSpace)
    return found


@pytest.fixture(scope="module")
def astronaut(bundle: Bundle) -> Callable[[float], ColorImage]:
    """Her sample, of the portrait turned by degrees."""
    image = cv2.imread(str(Path(edge_app.__file__).parent / "samples" / "astronaut.jpg"))
    assert image is not None
    detector = build_detector(bundle, RecognitionSettings(detector="yunet"), still=True)

    def sample(degrees: float) -> ColorImage:
        matrix = cv2.getRotationMatrix2D((224.0, 120.0), degrees, 1.0)
        picture = Picture(cv2.warpAffine(image, matrix, (512, 512)).astype(np.uint8))
        return align.sample(picture, detector.detect(picture)[0])

    return sample


def test_the_bundles_network_knows_a_tilted_face_and_no_other(
    space: SfaceSpace, astronaut: Callable[[float], ColorImage]
) -> None:
    enrolled = np.stack([space.enrolled(astronaut(0)), space.enrolled(drawn_sample(1))])
    identifier = PeopleIdentifier(space, ["Eileen", "Ana"], enrolled)

    for degrees in (-25, 0, 25):
        identity = identifier.identify_sample(astronaut(degrees))
        assert identity.name == "Eileen"
        assert identity.distance < identity.threshold
        assert identity.embedding is not None and len(identity.embedding) == 128
    alone = PeopleIdentifier(space, ["Ana"], enrolled[1:])
    assert alone.identify_sample(astronaut(0)).name is None


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    return copy


def test_what_another_file_made_is_not_compared_with(folder: Path) -> None:
    first = load_space(load_bundle(folder))
    assert first.digest == load_space(load_bundle(folder)).digest
    other = load_space(load_bundle(folder), runtime="onnx")
    assert first.digest != other.digest

    with (folder / "sface.tflite").open("ab") as file:
        file.write(b"another")
    edit_manifest(folder, lambda manifest: None)

    assert load_space(load_bundle(folder)).digest not in (first.digest, other.digest)


def test_a_file_that_is_not_listed_is_one_line(folder: Path) -> None:
    edit_manifest(folder, lambda manifest: manifest["files"].pop("sface.tflite"))
    (folder / "sface.tflite").unlink()
    bundle = load_bundle(folder)

    with pytest.raises(BundleError, match=r"names sface\.tflite but does not list its hash"):
        identifier_spec(bundle, RecognitionSettings(method="sface")).load(bundle)
