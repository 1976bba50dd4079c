from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.core.progress import SILENT
from edge_app.core.types import ColorImage, GrayImage
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.align import of_sample, square
from edge_app.vision.detection.base import Search
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.preprocess import resize
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis, face_features
from training.eigenfaces import cohort, components_of, train_basis, train_on_people
from training.recipe import EIGENFACES, HAAR, opencv_cascade


@pytest.fixture(scope="module")
def faces() -> GrayImage:
    drawn = [resize(drawn_face(seed, side=96), 48, "area") for seed in range(12)]
    return np.stack([*drawn, np.zeros((48, 48), np.uint8)])


@pytest.fixture(scope="module")
def detector() -> HaarDetector:
    return HaarDetector(opencv_cascade(), HAAR, Search(still=True))


@pytest.fixture(scope="module")
def strangers(faces: GrayImage, detector: HaarDetector) -> ColorImage:
    return cohort(faces, detector, SILENT, count=10, seed=1)


def test_cohort_holds_only_images_with_a_face(strangers: ColorImage) -> None:
    assert strangers.shape == (10, 160, 160, 3)
    assert all(sample.std() > 10 for sample in strangers)


def test_cohort_is_the_same_for_the_same_seed(faces: GrayImage, detector: HaarDetector) -> None:
    first, second = (cohort(faces, detector, SILENT, count=5, seed=3) for _ in range(2))

    np.testing.assert_array_equal(first, second)


def test_too_few_faces_are_an_error(faces: GrayImage, detector: HaarDetector) -> None:
    with pytest.raises(ValueError, match="expected 50 images with one face, found 1"):
        cohort(faces, detector, SILENT, count=50, seed=1)


def test_trained_basis_is_read_by_the_device(strangers: ColorImage, tmp_path: Path) -> None:
    spec = EIGENFACES.model_copy(update={"components": 6})

    train_basis(strangers, spec, tmp_path / "eigenfaces.xml")
    basis = EigenfaceBasis(tmp_path / "eigenfaces.xml", spec)

    assert basis.cohort.shape == (10, 6)
    np.testing.assert_allclose(basis.project(strangers), basis.cohort, atol=1e-4)
    np.testing.assert_allclose(np.trace(basis.scatter), 1.0)


def test_opencv_predicts_with_the_trained_file(strangers: ColorImage, tmp_path: Path) -> None:
    spec = EIGENFACES.model_copy(update={"components": 6})
    train_basis(strangers, spec, tmp_path / "eigenfaces.xml")
    crops = np.stack([square(*of_sample(sample), spec.crop) for sample in strangers])

    recognizer = cv2.face.EigenFaceRecognizer.create()
    recognizer.read(str(tmp_path / "eigenfaces.xml"))
    found = [recognizer.predict(row[np.newaxis]) for row in face_features(crops, spec)]

    assert [person for person, _ in found] == list(range(10))
    assert max(distance for _, distance in found) < 1e-3


def test_more_components_than_faces_are_an_error(strangers: ColorImage, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected more than 200 faces, found 10"):
        train_basis(strangers, EIGENFACES, tmp_path / "eigenfaces.xml")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    for person in range(3):
        home = folder / f"person{person}"
        home.mkdir()
        for index in range(3):
            face = drawn_face(person, side=200, mood=0.8 * (index - 1))
            write_photo(home / f"{index}.png", tinted(face))
    return folder


@pytest.mark.parametrize(("cap", "held"), [(4, 4), (EIGENFACES.components, 8)])
def test_the_number_of_components_is_capped(
    people: Path, detector: HaarDetector, tmp_path: Path, cap: int, held: int
) -> None:
    spec = EIGENFACES.model_copy(update={"components": cap})

    written = train_on_people(people, detector, spec, tmp_path / "eigenfaces.xml", SILENT)

    assert written.components == components_of(tmp_path / "eigenfaces.xml") == held
    assert len(EigenfaceBasis(tmp_path / "eigenfaces.xml", written).cohort) == 3


def test_two_photographs_are_too_few(people: Path, detector: HaarDetector, tmp_path: Path) -> None:
    (tmp_path / "ana").mkdir()
    for index in range(2):
        (tmp_path / "ana" / f"{index}.png").write_bytes(
            (people / "person0" / f"{index}.png").read_bytes()
        )

    with pytest.raises(ValueError, match="expected at least 3 photographs with one face, found 2"):
        train_on_people(tmp_path, detector, EIGENFACES, tmp_path / "eigenfaces.xml", SILENT)


@pytest.mark.parametrize("content", [None, b"", b"<opencv_storage></opencv_storage>"])
def test_a_file_without_eigenfaces_is_an_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "eigenfaces.xml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises((FileNotFoundError, ValueError), match="expected an Eigenfaces XML"):
        components_of(path)
