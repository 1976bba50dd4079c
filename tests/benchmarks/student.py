"""The student project's live loop, rebuilt to be measured; see docs/decisions/0015."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.bundle import loader
from edge_app.core.types import ColorImage
from edge_app.samples.faces import drawn_face

_SIDE = 150
_PEOPLE, _IMAGES = 3, 500
_COLOR = (175, 50, 200)


class StudentLoop:
    """Haar (1.1, 4) on the full picture, then for each face Eigenfaces and Keras ``predict``.

    The Eigenfaces are trained here on 500 images of each of three people, 150x150 pixels, with all
    1,500 components, as ``EigenFaceRecognizer`` would, whose own training takes ten minutes. They
    are applied with the call of OpenCV (cv2.gemm) that its ``predict`` makes; its loop over the
    stored projections is done in one call here, which is a little faster. The network is the
    original's, with random weights.
    """

    def __init__(self) -> None:
        from training.models import vgg

        cascade = loader.load().path("haarcascade_frontalface_default.xml")
        self._cascade = cv2.CascadeClassifier(str(cascade))
        self._network: Any = vgg(7)
        images = _enrolled_images()
        self._mean, self._vectors = _eigenfaces(images)
        self._projections = self._project(images)

    def _project(self, faces: NDArray[np.float64]) -> NDArray[np.float64]:
        none = np.zeros((len(faces), self._vectors.shape[1]))
        return cv2.gemm(faces - self._mean, self._vectors, 1.0, none, 0.0).astype(np.float64)

    def process(self, image: ColorImage) -> int:
        """Draw on the picture; returns how many faces there were."""
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        found = np.asarray(self._cascade.detectMultiScale(gray, 1.1, 4)).reshape(-1, 4)
        for x, y, w, h in found:
            roi = gray[y : y + h, x : x + w]
            small = cv2.resize(roi, (48, 48), interpolation=cv2.INTER_CUBIC)
            scores = self._network.predict(
                small.reshape(1, 48, 48, 1).astype(np.float32), verbose=0
            )
            large = cv2.resize(small, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
            query = self._project(large.reshape(1, -1).astype(np.float64))
            distances = np.linalg.norm(self._projections - query, axis=1)
            person = int(distances.argmin()) // _IMAGES
            text = f"Persona {person} EMOCION {int(scores.argmax())}"
            cv2.rectangle(image, (x, y), (x + w, y + h), _COLOR, 2)
            cv2.putText(image, text, (x, y - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255))
        return len(found)


def _enrolled_images() -> NDArray[np.float64]:
    """What the student's enrolment keeps: (1500, 22500), person by person."""
    rng = np.random.default_rng(0)
    faces = np.stack(
        [
            drawn_face(person, side=_SIDE, mood=mood)
            for person in range(_PEOPLE)
            for mood in np.linspace(-1.0, 1.0, _IMAGES)
        ]
    ).reshape(_PEOPLE * _IMAGES, -1)
    return faces + rng.normal(0.0, 5.0, faces.shape)  # a camera's noise


def _eigenfaces(images: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean (1, D) and all N components, (D, N), of images (N, D), by their Gram matrix."""
    mean = images.mean(axis=0, keepdims=True)
    centred = images - mean
    _, combinations = np.linalg.eigh(centred @ centred.T)
    vectors = centred.T @ combinations[:, ::-1]
    lengths = np.linalg.norm(vectors, axis=0, keepdims=True)
    return mean, vectors / np.maximum(lengths, 1e-9)
