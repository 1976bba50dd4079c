"""Which labels a network has, and from which file it learns them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import FloatArray
from training.datasets import bored, fer2013, ferplus, folders
from training.datasets.fer2013 import USAGES, DataError, FaceSet, Fer2013, Usage

LabelSetName = Literal["fer7", "bored4"]


@dataclass(frozen=True)
class LabelledFaces:
    """A data set as a network with some labels sees it.

    file_labels: names that data.labels counts in. labels: the network's own, in the order of its
    outputs. votes: int64 (N, 10), see ferplus.load; all 0 in the rows that nobody was asked about.
    """

    data: Fer2013
    file_labels: tuple[str, ...]
    labels: tuple[str, ...]
    votes: NDArray[np.int64]

    def split(self, usage: Usage) -> FaceSet:
        """The faces of a split that have one of the labels, numbered in their order.

        Raises DataError for a split without faces.
        """
        faces = self.data.split(usage)
        if not len(faces):
            raise DataError(f"expected faces with the Usage {usage}, found none in the data")
        if self.labels == self.file_labels:
            return faces
        return bored.select(faces, self.file_labels, self.labels)

    @property
    def has_votes(self) -> bool:
        return bool(self.votes.any())

    def agreed(self, usage: Usage) -> FaceSet:
        """The faces of a split that people agree on, labelled as more than half of them said.

        A face that nobody was asked about keeps its label. Raises DataError for none.
        """
        asked = self._asked()
        said = np.where(asked, ferplus.agreed(self.votes, self.labels), self._own_labels())
        return self._faces(usage, said)

    def disputed(self, usage: Usage) -> FaceSet:
        """The faces of a split that people were asked about and see differently.

        Their labels are those that most chose among the network's, which is fewer than half.
        """
        asked = self._asked()
        shares, _ = ferplus.distribution(self.votes, self.labels)
        unclear = asked & (ferplus.agreed(self.votes, self.labels) == ferplus.NO_MAJORITY)
        return self._faces(usage, np.where(unclear, shares.argmax(axis=1), -1), may_be_none=True)

    def targets(self, usage: Usage, *, vote_weight: float) -> "Targets":
        """What a network is asked for of the faces of a split.

        vote_weight: the share of people's votes in a target beside the label. 1 is the votes alone:
        a face is worth what ``ferplus.distribution`` says, and one that is worth nothing is left
        out. What nobody was asked about has its label for a target, and is worth 1. Raises
        DataError for a split without faces.
        """
        own = self._own_labels()
        shares, worth = ferplus.distribution(self.votes, self.labels)
        asked = self._asked()
        if vote_weight < 1:
            faces = self.split(usage)
            share = vote_weight * shares[faces.rows]
            rest = 1 - share.sum(axis=1, keepdims=True)
            named = np.eye(len(self.labels), dtype=np.float32)[faces.labels]
            return Targets(faces, share + rest * named, np.ones(len(faces), np.float32))
        said = np.where(worth > 0, shares.argmax(axis=1), -1)
        faces = self._faces(usage, np.where(asked, said, own))
        named = np.eye(len(self.labels), dtype=np.float32)[faces.labels]
        by_vote = asked[faces.rows]
        return Targets(
            faces,
            np.where(by_vote[:, np.newaxis], shares[faces.rows], named),
            np.where(by_vote, worth[faces.rows], np.float32(1)),
        )

    def _asked(self) -> NDArray[np.bool_]:
        """Which rows people were asked about, bool (N,)."""
        return self.votes.sum(axis=1) > 0

    def _own_labels(self) -> NDArray[np.int64]:
        """The file's labels as the network counts them, int64 (N,); -1 for what it has not."""
        numbers = [
            self.labels.index(name) if name in self.labels else -1 for name in self.file_labels
        ]
        return np.array(numbers)[self.data.labels]

    def _faces(
        self, usage: Usage, labels: NDArray[np.int64], *, may_be_none: bool = False
    ) -> FaceSet:
        """Those of a split with a label of 0 or more."""
        rows = np.flatnonzero((self.data.usage == USAGES.index(usage)) & (labels >= 0))
        if not len(rows) and not may_be_none:
            raise DataError(f"expected faces with the Usage {usage}, found none in the data")
        return FaceSet(self.data.images[rows], labels[rows], rows)


@dataclass(frozen=True)
class Targets:
    """faces: N. targets: float32 (N, labels), rows summing to 1. worth: what each counts, (N,)."""

    faces: FaceSet
    targets: FloatArray
    worth: FloatArray


@dataclass(frozen=True)
class LabelSet:
    """What a network may tell apart, and where that is learned.

    labels: in the order of the network's outputs. stem: name of the csv without its suffix.
    file_labels: name of each value of the csv's emotion column.
    """

    labels: tuple[str, ...]
    stem: str
    file_labels: tuple[str, ...]

    def load(self, folder: Path) -> LabelledFaces:
        """Read the csv (or Kaggle's folders) of a data folder, and FER+'s votes where they are.

        Raises FileNotFoundError and DataError as the readers do.
        """
        if self.stem == "fer2013" and folders.is_layout(folder):
            found = folders.load(folder)
            nobody = np.zeros((len(found.labels), len(ferplus.CHOICES)), np.int64)
            return LabelledFaces(found, self.file_labels, self.labels, nobody)
        data = fer2013.load(fer2013.find(folder, self.stem), self.file_labels)
        votes_file = folder / ferplus.FILE
        votes = np.zeros((len(data.labels), len(ferplus.CHOICES)), np.int64)
        if votes_file.exists():
            # what was merged into FER2013 stands after its rows and has no votes
            own = data.labels < len(fer2013.LABELS)
            published = int(own.sum())
            if not own[:published].all():
                row = int(np.flatnonzero(~own)[0]) + 1
                raise DataError(
                    f"{folder}, row {row} of {self.stem}: expected FER2013's rows before others, "
                    "as merge writes them, found another; FER+'s votes go by the row"
                )
            votes[:published] = ferplus.load(votes_file, data.usages()[:published])
        return LabelledFaces(data, self.file_labels, self.labels, votes)


LABEL_SETS: dict[LabelSetName, LabelSet] = {
    "fer7": LabelSet(fer2013.LABELS, "fer2013", fer2013.LABELS),
    "bored4": LabelSet(bored.LABELS_BORED4, "fer2013_bored", bored.LABELS_BORED),
}


def load_for(labels: tuple[str, ...], folder: Path) -> LabelledFaces:
    """The data set of a network with some labels. Raises ValueError for labels of no set."""
    for label_set in LABEL_SETS.values():
        if label_set.labels == labels:
            return label_set.load(folder)
    raise ValueError(f"expected the labels of {' or '.join(LABEL_SETS)}, found {', '.join(labels)}")
