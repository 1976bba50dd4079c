"""What a name may be, and rows of enrolled people for changes within a transaction that goes on."""

import sqlite3
import unicodedata
from dataclasses import dataclass
from typing import Any

from edge_app.core.errors import PeopleError

MAX_NAME_LENGTH = 100
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}
"""Control, surrogate, private and unassigned; joiners (Cf) belong to several scripts."""


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


def name_key(name: str) -> str:
    """What two names must share to be the same name."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True)
class Person:
    """Somebody enrolled. created_at: seconds since 1970, UTC.

    rejection_count: faces that were given their name and are not theirs (``rejections``).
    """

    id: int
    name: str
    created_at: float
    sample_count: int
    rejection_count: int


def insert_person(connection: sqlite3.Connection, name: str, created_at: float) -> int:
    """Somebody new in a transaction that goes on; name: of ``clean_name``. Returns their number.

    Raises PeopleError for a name that is taken.
    """
    try:
        cursor = connection.execute(
            "INSERT INTO people (name, key, created_at) VALUES (?, ?, ?)",
            (name, name_key(name), created_at),
        )
    except sqlite3.IntegrityError as error:
        raise _name_taken(name) from error
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def number_of(connection: sqlite3.Connection, name: str) -> int | None:
    """The number of the person of a name, upper and lower case alike; None for nobody."""
    row = connection.execute("SELECT id FROM people WHERE key = ?", (name_key(name),)).fetchone()
    return None if row is None else int(row[0])


def rename_person(connection: sqlite3.Connection, person_id: int, name: str) -> None:
    """In a transaction that goes on; name: of ``clean_name``.

    Raises PeopleError for a name that somebody else has.
    """
    try:
        connection.execute(
            "UPDATE people SET name = ?, key = ? WHERE id = ?", (name, name_key(name), person_id)
        )
    except sqlite3.IntegrityError as error:
        raise _name_taken(name) from error


def all_people(connection: sqlite3.Connection) -> list[Person]:
    """Everybody, by name."""
    rows = connection.execute(f"{_SELECT} GROUP BY people.id ORDER BY people.key")
    return [Person(*row) for row in rows]


def person_of(connection: sqlite3.Connection, person_id: int) -> Person:
    """In a transaction that goes on. Raises PeopleError for nobody of this number."""
    row = connection.execute(
        f"{_SELECT} WHERE people.id = ? GROUP BY people.id", (person_id,)
    ).fetchone()
    if row is None:
        raise PeopleError(f"expected somebody enrolled, found nobody of number {person_id}")
    return Person(*row)


def rows_of(
    connection: sqlite3.Connection, query: str, person_id: int | None
) -> list[tuple[Any, ...]]:
    """What a query without conditions gives for a person, or for everybody, by ``id``.

    Raises PeopleError for nobody of this number.
    """
    if person_id is None:
        return connection.execute(f"{query} ORDER BY id").fetchall()
    person_of(connection, person_id)
    return connection.execute(f"{query} WHERE person_id = ? ORDER BY id", (person_id,)).fetchall()


_SELECT = (
    "SELECT people.id, people.name, people.created_at, count(samples.id), "
    "(SELECT count(*) FROM rejections WHERE rejections.person_id = people.id) FROM people "
    "LEFT JOIN samples ON samples.person_id = people.id"
)


def _name_taken(name: str) -> PeopleError:
    return PeopleError(
        f"expected a name that nobody has yet, found {name!r} enrolled already; choose another, "
        "add samples to that person, or delete them first"
    )
