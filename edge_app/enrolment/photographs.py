"""Samples of somebody from photographs or a camera: what ``selection`` lets through."""

import logging
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import InputError, InputMissingError, PeopleError
from edge_app.core.i18n import translate
from edge_app.core.types import BBox, Detection, GrayImage, Picture
from edge_app.enrolment.selection import FaceCollection, Refusal, stored_sample
from edge_app.media.photo import photos_in, read_photo
from edge_app.media.sources import open_source
from edge_app.storage.gallery import NewSample, Origin
from edge_app.vision.parts import build_detector
from edge_app.vision.preprocess import crop

_CLEARLY_LARGER = 2.0
"""How many times the area of the next face the largest must have to be the one meant."""


def the_face(found: Sequence[Detection]) -> Detection:
    """The one face that a photograph of a person is meant to show.

    found: largest first. Raises PeopleError for none, or several of like size.
    """
    if not found:
        raise PeopleError("expected a face, found none")
    if len(found) > 1 and found[0].bbox.area < _CLEARLY_LARGER * found[1].bbox.area:
        raise PeopleError(f"expected one face, found {len(found)}")
    return found[0]


_log = logging.getLogger(__name__)

MOST_SAMPLES = 40
"""Kept of a person at once; of more photographs, the sharpest."""
_WANTED_OF_CAMERA = 30
_CAMERA_S = 15.0
_MIN_OF_CAMERA = 8
_BORDER = 0.25
"""Of a picture that is a face and nothing else: room around it, as a share of its side."""


class Enroller:
    """Finds and judges faces with the parts of a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._thorough = build_detector(bundle, still=True)
        self._quick = build_detector(bundle)
        self._crop = bundle.manifest.identifier.crop

    def from_photos(
        self,
        paths: Sequence[Path],
        origin: Origin,
        *,
        crops_too: bool = False,
        known: Sequence[GrayImage] = (),
    ) -> list[NewSample]:
        """One sample of each photograph that shows one clear face, the sharpest 40.

        A photograph that is damaged or refused is named in a warning and left out. crops_too: a
        picture of the size of stored samples is taken as it is, and a square one without a
        detectable face for a face cut out before. known: crops of the person that are stored
        already; what is like one of them is refused. Raises PeopleError when none is left.
        """
        collection = FaceCollection(self._crop, origin, known)
        stored = []
        for path in paths:
            try:
                picture = Picture(read_photo(path))
                if crops_too and picture.gray.shape == (self._crop.size, self._crop.size):
                    stored.append(stored_sample(picture.gray, origin))
                    continue
                picture, face = self._face(picture, crops_too=crops_too)
            except (InputError, InputMissingError) as error:
                _log.warning("left out: %s", error)
                continue
            except PeopleError as error:
                _log.warning("left out: %s: %s", path, error)
                continue
            if reason := collection.offer(picture, [face]):
                _log.warning("left out: %s: %s", path, translate(reason.about_photo, "en"))
        samples = [*stored, *collection.samples]
        if not samples:
            raise PeopleError(
                f"expected photos with one clear face, found {len(paths)} photos and none such "
                "among them; add sharp, well lit photos from the front"
            )
        best = sorted(samples, key=lambda sample: sample.quality, reverse=True)
        return best[:MOST_SAMPLES]

    def from_camera(self, source: str, known: Sequence[GrayImage] = ()) -> list[NewSample]:
        """Up to 30 samples in 15 seconds of a camera, stream or video; known: as of photographs.

        Raises PeopleError for fewer than 8, with what was wrong last; CameraError as sources do.
        """
        collection = FaceCollection(self._crop, "camera", known)
        reason: Refusal | None = None
        first: float | None = None
        with open_source(source) as frames:
            for frame in frames:
                first = frame.captured_at if first is None else first
                if frame.captured_at - first > _CAMERA_S:
                    break
                reason = collection.offer(frame, self._quick.detect(frame)) or reason
                if len(collection.samples) == _WANTED_OF_CAMERA:
                    break
        if len(collection.samples) < _MIN_OF_CAMERA:
            advice = translate(reason, "en") if reason else "is the camera working?"
            raise PeopleError(
                f"expected {_MIN_OF_CAMERA} good pictures in {_CAMERA_S:.0f} s, found "
                f"{len(collection.samples)}; {advice}"
            )
        return list(collection.samples)

    def face_in(self, path: Path) -> GrayImage:
        """The one clear face of a photograph, uint8 (S, S), cut out as a sample is.

        Raises InputError for no photograph, PeopleError for one without a face or with several.
        """
        picture = Picture(read_photo(path))
        try:
            return crop(picture, the_face(self._thorough.detect(picture)), self._crop)
        except PeopleError as error:
            raise PeopleError(f"{path}: {error}; choose another photo") from error

    def _face(self, picture: Picture, *, crops_too: bool) -> tuple[Picture, Detection]:
        found = self._thorough.detect(picture)
        height, width = picture.gray.shape
        if not found and crops_too and height == width:
            room = round(width * _BORDER)
            framed = cv2.copyMakeBorder(
                picture.image, room, room, room, room, cv2.BORDER_REPLICATE
            ).astype(np.uint8)
            box = BBox(room, room, room + width, room + height)
            return Picture(framed), Detection(box, score=0.0)
        return picture, the_face(found)


def photos_of(folder: Path) -> list[Path]:
    """The photos of a folder. Raises InputMissingError for none such, PeopleError for no photo."""
    if not folder.is_dir():
        raise InputMissingError(f"{folder}: no such folder; check the path")
    photos = photos_in(folder)
    if not photos:
        raise PeopleError(f"{folder}: expected photos, found none; check the path")
    return photos
