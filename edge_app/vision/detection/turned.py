"""Photographs that lie on their side: looked at in the other directions where nothing is found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from edge_app.core.types import BBox, Detection, Detector, FloatArray, Picture
from edge_app.vision.align import points

_Turn = Literal[90, 180, 270]
_ROTATIONS: dict[_Turn, int] = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_Size = tuple[float, float]


class TurningDetector:
    """A detector that, where it finds nothing, tries the picture in the other three directions.

    Of those, the one whose faces score most in all is taken. Boxes and landmarks come back in the
    picture as it lies, with the ``turn`` that brings the faces upright.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def detect(self, picture: Picture) -> list[Detection]:
        """The faces in a picture, largest first."""
        if found := list(self._detector.detect(picture)):
            return found
        tries = [self._turned(picture, turn) for turn in _ROTATIONS]
        return max(tries, key=lambda faces: sum(face.score for face in faces))

    def _turned(self, picture: Picture, turn: _Turn) -> list[Detection]:
        rotated = cv2.rotate(picture.image, _ROTATIONS[turn]).astype(np.uint8, copy=False)
        height, width = picture.image.shape[:2]
        back = _BACK[turn]
        return [
            replace(
                face,
                bbox=_box(back(_corners(face.bbox), (width, height))),
                landmarks=back(points(face) + 0.5, (width, height)) - np.float32(0.5),
                turn=turn,
            )
            for face in self._detector.detect(Picture(rotated))
        ]


def _corners(box: BBox) -> FloatArray:
    return np.array([(box.xmin, box.ymin), (box.xmax, box.ymax)], np.float32)


def _box(corners: FloatArray) -> BBox:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return BBox(round(float(left)), round(float(top)), round(float(right)), round(float(bottom)))


def _back_from_90(places: FloatArray, size: _Size) -> FloatArray:
    return np.stack([places[:, 1], size[1] - places[:, 0]], axis=1)


def _back_from_180(places: FloatArray, size: _Size) -> FloatArray:
    return np.array(size, np.float32) - places


def _back_from_270(places: FloatArray, size: _Size) -> FloatArray:
    return np.stack([size[0] - places[:, 1], places[:, 0]], axis=1)


_BACK: dict[_Turn, Callable[[FloatArray, _Size], FloatArray]] = {
    90: _back_from_90,
    180: _back_from_180,
    270: _back_from_270,
}
"""From edges in the turned picture to those in the picture of a size (width, height)."""
