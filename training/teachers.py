"""Networks that were trained before, as teachers of another one.

Sources: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015 (arXiv:1503.02531);
Beyer et al., "Knowledge distillation: A good teacher is patient and consistent", 2022
(arXiv:2106.05237), for asking about every view.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from edge_app.bundle.literals import Normalization
from edge_app.core.types import FloatArray
from training.config import Precision
from training.datasets.fer2013 import FaceSet
from training.network import TrainedNetwork, both_ways, labels_of, load_keras, open_network

_NEVER_SILENT = np.float32(1e-7)
"""Added to scores: a quantized teacher may give 0 to every label that the student has, too."""


class Teaching:
    """Gives the mean of all teachers' scores a share of a student's targets.

    Teachers that know only some of the student's labels have a say in these alone: they share out
    anew what the targets give to them together.

    networks: folders of runs, or files. labels: the student's. weight: the teachers' share.
    temperature: see ``soften``. precision: of what teachers in .keras files compute.
    views_of: the normalisation of the views that teachers will be asked about, None for none.
    Raises ValueError for teachers with different labels, with fewer than two of the student's, or
    that do not read such views.
    """

    def __init__(
        self,
        networks: Sequence[Path],
        labels: tuple[str, ...],
        *,
        weight: float,
        temperature: float = 1.0,
        precision: Precision = "float32",
        views_of: Normalization | None = None,
    ) -> None:
        self._teachers = [_open(path, precision, views_of) for path in networks]
        theirs = labels_of(self._teachers)
        known = [label in theirs for label in labels]
        if sum(known) < 2:
            raise ValueError(
                f"expected teachers that know two or more of {', '.join(labels)}, found "
                f"{', '.join(theirs)}"
            )
        self._known = np.array(known, np.float32)
        self._columns = np.array([theirs.index(one) if one in theirs else 0 for one in labels])
        self._weight = weight
        self._temperature = temperature
        self._precision = precision

    def of_faces(self, faces: FaceSet, targets: FloatArray) -> FloatArray:
        """Targets for faces as they are, each asked with its mirror image; float32 (N, labels)."""
        return self.mix(targets, [both_ways(one, faces.images)[1] for one in self._teachers])

    def of_views(self, inputs: FloatArray, targets: FloatArray) -> FloatArray:
        """Targets for a batch as the student sees it: inputs (B, S, S, 1), targets (B, labels)."""
        return self.mix(targets, [one.predict(inputs) for one in self._teachers])

    def models(self) -> list[keras.Model]:
        """The teachers as Keras networks, to be compiled into a student's steps.

        Raises ValueError for a teacher of another kind of file.
        """
        return [load_keras(one.file, self._precision) for one in self._teachers]

    def mix(self, targets: Any, scores: Sequence[Any]) -> Any:
        """Targets with the teachers' share; float32 (B, labels) all.

        scores: of each teacher, float32 (B, its labels).
        """
        softened = soften(sum(scores[1:], scores[0]) / len(scores), self._temperature)
        heard = (softened[:, self._columns] + _NEVER_SILENT) * self._known
        heard = heard / heard.sum(axis=1, keepdims=True)
        concerned = targets * self._known
        taught = targets - concerned + concerned.sum(axis=1, keepdims=True) * heard
        return (1.0 - self._weight) * targets + self._weight * taught


def _open(path: Path, precision: Precision, views_of: Normalization | None) -> TrainedNetwork:
    teacher = open_network(path, precision)
    if views_of not in (None, teacher.normalization):
        raise ValueError(
            f"{path}: expected a teacher that reads what the student reads (normalization "
            f"{views_of}), found {teacher.normalization}; leave --teacher-views out"
        )
    return teacher


def soften(scores: Any, temperature: float) -> Any:
    """Scores (N, classes) as if their logits had been divided by the temperature."""
    powered = scores ** (1.0 / temperature)
    return powered / powered.sum(axis=1, keepdims=True)
