"""Samples of one person: which pictures are kept, and why the others are not."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np

from edge_app.core.types import ColorImage, Detection, GrayImage, Picture
from edge_app.enrolment.variety import compared, likeness
from edge_app.storage.gallery import NewSample, Origin
from edge_app.storage.quality import Quality
from edge_app.vision import align
from edge_app.vision.pose import yaw
from edge_app.vision.preprocess import resize


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


CAMERA_FACE_PX = 80
"""Side of the smallest face that is kept of a camera, before which one can come closer."""
PHOTO_FACE_PX = 40
"""Of the smallest that is kept of a photograph. Samples of 24 pixels let in two to four times as
many strangers (wild faces: 1.1 % where 40 pixels have 0.5 %)."""
_SHARPNESS_PX = 64
_MIN_SHARPNESS = 60.0
"""Variance of the Laplacian at 64 pixels: below it a face was moving or out of focus."""
_DARK, _BRIGHT = 45.0, 215.0
"""Mean grey levels between which a face shows its features."""
_MAX_YAW = 0.9
"""Of ``vision.pose.yaw``. 2.6 % of wild faces are turned further, and are named less often."""
_MAX_LIKENESS = 0.985
"""With a kept sample: above it a picture adds nothing. Of ORL, 0.1 % of pairs of a person are."""


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
    """Keeps sharp, well lit faces that differ from each other, of pictures with one alone.

    known: the person's samples that are stored already, uint8 (160, 160, 3); what is like one of
    those is not kept. smallest: pixels of the side of a face.
    """

    def __init__(
        self,
        origin: Origin = "camera",
        known: Sequence[ColorImage] = (),
        *,
        smallest: int = CAMERA_FACE_PX,
    ) -> None:
        self._origin = origin
        self._smallest = smallest
        self._samples: list[NewSample] = []
        self._kept = [compared(crop) for crop in known]

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
        if max(detection.bbox.width, detection.bbox.height) < self._smallest:
            return Refusal.TOO_SMALL
        crop = align.sample(picture, detection)
        quality = quality_of(crop, detection)
        if problem := _problem(quality):
            return problem
        face = compared(crop)
        if any(likeness(face, kept) > _MAX_LIKENESS for kept in self._kept):
            return Refusal.ALIKE
        self._samples.append(NewSample(crop, quality, self._origin))
        self._kept.append(face)
        return None


def quality_of(crop: ColorImage, detection: Detection) -> Quality:
    """Of an aligned sample, uint8 (160, 160, 3), and the face that it was cut out of."""
    face = align.template_crops(crop[np.newaxis])[0]
    gray = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    return Quality(
        size_px=max(detection.bbox.width, detection.bbox.height),
        sharpness=_sharpness(resize(gray, _SHARPNESS_PX, "area")),
        yaw=None if detection.landmarks is None else yaw(detection.landmarks),
        light=float(gray.mean()),
    )


def _problem(quality: Quality) -> Refusal | None:
    if quality.light < _DARK:
        return Refusal.TOO_DARK
    if quality.light > _BRIGHT:
        return Refusal.TOO_BRIGHT
    if quality.sharpness < _MIN_SHARPNESS:
        return Refusal.BLURRED
    if quality.yaw is not None and abs(quality.yaw) > _MAX_YAW:
        return Refusal.TURNED
    return None


def _sharpness(face: GrayImage) -> float:
    """Variance of the Laplacian."""
    return float(cv2.Laplacian(face, cv2.CV_64F).var())
