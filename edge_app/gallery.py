"""Who is enrolled: people and their face samples in the device's database.

Every change is one transaction, and raises the revision by which another process notices it.
"""

import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np

from edge_app.errors import PeopleError, StateError
from edge_app.state import State
from edge_app.types import FloatArray, GrayImage

MAX_NAME_LENGTH = 100

_STORED = np.dtype("<f2")
"""Projections in the file: half precision, little-endian."""

Origin = Literal["camera", "upload", "import", "unknown", "correction"]
"""How a sample came in; ``unknown`` was kept as a stranger's and named later."""


@dataclass(frozen=True)
class Person:
    """Somebody enrolled. created_at: seconds since 1970, UTC.

    rejection_count: faces that were given their name and are not theirs, see ``Gallery.reject``.
    """

    id: int
    name: str
    created_at: float
    sample_count: int
    rejection_count: int


@dataclass(frozen=True)
class NewSample:
    """A face about to be enrolled.

    crop: uint8 (S, S) as ``identify.face_sample`` cuts it. quality: 0.0 to 1.0, larger is better.
    """

    crop: GrayImage
    quality: float
    origin: Origin


@dataclass(frozen=True)
class Sample:
    """A face of an enrolled person, as it was stored."""

    id: int
    person_id: int
    crop: GrayImage
    quality: float
    origin: Origin
    created_at: float


@dataclass(frozen=True)
class Rejection:
    """A face, mostly a stranger's, that was wrongly given somebody's name."""

    id: int
    person_id: int
    crop: GrayImage
    created_at: float


class Gallery:
    """People and their samples in a State; ``clock`` gives seconds since 1970.

    Methods that name a person, sample or rejection by number raise PeopleError for one that is not
    there.
    """

    def __init__(self, state: State, clock: Callable[[], float] = time.time) -> None:
        self._state = state
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
            rows = connection.execute(f"{_SELECT_PEOPLE} GROUP BY people.id ORDER BY people.key")
            return [Person(*row) for row in rows]

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
        while _key(f"{stem} {number}") in taken:
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
        query = "SELECT id, person_id, crop, quality, origin, created_at FROM samples"
        return [
            Sample(number, owner, decode_crop(png), quality, origin, created_at)
            for number, owner, png, quality, origin, created_at in self._rows_of(query, person_id)
        ]

    def rename(self, person_id: int, name: str) -> Person:
        """Raises PeopleError for a name that is taken by somebody else or is none."""
        name = clean_name(name)
        with self._state.writing(erases=True) as connection:
            person_of(connection, person_id)
            try:
                connection.execute(
                    "UPDATE people SET name = ?, key = ? WHERE id = ?",
                    (name, _key(name), person_id),
                )
            except sqlite3.IntegrityError as error:
                raise _taken(name) from error
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
        """Delete somebody with every sample, projection and event; returns who it was.

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

    def reject(self, person_id: int, crop: GrayImage) -> None:
        """Note that a face which was given somebody's name is not theirs.

        It is kept until they are deleted, or ``delete_rejection``, ``delete_rejections`` or
        ``forget_rejections`` says so. crop: uint8 (S, S) as ``identify.face_sample`` cuts it.
        """
        png = encode_crop(crop)
        with self._state.writing() as connection:
            person_of(connection, person_id)
            connection.execute(
                "INSERT INTO rejections (person_id, crop, created_at) VALUES (?, ?, ?)",
                (person_id, png, self._clock()),
            )

    def rejections(self, person_id: int | None = None) -> list[Rejection]:
        """The faces that are not a person's, or not anybody's, oldest first."""
        query = "SELECT id, person_id, crop, created_at FROM rejections"
        return [
            Rejection(number, owner, decode_crop(png), created_at)
            for number, owner, png, created_at in self._rows_of(query, person_id)
        ]

    def delete_rejection(self, rejection_id: int) -> None:
        """The face may be given the person's name again."""
        with self._state.writing(erases=True) as connection:
            cursor = connection.execute("DELETE FROM rejections WHERE id = ?", (rejection_id,))
            if cursor.rowcount == 0:
                raise PeopleError(
                    f"expected a stored correction, found none of number {rejection_id}"
                )

    def delete_rejections(self, person_id: int) -> int:
        """All of a person; returns how many there were."""
        with self._state.writing(erases=True) as connection:
            person_of(connection, person_id)
            cursor = connection.execute("DELETE FROM rejections WHERE person_id = ?", (person_id,))
        return cursor.rowcount

    def forget_rejections(self, *, before: float) -> int:
        """Delete those noted before a time, in seconds since 1970; returns how many there were."""
        with self._state.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM rejections WHERE created_at < ?", (before,)
            ).fetchone()
        if count:
            with self._state.writing(erases=True) as connection:
                connection.execute("DELETE FROM rejections WHERE created_at < ?", (before,))
        return int(count)

    def projections(self, basis: str) -> dict[int, FloatArray]:
        """What ``keep_projections`` stored for a basis, by the number of the sample.

        float32 (copies, components), exact to about three digits.
        """
        with self._state.reading() as connection:
            rows = connection.execute(
                "SELECT sample_id, copies, vectors FROM projections WHERE basis = ?", (basis,)
            ).fetchall()
        return {
            number: np.frombuffer(vectors, _STORED).astype(np.float32).reshape(copies, -1)
            for number, copies, vectors in rows
        }

    def forget_projections(self) -> None:
        with self._state.writing() as connection:
            connection.execute("DELETE FROM projections")

    def keep_projections(self, basis: str, projections: Mapping[int, FloatArray]) -> None:
        """Store what is slow to compute; samples that were deleted meanwhile are left out.

        basis: the digest of the basis; projections on others are dropped.
        """
        with self._state.writing() as connection:
            connection.execute("DELETE FROM projections WHERE basis <> ?", (basis,))
            connection.executemany(
                "INSERT OR REPLACE INTO projections (sample_id, basis, copies, vectors) "
                "SELECT id, ?, ?, ? FROM samples WHERE id = ?",
                [
                    (basis, len(vectors), vectors.astype(_STORED).tobytes(), number)
                    for number, vectors in projections.items()
                ],
            )

    def _rows_of(self, query: str, person_id: int | None) -> list[tuple[Any, ...]]:
        """What a query without conditions gives for a person, or for everybody, by ``id``."""
        with self._state.reading() as connection:
            if person_id is None:
                return connection.execute(f"{query} ORDER BY id").fetchall()
            person_of(connection, person_id)
            return connection.execute(
                f"{query} WHERE person_id = ? ORDER BY id", (person_id,)
            ).fetchall()

    def _insert_samples(
        self,
        connection: sqlite3.Connection,
        person_id: int,
        encoded: Iterable[tuple[bytes, float, Origin]],
    ) -> None:
        connection.executemany(
            "INSERT INTO samples (person_id, crop, quality, origin, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            [(person_id, *sample, self._clock()) for sample in encoded],
        )


