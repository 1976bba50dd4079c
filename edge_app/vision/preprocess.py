"""From a crop of a face to what a network reads, once.

Training, export and the device call these functions, so a network is served exactly what it was
trained on. Nothing here knows about a network: sizes and the kind of normalisation come from the
bundle's manifest. ``align`` cuts the faces out.
"""

import cv2
import numpy as np

from edge_app.bundle.literals import Interpolation, Normalization
from edge_app.core.types import FloatArray, GrayImage

INTERPOLATION: dict[Interpolation, int] = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
}

MIN_DEVIATION = 1.0
"""Grey levels. Keeps a blank crop (no contrast at all) from being divided by zero."""


def resize(gray: GrayImage, size: int, interpolation: Interpolation) -> GrayImage:
    """A square grey image, uint8 (S, S), at ``size`` pixels a side.

    ``area`` averages when shrinking; OpenCV itself falls back to linear where it enlarges.
    """
    if gray.shape == (size, size):
        return gray
    resized = cv2.resize(gray, (size, size), interpolation=INTERPOLATION[interpolation])
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
