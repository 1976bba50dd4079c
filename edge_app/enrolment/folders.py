"""People as folders of photographs, ``DIR/NAME/*.jpg``: read, written, and put to the test.

A name is never a path as it stands: what is not a letter or a digit is written as ``%2F``.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from edge_app.core.errors import InputMissingError, PeopleError
from edge_app.core.progress import SILENT, Progress
from edge_app.core.types import Detector, Identifier
from edge_app.enrolment.photographs import photographs
from edge_app.media.photo import photos_in, write_photo
from edge_app.storage.gallery import Gallery
from edge_app.vision.recognition.identifier import FaceSample

NAME_FILE = "name.txt"
"""Beside the pictures of somebody whose name is too long for a folder."""
_LONGEST_BYTES = 200


def load_people(folder: Path, detector: Detector, progress: Progress = SILENT) -> list[FaceSample]:
    """Cut one face out of every photograph of every person.

    A photograph that is damaged, shows no face or several of like size is left out with a warning.
    Raises PeopleError for a person without any usable photograph, and what ``homes_in`` raises.
    """
    homes = homes_in(folder)
    names = photos_of_people(homes)
    samples = {
        shown.path: FaceSample(names[shown.path], shown.sample())
        for shown in photographs(list(names), detector, progress)
    }
    shown_homes = {path.parent for path in samples}
    for name, home in homes:
        if home not in shown_homes:
            raise PeopleError(
                f"{home}: expected photos with one clear face, found {len(photos_in(home))} photos "
                f"and none such among them; add photos of {name} from the front, or take the "
                "folder away"
            )
    return list(samples.values())


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


def photos_of_people(homes: Sequence[tuple[str, Path]]) -> dict[Path, str]:
    """Whom each photograph shows, by its path."""
    return {path: name for name, home in homes for path in photos_in(home)}


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


def export_people(gallery: Gallery, folder: Path) -> int:
    """Write every sample as ``folder/NAME/K.png``; returns how many. Raises OutputError."""
    written = 0
    for person in gallery.people():
        home = folder / folder_name(person.name)
        if home.exists() and name_of(home) != person.name:
            home = folder / f"{folder_name(person.name)[:100]} {person.id}"
        for number, sample in enumerate(gallery.samples(person.id), 1):
            write_photo(home / f"{number:03}.png", sample.crop)
            written += 1
        if home.is_dir() and name_of(home) != person.name:
            (home / NAME_FILE).write_text(person.name + "\n", encoding="utf-8")
    return written


def identify_photos(
    names: Mapping[Path, str],
    identifier: Identifier,
    detector: Detector,
    progress: Progress = SILENT,
) -> list[tuple[str, str | None]]:
    """Who each photograph shows, and whom it was taken for; None for a stranger.

    names: of ``photos_of_people``. Photographs that are damaged or show no one clear face are named
    in a warning and left out.
    """
    return [
        (names[shown.path], identifier.identify(shown.picture, shown.face).name)
        for shown in photographs(list(names), detector, progress)
    ]
