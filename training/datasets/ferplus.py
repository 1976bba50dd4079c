"""FER+: ten people's votes on every face of FER2013; row N belongs to row N of FER2013.

Source: Barsoum et al., "Training Deep Networks for Facial Expression Recognition with
Crowd-Sourced Label Distribution", 2016 (arXiv:1608.01041). MIT licence.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import FloatArray
from training.datasets.fer2013 import LABELS, DataError, Usage

FILE = "ferplus.csv"
"""In the folder of FER2013's csv."""

COLUMNS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""FER2013's label to FER+'s column. Contempt, unknown and NF (no face) have no counterpart."""

CHOICES = (*LABELS, "contempt", "unknown", "NF")
"""All that people could vote for: FER2013's labels first, in its order; NF is no face."""

_USAGE = "Usage"
"""FER+ says it as well, so that rows which do not belong together are found."""

NO_MAJORITY = -1
"""The majority of a face where two choices lead with equally many votes, or nobody voted."""


def load(path: Path, usages: Sequence[Usage], labels: Sequence[str] = LABELS) -> FloatArray:
    """Read the votes as a distribution over some labels; one that FER+ does not know gets none.

    usages: of every row of FER2013, whose row N is the face of row N here. Returns float32
    (rows, len(labels)), each row summing to 1, or all zeros where nobody voted for one of the
    labels. Raises FileNotFoundError, or DataError for another number of rows, and with the row for
    a missing column, a bad count or another Usage.
    """
    known = [index for index, label in enumerate(labels) if label in COLUMNS]
    counts = np.zeros((len(usages), len(labels)), np.float32)
    counts[:, known] = _read(path, [COLUMNS[labels[index]] for index in known], usages)
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)


def load_votes(path: Path, usages: Sequence[Usage]) -> NDArray[np.int64]:
    """Read the votes as they are: int64 (rows, 10), columns as in CHOICES. Raises as ``load``."""
    return _read(path, [COLUMNS.get(choice, choice) for choice in CHOICES], usages)


def majority(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The choice of most voters, int64 (N,): an index into the columns of votes, or NO_MAJORITY."""
    ranked = np.sort(votes, axis=1)
    return np.where(ranked[:, -1] > ranked[:, -2], votes.argmax(axis=1), NO_MAJORITY)


def _read(path: Path, columns: Sequence[str], usages: Sequence[Usage]) -> NDArray[np.int64]:
    """Named columns of the csv, int64 (rows, columns)."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected FER+'s csv of votes")
    votes: list[list[int]] = []
    with path.open(encoding="ascii", errors="replace", newline="") as text:
        reader = csv.DictReader(text)
        missing = {*columns, _USAGE} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path}: missing columns: {', '.join(sorted(missing))}")
        for number, row in enumerate(reader, start=1):
            cells = [row[column] for column in columns]
            # a row cut short has None; what is no ascii was replaced and is no number
            if not all(cell is not None and cell.isdecimal() for cell in cells):
                raise DataError(
                    f"{path}, row {number}: expected whole numbers of votes, found {cells}"
                )
            if number <= len(usages) and row[_USAGE] != usages[number - 1]:
                raise DataError(
                    f"{path}, row {number}: expected the Usage {usages[number - 1]} of FER2013's "
                    f"row, found {row[_USAGE]}; take both files as they were published, unsorted"
                )
            votes.append([int(cell) for cell in cells])
    if len(votes) != len(usages):
        raise DataError(
            f"{path}: expected a row for each of FER2013's {len(usages)}, found {len(votes)}; "
            "take both files from one copy"
        )
    return np.array(votes, dtype=np.int64).reshape(-1, len(columns))
