"""The eigenface basis of a bundle: OpenCV's file, read, written, and projected on.

The file is an ordinary one of OpenCV's EigenFaceRecognizer, which can read it and predict with it.
Its numbers are stored in base64 (a form of OpenCV's own), which loads in a tenth of the time.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import CropSpec
from edge_app.core.errors import BundleError
from edge_app.core.types import ColorImage, FloatArray, GrayImage
from edge_app.vision.align import of_sample, square
from edge_app.vision.recognition.identifier import IdentifierSpec, Matcher
from edge_app.vision.recognition.jitter import jittered
from edge_app.vision.recognition.lbp import LbpSpec, feature_count, lbp_features
from edge_app.vision.recognition.matching import EigenfaceMatcher, within_scatter


class EigenfaceSpec(IdentifierSpec):
    """People are told apart in a fixed basis of eigenfaces (Turk and Pentland 1991)."""

    title: ClassVar[str] = "Eigenfaces"
    needs_landmarks: ClassVar[bool] = False

    kind: Literal["eigenfaces"] = "eigenfaces"
    file: str
    crop: CropSpec
    features: LbpSpec | None = None
    """None: the grey values of the crop, as Turk and Pentland had it."""
    components: PositiveInt
    """How many of the file's eigenvectors are used, from the largest down."""
    copies: PositiveInt = 1
    """Disturbed copies of each enrolled sample (see ``jitter.py``), itself among them."""
    camera_gap: Annotated[float, Field(ge=0.0)] = 0.0
    """How much nearer a stranger before the gallery's own camera comes than one of the file."""
    max_threshold: PositiveFloat
    """Never name a face further away than this, however few people are enrolled."""

    @model_validator(mode="after")
    def _window_fits(self) -> Self:
        window = self.features
        if window is None:
            return self
        room = self.crop.size - 2 * abs(window.lower)
        if max(window.height, window.width) > room or min(window.width, window.height) <= 2 * max(
            window.radii
        ):
            raise ValueError(
                f"expected a window inside of the crop of {self.crop.size} pixels and larger than "
                f"its patterns, found {window.width}x{window.height}, {window.lower} lower"
            )
        return self

    def load(self, bundle: Bundle, runtime: Runtime | None = None) -> "EigenfaceBasis":
        return EigenfaceBasis(bundle.path(self.file), self)


def face_features(crops: GrayImage, spec: EigenfaceSpec) -> FloatArray:
    """What the basis is trained on and projects: uint8 (N, S, S) to float32 (N, D)."""
    if spec.features is None:
        return crops.reshape(len(crops), -1).astype(np.float32)
    return lbp_features(crops, spec.features)


class EigenfaceBasis:
    """Projects faces on the eigenvectors of strangers' faces.

    cohort: float32 (N, components), the projections of N strangers (the first picture of each).
    scatter: float64 (components, components), how the same stranger varies from picture to
    picture, of trace 1; without a stranger of several pictures, how strangers differ.

    Raises BundleError for a file that OpenCV cannot read or that does not fit the manifest.
    """

    by_cosine = False

    def __init__(self, path: Path, spec: EigenfaceSpec) -> None:
        recognizer = _read(path)
        vectors = recognizer.getEigenVectors()
        found = 0 if vectors is None or vectors.ndim != 2 else vectors.shape[1]
        if found < spec.components:
            raise BundleError(f"{path}: expected {spec.components} eigenvectors, found {found}")
        if len(vectors) != _expected_values(spec):
            raise BundleError(
                f"{path}: expected eigenfaces of {spec.crop.size} pixels ({_expected_values(spec)} "
                f"values), found {len(vectors)} values; copy the bundle again"
            )
        self.spec = spec
        self._vectors = np.ascontiguousarray(vectors[:, : spec.components], dtype=np.float32)
        self._offset = np.asarray(recognizer.getMean(), np.float32).ravel() @ self._vectors
        projections = np.vstack(recognizer.getProjections())[:, : spec.components]
        owner_ids = np.asarray(recognizer.getLabels()).ravel()
        self.cohort = projections[np.unique(owner_ids, return_index=True)[1]].astype(np.float32)
        self.scatter = _unit_trace(_cohort_scatter(projections.astype(np.float64), owner_ids))
        self.digest = _digest(path, spec)

    def project(self, samples: ColorImage) -> FloatArray:
        """uint8 (N, 160, 160, 3) to float32 (N, components)."""
        return self._projected(np.stack([self._crop(sample) for sample in samples]))

    def enrolled(self, sample: ColorImage) -> FloatArray:
        """The projections of a sample, uint8 (160, 160, 3), and its copies, (copies, components).

        The first is the sample's own.
        """
        return self._projected(jittered(self._crop(sample), self.spec.copies))

    def _projected(self, crops: GrayImage) -> FloatArray:
        return face_features(crops, self.spec) @ self._vectors - self._offset

    def _crop(self, sample: ColorImage) -> GrayImage:
        return square(*of_sample(sample), self.spec.crop)

    def matcher(self, owner_ids: Sequence[int], projections: FloatArray) -> Matcher:
        """Compares with enrolled people; projections: of ``enrolled``, one for each owner."""
        return EigenfaceMatcher(
            owner_ids, projections, cohort=self.cohort, scatter=self.scatter, limits=self.spec
        )


