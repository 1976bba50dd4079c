"""A phone as camera: its browser sends pictures, the faces found in them go back."""

import io
import time
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import InputError
from edge_app.core.types import ColorImage, Frame, Identifier
from edge_app.kiosk.settings import Settings
from edge_app.media.results import face_record
from edge_app.vision.live import LivePipeline
from edge_app.web.pipelines import Pipelines

MAX_PIXELS = 1920 * 1080
MAX_PHONES = 2
"""At the same time: each takes about as much as the kiosk's own camera."""


@dataclass
class PhoneCamera:
    """One phone's pictures in order; not for several threads at once."""

    pipelines: Pipelines
    index: int = 0
    _made: "_Made | None" = field(default=None, init=False)

    def look(self, jpeg: bytes) -> dict[str, Any]:
        """The faces of a picture as JSON. Raises InputError for what is none."""
        started = time.monotonic()
        image = decode(jpeg)
        result = self._pipeline().process(Frame(image, self.index, started))
        self.index += 1
        return {
            "frame": result.frame.index,
            "size": [image.shape[1], image.shape[0]],
            "faces": [face_record(face) for face in result.faces],
            "took_ms": round((time.monotonic() - started) * 1e3, 1),
        }

    def _pipeline(self) -> LivePipeline:
        """With the bundle, settings and people of now; they change while a phone is here."""
        bench, made = self.pipelines, self._made
        bundle, settings = bench.in_use.bundle, bench.in_use.settings
        if made is None or made.bundle is not bundle or made.settings is not settings:
            self._made = made = _Made(bundle, settings, bench.live(), bench.identifier())
        identifier = bench.identifier()
        if identifier is not made.identifier:
            made.pipeline.use_identifier(identifier)
            made.identifier = identifier
        return made.pipeline


@dataclass
class _Made:
    """A pipeline, and what it was made of."""

    bundle: Bundle
    settings: Settings
    pipeline: LivePipeline
    identifier: Identifier | None


def decode(jpeg: bytes) -> ColorImage:
    """A JPEG as uint8 (H, W, 3) BGR; its declared size is looked at before it is decoded."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
            width, height = picture.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError("expected at most 1920x1080 pixels, found far more") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputError("expected a JPEG picture, found something else") from error
    if width * height > MAX_PIXELS:
        raise InputError(f"expected at most 1920x1080 pixels, found {width}x{height}")
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise InputError("expected a whole JPEG picture, found damaged data")
    return image.astype(np.uint8, copy=False)
