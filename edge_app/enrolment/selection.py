"""Samples of one person: which pictures are kept, and why the others are not."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np

from edge_app.bundle.manifest import CropSpec
from edge_app.core.types import Detection, GrayImage, Picture
from edge_app.storage.gallery import NewSample, Origin
from edge_app.vision.preprocess import crop, resize
from edge_app.vision.recognition.lbp import LbpSpec, lbp_features


class Refusal(StrEnum):
    """The value is the key of the text for who stands before the camera."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "one_person"
    TOO_SMALL = "come_closer"
    TOO_DARK = "more_light"
    TOO_BRIGHT = "less_light"
    BLURRED = "hold_still"
    TURNED = "turned"
    ALIKE = "turn_a_little"
    """As a sample that is kept already."""

    @property
    def about_photo(self) -> str:
        """The key of the text about a photograph."""
        return f"photo_{self}"


_MIN_SIDE_PX = 80
_COMPARED_PX = 64
_MIN_SHARPNESS = 60.0
"""Variance of the Laplacian at 64 pixels: below it a face was moving or out of focus."""
_BEST_SHARPNESS = 10 * _MIN_SHARPNESS
_DARK, _BRIGHT = 45.0, 215.0
"""Mean grey levels between which a face shows its features."""
_MIN_SYMMETRY = 0.74
"""Refuses 2.5 % of ORL's frontal faces and 0.36 of its turned ones; see docs/decisions/0027."""
_MAX_CORRELATION = 0.985
"""With a kept sample: above it a frame adds nothing."""
_WITH_ITS_SIDES = CropSpec(size=84, margin=0.4, interpolation="area")
_CELLS = LbpSpec(radii=(1,), rows=4, columns=4, width=80, height=80, lower=2)
"""Large cells forgive a box that sits a little beside the middle."""


class Collection(Protocol):
    """Samples of one person in the making."""

    @property
    def samples(self) -> Sequence[NewSample]:
        """Those kept so far."""
        ...

    def offer(self, picture: Picture, found: Sequence[Detection]) -> Refusal | None:
        """Look at what was found in a picture; why nothing was kept of it, or None where it was."""
        ...


class FaceCollection:
    """Keeps sharp, well lit frontal faces that differ from each other, of frames with one alone.

    known: crops of the person that are stored already; what is like one of those is not kept.
    """

    def __init__(
        self, crop: CropSpec, origin: Origin = "camera", known: Sequence[GrayImage] = ()
    ) -> None:
        self._crop = crop
        self._origin = origin
        self._samples: list[NewSample] = []
        self._kept = [_box_of(stored, crop) for stored in known]

    @property
    def samples(self) -> Sequence[NewSample]:
        return self._samples

    def offer(self, picture: Picture, found: Sequence[Detection]) -> Refusal | None:
        """Keep the one face of a picture, or say why not."""
        if not found:
            return Refusal.NO_FACE
        if len(found) > 1:
            return Refusal.SEVERAL_FACES
        (detection,) = found
        if max(detection.bbox.width, detection.bbox.height) < _MIN_SIDE_PX:
            return Refusal.TOO_SMALL
        box = detection.bbox  # as it is, no crop for a model: how alike two looks are
        face = resize(picture.gray[box.ymin : box.ymax, box.xmin : box.xmax], _COMPARED_PX, "area")
        sharpness = _sharpness(face)
        if problem := _problem(face, sharpness):
            return problem
        if symmetry(picture, detection) < _MIN_SYMMETRY:
            return Refusal.TURNED
        if any(_correlation(face, kept) > _MAX_CORRELATION for kept in self._kept):
            return Refusal.ALIKE
        sample = crop(picture, detection, self._crop)
        quality = min(1.0, sharpness / _BEST_SHARPNESS)
        self._samples.append(NewSample(sample, quality, self._origin))
        self._kept.append(face)
        return None


def stored_sample(stored: GrayImage, origin: Origin) -> NewSample:
    """A crop that was stored before, uint8 (S, S), with its quality judged anew."""
    face = resize(stored, _COMPARED_PX, "area")
    return NewSample(stored, min(1.0, _sharpness(face) / _BEST_SHARPNESS), origin)


def _problem(face: GrayImage, sharpness: float) -> Refusal | None:
    brightness = float(face.mean())
    if brightness < _DARK:
        return Refusal.TOO_DARK
    if brightness > _BRIGHT:
        return Refusal.TOO_BRIGHT
    if sharpness < _MIN_SHARPNESS:
        return Refusal.BLURRED
    return None


def _box_of(stored: GrayImage, spec: CropSpec) -> GrayImage:
    """The detector's box in a stored crop, as faces are compared."""
    size = stored.shape[0]
    room = round(size * (1.0 - 1.0 / (1.0 + spec.margin)) / 2)
    return resize(stored[room : size - room, room : size - room], _COMPARED_PX, "area")


def _sharpness(face: GrayImage) -> float:
    """Variance of the Laplacian."""
    return float(cv2.Laplacian(face, cv2.CV_64F).var())


def _correlation(one: GrayImage, other: GrayImage) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def symmetry(picture: Picture, detection: Detection) -> float:
    """How alike a face found in a picture and its mirror image are, 0.0 to 1.0.

    The cosine of their local binary patterns. Strong light from one side takes a few points off it.
    """
    face = crop(picture, detection, _WITH_ITS_SIDES)
    one, other = lbp_features(np.stack([face, face[:, ::-1]]), _CELLS)
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
