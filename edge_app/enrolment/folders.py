"""People as folders, ``DIR/NAME/*.jpg``: writing the gallery out, and trying it."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from edge_app.core.errors import InputError, PeopleError
from edge_app.core.types import Detector, Identifier
from edge_app.enrolment.photographs import NAME_FILE, folder_name, name_of, the_face
from edge_app.media.photo import photos_in, read_photo, write_photo
from edge_app.storage.gallery import Gallery
from edge_app.vision.preprocess import to_gray

_log = logging.getLogger(__name__)


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
                gray = to_gray(read_photo(path))
                box = the_face(detector.detect(gray))
            except (InputError, PeopleError) as error:
                _log.warning("left out: %s: %s", path, error)
                continue
            found.append((name, identifier.identify(gray, box).name))
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
