from dataclasses import replace

import numpy as np
import pytest

from edge_app.bundle.manifest import Precision
from export.parity import ParityError, Proof, prove, require
from training.datasets.fer2013 import LABELS, Fer2013, Usage
from training.datasets.ferplus import CHOICES
from training.datasets.label_sets import LabelledFaces
from training.judging import Judge

_DATA = Fer2013(np.zeros((4, 48, 48), np.uint8), np.array([0, 1, 2, 3]), np.ones(4, np.int64))
_FACES = LabelledFaces(_DATA, LABELS, LABELS, np.zeros((4, len(CHOICES)), np.int64))
_INPUTS = np.zeros((4, 48, 48, 1), np.float32)
_EXPECTED = np.eye(len(LABELS), dtype=np.float32)[[0, 1, 2, 0]]


def proof(scores: np.ndarray, precision: Precision = "int8", split: Usage = "PublicTest") -> Proof:
    return prove(
        "a.tflite",
        precision,
        lambda inputs: scores,
        split=split,
        judge=Judge(_FACES, "PublicTest"),
        inputs=_INPUTS,
        expected=_EXPECTED,
        clear=None,
    )


def test_figures_of_a_file() -> None:
    scores = _EXPECTED.copy()
    scores[2] = [0.0, 0.0, 0.25, 0.75, 0.0, 0.0, 0.0]

    found = proof(scores)

    assert found.max_difference == 0.75
    assert found.mean_difference == pytest.approx(1.5 / scores.size)
    assert found.agreement == 0.75
    assert found.verdict.majority.accuracy == 0.5
    assert found.loss == 0.25


def test_a_float_file_must_give_the_scores_of_keras() -> None:
    require([proof(_EXPECTED + np.float32(9e-5), "float32")])

    with pytest.raises(ParityError, match=r"a\.tflite on PublicTest.* expected scores within"):
        require([proof(_EXPECTED + np.float32(2e-4), "float32")])
    with pytest.raises(ParityError, match="found NaN"):
        proof(np.full_like(_EXPECTED, np.nan), "float32")


def test_a_float_file_must_give_the_labels_of_keras() -> None:
    with pytest.raises(ParityError, match="expected the label of Keras"):
        require([replace(proof(_EXPECTED, "float32"), agreement=0.998)])


@pytest.mark.parametrize("precision", ["float16", "dynamic", "int8"])
def test_a_smaller_file_may_lose_a_little_on_public_test(precision: Precision) -> None:
    whole = proof(_EXPECTED, precision)
    require([replace(whole, loss=0.003), replace(whole, loss=-0.1)])

    with pytest.raises(ParityError, match=r"lost \+0\.31 points; expected to lose at most 0\.3"):
        require([replace(whole, loss=0.0031)])


def test_private_test_decides_nothing_about_smaller_files() -> None:
    require([replace(proof(_EXPECTED), split="PrivateTest", loss=0.2)])
