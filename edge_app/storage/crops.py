"""Crops of faces as the device's database keeps them."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class StoredFace:
    """A face as it lies in the database: ``png`` of ``encode_crop``.

    Lists of faces are many and looked at for their numbers mostly, so a picture is decoded when it
    is asked for.
    """

    id: int
    png: bytes

    @property
    def crop(self) -> GrayImage:
        """uint8 (S, S), decoded anew each time. Raises StateError for a damaged one."""
        return decode_crop(self.png)
