"""Pictures of faces as the device's database keeps them."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from edge_app.core.errors import StateError
from edge_app.core.types import ColorImage
from edge_app.storage.quality import Quality

_WEBP_QUALITY = 95

Layout = Literal["aligned", "box"]
"""``aligned``: a sample as ``vision.align.sample`` makes it. ``box``: a grey square around the
detector's box, of any size, as programs stored it that knew no landmarks."""


@dataclass(frozen=True)
class NewFace:
    """A face about to be stored. crop: uint8 (160, 160, 3) BGR as ``vision.align.sample`` gives."""

    crop: ColorImage
    quality: Quality


def encode_crop(crop: ColorImage) -> bytes:
    """An aligned sample, uint8 (S, S, 3) BGR, as the WebP that is stored.

    Raises ValueError for a crop of another shape.
    """
    if crop.ndim != 3 or crop.shape[0] != crop.shape[1] or crop.shape[2] != 3:
        raise ValueError(f"expected an aligned sample (S, S, 3), found shape {crop.shape}")
    _, webp = cv2.imencode(".webp", crop, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])
    return webp.tobytes()


def decode_crop(data: bytes) -> ColorImage:
    """A stored picture, uint8 (S, S, 3) BGR. Raises StateError for what is none."""
    crop = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if crop is None:
        raise StateError("expected a stored face to be a picture, found a damaged one; delete it")
    return crop.astype(np.uint8, copy=False)


@dataclass(frozen=True)
class StoredFace:
    """A face as it lies in the database. data: the picture's file, see ``media_type``.

    Lists of faces are many and looked at for their numbers mostly, so a picture is decoded when it
    is asked for.
    """

    id: int
    data: bytes
    layout: Layout

    @property
    def media_type(self) -> str:
        return "image/webp" if self.layout == "aligned" else "image/png"

    @property
    def crop(self) -> ColorImage:
        """Decoded anew each time. Raises StateError for a damaged one.

        uint8 (160, 160, 3) BGR of layout "aligned"; of layout "box" the grey square (S, S, 3), its
        three channels alike.
        """
        return decode_crop(self.data)
