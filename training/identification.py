"""How well enrolled people are told apart, and from strangers, on photographs of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.core.errors import InputError, PeopleError
from edge_app.core.progress import Progress
from edge_app.core.types import Detector, Identifier, Picture
from edge_app.enrolment.folders import homes_in
from edge_app.enrolment.photographs import the_face
from edge_app.media.photo import photos_in, read_photo
from training.tables import write_csv

STRANGER = "(stranger)"
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Identification:
    """Who was taken for whom.

    names: the enrolled people. confusion: int64 (names + 1, names + 1); rows are true people and at
    the end everybody who is not enrolled, columns are the names given and at the end none.
    left_out: photographs without one clear face.
    """

    names: tuple[str, ...]
    confusion: NDArray[np.int64]
    left_out: int

    @property
    def rows(self) -> tuple[str, ...]:
        return (*self.names, STRANGER)

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.names, UNKNOWN)

    def __str__(self) -> str:
        known, strangers = self.confusion[:-1], self.confusion[-1]
        right, unknown = int(np.trace(known)), int(known[:, -1].sum())
        total = int(known.sum())
        return (
            f"{total} photographs of {len(self.names)} enrolled people: {right} right, "
            f"{total - right - unknown} given another's name, {unknown} unknown; "
            f"{strangers.sum()} of strangers: {strangers[:-1].sum()} given a name; "
            f"{self.left_out} left out without one clear face"
        )


def evaluate_faces(
    folder: Path,
    names: Sequence[str],
    detector: Detector,
    identifier: Identifier,
    progress: Progress,
) -> Identification:
    """Identify every photograph of ``folder/NAME/``.

    names: who is enrolled; a folder with another name holds strangers. Raises InputError for a
    folder without photographs of an enrolled person, and what ``homes_in`` raises.
    """
    people = sorted(set(names))
    numbers = {name: index for index, name in enumerate(people)}
    nobody = len(people)
    photos = [
        (numbers.get(name, nobody), path)
        for name, home in homes_in(folder)
        for path in photos_in(home)
    ]
    if all(person == nobody for person, _ in photos):
        raise InputError(
            f"{folder}: expected photographs in folders named as the enrolled people "
            f"({', '.join(people)}), found none"
        )
    confusion = np.zeros((nobody + 1, nobody + 1), dtype=np.int64)
    left_out = 0
    progress.start(len(photos))
    for person, path in photos:
        try:
            photo = Picture(read_photo(path))
            identity = identifier.identify(photo, the_face(detector.detect(photo)))
        except (InputError, PeopleError):
            left_out += 1
        else:
            given = nobody if identity.name is None else numbers[identity.name]
            confusion[person, given] += 1
        progress.advance()
    return Identification(tuple(people), confusion, left_out)


def write_identification(found: Identification, path: Path) -> None:
    """The confusion matrix as a csv. Raises OutputError for a place that cannot be written."""
    rows = zip(found.rows, found.confusion.tolist(), strict=True)
    write_csv(path, ("true", *found.columns), ((name, *counts) for name, counts in rows))
