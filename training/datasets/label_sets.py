"""Which labels a network has, and from which file it learns them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from edge_app.core.types import FloatArray
from training.datasets import bored, fer2013, ferplus, folders
from training.datasets.fer2013 import DataError, FaceSet, Fer2013, Usage

LabelSetName = Literal["fer7", "bored4"]


@dataclass(frozen=True)
class LabelledFaces:
    """A data set as a network with some labels sees it.

    file_labels: names that data.labels counts in. labels: the network's own, in the order of its
    outputs. votes: float32 (N, len(labels)), see ferplus.load; None where nobody voted.
    """

    data: Fer2013
    file_labels: tuple[str, ...]
    labels: tuple[str, ...]
    votes: FloatArray | None

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
            return LabelledFaces(folders.load(folder), self.file_labels, self.labels, None)
        data = fer2013.load(fer2013.find(folder, self.stem), self.file_labels)
        votes_file = folder / ferplus.FILE
        votes = None
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
            votes = np.zeros((len(data.labels), len(self.labels)), np.float32)
            votes[:published] = ferplus.load(votes_file, data.usages()[:published], self.labels)
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
