"""How alike two samples look, and which of many are kept so that they differ most."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge_app.core.types import ColorImage, FloatArray
from edge_app.storage.gallery import Gallery
from edge_app.vision import align

_COMPARED_PX = 64


def compared(crop: ColorImage) -> FloatArray:
    """The face in an aligned sample, uint8 (160, 160, 3), as ``likeness`` takes it: (4096,)."""
    face = align.template_crops(crop[np.newaxis])[0]
    gray = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (_COMPARED_PX, _COMPARED_PX), interpolation=cv2.INTER_AREA)
    values = small.astype(np.float32).ravel()
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def likeness(one: FloatArray, other: FloatArray) -> float:
    """Correlation of two faces of ``compared``: 1.0 for the same picture."""
    return float(one @ other)


def most_different(crops: Sequence[ColorImage], scores: Sequence[float], most: int) -> list[int]:
    """Which of aligned samples are kept where only ``most`` may be: places, in their order.

    Of the two that look most alike the one of the lower score goes, until so many are left.
    """
    kept = list(range(len(crops)))
    if len(kept) <= most:
        return kept
    faces = np.stack([compared(crop) for crop in crops])
    alike = faces @ faces.T
    np.fill_diagonal(alike, -np.inf)
    while len(kept) > most:
        one, other = divmod(int(alike.argmax()), len(crops))
        worse = other if scores[other] <= scores[one] else one
        alike[worse], alike[:, worse] = -np.inf, -np.inf
        kept.remove(worse)
    return kept


def thin(gallery: Gallery, person_id: int, most: int) -> int:
    """Delete a person's samples that tell least, until ``most`` are left; returns how many went.

    Samples that are not aligned are not touched, and not counted.
    """
    samples = [one for one in gallery.samples(person_id) if one.layout == "aligned"]
    if len(samples) <= most:
        return 0
    kept = most_different(
        [sample.crop for sample in samples], [sample.quality for sample in samples], most
    )
    gone = set(range(len(samples))) - set(kept)
    for place in gone:
        gallery.delete_sample(samples[place].id)
    return len(gone)
