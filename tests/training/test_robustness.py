from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.progress import SILENT
from edge_app.core.types import FloatArray, GrayImage
from training.datasets.fer2013 import Fer2013
from training.datasets.label_sets import LabelledFaces
from training.disturbances import DISTURBANCES
from training.judging import Judge
from training.network import TrainedNetwork
from training.robustness import robustness


def prepare(images: GrayImage) -> FloatArray:
    return images.astype(np.float32)[..., np.newaxis]


def bright_or_dark(inputs: FloatArray) -> FloatArray:
    """Class 1 above a grey of 100."""
    bright = inputs.mean(axis=(1, 2, 3)) > 100
    return np.stack([~bright, bright], axis=1).astype(np.float32)


NETWORK = TrainedNetwork(Path("net.tflite"), ("dark", "bright"), prepare, bright_or_dark)


@pytest.fixture
def faces() -> Judge:
    greys = np.array([50, 60, 120, 130], np.uint8)
    images = np.ones((4, 48, 48), np.uint8) * greys[:, None, None]
    data = Fer2013(images, np.array([0, 0, 1, 1]), np.ones(4, np.int64))
    nobody = np.zeros((4, 10), np.int64)
    labels = NETWORK.labels
    return Judge(LabelledFaces(data, labels, labels, nobody), "PublicTest")


def test_accuracy_falls_where_the_network_is_fooled(faces: Judge) -> None:
    rows = {
        row.disturbance: row.verdicts[0].majority.accuracy
        for row in robustness([NETWORK], faces, SILENT)
    }

    assert len(rows) == len(DISTURBANCES)
    assert rows["as it is"] == 1.0
    assert rows["a quarter of the light"] == 0.5
    assert rows["twice the light, clipped"] == 0.75  # 60 becomes 120
    assert rows["rotated by 10 degrees"] == 1.0


def test_networks_see_the_same_faces(faces: Judge) -> None:
    rows = robustness([NETWORK, replace(NETWORK, file=Path("b.onnx"))], faces, SILENT)

    for first, second in (row.verdicts for row in rows):
        assert first.summary() == second.summary()


def test_other_labels_do_not_compare(faces: Judge) -> None:
    other = replace(NETWORK, labels=("a", "b"))

    with pytest.raises(ValueError, match="expected networks with the same labels, found a, b and"):
        robustness([NETWORK, other], faces, SILENT)
