"""Networks that were trained before, as teachers of another one.

Source: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015 (arXiv:1503.02531).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_app.types import FloatArray
from training.datasets.fer2013 import FaceSet
from training.network import TrainedNetwork, both_ways, open_network


def scores(runs: Sequence[Path], faces: FaceSet, labels: tuple[str, ...]) -> FloatArray:
    """What the teachers say of the faces, float32 (N, labels).

    The mean of all teachers, each on the faces and on their mirror images. Raises ValueError for a
    teacher with other labels.
    """
    total = np.zeros((len(faces), len(labels)), np.float32)
    for teacher in [_open(run, labels) for run in runs]:
        total += both_ways(teacher, faces.images)[1]
    return total / np.float32(len(runs))


def _open(run: Path, labels: tuple[str, ...]) -> TrainedNetwork:
    teacher = open_network(run)
    if teacher.labels != labels:
        raise ValueError(
            f"{run}: expected a teacher with the labels {', '.join(labels)}, "
            f"found {', '.join(teacher.labels)}"
        )
    return teacher


def soften(scores: FloatArray, temperature: float) -> FloatArray:
    """Scores (N, classes) as if their logits had been divided by the temperature."""
    powered = np.power(scores, 1.0 / temperature)
    return (powered / powered.sum(axis=1, keepdims=True)).astype(np.float32)
