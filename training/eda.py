"""What is in FER2013: counts, doubles, blanks, and what other people saw in the faces."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.core.progress import Progress
from training import duplicates
from training.datasets import fer2013, ferplus, folders
from training.datasets.fer2013 import LABELS, USAGES, Fer2013
from training.duplicates import Duplicates
from training.tables import write_csv

SPLITS = (*reversed(USAGES), "All")
"""Columns of the pivot table."""


@dataclass(frozen=True)
class Agreement:
    """FER2013's labels against the majority of FER+'s ten voters.

    counts: int64 (7, 11), rows as LABELS, columns as ferplus.CHOICES and at the end no majority.
    """

    counts: NDArray[np.int64]

    @property
    def share(self) -> float:
        """Of the faces where a majority names one of the seven, those where it is the label."""
        seven = self.counts[:, : len(LABELS)]
        return float(np.trace(seven) / max(1, seven.sum()))


@dataclass(frozen=True)
class Exploration:
    """All that the page shows.

    pivot: int64 (7, 4), rows as LABELS, columns as SPLITS. blank: rows of blank pictures, (B,).
    identical_copies, alike_copies: int64 (3, 3) over USAGES, see duplicates.copies. agreement: None
    without FER+.
    """

    data: Fer2013
    pivot: NDArray[np.int64]
    blank: NDArray[np.int64]
    duplicates: Duplicates
    identical_copies: NDArray[np.int64]
    alike_copies: NDArray[np.int64]
    agreement: Agreement | None

    @property
    def surplus(self) -> int:
        """Pictures that are pixel by pixel the same as an earlier one; blank ones not counted."""
        return len(self.data.labels) - len(np.unique(self.duplicates.identical))

    @property
    def contradictions(self) -> int:
        """Sets of identical pictures with more than one label among them."""
        both = np.stack((self.duplicates.identical, self.data.labels), axis=1)
        labels_each = np.unique(np.unique(both, axis=0)[:, 0], return_counts=True)[1]
        return int((labels_each > 1).sum())


def load(folder: Path) -> tuple[Fer2013, NDArray[np.int64] | None]:
    """FER2013 from its csv or from Kaggle's folders, and FER+'s votes where ferplus.csv is there.

    Raises FileNotFoundError for neither, DataError as the readers do.
    """
    if folders.is_layout(folder):
        return folders.load(folder), None
    data = fer2013.load(fer2013.find(folder))
    votes_file = folder / ferplus.FILE
    if not votes_file.exists():
        return data, None
    return data, ferplus.load(votes_file, data.usages())


def explore(data: Fer2013, votes: NDArray[np.int64] | None, progress: Progress) -> Exploration:
    """Count and compare. votes: int64 (N, 10), see ferplus.load."""
    found = duplicates.find(data.images, progress)
    return Exploration(
        data,
        pivot(data),
        np.flatnonzero(duplicates.is_blank(data.images)),
        found,
        duplicates.copies(found.identical, data.usage, usages=len(USAGES)),
        duplicates.copies(found.alike, data.usage, usages=len(USAGES)),
        None if votes is None else agreement(data.labels, votes),
    )


def pivot(data: Fer2013) -> NDArray[np.int64]:
    """Faces of each label (rows) in each split (columns as SPLITS), int64 (7, 4)."""
    counts = np.zeros((len(LABELS), len(USAGES)), dtype=np.int64)
    np.add.at(counts, (data.labels, data.usage), 1)
    return np.column_stack((counts[:, ::-1], counts.sum(axis=1)))


def agreement(labels: NDArray[np.int64], votes: NDArray[np.int64]) -> Agreement:
    """Labels (N,) against the majority of votes (N, 10)."""
    counts = np.zeros((len(LABELS), votes.shape[1] + 1), dtype=np.int64)
    # NO_MAJORITY is -1 and so counts in the last column
    np.add.at(counts, (labels, ferplus.majority(votes)), 1)
    return Agreement(counts)


def write_tables(found: Exploration, folder: Path) -> list[Path]:
    """Write the csv files; returns their paths. Rows count from 0, as FER+'s fer0000000.png does.

    Raises OutputError for a place that cannot be written.
    """
    data, doubles = found.data, found.duplicates
    usage = np.array(USAGES)[data.usage]
    emotion = np.array(LABELS)[data.labels]
    tables = {
        "pivot.csv": (
            ("emotion", *SPLITS),
            [(label, *row) for label, row in zip(LABELS, found.pivot.tolist(), strict=True)],
        ),
        "blank.csv": (
            ("row", "emotion", "Usage"),
            [(row, emotion[row], usage[row]) for row in found.blank.tolist()],
        ),
        "duplicates.csv": (
            ("row", "emotion", "Usage", "identical", "alike"),
            [
                (row, emotion[row], usage[row], doubles.identical[row], doubles.alike[row])
                for row in _members_of_sets(doubles.alike).tolist()
            ],
        ),
        "near_pairs.csv": (
            ("first", "second", "correlation", "mirrored", "first_Usage", "second_Usage"),
            [
                (first, second, f"{correlation:.4f}", int(turned), usage[first], usage[second])
                for first, second, correlation, turned in zip(
                    doubles.pairs.first.tolist(),
                    doubles.pairs.second.tolist(),
                    doubles.pairs.correlation.tolist(),
                    doubles.pairs.mirrored.tolist(),
                    strict=True,
                )
            ],
        ),
    }
    if found.agreement is not None:
        tables["agreement.csv"] = (
            ("emotion", *ferplus.CHOICES, "no majority"),
            [
                (label, *row)
                for label, row in zip(LABELS, found.agreement.counts.tolist(), strict=True)
            ],
        )
    for name, (header, rows) in tables.items():
        write_csv(folder / name, header, rows)
    return [folder / name for name in tables]


def _members_of_sets(sets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows that are not alone in their set, set by set."""
    _, inverse, sizes = np.unique(sets, return_inverse=True, return_counts=True)
    members = np.flatnonzero(sizes[inverse] > 1)
    return members[np.argsort(sets[members], kind="stable")]