def clean_name(name: str) -> str:
    """A name as it is stored: NFC, without space around it, single spaces inside.

    Any script will do. Raises PeopleError for one that is empty, longer than ``MAX_NAME_LENGTH``
    characters, or holds something that cannot be printed.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise PeopleError("expected a name, found an empty one; type at least one letter")
    if len(cleaned) > MAX_NAME_LENGTH:
        raise PeopleError(
            f"expected a name of at most {MAX_NAME_LENGTH} characters, found {len(cleaned)}; "
            "shorten it"
        )
    if any(unicodedata.category(character) in _UNPRINTABLE for character in cleaned):
        raise PeopleError(
            f"expected a name that can be printed, found control characters in {cleaned!r}"
        )
    return cleaned


_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}
"""Control, surrogate, private and unassigned; joiners (Cf) belong to several scripts."""

_SELECT_PEOPLE = (
    "SELECT people.id, people.name, people.created_at, count(samples.id), "
    "(SELECT count(*) FROM rejections WHERE rejections.person_id = people.id) FROM people "
    "LEFT JOIN samples ON samples.person_id = people.id"
)


def insert_person(connection: sqlite3.Connection, name: str, created_at: float) -> int:
    """Somebody new in a transaction that goes on; name: of ``clean_name``. Returns their number.

    Raises PeopleError for a name that is taken.
    """
    try:
        cursor = connection.execute(
            "INSERT INTO people (name, key, created_at) VALUES (?, ?, ?)",
            (name, _key(name), created_at),
        )
    except sqlite3.IntegrityError as error:
        raise _taken(name) from error
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def number_of(connection: sqlite3.Connection, name: str) -> int | None:
    """The number of the person of a name, upper and lower case alike; None for nobody."""
    row = connection.execute("SELECT id FROM people WHERE key = ?", (_key(name),)).fetchone()
    return None if row is None else int(row[0])


def _key(name: str) -> str:
    """What two names must share to be the same name."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _taken(name: str) -> PeopleError:
    return PeopleError(
        f"expected a name that nobody has yet, found {name!r} enrolled already; choose another, "
        "add samples to that person, or delete them first"
    )


def person_of(connection: sqlite3.Connection, person_id: int) -> Person:
    """In a transaction that goes on. Raises PeopleError for nobody of this number."""
    row = connection.execute(
        f"{_SELECT_PEOPLE} WHERE people.id = ? GROUP BY people.id", (person_id,)
    ).fetchone()
    if row is None:
        raise PeopleError(f"expected somebody enrolled, found nobody of number {person_id}")
    return Person(*row)


def _encode(samples: Sequence[NewSample]) -> list[tuple[bytes, float, Origin]]:
    return [(encode_crop(sample.crop), sample.quality, sample.origin) for sample in samples]


def encode_crop(crop: GrayImage) -> bytes:
    """A grey crop, uint8 (H, W), as the PNG that is stored."""
    _, png = cv2.imencode(".png", crop)
    return png.tobytes()


def decode_crop(png: bytes) -> GrayImage:
    """What ``encode_crop`` gave. Raises StateError for anything else."""
    crop = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    if crop is None:
        raise StateError("expected stored samples to be PNG, found one that is not; delete it")
    return crop.astype(np.uint8, copy=False)
