"""Strangers whose faces were kept so that somebody can say who they are.

``kiosk.unknown_keeper`` says which are worth keeping, and puts them here.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_app.core.errors import PeopleError
from edge_app.storage.crops import NewFace, StoredFace, encode_crop
from edge_app.storage.faces import MEASURED, KeptFaces, measured, move_embeddings
from edge_app.storage.people import Person, clean_name, insert_person, number_of, person_of
from edge_app.storage.state import State

MOST_FACES = 5
"""Kept of one stranger: the best ones."""


@dataclass(frozen=True)
class UnknownPerson:
    """A stranger. first_seen and last_seen: seconds since 1970, UTC. sightings: how many times."""

    id: int
    sightings: int
    first_seen: float
    last_seen: float
    face_count: int


@dataclass(frozen=True)
class UnknownFace(StoredFace):
    """A face of a stranger. quality: the score, 0.0 to 1.0."""

    unknown_id: int
    quality: float


class UnknownPeople(KeptFaces):
    """Strangers in a State; ``clock`` gives seconds since 1970.

    Methods that take the number of a stranger raise PeopleError for one that is not there.
    """

    _table = "unknown_faces"

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        super().__init__(state)
        self._clock = clock

    def people(self) -> list[UnknownPerson]:
        """All of them, who was seen last first."""
        with self._state.reading() as connection:
            rows = connection.execute(
                f"{_SELECT} GROUP BY unknown_people.id ORDER BY last_seen DESC, unknown_people.id"
            )
            return [UnknownPerson(*row) for row in rows]

    def person(self, unknown_id: int) -> UnknownPerson:
        with self._state.reading() as connection:
            return _unknown(connection, unknown_id)

    def faces(self, unknown_id: int | None = None) -> list[UnknownFace]:
        """The faces of a stranger, or of all of them, the best first."""
        query = "SELECT id, crop, layout, unknown_id, quality FROM unknown_faces"
        with self._state.reading() as connection:
            if unknown_id is None:
                rows = connection.execute(f"{query} ORDER BY {_BEST}, id").fetchall()
            else:
                _unknown(connection, unknown_id)
                rows = connection.execute(
                    f"{query} WHERE unknown_id = ? ORDER BY {_BEST}, id", (unknown_id,)
                ).fetchall()
        return [UnknownFace(*row) for row in rows]

    def see(self, faces: Sequence[NewFace], unknown_id: int | None = None) -> UnknownPerson:
        """Keep faces of a stranger seen now: of one seen before, or of a new one.

        Of all their faces the best ``MOST_FACES`` stay.
        """
        encoded = [(encode_crop(face.crop), *measured(face.quality)) for face in faces]
        now = self._clock()
        with self._state.writing(erases=True) as connection:
            if unknown_id is None:
                cursor = connection.execute(
                    "INSERT INTO unknown_people (sightings, first_seen, last_seen) "
                    "VALUES (1, ?, ?)",
                    (now, now),
                )
                assert cursor.lastrowid is not None
                unknown_id = cursor.lastrowid
            else:
                _unknown(connection, unknown_id)
                connection.execute(
                    "UPDATE unknown_people SET sightings = sightings + 1, last_seen = ? "
                    "WHERE id = ?",
                    (now, unknown_id),
                )
            connection.executemany(
                f"INSERT INTO unknown_faces (unknown_id, crop, layout, {MEASURED}, seen_at) "
                "VALUES (?, ?, 'aligned', ?, ?, ?, ?, ?, ?)",
                [(unknown_id, *face, now) for face in encoded],
            )
            connection.execute(
                "DELETE FROM unknown_faces WHERE id IN (SELECT id FROM unknown_faces "
                f"WHERE unknown_id = ? ORDER BY {_BEST}, id DESC LIMIT -1 OFFSET ?)",
                (unknown_id, MOST_FACES),
            )
            return _unknown(connection, unknown_id)

    def name(self, unknown_id: int, name: str) -> Person:
        """Make a stranger the person of a name: somebody new, or one more of who has it already.

        Their faces become samples of origin "unknown". Raises PeopleError for a name that is none.
        """
        name = clean_name(name)
        with self._state.writing(erases=True) as connection:
            _unknown(connection, unknown_id)
            person_id = number_of(connection, name)
            if person_id is None:
                person_id = insert_person(connection, name, self._clock())
            _make_samples(connection, unknown_id, person_id)
            connection.execute("DELETE FROM unknown_people WHERE id = ?", (unknown_id,))
            return person_of(connection, person_id)

    def discard(self, unknown_id: int) -> UnknownPerson:
        """Delete a stranger with every face, from the file too; returns who it was."""
        with self._state.writing(erases=True) as connection:
            unknown = _unknown(connection, unknown_id)
            connection.execute("DELETE FROM unknown_people WHERE id = ?", (unknown_id,))
        return unknown

    def forget(self, *, before: float, keep: int) -> int:
        """Delete who was last seen before a time, and all but the ``keep`` seen last.

        before: seconds since 1970. Returns how many strangers were deleted.
        """
        outdated = (
            "SELECT id FROM unknown_people WHERE last_seen < ? UNION SELECT id FROM "
            "(SELECT id FROM unknown_people ORDER BY last_seen DESC, id LIMIT -1 OFFSET ?)"
        )
        with self._state.reading() as connection:
            (count,) = connection.execute(
                f"SELECT count(*) FROM ({outdated})", (before, keep)
            ).fetchone()
        if count:
            with self._state.writing(erases=True) as connection:
                connection.execute(
                    f"DELETE FROM unknown_people WHERE id IN ({outdated})", (before, keep)
                )
        return int(count)


_BEST = "layout = 'box', quality DESC"
"""The score of a face that nobody could align was measured otherwise, and it serves for less."""

_SELECT = (
    "SELECT unknown_people.id, sightings, first_seen, last_seen, count(unknown_faces.id) "
    "FROM unknown_people LEFT JOIN unknown_faces ON unknown_id = unknown_people.id"
)


def _unknown(connection: sqlite3.Connection, unknown_id: int) -> UnknownPerson:
    row = connection.execute(
        f"{_SELECT} WHERE unknown_people.id = ? GROUP BY unknown_people.id", (unknown_id,)
    ).fetchone()
    if row is None:
        raise PeopleError(f"expected a stranger who was kept, found none of number {unknown_id}")
    return UnknownPerson(*row)


def _make_samples(connection: sqlite3.Connection, unknown_id: int, person_id: int) -> None:
    """Copy a stranger's faces to somebody's samples, in a transaction that goes on."""
    faces = connection.execute(
        "SELECT id FROM unknown_faces WHERE unknown_id = ? ORDER BY id", (unknown_id,)
    ).fetchall()
    for (face_id,) in faces:
        cursor = connection.execute(
            f"INSERT INTO samples (person_id, crop, layout, tried, origin, {MEASURED}, created_at) "
            f"SELECT ?, crop, layout, tried, 'unknown', {MEASURED}, seen_at FROM unknown_faces "
            "WHERE id = ?",
            (person_id, face_id),
        )
        assert cursor.lastrowid is not None
        move_embeddings(connection, "unknown_faces", face_id, "samples", cursor.lastrowid)
