"""People as folders of photographs, ``DIR/NAME/*.jpg``: read, written, and put to the test.

A name is never a path as it stands: what is not a letter or a digit is written as ``%2F``.
"""

import logging
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from edge_app.bundle.manifest import CropSpec
from edge_app.core.errors import InputError, InputMissingError, PeopleError
from edge_app.core.progress import SILENT, Progress
from edge_app.core.types import Detector, Identifier, Picture
from edge_app.enrolment.photographs import the_face
from edge_app.media.photo import photos_in, read_photo, write_photo
from edge_app.storage.gallery import Gallery
from edge_app.vision.preprocess import crop
from edge_app.vision.recognition.identifier import FaceSample

_log = logging.getLogger(__name__)


NAME_FILE = "name.txt"
"""Beside the pictures of somebody whose name is too long for a folder."""
_LONGEST_BYTES = 200


def load_people(
    folder: Path, detector: Detector, spec: CropSpec, progress: Progress = SILENT
) -> list[FaceSample]:
    """Cut one face out of every photograph of every person.

    A photograph that is damaged, shows no face or several of like size is left out with a warning.
    Raises PeopleError for a person without any usable photograph, and what ``homes_in`` raises.
    """
    photos = [(name, home, photos_in(home)) for name, home in homes_in(folder)]
    progress.start(sum(len(paths) for *_, paths in photos))
    samples = []
    for name, home, paths in photos:
        found = list(_samples(name, paths, detector, spec, progress))
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
    name: str, photos: Sequence[Path], detector: Detector, spec: CropSpec, progress: Progress
) -> Iterator[FaceSample]:
    for path in photos:
        try:
            picture = Picture(read_photo(path))
            face = the_face(detector.detect(picture))
        except InputError as error:
            _log.warning("left out: %s", error)
        except PeopleError as error:
            _log.warning("left out: %s: %s", path, error)
        else:
            yield FaceSample(name, crop(picture, face, spec))
        progress.advance()


def export_people(gallery: Gallery, folder: Path) -> int:
    """Write every sample as ``folder/NAME/K.png``; returns how many. Raises OutputError."""
    written = 0
    for person in gallery.people():
        home = folder / folder_name(person.name)
        if home.exists() and name_of(home) != person.name:
            home = folder / f"{folder_name(person.name)[:100]} {person.id}"
        for number, sample in enumerate(gallery.samples(person.id), 1):
            picture = sample.crop[:, :, None].repeat(3, axis=2)
            write_photo(home / f"{number:03}.png", picture)
            written += 1
        if home.is_dir() and name_of(home) != person.name:
            (home / NAME_FILE).write_text(person.name + "\n", encoding="utf-8")
    return written


def identify_photos(
    homes: Iterable[tuple[str, Path]], identifier: Identifier, detector: Detector
) -> list[tuple[str, str | None]]:
    """Who each photograph shows, and whom it was taken for; None for a stranger.

    Photographs that are damaged or show no one clear face are named in a warning and left out.
    """
    found = []
    for name, home in homes:
        for path in photos_in(home):
            try:
                picture = Picture(read_photo(path))
                face = the_face(detector.detect(picture))
            except (InputError, PeopleError) as error:
                _log.warning("left out: %s: %s", path, error)
                continue
            found.append((name, identifier.identify(picture, face).name))
    return found


def confusion(
    found: Sequence[tuple[str, str | None]],
) -> tuple[list[str | None], dict[str, list[int]]]:
    """What was answered (columns, strangers last), and counts of it for everybody shown (rows)."""
    given = sorted({answer for _, answer in found if answer is not None})
    answers: list[str | None] = [*given, None]
    counts = Counter(found)
    shown = sorted({name for name, _ in found})
    return answers, {name: [counts[name, answer] for answer in answers] for name in shown}