@dataclass(frozen=True)
class TrainedBasis:
    """Eigenvectors, largest first, and what was projected on them.

    mean: (D,). values: (K,). vectors: (D, K). projections: (N, K). owner_ids: (N,).
    """

    mean: FloatArray
    values: FloatArray
    vectors: FloatArray
    projections: FloatArray
    owner_ids: NDArray[np.int32]


def write_basis(basis: TrainedBasis, path: Path) -> None:
    """Write an EigenFaceRecognizer's XML. Raises OSError where that is not possible."""
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE_BASE64)
    if not storage.isOpened():
        raise OSError(f"{path}: cannot be written; choose another place")
    storage.startWriteStruct("opencv_eigenfaces", cv2.FILE_NODE_MAP)
    storage.write("threshold", float(np.finfo(np.float64).max))
    storage.write("num_components", len(basis.values))
    storage.write("mean", basis.mean.reshape(1, -1))
    storage.write("eigenvalues", basis.values.reshape(-1, 1))
    storage.write("eigenvectors", basis.vectors)
    storage.startWriteStruct("projections", cv2.FILE_NODE_SEQ)
    for projection in basis.projections:
        storage.write("", projection.reshape(1, -1))
    storage.endWriteStruct()
    storage.write("labels", basis.owner_ids.reshape(-1, 1))
    storage.startWriteStruct("labelsInfo", cv2.FILE_NODE_SEQ)
    storage.endWriteStruct()
    storage.endWriteStruct()
    storage.release()


def _read(path: Path) -> cv2.face.EigenFaceRecognizer:
    recognizer = cv2.face.EigenFaceRecognizer.create()
    try:
        if not path.is_file():
            raise cv2.error("no such file")
        recognizer.read(str(path))
    except cv2.error as error:
        raise BundleError(
            f"{path}: expected an Eigenfaces XML, found none that OpenCV reads; copy it again"
        ) from error
    return recognizer


def _expected_values(spec: EigenfaceSpec) -> int:
    return spec.crop.size**2 if spec.features is None else feature_count(spec.features)


def _cohort_scatter(
    projections: NDArray[np.float64], owner_ids: NDArray[Any]
) -> NDArray[np.float64]:
    _, place, counts = np.unique(owner_ids, return_inverse=True, return_counts=True)
    several = counts[place] > 1
    if not several.any():
        return np.cov(projections.T)
    return within_scatter(projections[several], owner_ids[several])


def _unit_trace(scatter: NDArray[np.float64]) -> NDArray[np.float64]:
    return scatter / max(float(np.trace(scatter)), 1e-12)


def _digest(path: Path, spec: EigenfaceSpec) -> str:
    """What two bases must share for projections on the one to be of use with the other."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(
        spec.model_dump_json(include={"crop", "features", "components", "copies"}).encode()
    )
    return digest.hexdigest()
