"""What samples, corrections and strangers' faces have in common: embeddings, and being aligned."""

import sqlite3
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from edge_app.core.types import FloatArray
from edge_app.storage.crops import NewFace, StoredFace, encode_crop
from edge_app.storage.quality import Quality
from edge_app.storage.state import State

_STORED = np.dtype("<f2")
"""Embeddings in the file: half precision, little-endian."""

MEASURED = "quality, size_px, sharpness, yaw, light"
"""Columns that ``measured`` fills; the first is the score."""


class KeptFaces:
    """The faces of one table of a State.

    Embeddings lie beside the faces and not with them: they are of one network, and go when another
    one is in use.
    """

    _table: ClassVar[str]
    _is_measured: ClassVar[bool] = True

    def __init__(self, state: State) -> None:
        self._state = state

    def embeddings(self, network: str) -> dict[int, FloatArray]:
        """What ``keep_embeddings`` stored for a network, by the number of the face.

        float32 (copies, components), exact to about three digits.
        """
        with self._state.reading() as connection:
            rows = connection.execute(
                f"SELECT face_id, copies, vectors FROM embeddings_of_{self._table} "
                "WHERE network = ?",
                (network,),
            ).fetchall()
        return {
            number: np.frombuffer(vectors, _STORED).astype(np.float32).reshape(copies, -1)
            for number, copies, vectors in rows
        }

    def keep_embeddings(self, network: str, embeddings: Mapping[int, FloatArray]) -> None:
        """Store what is slow to compute; faces that were deleted meanwhile are left out.

        network: the digest of what computed them; those of others are dropped. embeddings: float32
        (copies, components) by the number of the face.
        """
        with self._state.writing() as connection:
            connection.execute(
                f"DELETE FROM embeddings_of_{self._table} WHERE network <> ?", (network,)
            )
            connection.executemany(
                f"INSERT OR REPLACE INTO embeddings_of_{self._table} "
                f"SELECT id, ?, ?, ? FROM {self._table} WHERE id = ?",
                [
                    (network, len(vectors), vectors.astype(_STORED).tobytes(), number)
                    for number, vectors in embeddings.items()
                ],
            )

    def forget_embeddings(self) -> None:
        with self._state.writing() as connection:
            connection.execute(f"DELETE FROM embeddings_of_{self._table}")

    def unaligned(self, *, tried: bool = False, most: int | None = None) -> list[StoredFace]:
        """Faces of layout "box", oldest first, that ``align`` was not called for yet.

        tried: those it was called for in vain, instead. most: so many of them.
        """
        with self._state.reading() as connection:
            rows = connection.execute(
                f"SELECT id, crop, layout FROM {self._table} "
                "WHERE layout = 'box' AND tried = ? ORDER BY id LIMIT ?",
                (tried, -1 if most is None else most),
            ).fetchall()
        return [StoredFace(*row) for row in rows]

    def align(self, found: Mapping[int, NewFace | None]) -> None:
        """Put aligned samples in the place of faces of layout "box", in one transaction.

        found: by the number of the face; the old picture's embeddings go. None where its landmarks
        cannot be found: it stays as it is, and it is noted that this was tried. What was deleted or
        aligned meanwhile is left out.
        """
        columns = ("crop", *(MEASURED.split(", ") if self._is_measured else ()))
        changes = ", ".join(f"{column} = ?" for column in columns)
        aligned = [
            (encode_crop(face.crop), *(measured(face.quality) if self._is_measured else ()), number)
            for number, face in found.items()
            if face is not None
        ]
        in_vain = [(number,) for number, face in found.items() if face is None]
        of_box = "WHERE id = ? AND layout = 'box'"
        with self._state.writing() as connection:
            connection.executemany(
                f"DELETE FROM embeddings_of_{self._table} "
                f"WHERE face_id = (SELECT id FROM {self._table} {of_box})",
                [(row[-1],) for row in aligned],
            )
            connection.executemany(
                f"UPDATE {self._table} SET layout = 'aligned', tried = 0, {changes} {of_box}",
                aligned,
            )
            connection.executemany(f"UPDATE {self._table} SET tried = 1 {of_box}", in_vain)


def measured(quality: Quality) -> tuple[float, int, float, float | None, float]:
    """A quality by the columns ``MEASURED``; plain numbers, as SQLite takes NumPy's for bytes."""
    return (
        float(quality.score),
        int(quality.size_px),
        float(quality.sharpness),
        None if quality.yaw is None else float(quality.yaw),
        float(quality.light),
    )


def quality_of(size_px: int | None, *others: Any) -> Quality | None:
    """Of the columns after the score; None for a face of which only the score was kept."""
    return None if size_px is None else Quality(size_px, *others)


def move_embeddings(
    connection: sqlite3.Connection, from_table: str, from_id: int, to_table: str, to_id: int
) -> None:
    """Keep what was computed of a face that becomes one of another table."""
    connection.execute(
        f"INSERT INTO embeddings_of_{to_table} SELECT ?, network, copies, vectors "
        f"FROM embeddings_of_{from_table} WHERE face_id = ?",
        (to_id, from_id),
    )
