"""People from a folder of photographs: ``DIR/NAME/*.jpg``.

A name is never a path as it stands: what is not a letter or a digit is written as ``%2F``.
"""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from edge_app.bundle.manifest import CropSpec
from edge_app.core.errors import InputError, InputMissingError, PeopleError
from edge_app.core.progress import SILENT, Progress
from edge_app.core.types import BBox, Detector
from edge_app.media.photo import photos_in, read_photo
from edge_app.vision.preprocess import to_gray
from edge_app.vision.recognition.identifier import FaceSample, face_sample

_log = logging.getLogger(__name__)

NAME_FILE = "name.txt"
"""Beside the pictures of somebody whose name is too long for a folder."""
_LONGEST_BYTES = 200

_CLEARLY_LARGER = 2.0
"""How many times the area of the next face the largest must have to be the one meant."""


def load_people(
    folder: Path, detector: Detector, crop: CropSpec, progress: Progress = SILENT
) -> list[FaceSample]:
    """Cut one face out of every photograph of every person.

    A photograph that is damaged, shows no face or several of like size is left out with a warning.
    Raises PeopleError for a person without any usable photograph, and what ``homes_in`` raises.
    """
    photos = [(name, home, photos_in(home)) for name, home in homes_in(folder)]
    progress.start(sum(len(paths) for *_, paths in photos))
    samples = []
    for name, home, paths in photos:
        found = list(_samples(name, paths, detector, crop, progress))
        if not found:
            raise PeopleError(
                f"{home}: expected photos with one clear face, found {len(paths)} photos and none "
                f"such among them; add photos of {name} from the front, or take the folder away"
            )
        samples += found
    return samples


def homes_in(folder: Path) -> list[tuple[str, Path]]:
    """The name and the folder of everybody below a folder, by folder.

    Raises InputMissingError for no such folder, PeopleError for one without folders in it.
    """
    if not folder.is_dir():
        raise InputMissingError(
            f"{folder}: no such folder; expected one folder per person with photos of them"
        )
    homes = sorted(
        home for home in folder.iterdir() if home.is_dir() and not home.name.startswith(".")
    )
    if not homes:
        raise PeopleError(
            f"{folder}: expected one folder per person, found none; "
            f"put the photos of each person in {folder}/NAME/"
        )
    return [(name_of(home), home) for home in homes]


def folder_name(name: str) -> str:
    """A name as a folder's: letters and digits of any script, spaces, ``-`` and ``_`` stay."""
    escaped = "".join(
        character if character.isalnum() or character in " -_" else quote(character, safe="")
        for character in name
    ).replace(".", "%2E")
    return escaped.encode()[:_LONGEST_BYTES].decode(errors="ignore")


def name_of(home: Path) -> str:
    """The name that a folder is of, NFC: disks of other systems take letters apart."""
    noted = home / NAME_FILE
    name = noted.read_text(encoding="utf-8").strip() if noted.is_file() else unquote(home.name)
    return unicodedata.normalize("NFC", name)


def _samples(
    name: str, photos: Sequence[Path], detector: Detector, crop: CropSpec, progress: Progress
) -> Iterator[FaceSample]:
    for path in photos:
        try:
            gray = to_gray(read_photo(path))
            bbox = the_face(detector.detect(gray))
        except InputError as error:
            _log.warning("left out: %s", error)
        except PeopleError as error:
            _log.warning("left out: %s: %s", path, error)
        else:
            yield FaceSample(name, face_sample(gray, bbox, crop))
        progress.advance()


def the_face(boxes: Sequence[BBox]) -> BBox:
    """The one face that a photograph of a person is meant to show.

    boxes: largest first. Raises PeopleError for none, or several of like size.
    """
    if not boxes:
        raise PeopleError("expected a face, found none")
    if len(boxes) > 1 and boxes[0].area < _CLEARLY_LARGER * boxes[1].area:
        raise PeopleError(f"expected one face, found {len(boxes)}")
    return boxes[0]
