"""Drawn people and the parts of the packaged bundle."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.bundle import loader
from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, ColorImage, Detection, GrayImage, Picture
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.detection.haar import HaarDetector
from edge_app.vision.preprocess import crop
from edge_app.vision.recognition.eigenfaces import BasisSpec, EigenfaceBasis
from edge_app.vision.recognition.identifier import IdentifierSpec
from training.eigenfaces import train_basis
from training.recipe import DETECTOR, IDENTIFIER

DRAWN_FACE = Detection(BBox(35, 35, 165, 165), 9.0)
"""The one in a ``drawn_picture``."""


def scene(*people: int, side: int = 160, size: tuple[int, int] = (640, 480)) -> ColorImage:
    """Drawn people side by side on a grey wall; size is (width, height)."""
    width, height = size
    picture = np.full((height, width, 3), 120, np.uint8)
    for place, person in enumerate(people):
        left = (2 * place + 1) * width // (2 * len(people)) - side // 2
        top = (height - side) // 2
        picture[top : top + side, left : left + side] = tinted(drawn_face(person, side=side))
    return picture


def shifted(image: ColorImage, right: int, down: int) -> ColorImage:
    """The picture moved by whole pixels, its border repeated."""
    matrix = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
    height, width = image.shape[:2]
    return cv2.warpAffine(
        image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)  # fmt: skip


def drawn_picture(person: int, mood: float) -> Picture:
    return Picture.of_gray(drawn_face(person, side=200, mood=mood))


def drawn_crop(person: int, mood: float, spec: IdentifierSpec) -> GrayImage:
    """A drawn person as enrolment stores them."""
    return crop(drawn_picture(person, mood), DRAWN_FACE, spec.crop)


def write_person(folder: Path, name: str, person: int, *, photos: int = 2) -> None:
    """``folder/name/K.png``: a drawn person in several moods."""
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    for index in range(photos):
        picture = np.full((300, 300, 3), 120, np.uint8)
        face = drawn_face(person, side=200, mood=0.8 * (index % 3 - 1))
        picture[50:250, 50:250] = tinted(face)
        write_photo(home / f"{index}.png", picture)


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return loader.load()


@pytest.fixture(scope="session")
def detector(bundle: Bundle) -> HaarDetector:
    return HaarDetector(bundle.path(DETECTOR.file), DETECTOR, DETECTOR.still)


@pytest.fixture
def slow_version(monkeypatch: pytest.MonkeyPatch) -> str:
    """Have the kiosk's detector of one version of a bundle take half a second for each frame."""

    class Slow(HaarDetector):
        def detect(self, picture: Picture) -> list[Detection]:
            time.sleep(0.5)
            return [DRAWN_FACE]

        def detect_near(self, picture: Picture, bbox: BBox) -> Detection | None:
            time.sleep(0.5)
            return Detection(bbox, DRAWN_FACE.score)

    def build(bundle: Bundle) -> HaarDetector:
        kind = Slow if bundle.manifest.version == slow else HaarDetector
        return kind(bundle.path(DETECTOR.file), DETECTOR, DETECTOR.moving)

    slow = "1.0.0"
    monkeypatch.setattr("edge_app.kiosk.controls.build_detector", build)
    return slow


@pytest.fixture(scope="session")
def identifier_spec() -> BasisSpec:
    """For drawn people, among whom strangers are as near before any camera."""
    return IDENTIFIER.model_copy(update={"components": 20, "copies": 8, "camera_gap": 0.0})


@pytest.fixture(scope="session")
def basis_xml(identifier_spec: BasisSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("basis") / "eigenfaces.xml"
    strangers = np.stack([drawn_crop(seed, 0.0, identifier_spec) for seed in range(100, 160)])
    train_basis(strangers, identifier_spec, path)
    return path


@pytest.fixture(scope="session")
def basis(basis_xml: Path, identifier_spec: BasisSpec) -> EigenfaceBasis:
    """Of drawn strangers: it tells drawn people apart, which a basis of photographs does not."""
    return EigenfaceBasis(basis_xml, identifier_spec)
