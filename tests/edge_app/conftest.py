"""Drawn people and the parts of the packaged bundle."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.bundle import loader
from edge_app.bundle.loader import Bundle
from edge_app.core.types import BBox, ColorImage, Detection, Picture
from edge_app.media.photo import write_photo
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.align import of_sample, square
from edge_app.vision.detection.base import Search
from edge_app.vision.detection.haar import HaarDetector, HaarSpec
from edge_app.vision.parts import detector_specs
from edge_app.vision.recognition.eigenfaces import (
    EigenfaceBasis,
    EigenfaceSpec,
    TrainedBasis,
    face_features,
    write_basis,
)
from tests.stored import drawn_sample
from training.recipe import EIGENFACES

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
def haar_spec(bundle: Bundle) -> HaarSpec:
    (spec,) = (spec for spec in detector_specs(bundle) if isinstance(spec, HaarSpec))
    return spec


@pytest.fixture(scope="session")
def detector(bundle: Bundle, haar_spec: HaarSpec) -> HaarDetector:
    """Of photographs: finds drawn people, which YuNet takes for what they are."""
    return haar_spec.build(bundle, Search(still=True))


@pytest.fixture
def slow_version(monkeypatch: pytest.MonkeyPatch, haar_spec: HaarSpec) -> str:
    """Have the kiosk's detector of one version of a bundle take half a second for each frame."""

    class Slow(HaarDetector):
        def detect(self, picture: Picture) -> list[Detection]:
            time.sleep(0.5)
            return [DRAWN_FACE]

        def detect_near(self, picture: Picture, bbox: BBox) -> Detection | None:
            time.sleep(0.5)
            return Detection(bbox, DRAWN_FACE.score)

    def build(bundle: Bundle, *settings: object) -> HaarDetector:
        kind = Slow if bundle.manifest.version == slow else HaarDetector
        return kind(bundle.path(haar_spec.file), haar_spec, Search())

    slow = "1.0.0"
    monkeypatch.setattr("edge_app.kiosk.controls.build_detector", build)
    return slow


@pytest.fixture(scope="session")
def identifier_spec() -> EigenfaceSpec:
    """For drawn people, among whom strangers are as near before any camera."""
    return EIGENFACES.model_copy(update={"components": 20, "copies": 8, "camera_gap": 0.0})


@pytest.fixture(scope="session")
def basis_xml(identifier_spec: EigenfaceSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("basis") / "eigenfaces.xml"
    write_drawn_basis(path, identifier_spec)
    return path


def write_drawn_basis(path: Path, spec: EigenfaceSpec) -> None:
    """The eigenfaces of sixty drawn strangers."""
    people = range(60)
    strangers = [square(*of_sample(drawn_sample(100 + one)), spec.crop) for one in people]
    features = face_features(np.stack(strangers), spec)
    mean = features.mean(axis=0)
    _, values, directions = np.linalg.svd(features - mean, full_matrices=False)
    vectors = np.ascontiguousarray(directions[: spec.components].T)
    write_basis(
        TrainedBasis(
            mean=mean,
            values=values[: spec.components] ** 2,
            vectors=vectors,
            projections=(features - mean) @ vectors,
            owner_ids=np.array(people, np.int32),
        ),
        path,
    )


@pytest.fixture(scope="session")
def basis(basis_xml: Path, identifier_spec: EigenfaceSpec) -> EigenfaceBasis:
    """Of drawn strangers: it tells drawn people apart, which a basis of photographs does not."""
    return EigenfaceBasis(basis_xml, identifier_spec)
