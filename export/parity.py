"""Proof that an exported file gives what the Keras network gives."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_app.types import FloatArray
from training.evaluate import Evaluation, Predict, load_predictor

MAX_DIFFERENCE = 1e-4
MIN_AGREEMENT = 0.999


class ParityError(ValueError):
    """An exported file differs from the network that it was made from."""


@dataclass(frozen=True)
class Parity:
    """How far a file's scores are from Keras's on the same inputs.

    agreement: share of the inputs with the same likeliest label.
    """

    file: str
    max_difference: float
    mean_difference: float
    agreement: float
    scores: FloatArray


@dataclass(frozen=True)
class Proof:
    """One exported file on one split."""

    split: str
    parity: Parity
    evaluation: Evaluation


def compare(path: Path, inputs: FloatArray, expected: FloatArray) -> Parity:
    """Run a file on float32 (N, 48, 48, 1) and hold it against Keras's scores (N, classes).

    Raises ParityError beyond MAX_DIFFERENCE or below MIN_AGREEMENT.
    """
    predict: Predict = load_predictor(path)
    scores = predict(inputs)
    difference = np.abs(scores - expected)
    parity = Parity(
        path.name,
        float(difference.max()),
        float(difference.mean()),
        float((scores.argmax(axis=1) == expected.argmax(axis=1)).mean()),
        scores,
    )
    if not (parity.max_difference <= MAX_DIFFERENCE and parity.agreement >= MIN_AGREEMENT):
        raise ParityError(
            f"{path.name}: expected scores within {MAX_DIFFERENCE:g} of Keras's and the same label "
            f"for {MIN_AGREEMENT:.1%}, found {parity.max_difference:.2e} and {parity.agreement:.2%}"
        )
    return parity
