"""Fisherfaces: the bundle's eigenfaces, turned on the device so that its people lie far apart."""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import PeopleError
from edge_app.core.types import FloatArray
from edge_app.vision.recognition.eigenfaces import BasisSpec, EigenfaceBasis
from edge_app.vision.recognition.matching import Match, Matcher, copies_used

_FEWEST_PEOPLE = 2


class FisherfaceSpec(BasisSpec):
    """People are told apart in a turn of the basis that is trained on the gallery."""

    kind: Literal["fisherfaces"] = "fisherfaces"

    def load(self, bundle: Bundle) -> "FisherfaceBasis":
        return FisherfaceBasis(bundle.path(self.file), self)


class FisherfaceBasis(EigenfaceBasis):
    """Projects as eigenfaces do; each gallery is then OpenCV's FisherFaceRecognizer's to train on.

    Source: Belhumeur et al. 1997.
    """

    def matcher(self, owner_ids: Sequence[int], projections: FloatArray) -> Matcher:
        return FisherMatcher(owner_ids, projections, cohort=self.cohort)


class FisherMatcher:
    """Compares by the distance along the directions that separate the enrolled people.

    A distance of 1 is that of the median stranger, however many people and so directions there are.

    owner_ids: the person's number of each sample. projections: float32 (samples, copies, K).
    cohort: float32 (N, K), strangers of the bundle, moved to the middle of the gallery: what all
    pictures of one camera share is nobody's feature. Raises PeopleError for one person alone:
    nothing separates them.
    """

    def __init__(
        self, owner_ids: Sequence[int], projections: FloatArray, *, cohort: FloatArray
    ) -> None:
        if len(set(owner_ids)) < _FEWEST_PEOPLE:
            raise PeopleError(
                "expected two people or more, which Fisherfaces tell apart, found one; "
                "enrol somebody else, or use a bundle with another method"
            )
        samples, copies, components = projections.shape
        used = copies_used(samples, copies)
        rows = projections[:, :used].reshape(-1, components)
        self._owners = np.repeat(np.asarray(owner_ids, np.int32), used)
        recognizer = cv2.face.FisherFaceRecognizer.create()
        recognizer.train(list(rows[:, np.newaxis]), self._owners)
        self._directions = recognizer.getEigenVectors().astype(np.float32)
        self._enrolled = rows @ self._directions
        strangers = cohort - cohort.mean(axis=0) + rows.mean(axis=0)
        distances = np.array([self.match(face).distance for face in strangers])
        unit = float(np.median(distances))
        self._directions /= unit
        self._enrolled /= unit
        self._cohort_distances = distances / unit

    def match(self, face: FloatArray) -> Match:
        distances = self._distances(face, self._enrolled)
        nearest = int(distances.argmin())
        return Match(int(self._owners[nearest]), float(distances[nearest]))

    def threshold(self, false_accept_rate: float) -> float:
        """Of the strangers in the bundle."""
        return float(np.quantile(self._cohort_distances, false_accept_rate))

    def distances(self, face: FloatArray, others: FloatArray) -> FloatArray:
        return self._distances(face, others @ self._directions)

    def _distances(self, face: FloatArray, turned: FloatArray) -> FloatArray:
        return np.linalg.norm(turned - face @ self._directions, axis=1)
