"""All image arithmetic between a picture and a model, once.

Training, export and the device call these functions, so a model is served exactly what it was
trained on. Nothing here knows about a model: sizes, margins and the kind of normalisation come
from the bundle's manifest.
"""

import cv2
import numpy as np

from edge_app.bundle.literals import Interpolation, Normalization
from edge_app.bundle.manifest import CropSpec
from edge_app.core.types import BBox, Detection, FloatArray, GrayImage, Picture

_INTERPOLATION: dict[Interpolation, int] = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
}

MIN_DEVIATION = 1.0
"""Grey levels. Keeps a blank crop (no contrast at all) from being divided by zero."""


def crop(picture: Picture, detection: Detection, spec: CropSpec) -> GrayImage:
    """Cut a face out of a picture, grey uint8 (S, S): the square around the middle of its box.

    The square's side is the longer side of the box times ``1 + margin``; a margin of 0.1 adds 5 %
    on each side, a negative one cuts closer. What lies outside of the picture repeats the border
    pixels. Raises ValueError for an empty box or one wholly outside.
    """
    square = _square(picture.gray, detection.bbox, spec.margin)
    return resize(square, spec.size, spec.interpolation)


def _square(gray: GrayImage, bbox: BBox, margin: float) -> GrayImage:
    height, width = gray.shape
    if bbox.width <= 0 or bbox.height <= 0:
        raise ValueError(f"expected a box with an area, found {bbox}")
    side = max(1, round(max(bbox.width, bbox.height) * (1.0 + margin)))
    left = round((bbox.xmin + bbox.xmax - side) / 2)
    top = round((bbox.ymin + bbox.ymax - side) / 2)
    inside = gray[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    if inside.size == 0:
        raise ValueError(f"expected a box inside of the {width}x{height} image, found {bbox}")
    missing = (
        max(0, -top),
        max(0, top + side - height),
        max(0, -left),
        max(0, left + side - width),
    )
    if any(missing):
        padded = cv2.copyMakeBorder(inside, *missing, borderType=cv2.BORDER_REPLICATE)
        return padded.astype(np.uint8, copy=False)
    return inside


def resize(gray: GrayImage, size: int, interpolation: Interpolation) -> GrayImage:
    """A square grey image, uint8 (S, S), at ``size`` pixels a side.

    ``area`` averages when shrinking; OpenCV itself falls back to linear where it enlarges.
    """
    if gray.shape == (size, size):
        return gray
    resized = cv2.resize(gray, (size, size), interpolation=_INTERPOLATION[interpolation])
    return resized.astype(np.uint8, copy=False)


def normalize(crops: GrayImage, kind: Normalization) -> FloatArray:
    """Grey crops uint8 (N, S, S) to the float32 (N, S, S, 1) that a network reads.

    ``none`` leaves 0.0 to 255.0 (the model rescales by itself); ``standard`` takes away each
    crop's own mean and divides by its own deviation, so a dim face looks like a bright one.
    """
    values = crops.astype(np.float32)
    if kind == "standard":
        values -= values.mean(axis=(1, 2), keepdims=True)
        deviation = values.std(axis=(1, 2), keepdims=True)
        values /= np.maximum(deviation, np.float32(MIN_DEVIATION))
    return values[..., np.newaxis]
