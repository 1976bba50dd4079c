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

_ENOUGH = 3
"""Votes for a network's labels below which a face teaches nothing."""


def load(path: Path, usages: Sequence[Usage]) -> NDArray[np.int64]:
    """Read the votes: int64 (rows, 10), columns as in CHOICES.

    usages: of every row of FER2013, whose row N is the face of row N here. Raises
    FileNotFoundError, or DataError for another number of rows, and with the row for a missing
    column, a bad count or another Usage.
    """
    return _read(path, [COLUMNS.get(choice, choice) for choice in CHOICES], usages)


def distribution(
    votes: NDArray[np.int64], labels: Sequence[str] = LABELS
) -> tuple[FloatArray, FloatArray]:
    """What people said of faces in the words of some labels, and how much that is worth.

    votes: (N, 10). Returns float32 (N, len(labels)), each row summing to 1, or to 0 where nobody
    chose any of the labels; and float32 (N,), the share of voters who did: 0 where they were fewer
    than three, or where most saw no face.
    """
    counts = _of(votes, labels)
    chosen, all_voters = counts.sum(axis=1), votes.sum(axis=1)
    shares = counts / np.maximum(chosen, 1)[:, np.newaxis]
    counted = (chosen >= _ENOUGH) & (votes[:, CHOICES.index("NF")] * 2 <= all_voters)
    worth = np.where(counted, chosen / np.maximum(all_voters, 1), 0.0)
    return shares.astype(np.float32), worth.astype(np.float32)


def majority(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The choice of most voters, int64 (N,): an index into the columns of votes, or NO_MAJORITY."""
    ranked = np.sort(votes, axis=1)
    return np.where(ranked[:, -1] > ranked[:, -2], votes.argmax(axis=1), NO_MAJORITY)


def agreed(votes: NDArray[np.int64], labels: Sequence[str] = LABELS) -> NDArray[np.int64]:
    """The label that more than half of all voters chose, int64 (N,), or NO_MAJORITY.

    votes: (N, 10). A face that most call unknown, no face or contempt has none.
    """
    counts = _of(votes, labels)
    strict = counts.max(axis=1) * 2 > votes.sum(axis=1)
    return np.where(strict, counts.argmax(axis=1), NO_MAJORITY)


def _of(votes: NDArray[np.int64], labels: Sequence[str]) -> NDArray[np.int64]:
    """The votes for each label, int64 (N, len(labels)); none for one that FER+ does not know."""
    counts = np.zeros((len(votes), len(labels)), np.int64)
    known = [index for index, label in enumerate(labels) if label in COLUMNS]
    counts[:, known] = votes[:, [CHOICES.index(labels[index]) for index in known]]
    return counts


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
