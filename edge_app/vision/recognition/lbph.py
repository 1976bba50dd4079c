"""LBPH: histograms of local binary patterns of every sample, without any basis."""

import hashlib
from collections.abc import Sequence
from typing import ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle.loader import Bundle
from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.recognition.identifier import IdentifierSpec
from edge_app.vision.recognition.matching import Match, Matcher

_MOST_TRIED = 200
"""Samples that are held against the other people for the threshold; each costs a full search."""


class LbphSpec(IdentifierSpec):
    """People are told apart by histograms of local binary patterns; no file is needed for that."""

    title: ClassVar[str] = "LBPH"

    kind: Literal["lbph"] = "lbph"

    def load(self, bundle: Bundle) -> "LbphSpace":
        return LbphSpace(self)


class LbphSpace:
    """A face is the grey values of the detector's box: OpenCV's recogniser reads patterns off them.

    Source: Ahonen et al. 2006.
    """

    def __init__(self, spec: LbphSpec) -> None:
        self.spec = spec
        crop = spec.crop.model_dump_json()
        self.digest = hashlib.sha256(f"lbph {crop}".encode()).hexdigest()
        self._room = round(spec.crop.size * spec.crop.margin / (1.0 + spec.crop.margin) / 2)

    def project(self, crops: GrayImage) -> FloatArray:
        inner = slice(self._room, self.spec.crop.size - self._room)
        boxes = crops[:, inner, inner]
        return boxes.reshape(len(boxes), -1).astype(np.float32)

    def enrolled(self, crop: GrayImage) -> FloatArray:
        """The sample and its mirror image."""
        return self.project(np.stack([crop, crop[:, ::-1]]))

    def matcher(self, owner_ids: Sequence[int], projections: FloatArray) -> Matcher:
        return LbphMatcher(owner_ids, projections)


class LbphMatcher:
    """OpenCV's LBPHFaceRecognizer, by its chi-square distance to the nearest sample.

    owner_ids: the person's number of each sample. projections: float32 (samples, copies, side
    squared), grey values.
    The bundle's strangers are projections and show no patterns, so the other people of the gallery
    stand for strangers; of one person alone nothing is known of them.
    """

    def __init__(self, owner_ids: Sequence[int], projections: FloatArray) -> None:
        owners = np.repeat(np.asarray(owner_ids, np.int32), projections.shape[1])
        self._recognizer = cv2.face.LBPHFaceRecognizer.create()
        self._recognizer.train(
            [_picture(face) for copies in projections for face in copies], owners
        )
        self._others_distances = self._distances_of_others(owner_ids, projections[:, 0])

    def match(self, face: FloatArray) -> Match:
        person, distance = self._recognizer.predict(_picture(face))
        return Match(person, distance)

    def threshold(self, false_accept_rate: float) -> float:
        """Of the other enrolled people."""
        if not len(self._others_distances):
            return float("inf")
        return float(np.quantile(self._others_distances, false_accept_rate))

    def distances(self, face: FloatArray, others: FloatArray) -> FloatArray:
        recognizer = cv2.face.LBPHFaceRecognizer.create()
        recognizer.train([_picture(other) for other in others], np.arange(len(others)))
        found = dict(_all_distances(recognizer, face))
        return np.array([found[place] for place in range(len(others))], np.float32)

    def _distances_of_others(
        self, owner_ids: Sequence[int], faces: FloatArray
    ) -> NDArray[np.float64]:
        """Of samples, evenly chosen, to the nearest sample of anybody else."""
        tried = np.unique(np.linspace(0, len(faces) - 1, _MOST_TRIED).round().astype(int))
        if len(set(owner_ids)) == 1:
            return np.empty(0)
        found = ((owner_ids[row], _all_distances(self._recognizer, faces[row])) for row in tried)
        return np.array(
            [min(distance for other, distance in all_ if other != own) for own, all_ in found]
        )


def _all_distances(
    recognizer: cv2.face.LBPHFaceRecognizer, face: FloatArray
) -> list[tuple[int, float]]:
    """The label and the distance of everything that it was trained on."""
    collector = cv2.face.StandardCollector.create()
    recognizer.predict_collect(_picture(face), collector)
    return list(collector.getResults())


def _picture(face: FloatArray) -> GrayImage:
    side = round(len(face) ** 0.5)
    return face.reshape(side, side).astype(np.uint8)
