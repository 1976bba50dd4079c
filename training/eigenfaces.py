"""The eigenface basis that ships in a bundle, trained on faces of strangers."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from edge_app.core.errors import PeopleError
from edge_app.core.progress import Progress
from edge_app.core.types import ColorImage, Detection, Detector, GrayImage, Picture
from edge_app.enrolment.folders import load_people
from edge_app.enrolment.photographs import the_face
from edge_app.vision import align
from edge_app.vision.recognition.eigenfaces import (
    EigenfaceSpec,
    TrainedBasis,
    face_features,
    write_basis,
)
from edge_app.vision.recognition.jitter import jittered

ENLARGED_SIDE = 192
_BORDER = 48
"""FER2013's faces fill their 48 pixels; detectors need them larger, and room around them."""
_FEWEST = 3
_SEVERAL = 100
_PICTURES = 9
"""So many faces stand in the file with so many disturbed copies: how one face varies."""


def cohort(
    images: GrayImage, detector: Detector, progress: Progress, *, count: int, seed: int
) -> ColorImage:
    """Samples of strangers, cut by the same arithmetic as a camera's.

    images: uint8 (N, 48, 48), taken in a random order until ``count`` of them showed one face.
    Returns uint8 (count, 160, 160, 3). Raises ValueError when there are not enough.
    """
    order = np.random.default_rng(seed).permutation(len(images))
    progress.start(count)
    found = []
    for picture, face in islice(shown_faces(images[order], detector), count):
        found.append(align.sample(picture, face))
        progress.advance()
    if len(found) < count:
        raise ValueError(f"expected {count} images with one face, found {len(found)}")
    return np.stack(found)


def shown_faces(images: GrayImage, detector: Detector) -> Iterator[tuple[Picture, Detection]]:
    """FER2013's images, uint8 (N, 48, 48), enlarged, and the one face of each that shows one."""
    for image in images:
        large = cv2.resize(image, (ENLARGED_SIDE, ENLARGED_SIDE), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(
            large, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_REPLICATE
        ).astype(np.uint8)
        picture = Picture.of_gray(framed)
        try:
            yield picture, the_face(detector.detect(picture))
        except PeopleError:
            continue


def train_on_people(
    folder: Path, detector: Detector, spec: EigenfaceSpec, path: Path, progress: Progress
) -> EigenfaceSpec:
    """Train on photographs, ``folder/NAME/*.jpg``; write OpenCV's XML.

    spec: its components are a cap: fewer photographs give fewer. Returns the spec of what was
    written. Raises ValueError for fewer than three photographs with a face, and what
    ``load_people`` raises.
    """
    samples = load_people(folder, detector, progress)
    if len(samples) < _FEWEST:
        raise ValueError(
            f"{folder}: expected at least {_FEWEST} photographs with one face, "
            f"found {len(samples)}; add photographs"
        )
    written = spec.model_copy(update={"components": min(spec.components, len(samples) - 1)})
    faces = np.stack([sample.crop for sample in samples])
    train_basis(faces, written, path, names=[sample.name for sample in samples])
    return written


def components_of(path: Path) -> int:
    """How many eigenvectors an XML holds.

    Raises FileNotFoundError for no such file, ValueError for one that is no such XML.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; expected an Eigenfaces XML")
    recognizer = cv2.face.EigenFaceRecognizer.create()
    try:
        recognizer.read(str(path))
    except cv2.error as error:
        raise ValueError(f"{path}: expected an Eigenfaces XML, found none") from error
    values = recognizer.getEigenValues()
    if values is None:  # OpenCV reads any XML of its own kind
        raise ValueError(f"{path}: expected an Eigenfaces XML, found none")
    return len(values)


def train_basis(
    samples: ColorImage, spec: EigenfaceSpec, path: Path, *, names: Sequence[str] | None = None
) -> None:
    """Train on samples, uint8 (N, 160, 160, 3); write OpenCV's XML.

    names: the person of each sample; default: each is a person of its own. The first 100 come
    with disturbed copies, so that the file also tells how one face varies. Raises ValueError for
    fewer faces than components.
    """
    if len(samples) <= spec.components:
        raise ValueError(f"expected more than {spec.components} faces, found {len(samples)}")
    crops = np.stack([align.square(*align.of_sample(one), spec.crop) for one in samples])
    owners = np.arange(len(crops))
    if names is not None:
        owners = np.unique(names, return_inverse=True)[1]
    features = face_features(crops, spec)
    mean, vectors, values = cv2.PCACompute2(
        features, mean=np.empty(0), maxComponents=spec.components
    )
    several = [face_features(jittered(crop, _PICTURES)[1:], spec) for crop in crops[:_SEVERAL]]
    rows = np.vstack([features, *several])
    people = np.concatenate([owners, np.repeat(owners[: len(several)], _PICTURES - 1)])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_basis(
        TrainedBasis(
            mean.ravel().astype(np.float32),
            values.ravel().astype(np.float32),
            np.ascontiguousarray(vectors.T, dtype=np.float32),
            ((rows - mean) @ vectors.T).astype(np.float32),
            people.astype(np.int32),
        ),
        path,
    )
