"""FER2013 with an eighth emotion, bored, from photographs of one's own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.datasets import fer2013
from training.datasets.fer2013 import DataError, FaceSet, Fer2013

LABELS_BORED = (*fer2013.LABELS, "bored")
"""Name of each value of the ``emotion`` column of a merged file."""

BORED = LABELS_BORED.index("bored")

LABELS_BORED4 = ("angry", "happy", "neutral", "bored")
"""The labels of the networks with four classes."""


def load(path: Path) -> Fer2013:
    """Read ``bored.csv``, FER2013's format with 7 on every row. Raises as fer2013.load does."""
    data = fer2013.load(path, LABELS_BORED)
    others = np.flatnonzero(data.labels != BORED)
    if others.size:
        raise DataError(
            f"{path}, row {others[0] + 1}: expected emotion {BORED} (bored) on every row, "
            f"found {data.labels[others[0]]}; give the csv that prepare-bored wrote"
        )
    return data


def merge(faces: Fer2013, bored: Fer2013) -> Fer2013:
    """Both sets, FER2013's rows first and unchanged, so that FER+ row N still belongs to row N."""
    return Fer2013(
        np.concatenate((faces.images, bored.images)),
        np.concatenate((faces.labels, bored.labels)),
        np.concatenate((faces.usage, bored.usage)),
    )


def select(faces: FaceSet, labels: Sequence[str], wanted: Sequence[str]) -> FaceSet:
    """The faces of some labels, numbered anew: 0 for the first of ``wanted``, and so on.

    labels: the names that faces.labels counts in, LABELS_BORED for a merged file. rows stay those
    of the csv. Raises DataError for a wanted label that has no face.
    """
    numbers = np.full(len(labels), -1, dtype=np.int64)
    for new, name in enumerate(wanted):
        numbers[labels.index(name)] = new
    renumbered = numbers[faces.labels]
    for new, name in enumerate(wanted):
        if not (renumbered == new).any():
            raise DataError(
                f"expected faces labelled {name}, found none; merge the set that has them"
            )
    kept = np.flatnonzero(renumbered >= 0)
    return FaceSet(faces.images[kept], renumbered[kept], faces.rows[kept])
