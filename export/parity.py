"""Proof that an exported file gives what the Keras network gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_app.bundle.manifest import ClearSpec, Precision
from edge_app.core.types import FloatArray
from training.datasets.fer2013 import Usage
from training.judging import Judge, Verdict
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
    of the file, by what most of FER+'s voters saw; negative where the file does better.
    """

    file: str
    precision: Precision
    split: Usage
    max_difference: float
    mean_difference: float
    agreement: float
    loss: float
    verdict: Verdict


def prove(
    file: str,
    precision: Precision,
    predict: Predict,
    *,
    split: Usage,
    judge: Judge,
    inputs: FloatArray,
    expected: FloatArray,
    clear: ClearSpec | None,
) -> Proof:
    """Run a file on float32 (N, S, S, 1) and compare with Keras's scores (N, classes).

    inputs, expected: of all of the judge's images. clear: when a face shows a clear emotion. Raises
    ParityError for scores that are no numbers.
    """
    scores = predict(inputs)
    if not np.isfinite(scores).all():
        raise ParityError(f"{file} on {split}: expected probabilities, found NaN or infinity")
    difference = np.abs(scores - expected)
    verdict = judge(scores, clear)
    right = judge.of_agreed(expected).argmax(axis=1) == judge.agreed.labels
    return Proof(
        file,
        precision,
        split,
        float(difference.max()),
        float(difference.mean()),
        float((scores.argmax(axis=1) == expected.argmax(axis=1)).mean()),
        float(right.mean()) - verdict.majority.accuracy,
        verdict,
    )


def require(proofs: Sequence[Proof]) -> None:
    """Raise ParityError with the row of every file that is not what its precision allows."""
    failed = [f"{_row(proof)}; {why}" for proof in proofs if (why := _shortcoming(proof))]
    if failed:
        raise ParityError("\n".join(failed))


def _row(proof: Proof) -> str:
    return (
        f"{proof.file} on {proof.split}: largest difference {proof.max_difference:.2e}, "
        f"mean {proof.mean_difference:.2e}, same label {proof.agreement:.2%}, "
        f"accuracy {proof.verdict.majority.accuracy:.2%}, lost {proof.loss * 100:+.2f} points"
    )


def _shortcoming(proof: Proof) -> str | None:
    """What was expected of a file and not found. PrivateTest decides nothing about 8 bits."""
    if proof.precision == "float32":
        if not proof.max_difference <= MAX_DIFFERENCE:
            return f"expected scores within {MAX_DIFFERENCE:g} of Keras's"
        if not proof.agreement >= MIN_AGREEMENT:
            return f"expected the label of Keras for at least {MIN_AGREEMENT:.1%}"
    elif proof.split == "PublicTest" and not proof.loss <= MAX_LOSS:
        return f"expected to lose at most {MAX_LOSS * 100:g} points of accuracy against Keras"
    return None
