"""Proof that an exported file gives what the Keras network gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_app.manifest import Precision
from edge_app.types import FloatArray
from training.datasets.fer2013 import FaceSet, Usage
from training.evaluate import Evaluation, evaluate
from training.network import Predict

MAX_DIFFERENCE = 1e-4
"""Of a probability, for float32 files."""
MIN_AGREEMENT = 0.999
"""Share of images with the same label, for float32 files."""
MAX_LOSS = 0.003
"""Of accuracy on PublicTest, for every other precision."""


class ParityError(ValueError):
    """An exported file differs from the network that it was made from."""


@dataclass(frozen=True)
class Proof:
    """One exported file on one split, held against Keras's scores on the same images.

    agreement: share of the images with the same likeliest label. loss: accuracy of Keras minus that
    of the file; negative where the file does better.
    """

    file: str
    precision: Precision
    split: Usage
    max_difference: float
    mean_difference: float
    agreement: float
    loss: float
    evaluation: Evaluation


def prove(
    file: str,
    precision: Precision,
    predict: Predict,
    *,
    split: Usage,
    faces: FaceSet,
    inputs: FloatArray,
    expected: FloatArray,
    labels: Sequence[str],
) -> Proof:
    """Run a file on float32 (N, S, S, 1) and compare with Keras's scores (N, classes)."""
    scores = predict(inputs)
    difference = np.abs(scores - expected)
    evaluation = evaluate(scores, faces, labels)
    return Proof(
        file,
        precision,
        split,
        float(difference.max()),
        float(difference.mean()),
        float((scores.argmax(axis=1) == expected.argmax(axis=1)).mean()),
        evaluate(expected, faces, labels).accuracy - evaluation.accuracy,
        evaluation,
    )


def require(proof: Proof) -> None:
    """Raise ParityError for a file that is not what its precision allows."""
    where = f"{proof.file} on {proof.split}"
    if proof.precision == "float32":
        if proof.max_difference <= MAX_DIFFERENCE and proof.agreement >= MIN_AGREEMENT:
            return
        raise ParityError(
            f"{where}: expected scores within {MAX_DIFFERENCE:g} of Keras's and the same label for "
            f"{MIN_AGREEMENT:.1%}, found {proof.max_difference:.2e} and {proof.agreement:.2%}"
        )
    if proof.split == "PublicTest" and not proof.loss <= MAX_LOSS:
        raise ParityError(
            f"{where}: expected to lose at most {MAX_LOSS:.1%} of accuracy against Keras, "
            f"found {proof.loss:.2%}; fine-tune with quantization in the loop"
        )
