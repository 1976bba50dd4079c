"""Samples of the person before the kiosk: which frames are kept, and why the others are not."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge_app.gallery import NewSample, Origin
from edge_app.identify import face_sample
from edge_app.manifest import CropSpec
from edge_app.preprocess import resize
from edge_app.types import BBox, GrayImage

_MIN_SIDE_PX = 80
_COMPARED_PX = 64
_MIN_SHARPNESS = 60.0
"""Variance of the Laplacian at 64 pixels: below it a face was moving or out of focus."""
_BEST_SHARPNESS = 10 * _MIN_SHARPNESS
_DARK, _BRIGHT = 45.0, 215.0
"""Mean grey levels between which a face shows its features."""
_MAX_CORRELATION = 0.985
"""With a kept sample: above it a frame adds nothing."""


class FaceCollection:
    """Keeps sharp, well lit faces that differ from each other, of frames with one face alone."""

    def __init__(self, crop: CropSpec, origin: Origin = "camera") -> None:
        self._crop = crop
        self._origin = origin
        self._samples: list[NewSample] = []
        self._kept: list[GrayImage] = []

    @property
    def samples(self) -> Sequence[NewSample]:
        return self._samples

    def offer(self, gray: GrayImage, boxes: Sequence[BBox]) -> str | None:
        """Keep the face of uint8 (H, W), or say why not: a key of i18n."""
        if not boxes:
            return "come_closer"
        if len(boxes) > 1:
            return "one_person"
        (box,) = boxes
        if max(box.width, box.height) < _MIN_SIDE_PX:
            return "come_closer"
        sample = face_sample(gray, box, self._crop)
        face = resize(gray[box.ymin : box.ymax, box.xmin : box.xmax], _COMPARED_PX, "area")
        sharpness = _sharpness(face)
        if problem := self._problem(face, sharpness):
            return problem
        quality = min(1.0, sharpness / _BEST_SHARPNESS)
        self._samples.append(NewSample(sample, quality, self._origin))
        self._kept.append(face)
        return None

    def _problem(self, face: GrayImage, sharpness: float) -> str | None:
        brightness = float(face.mean())
        if brightness < _DARK:
            return "more_light"
        if brightness > _BRIGHT:
            return "less_light"
        if sharpness < _MIN_SHARPNESS:
            return "hold_still"
        if any(_correlation(face, kept) > _MAX_CORRELATION for kept in self._kept):
            return "turn_a_little"
        return None


def stored_sample(crop: GrayImage, origin: Origin) -> NewSample:
    """A crop that was stored before, uint8 (S, S), with its quality judged anew."""
    face = resize(crop, _COMPARED_PX, "area")
    return NewSample(crop, min(1.0, _sharpness(face) / _BEST_SHARPNESS), origin)


def _sharpness(face: GrayImage) -> float:
    """Variance of the Laplacian."""
    return float(cv2.Laplacian(face, cv2.CV_64F).var())


def _correlation(one: GrayImage, other: GrayImage) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
