"""Crops of faces as the device's database keeps them."""

import cv2
import numpy as np

from edge_app.core.errors import StateError
from edge_app.core.types import GrayImage


def encode_crop(crop: GrayImage) -> bytes:
    """A grey crop, uint8 (H, W), as the PNG that is stored."""
    _, png = cv2.imencode(".png", crop)
    return png.tobytes()


def decode_crop(png: bytes) -> GrayImage:
    """What ``encode_crop`` gave. Raises StateError for anything else."""
    crop = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if crop is None:
        raise StateError("expected stored samples to be PNG, found one that is not; delete it")
    return crop.astype(np.uint8, copy=False)
