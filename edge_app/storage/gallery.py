"""Who is enrolled: people and their face samples in the device's database.

Every change is one transaction, and raises the revision by which another process notices it.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from edge_app.core.errors import PeopleError
from edge_app.storage.crops import NewFace, StoredFace, encode_crop
from edge_app.storage.faces import MEASURED, KeptFaces, measured, quality_of
from edge_app.storage.people import (
    Person,
    all_people,
    clean_name,
    insert_person,
    name_key,
    number_of,
    person_of,
    rename_person,
    rows_of,
)
from edge_app.storage.quality import Quality
from edge_app.storage.rejections import Rejections
from edge_app.storage.state import State

Origin = Literal["camera", "upload", "import", "unknown", "correction"]
"""How a sample came in; ``unknown`` was kept as a stranger's and named later."""


@dataclass(frozen=True)
class NewSample(NewFace):
    """A face about to be enrolled."""

    origin: Origin


@dataclass(frozen=True)
class Sample(StoredFace):
    """A face of an enrolled person, as it was stored.

    quality: the score, 0.0 to 1.0. measured: what it is made of; None for one that was stored when
    only the score was kept.
    """

    person_id: int
    quality: float
    origin: Origin
    created_at: float
    measured: Quality | None


class Gallery(KeptFaces):
    """People and their samples in a State; ``clock`` gives seconds since 1970.

    rejections: the faces that are not theirs. Methods that name a person or a sample by number
    raise PeopleError for one that is not there.
    """

    _table = "samples"

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        super().__init__(state)
        self.rejections = Rejections(state, clock)
        self._clock = clock

    @property
    def revision(self) -> int:
        """A number that grows with every change of people or samples, whoever made it."""
        with self._state.reading() as connection:
            value: int = connection.execute("SELECT value FROM gallery_revision").fetchone()[0]
        return value

    def people(self) -> list[Person]:
        """Everybody, by name."""
        with self._state.reading() as connection:
            return all_people(connection)

    def person(self, person_id: int) -> Person:
        with self._state.reading() as connection:
            return person_of(connection, person_id)

    def find(self, name: str) -> Person:
        """The person of a name, upper and lower case alike. Raises PeopleError for nobody."""
        with self._state.reading() as connection:
            number = number_of(connection, name)
            if number is None:
                known = ", ".join(name for (name,) in connection.execute("SELECT name FROM people"))
                raise PeopleError(
                    f"expected somebody enrolled, found nobody called {name!r}; "
                    f"enrolled: {known or 'nobody'}"
                )
            return person_of(connection, number)

    def free_name(self, stem: str) -> str:
        """A name nobody has: the stem and the next number, as "Persona 4"."""
        with self._state.reading() as connection:
            taken = {key for (key,) in connection.execute("SELECT key FROM people")}
        number = 1
        while name_key(f"{stem} {number}") in taken:
            number += 1
        return f"{stem} {number}"

    def add_person(self, name: str) -> Person:
        """Somebody without samples yet; raises PeopleError as ``enrol`` does."""
        return self.enrol(name, ())

    def enrol(self, name: str, samples: Sequence[NewSample]) -> Person:
        """Somebody new with their samples.

        Raises PeopleError for a name that is taken, empty, too long, or not printable.
        """
        name = clean_name(name)
        encoded = _encode(samples)
        with self._state.writing() as connection:
            person_id = insert_person(connection, name, self._clock())
            self._insert_samples(connection, person_id, encoded)
            return person_of(connection, person_id)

    def add_samples(self, person_id: int, samples: Sequence[NewSample]) -> Person:
        encoded = _encode(samples)
        with self._state.writing() as connection:
            person_of(connection, person_id)
            self._insert_samples(connection, person_id, encoded)
            return person_of(connection, person_id)

    def samples(self, person_id: int | None = None) -> list[Sample]:
        """The samples of a person, or of everybody, oldest first."""
        query = (
            "SELECT id, crop, layout, person_id, quality, origin, created_at, "
            "size_px, sharpness, yaw, light FROM samples"
        )
        with self._state.reading() as connection:
            rows = rows_of(connection, query, person_id)
        return [Sample(*(*row[:7], quality_of(*row[7:]))) for row in rows]

    def rename(self, person_id: int, name: str) -> Person:
        """Raises PeopleError for a name that is taken by somebody else or is none."""
        name = clean_name(name)
        with self._state.writing(erases=True) as connection:
            person_of(connection, person_id)
            rename_person(connection, person_id, name)
            return person_of(connection, person_id)

    def merge(self, into_id: int, from_id: int) -> Person:
        """Give one person all that another has, and delete the other."""
        if into_id == from_id:
            raise PeopleError("expected two different people to merge, found the same one twice")
        with self._state.writing(erases=True) as connection:
            person_of(connection, into_id)
            person_of(connection, from_id)
            for table in ("samples", "rejections", "visits"):
                connection.execute(
                    f"UPDATE {table} SET person_id = ? WHERE person_id = ?", (into_id, from_id)
                )
            connection.execute(
                "UPDATE merged_people SET into_id = ? WHERE into_id = ?", (into_id, from_id)
            )
            connection.execute("INSERT INTO merged_people VALUES (?, ?)", (from_id, into_id))
            connection.execute("DELETE FROM people WHERE id = ?", (from_id,))
            return person_of(connection, into_id)

    def delete(self, person_id: int) -> Person:
        """Delete somebody with every sample, embedding and event; returns who it was.

        Nothing of them stays in the file: freed pages are overwritten with zeros.
        """
        with self._state.writing(erases=True) as connection:
            person = person_of(connection, person_id)
            connection.execute("DELETE FROM people WHERE id = ?", (person_id,))
        return person

    def delete_sample(self, sample_id: int) -> None:
        with self._state.writing(erases=True) as connection:
            cursor = connection.execute("DELETE FROM samples WHERE id = ?", (sample_id,))
            if cursor.rowcount == 0:
                raise PeopleError(f"expected a stored sample, found none of number {sample_id}")

    def _insert_samples(
        self, connection: sqlite3.Connection, person_id: int, encoded: Sequence[tuple[Any, ...]]
    ) -> None:
        connection.executemany(
            f"INSERT INTO samples (person_id, crop, layout, origin, {MEASURED}, created_at) "
            "VALUES (?, ?, 'aligned', ?, ?, ?, ?, ?, ?, ?)",
            [(person_id, *sample, self._clock()) for sample in encoded],
        )


def _encode(samples: Sequence[NewSample]) -> list[tuple[Any, ...]]:
    return [
        (encode_crop(sample.crop), sample.origin, *measured(sample.quality)) for sample in samples
    ]
