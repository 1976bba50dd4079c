"""Faces of drawn people as enrolment hands them to the database."""

from edge_app.core.types import BBox, ColorImage, Detection, Picture
from edge_app.samples.faces import drawn_face, tinted
from edge_app.storage.gallery import NewSample, Origin
from edge_app.storage.quality import Quality
from edge_app.vision import align

_DRAWN_FACE = Detection(BBox(35, 35, 165, 165), 9.0)


def drawn_sample(person: int = 1, mood: float = 0.0) -> ColorImage:
    """An aligned sample, uint8 (160, 160, 3) BGR, of a drawn person."""
    return align.sample(Picture(tinted(drawn_face(person, mood=mood))), _DRAWN_FACE)


def quality(score: float = 0.75) -> Quality:
    """Of a face whose sharpness alone keeps it from the best score."""
    return Quality(size_px=200, sharpness=600 * score, yaw=0.0, light=120.0)


def new_sample(
    person: int = 1, *, mood: float = 0.0, score: float = 0.75, origin: Origin = "camera"
) -> NewSample:
    """A face of a drawn person about to be stored."""
    return NewSample(drawn_sample(person, mood), quality(score), origin)
