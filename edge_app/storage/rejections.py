"""Corrections: faces that were given somebody's name and are not theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from edge_app.core.errors import PeopleError
from edge_app.core.types import ColorImage
from edge_app.storage.crops import StoredFace, encode_crop
from edge_app.storage.faces import KeptFaces
from edge_app.storage.people import person_of, rows_of
from edge_app.storage.state import State


@dataclass(frozen=True)
class Rejection(StoredFace):
    """A face, mostly a stranger's, that was wrongly given somebody's name."""

    person_id: int
    created_at: float


class Rejections(KeptFaces):
    """Such faces in a State, part of its ``Gallery``; ``clock`` gives seconds since 1970.

    Methods that name a person or a rejection by number raise PeopleError for one that is not there.
    """

    _table = "rejections"
    _is_measured = False

    def __init__(self, state: State, clock: Callable[[], float]) -> None:
        super().__init__(state)
        self._clock = clock

    def add(self, person_id: int, crop: ColorImage) -> None:
        """Note that a face which was given somebody's name is not theirs.

        It is kept until they are deleted, or one of the methods below says so. crop: uint8
        (160, 160, 3) BGR as ``vision.align.sample`` gives.
        """
        data = encode_crop(crop)
        with self._state.writing() as connection:
            person_of(connection, person_id)
            connection.execute(
                "INSERT INTO rejections (person_id, crop, layout, created_at) "
                "VALUES (?, ?, 'aligned', ?)",
                (person_id, data, self._clock()),
            )

    def faces(self, person_id: int | None = None) -> list[Rejection]:
        """The faces that are not a person's, or not anybody's, oldest first."""
        query = "SELECT id, crop, layout, person_id, created_at FROM rejections"
        with self._state.reading() as connection:
            return [Rejection(*row) for row in rows_of(connection, query, person_id)]

    def delete(self, rejection_id: int) -> None:
        """The face may be given the person's name again."""
        with self._state.writing(erases=True) as connection:
            cursor = connection.execute("DELETE FROM rejections WHERE id = ?", (rejection_id,))
            if cursor.rowcount == 0:
                raise PeopleError(
                    f"expected a stored correction, found none of number {rejection_id}"
                )

    def delete_of(self, person_id: int) -> int:
        """All of a person; returns how many there were."""
        with self._state.writing(erases=True) as connection:
            person_of(connection, person_id)
            cursor = connection.execute("DELETE FROM rejections WHERE person_id = ?", (person_id,))
        return cursor.rowcount

    def forget(self, *, before: float) -> int:
        """Delete those noted before a time, in seconds since 1970; returns how many there were."""
        with self._state.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM rejections WHERE created_at < ?", (before,)
            ).fetchone()
        if count:
            with self._state.writing(erases=True) as connection:
                connection.execute("DELETE FROM rejections WHERE created_at < ?", (before,))
        return int(count)
