"""Photographs with the one face in them, and samples of somebody from those or a camera."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import InputError, InputMissingError, PeopleError
from edge_app.core.i18n import translate
from edge_app.core.progress import SILENT, Progress
from edge_app.core.types import BBox, ColorImage, Detection, Detector, Picture
from edge_app.enrolment.selection import PHOTO_FACE_PX, FaceCollection, Refusal, quality_of
from edge_app.enrolment.session import MOST_SAMPLES
from edge_app.enrolment.variety import most_different
from edge_app.media.photo import photos_in, read_photo
from edge_app.media.sources import open_source
from edge_app.storage.gallery import NewSample, Origin
from edge_app.vision import align
from edge_app.vision.parts import DEFAULTS, RecognitionSettings, build_detector

_log = logging.getLogger(__name__)

_Found = TypeVar("_Found")

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


@dataclass(frozen=True)
class Photograph:
    """face: the one that it is meant to show."""

    path: Path
    picture: Picture
    face: Detection

    def sample(self) -> ColorImage:
        """The face, uint8 (160, 160, 3), cut out as a sample is."""
        return align.sample(self.picture, self.face)


def photograph(path: Path, detector: Detector) -> Photograph:
    """Read a photograph and find its face. Raises what ``read_photo`` and ``the_face`` raise."""
    picture = Picture(read_photo(path))
    return Photograph(path, picture, the_face(detector.detect(picture)))


def photographs(
    paths: Sequence[Path], detector: Detector, progress: Progress = SILENT
) -> Iterator[Photograph]:
    """Those that show one clear face; the others are named in a warning and left out."""
    return usable(paths, partial(photograph, detector=detector), progress)


def usable(
    paths: Sequence[Path], find: Callable[[Path], _Found], progress: Progress = SILENT
) -> Iterator[_Found]:
    """What is found in each of many photographs, one after the other.

    Where ``find`` raises InputError or PeopleError, a warning says so, and the next one follows.
    """
    progress.start(len(paths))
    for path in paths:
        try:
            found = find(path)
        except (InputError, InputMissingError) as error:
            _log.warning("left out: %s", error)
        except PeopleError as error:
            _log.warning("left out: %s: %s", path, error)
        else:
            yield found
        progress.advance()


_WANTED_OF_CAMERA = 30
_CAMERA_S = 15.0
_MIN_OF_CAMERA = 8
_BORDER = 0.25
"""Of a picture that is a face and nothing else: room around it, as a share of its side."""
_OLD_SAMPLE_PX, _OLD_ROOM = 84, 0.4
"""Samples were grey squares of this side once, with so much of a face's side around it."""
_MOST_OFF = 0.1
"""How far the face in a picture may be from a sample's, as a share of the side, to be one."""


class Enroller:
    """Finds and judges faces with the parts of a bundle."""

    def __init__(self, bundle: Bundle, recognition: RecognitionSettings = DEFAULTS) -> None:
        self._thorough = build_detector(bundle, recognition, still=True)
        self._quick = build_detector(bundle, recognition)

    def from_photos(
        self,
        paths: Sequence[Path],
        origin: Origin,
        *,
        crops_too: bool = False,
        known: Sequence[ColorImage] = (),
        most: int = MOST_SAMPLES,
    ) -> list[NewSample]:
        """One sample of each photograph that shows one clear face; of many, the most different.

        A photograph that is damaged or refused is named in a warning and left out. crops_too: a
        picture that is a sample of ours is taken as it is, and a square one without a detectable
        face for a face cut out before. known: samples of the person that are stored already; what
        is like one of them is refused. most: samples that are kept. Raises PeopleError when none is
        left.
        """
        collection = FaceCollection(origin, known, smallest=PHOTO_FACE_PX)

        def sample_of(path: Path) -> NewSample:
            picture = Picture(read_photo(path))
            if crops_too and self._is_sample(picture):
                quality = quality_of(picture.image, align.of_sample(picture.image)[1])
                return NewSample(picture.image, quality, origin)
            picture, face = self._face(picture, crops_too=crops_too)
            if reason := collection.offer(picture, [face]):
                raise PeopleError(translate(reason.about_photo, "en"))
            return collection.samples[-1]

        samples = list(usable(paths, sample_of))
        if not samples:
            raise PeopleError(
                f"expected photos with one clear face, found {len(paths)} photos and none such "
                "among them; add sharp, well lit photos from the front"
            )
        crops = [sample.crop for sample in samples]
        scores = [sample.quality.score for sample in samples]
        return [samples[place] for place in most_different(crops, scores, most)]

    def from_camera(self, source: str, known: Sequence[ColorImage] = ()) -> list[NewSample]:
        """Up to 30 samples in 15 seconds of a camera, stream or video; known: as of photographs.

        Raises PeopleError for fewer than 8, with what was wrong last; CameraError as sources do.
        """
        collection = FaceCollection("camera", known)
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

    def face_in(self, path: Path) -> ColorImage:
        """The one clear face of a photograph, uint8 (160, 160, 3), cut out as a sample is.

        Raises InputError for no photograph, PeopleError for one without a face or with several.
        """
        try:
            return photograph(path, self._thorough).sample()
        except PeopleError as error:
            raise PeopleError(f"{path}: {error}; choose another photo") from error

    def _face(self, picture: Picture, *, crops_too: bool) -> tuple[Picture, Detection]:
        found = self._thorough.detect(picture)
        height, width = picture.gray.shape
        if not found and crops_too and height == width:
            if width == _OLD_SAMPLE_PX:
                beside = round(width * (1.0 - 1.0 / (1.0 + _OLD_ROOM)) / 2)
                box = BBox(beside, beside, width - beside, width - beside)
                return picture, Detection(box, score=0.0)
            room = round(width * _BORDER)
            framed = cv2.copyMakeBorder(
                picture.image, room, room, room, room, cv2.BORDER_REPLICATE
            ).astype(np.uint8)
            box = BBox(room, room, room + width, room + height)
            return Picture(framed), Detection(box, score=0.0)
        return picture, the_face(found)

    def are_samples(self, paths: Sequence[Path]) -> bool:
        """Whether all pictures that can be read are samples as ``people export`` writes them."""
        for path in paths:
            try:
                picture = Picture(read_photo(path))
            except (InputError, InputMissingError):
                continue
            if not self._is_sample(picture):
                return False
        return True

    def _is_sample(self, picture: Picture) -> bool:
        """Whether a picture is a sample as ``people export`` writes them.

        It has their size, and a face that is found in it stands where a sample's does.
        """
        if picture.image.shape[:2] != (align.SAMPLE_SIZE, align.SAMPLE_SIZE):
            return False
        found = self._quick.detect(picture)
        if not found or found[0].landmarks is None:
            return True
        off = np.abs(found[0].landmarks - align.SAMPLE_POINTS).mean()
        return bool(off <= _MOST_OFF * align.SAMPLE_SIZE)


def photos_of(folder: Path) -> list[Path]:
    """The photos of a folder. Raises InputMissingError for none such, PeopleError for no photo."""
    if not folder.is_dir():
        raise InputMissingError(f"{folder}: no such folder; check the path")
    photos = photos_in(folder)
    if not photos:
        raise PeopleError(f"{folder}: expected photos, found none; check the path")
    return photos


def photos_among(paths: Sequence[Path]) -> list[Path]:
    """The photos of a list that names photos and folders of them. Raises as ``photos_of`` does."""
    return [photo for path in paths for photo in (photos_of(path) if path.is_dir() else [path])]
