"""Faces that were stored without landmarks, aligned once a detector can find those.

Of 132 wild faces cut out as they were stored then, all are found, and half of them have a cosine of
0.94 or more to what is cut out of the photograph now (one of twenty less than 0.86).
"""

import logging
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import StateError
from edge_app.core.types import BBox, ColorImage, Detection, Detector, Picture
from edge_app.enrolment.selection import quality_of
from edge_app.storage.crops import NewFace, StoredFace
from edge_app.storage.faces import KeptFaces
from edge_app.storage.gallery import Gallery
from edge_app.vision import align
from edge_app.vision.parts import RecognitionSettings, build_detector

_log = logging.getLogger(__name__)

_BATCH = 32
"""Aligned in one transaction: a power cut costs no more than these."""
_ENLARGED_PX = 252
"""Side at which a small crop is searched: at its own 84 pixels landmarks are found less well."""


def landmark_finder(bundle: Bundle, recognition: RecognitionSettings) -> Callable[[], Detector]:
    """Builds the detector in use for faces that fill their picture."""
    chosen = RecognitionSettings(detector=recognition.detector)
    return lambda: build_detector(bundle, chosen)


def align_gallery(gallery: Gallery, detector: Callable[[], Detector]) -> None:
    """Align the samples and the corrections of a gallery; see ``align_stored``."""
    align_stored(gallery, detector)
    align_stored(gallery.rejections, detector)


def align_stored(kept: KeptFaces, detector: Callable[[], Detector]) -> None:
    """Align faces of layout "box" that this was not tried with yet, and log how many could be.

    detector: called where there are such. Of faces that it does not find the pictures stay, and
    are told by ``KeptFaces.unaligned(tried=True)``.
    """
    if not kept.unaligned(most=1):
        return
    finder = detector()
    aligned = failed = 0
    while batch := kept.unaligned(most=_BATCH):
        found = {face.id: _aligned(face, finder) for face in batch}
        kept.align(found)
        aligned += sum(face is not None for face in found.values())
        failed += sum(face is None for face in found.values())
    _log.info("stored faces aligned", extra={"aligned": aligned, "not_aligned": failed})


def _aligned(face: StoredFace, detector: Detector) -> NewFace | None:
    try:
        crop = face.crop
    except StateError:
        return None
    return aligned_crop(crop, detector)


def aligned_crop(crop: ColorImage, detector: Detector) -> NewFace | None:
    """The face in a picture that is little more than a face, uint8 (H, W, 3); None for none."""
    scale = max(1, round(_ENLARGED_PX / max(crop.shape[:2])))
    enlarged = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    picture = Picture(enlarged.astype(np.uint8, copy=False))
    found = detector.detect(picture)
    if not found:
        return None
    sample = align.sample(picture, found[0])
    return NewFace(sample, quality_of(sample, _shrunk(found[0], scale)))


def _shrunk(face: Detection, scale: int) -> Detection:
    """With the box that it has in the picture as it was stored."""
    box = face.bbox
    sides = (box.xmin, box.ymin, box.xmax, box.ymax)
    return replace(face, bbox=BBox(*(side // scale for side in sides)))
