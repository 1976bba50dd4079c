"""What a network says of a split, held against what people saw and against the labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_app.bundle.manifest import ClearSpec
from edge_app.core.types import FloatArray, GrayImage
from training.datasets.fer2013 import FaceSet, Usage
from training.datasets.label_sets import LabelledFaces
from training.evaluate import Evaluation, evaluate


@dataclass(frozen=True)
class Shown:
    """What showing clear emotions alone does.

    shown: share of the faces that people agree on that show one. right: share of these whose
    likeliest label is what most saw. disputed: share of the faces that people do not agree on that
    are shown, too.
    """

    shown: float
    right: float
    disputed: float

    def figures(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Verdict:
    """A network's figures on one split.

    majority: by what more than half of FER+'s ten voters saw, of the faces that have such a
    majority; a face that nobody was asked about counts by its label. fresh: the same without faces
    that Training has, too, None where it has all. labels: by those of the file.
    """

    majority: Evaluation
    fresh: Evaluation | None
    labels: Evaluation
    clear: Shown

    def describe(self) -> str:
        clear = self.clear
        fresh = "none"
        if self.fresh is not None:
            fresh = f"{_count(self.fresh)}, {self.fresh.describe()}"
        return (
            f"FER+ majority ({_count(self.majority)}): {self.majority.describe()}\n"
            f"without those that Training has, too: {fresh}\n"
            f"labels ({_count(self.labels)}): {self.labels.describe()}\n"
            f"a clear emotion: {clear.shown:.1%} of the faces with a majority, {clear.right:.1%} "
            f"of them right; {clear.disputed:.1%} of those without"
        )

    def summary(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "majority": self.majority.summary(),
            "majority_without_copies": None if self.fresh is None else self.fresh.figures(),
            "labels": self.labels.summary(),
            "clear": self.clear.figures(),
        }


class Judge:
    """Knows the faces of a split and what they show.

    images: uint8 (N, 48, 48), all that a network has to be asked about. Raises DataError for a
    split without faces.
    """

    def __init__(self, faces: LabelledFaces, usage: Usage) -> None:
        everything = faces.data.split(usage)
        self.images: GrayImage = everything.images
        self.labels = faces.labels
        self.agreed = faces.agreed(usage)
        self.labelled = faces.split(usage)
        self._rows = everything.rows
        self._disputed = self._at(faces.disputed(usage))
        trained = {image.tobytes() for image in faces.data.split("Training").images}
        self._fresh = np.array([one.tobytes() not in trained for one in self.agreed.images])

    def of_agreed(self, scores: FloatArray) -> FloatArray:
        """Those of all scores (N, labels) that belong to ``agreed``."""
        return scores[self._at(self.agreed)]

    def of_labelled(self, scores: FloatArray) -> FloatArray:
        """Those of all scores (N, labels) that belong to ``labelled``."""
        return scores[self._at(self.labelled)]

    def __call__(self, scores: FloatArray, clear: ClearSpec | None) -> Verdict:
        """scores: (N, labels), of ``images``. clear: when a face shows a clear emotion."""
        seen, agreed, fresh = self.of_agreed(scores), self.agreed, self._fresh
        without = FaceSet(agreed.images[fresh], agreed.labels[fresh], agreed.rows[fresh])
        return Verdict(
            evaluate(seen, agreed, self.labels),
            evaluate(seen[fresh], without, self.labels) if fresh.any() else None,
            evaluate(self.of_labelled(scores), self.labelled, self.labels),
            self._shown(scores, clear),
        )

    def _shown(self, scores: FloatArray, clear: ClearSpec | None) -> Shown:
        is_shown = np.ones(len(scores), bool)
        if clear is not None:
            named = (dict(zip(self.labels, row, strict=True)) for row in scores.tolist())
            is_shown = np.array([clear.margin(one) >= 0 for one in named])
        agreed, disputed = is_shown[self._at(self.agreed)], is_shown[self._disputed]
        right = self.of_agreed(scores).argmax(axis=1) == self.agreed.labels
        return Shown(
            float(agreed.mean()),
            float(right[agreed].mean()) if agreed.any() else 0.0,
            float(disputed.mean()) if len(disputed) else 0.0,
        )

    def _at(self, faces: FaceSet) -> NDArray[np.intp]:
        return np.searchsorted(self._rows, faces.rows)


def _count(evaluation: Evaluation) -> str:
    return f"{evaluation.confusion.sum():,} faces"
