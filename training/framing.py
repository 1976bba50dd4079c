"""How a detector frames faces, against how FER2013 does: by where the eyes are.

FER2013's faces come cut out; a detector's boxes on photographs are larger or smaller. The margin of
the emotion crop makes up for it (docs/decisions/0004).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge_app.bundle.manifest import CropSpec
from edge_app.core.errors import InputError, PeopleError
from edge_app.core.progress import Progress
from edge_app.core.types import Detector, GrayImage, Picture
from edge_app.enrolment.photographs import the_face
from edge_app.media.photo import read_photo
from edge_app.vision.preprocess import crop, resize

_SIDE = 192
"""Pixels at which eyes are looked for: the cascade wants them 20 pixels large."""
_UPPER = 0.6
_EYE_SIDES = (1 / 8, 1 / 2)
_LEAST_DISTANCE = 0.2
_MOST_SLANT = 0.2
"""Two finds further apart in height than this share of their distance are no pair of eyes."""


@dataclass(frozen=True)
class Eyes:
    """In shares of a square crop's side. height: of the middle between them, from the top."""

    distance: float
    height: float


@dataclass(frozen=True)
class Framing:
    """The eyes of many crops: how many showed both, and the quartiles of their place."""

    count: int
    distances: tuple[float, float, float]
    heights: tuple[float, float, float]


class EyeFinder:
    """OpenCV's eye cascade on a square crop of a face."""

    def __init__(self) -> None:
        folder = Path(cv2.__file__).parent / "data"
        self._cascade = cv2.CascadeClassifier(str(folder / "haarcascade_eye.xml"))

    def __call__(self, face: GrayImage) -> Eyes | None:
        """Both eyes in uint8 (S, S); None where not exactly two are found, level and apart."""
        large = resize(face, _SIDE, "area" if len(face) > _SIDE else "cubic")
        smallest, largest = (round(_SIDE * share) for share in _EYE_SIDES)
        found = self._cascade.detectMultiScale(
            large[: round(_SIDE * _UPPER)],
            scaleFactor=1.05,
            minNeighbors=5,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
        )
        return pair([(x + w / 2, y + h / 2) for x, y, w, h in found], _SIDE)


def pair(middles: Sequence[tuple[float, float]], side: float) -> Eyes | None:
    """Two middles (x, y) as eyes of a face of that side, or None where they cannot be."""
    if len(middles) != 2:
        return None
    (left, left_y), (right, right_y) = sorted(middles)
    across, down = right - left, abs(right_y - left_y)
    if not left < side / 2 < right or across < _LEAST_DISTANCE * side:
        return None
    if down > _MOST_SLANT * across:
        return None
    return Eyes(float(np.hypot(across, down)) / side, (left_y + right_y) / 2 / side)


def framing(faces: Iterable[Eyes | None]) -> Framing:
    """Quartiles over the faces whose eyes were found. Raises ValueError for none."""
    found = [eyes for eyes in faces if eyes is not None]
    if not found:
        raise ValueError("expected faces with two visible eyes, found none")
    places = np.array([(eyes.distance, eyes.height) for eyes in found])
    distances, heights = np.percentile(places, [25, 50, 75], axis=0).T.tolist()
    return Framing(len(found), tuple(distances), tuple(heights))


def watched(faces: GrayImage, progress: Progress) -> Iterator[GrayImage]:
    """Each of uint8 (N, S, S), one after the other, telling how far it is."""
    progress.start(len(faces))
    for face in faces:
        yield face
        progress.advance()


def boxed_faces(
    photos: Sequence[Path], detector: Detector, progress: Progress
) -> Iterator[GrayImage]:
    """What the detector's box of each photograph's one face holds; others are passed over."""
    progress.start(len(photos))
    for path in photos:
        try:
            photo = Picture(read_photo(path))
            face = the_face(detector.detect(photo))
            side = max(face.bbox.width, face.bbox.height)
            yield crop(photo, face, CropSpec(size=side, margin=0.0, interpolation="area"))
        except (InputError, PeopleError):
            pass
        progress.advance()


def margin(theirs: Framing, boxes: Framing) -> float:
    """The margin that gives eyes in a box the distance that they have in ``theirs``."""
    return boxes.distances[1] / theirs.distances[1] - 1.0
