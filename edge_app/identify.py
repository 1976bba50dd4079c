"""Who a face is: eigenfaces as a fixed basis, the nearest enrolled sample, and a threshold.

The bundle's XML is an ordinary file of OpenCV's EigenFaceRecognizer, trained on faces of strangers
(the cohort). Enrolling somebody projects their samples on its eigenvectors and changes nothing for
anybody else. The cohort's own projections say how near a stranger comes to the enrolled people,
and the threshold is set from that. See docs/decisions/0003.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle import Bundle
from edge_app.errors import BundleError
from edge_app.manifest import CropSpec, IdentifierSpec
from edge_app.preprocess import crop_square, resize
from edge_app.types import BBox, FloatArray, GrayImage, Identity

_WHITENING = 0.25
"""Each component is divided by its eigenvalue to this power (0.5 would be whitening in full)."""


@dataclass(frozen=True)
class FaceSample:
    """A face of an enrolled person: uint8 (S, S), cut by ``face_sample``."""

    name: str
    crop: GrayImage


def face_sample(gray: GrayImage, bbox: BBox, crop: CropSpec) -> GrayImage:
    """The face as enrolment stores it and recognition looks at it: the same cut, the same size."""
    return resize(crop_square(gray, bbox, crop.margin), crop.size, crop.interpolation)


class EigenfaceBasis:
    """Projects faces to unit vectors, between which 1 - cosine is the distance (0 to 2).

    size: pixels of the side of the faces it was trained on. cohort: float32 (N, components), the
    unit vectors of the strangers that it was trained on.

    Source: Turk and Pentland 1991; the whitened cosine is from Moon and Phillips 2001.
    """

    def __init__(self, path: Path, components: int) -> None:
        """Raises BundleError for a file that OpenCV cannot read or with too few components."""
        recognizer = cv2.face.EigenFaceRecognizer.create()
        try:
            if not path.is_file():
                raise cv2.error("no such file")
            recognizer.read(str(path))
        except cv2.error as error:
            raise BundleError(
                f"{path}: expected an Eigenfaces XML, found none that OpenCV reads; copy it again"
            ) from error
        vectors = recognizer.getEigenVectors()
        if vectors is None or vectors.ndim != 2 or vectors.shape[1] < components:
            found = 0 if vectors is None or vectors.ndim != 2 else vectors.shape[1]
            raise BundleError(f"{path}: expected {components} eigenvectors, found {found}")
        self.size = round(float(np.sqrt(vectors.shape[0])))
        values = np.asarray(recognizer.getEigenValues(), dtype=np.float64).ravel()[:components]
        self._weights = 1.0 / np.maximum(values, 1e-9) ** _WHITENING
        self._mean = np.asarray(recognizer.getMean(), dtype=np.float64).ravel()
        self._vectors = np.asarray(vectors[:, :components], dtype=np.float64)
        projections = np.vstack(recognizer.getProjections()).astype(np.float64)[:, :components]
        self.cohort = self._unit(projections)

    def project(self, faces: GrayImage) -> FloatArray:
        """uint8 (N, S, S) to unit vectors, float32 (N, components)."""
        values = faces.reshape(len(faces), -1).astype(np.float64)
        return self._unit((values - self._mean) @ self._vectors)

    def _unit(self, projections: NDArray[np.float64]) -> FloatArray:
        weighted = projections * self._weights
        norms = np.linalg.norm(weighted, axis=1, keepdims=True)
        return (weighted / np.maximum(norms, 1e-12)).astype(np.float32)


def load_basis(bundle: Bundle) -> EigenfaceBasis:
    """The basis of a bundle. Raises BundleError where it does not fit the manifest."""
    spec = bundle.manifest.identifier
    basis = EigenfaceBasis(bundle.path(spec.file), spec.components)
    if basis.size != spec.crop.size:
        raise BundleError(
            f"{bundle.folder}: expected eigenfaces of {spec.crop.size} pixels, "
            f"found {basis.size}; copy the bundle again"
        )
    return basis


class EigenfacesIdentifier:
    """Names the nearest enrolled sample, or nobody when it is further than the threshold.

    threshold: the distance under which ``spec.false_accept_rate`` of the cohort comes to these very
    samples, at most ``spec.max_threshold``.
    """

    def __init__(
        self, basis: EigenfaceBasis, spec: IdentifierSpec, samples: Sequence[FaceSample]
    ) -> None:
        if not samples:
            raise ValueError("expected at least one enrolled sample")
        self._basis = basis
        self._crop = spec.crop
        self._names = [sample.name for sample in samples]
        self._gallery = basis.project(np.stack([sample.crop for sample in samples]))
        self.threshold = threshold_for(self._gallery, basis, spec)

    def identify(self, gray: GrayImage, bbox: BBox) -> Identity:
        face = self._basis.project(face_sample(gray, bbox, self._crop)[np.newaxis])[0]
        distances = 1.0 - self._gallery @ face
        nearest = int(distances.argmin())
        distance = max(0.0, float(distances[nearest]))
        name = self._names[nearest] if distance <= self.threshold else None
        return Identity(name, distance, self.threshold)


def threshold_for(gallery: FloatArray, basis: EigenfaceBasis, spec: IdentifierSpec) -> float:
    """The distance within which a share of ``spec.false_accept_rate`` of the cohort comes.

    gallery: unit vectors of the enrolled samples, float32 (N, components).
    """
    nearest = 1.0 - (basis.cohort @ gallery.T).max(axis=1)
    return min(float(np.quantile(nearest, spec.false_accept_rate)), spec.max_threshold)
