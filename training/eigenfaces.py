"""The eigenface basis that ships in a bundle, trained on faces of strangers."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge_app.disturb import disturbed
from edge_app.eigenfaces import TrainedBasis, face_features, write_basis
from edge_app.errors import PeopleError
from edge_app.identify import face_sample
from edge_app.manifest import CropSpec, IdentifierSpec
from edge_app.people import the_face
from edge_app.types import Detector, GrayImage

_ENLARGED_SIDE = 192
_BORDER = 48
"""FER2013's faces fill their 48 pixels; Haar's cascade needs them larger, and room around them."""
_SEVERAL = 100
_PICTURES = 9
"""So many strangers stand in the file with so many disturbed copies: how one face varies."""


def cohort_crops(
    images: GrayImage, detector: Detector, crop: CropSpec, *, count: int, seed: int
) -> GrayImage:
    """Faces of strangers, cut by the same detector and arithmetic as a camera's.

    images: uint8 (N, 48, 48), taken in a random order until ``count`` of them showed one face.
    Returns uint8 (count, size, size). Raises ValueError when there are not enough.
    """
    order = np.random.default_rng(seed).permutation(len(images))
    found = list(_take(_faces(images[order], detector, crop), count))
    if len(found) < count:
        raise ValueError(f"expected {count} images with one face, found {len(found)}")
    return np.stack(found)


def _take(faces: Iterator[GrayImage], count: int) -> Iterator[GrayImage]:
    return (face for face, _ in zip(faces, range(count), strict=False))


def _faces(images: GrayImage, detector: Detector, crop: CropSpec) -> Iterator[GrayImage]:
    for image in images:
        large = cv2.resize(image, (_ENLARGED_SIDE, _ENLARGED_SIDE), interpolation=cv2.INTER_CUBIC)
        gray = cv2.copyMakeBorder(
            large, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_REPLICATE
        ).astype(np.uint8)
        try:
            yield face_sample(gray, the_face(detector.detect(gray)), crop)
        except PeopleError:
            continue


def train_basis(crops: GrayImage, spec: IdentifierSpec, path: Path) -> None:
    """Train on uint8 (N, S, S), each its own person; write OpenCV's XML.

    The first 100 people come with disturbed copies of their faces, so that the file also tells how
    one face varies. Raises ValueError for fewer faces than components.
    """
    if len(crops) <= spec.components:
        raise ValueError(f"expected more than {spec.components} faces, found {len(crops)}")
    features = face_features(crops, spec)
    mean, vectors, values = cv2.PCACompute2(
        features, mean=np.empty(0), maxComponents=spec.components
    )
    several = [face_features(disturbed(crop, _PICTURES)[1:], spec) for crop in crops[:_SEVERAL]]
    rows = np.vstack([features, *several])
    people = np.concatenate(
        [np.arange(len(crops)), np.repeat(np.arange(len(several)), _PICTURES - 1)]
    )
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
