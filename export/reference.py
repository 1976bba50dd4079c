"""Proof that the files of a published network give what OpenCV gives for the published file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge_app.bundle.manifest import ModelFile
from edge_app.core.types import ColorImage, FloatArray
from edge_app.vision.detection.yunet import YunetSpec
from edge_app.vision.recognition.sface import unit
from export.parity import ParityError
from training.network import Predict

MAX_PIXELS = 1.0
"""Of a box or landmark."""
MIN_COSINE = {"float32": 0.9999, "float16": 0.9999, "dynamic": 0.99, "int8": 0.99}


@dataclass(frozen=True)
class Likeness:
    """One file on all of its pictures. worst, mean: as ``measure`` says."""

    file: str
    measure: str
    worst: float
    mean: float


def prove_detector(
    published: Path,
    spec: YunetSpec,
    predictors: Sequence[tuple[ModelFile, Predict]],
    pictures: Sequence[ColorImage],
) -> list[Likeness]:
    """The best face of each picture by every file and by cv2.FaceDetectorYN, in pixels apart.

    Raises ParityError for a file that is further off than MAX_PIXELS or finds no face.
    """
    expected = [_best_by_opencv(published, spec, picture) for picture in pictures]
    found = []
    for model, predict in predictors:
        apart = [
            _pixels(spec.answers(predict(picture[np.newaxis].astype(np.float32)))[0], best)
            for picture, best in zip(pictures, expected, strict=True)
        ]
        worst = float(np.max(apart))
        if not worst <= MAX_PIXELS:
            raise ParityError(
                f"{model.file}: expected boxes and landmarks within {MAX_PIXELS:g} pixels of "
                f"{published.name}'s, found {worst:.2f}"
            )
        found.append(Likeness(model.file, "pixels from OpenCV's", worst, float(np.mean(apart))))
    return found


def prove_embedding(
    published: Path, predictors: Sequence[tuple[ModelFile, Predict]], faces: ColorImage
) -> list[Likeness]:
    """Cosine of every file's embeddings to those of cv2.FaceRecognizerSF.

    faces: uint8 (N, 112, 112, 3) BGR. Raises ParityError below what MIN_COSINE has for a precision.
    """
    recognizer = cv2.FaceRecognizerSF.create(str(published), "")
    expected = unit(np.vstack([recognizer.feature(face) for face in faces]))
    found = []
    for model, predict in predictors:
        cosines = (unit(predict(network_inputs(faces))) * expected).sum(axis=1)
        least = float(np.min(cosines))
        if not least >= MIN_COSINE[model.precision]:
            raise ParityError(
                f"{model.file}: expected embeddings of a cosine of at least "
                f"{MIN_COSINE[model.precision]} to {published.name}'s, found {least:.4f}"
            )
        found.append(Likeness(model.file, "cosine to OpenCV's", least, float(cosines.mean())))
    return found


def network_inputs(faces: ColorImage) -> FloatArray:
    """As SFace reads faces: RGB, float32."""
    return np.ascontiguousarray(faces[..., ::-1], dtype=np.float32)


def _best_by_opencv(published: Path, spec: YunetSpec, picture: ColorImage) -> FloatArray:
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(
        str(published), "", (width, height), spec.score, spec.overlap
    )
    faces = detector.detect(picture)[1]
    if faces is None:
        raise ParityError(f"{published}: expected a face in each picture of the proof, found none")
    best = faces[faces[:, 14].argmax()]
    ordered: FloatArray = np.concatenate([best[14:], best[:14]]).astype(np.float32)
    return ordered


def _pixels(found: FloatArray, expected: FloatArray) -> float:
    return float(np.abs(found[1:] - expected[1:]).max())
