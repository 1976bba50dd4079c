"""How well a network does: its scores against the labels of faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from edge_app.core.confusion import confusion
from edge_app.core.types import FloatArray
from training.datasets.fer2013 import FaceSet
from training.tables import write_csv

_BINS = 15
RESAMPLES = 2000
RESAMPLING_SEED = 2013


@dataclass(frozen=True)
class Reliability:
    """Faces by the score of their likeliest label, in bins of equal width.

    counts: int64 (bins,). confidence, accuracy: float64 (bins,), mean score and share right; 0 in
    an empty bin. Source: Guo et al. 2017 (arXiv:1706.04599).
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error: the mean gap between score and share right, over faces."""
        gaps = np.abs(self.confidence - self.accuracy)
        return float((gaps * self.counts).sum() / max(1, self.counts.sum()))


@dataclass(frozen=True)
class Interval:
    """Of 95 %, by bootstrap over the faces."""

    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """Figures of one network on one split. confusion: int64 (classes, classes), rows are true.

    log_loss: the mean of ``log_losses``.
    The intervals take faces for independent, which those of one person are not.
    """

    labels: tuple[str, ...]
    accuracy: float
    mean_recall: float
    macro_f1: float
    accuracy_interval: Interval
    mean_recall_interval: Interval
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    log_loss: float
    confusion: NDArray[np.int64]
    reliability: Reliability

    def describe(self) -> str:
        accuracy, recall = self.accuracy_interval, self.mean_recall_interval
        return (
            f"accuracy {self.accuracy:.4f} ({accuracy.low:.4f} to {accuracy.high:.4f}), "
            f"mean recall {self.mean_recall:.4f} ({recall.low:.4f} to {recall.high:.4f}), "
            f"macro-F1 {self.macro_f1:.4f}, "
            f"log loss {self.log_loss:.4f}, calibration error {self.reliability.error:.4f}"
        )

    def figures(self) -> dict[str, Any]:
        """The figures of the whole as plain values for JSON."""
        accuracy, recall = self.accuracy_interval, self.mean_recall_interval
        return {
            "faces": int(self.confusion.sum()),
            "accuracy": round(self.accuracy, 4),
            "accuracy_95": [round(accuracy.low, 4), round(accuracy.high, 4)],
            "mean_recall": round(self.mean_recall, 4),
            "mean_recall_95": [round(recall.low, 4), round(recall.high, 4)],
            "macro_f1": round(self.macro_f1, 4),
            "log_loss": round(self.log_loss, 4),
            "calibration_error": round(self.reliability.error, 4),
        }

    def summary(self) -> dict[str, Any]:
        """The figures with those of every class."""
        per_class = zip(self.labels, self.precision, self.recall, self.f1, strict=True)
        return self.figures() | {
            "per_class": {
                label: {"precision": round(p, 4), "recall": round(r, 4), "f1": round(f, 4)}
                for label, p, r, f in per_class
            },
        }


def evaluate(scores: FloatArray, faces: FaceSet, labels: Sequence[str]) -> Evaluation:
    """Compare scores (N, classes) with the labels of the faces.

    Raises ValueError for scores that are no numbers.
    """
    if not np.isfinite(scores).all():
        raise ValueError("expected scores that are numbers, found NaN: the network diverged")
    predicted = scores.argmax(axis=1)
    classes = range(len(labels))
    precision, recall, f1, _ = precision_recall_fscore_support(
        faces.labels, predicted, labels=classes, zero_division=0.0
    )
    pairs = zip(faces.labels.tolist(), predicted.tolist(), strict=True)
    counts = confusion(pairs, classes, classes)
    accuracy, mean_recall = figures(counts)
    drawn_accuracy, drawn_mean_recall = figures(resampled(counts))
    return Evaluation(
        labels=tuple(labels),
        accuracy=float(accuracy),
        mean_recall=float(mean_recall),
        macro_f1=float(np.mean(f1)),
        accuracy_interval=interval(drawn_accuracy),
        mean_recall_interval=interval(drawn_mean_recall),
        precision=tuple(map(float, precision)),
        recall=tuple(map(float, recall)),
        f1=tuple(map(float, f1)),
        log_loss=float(log_losses(scores, faces.labels).mean()),
        confusion=counts,
        reliability=reliability(scores, faces.labels),
    )


def log_losses(scores: FloatArray, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Minus the logarithm of each true label's score, in nats. scores: (N, classes). labels: (N,).

    A score of 0, which an int8 file can give, counts as the least step of float32.
    """
    true = np.take_along_axis(scores, labels[:, np.newaxis], axis=1)[:, 0].astype(np.float64)
    return -np.log(np.maximum(true, np.finfo(np.float32).eps))


def figures(counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Accuracy and mean recall of confusion matrices (..., classes, classes), each (...).

    A class without a face has no recall and no say in the mean.
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    faces = counts.sum(axis=-1)
    recall = right / np.maximum(faces, 1)
    mean_recall = recall.sum(axis=-1) / (faces > 0).sum(axis=-1)
    return right.sum(axis=-1) / faces.sum(axis=-1), mean_recall


def resampled(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts of faces by what they are and were called, of as many drawn with replacement.

    counts: of any shape, as confusion matrices are. Returns (resamples, *shape). Drawing faces and
    counting their cells is drawing cells.
    """
    total = int(counts.sum())
    rng = np.random.default_rng(RESAMPLING_SEED)
    drawn = rng.multinomial(total, counts.ravel() / total, size=RESAMPLES)
    return drawn.reshape(RESAMPLES, *counts.shape)


def interval(values: NDArray[np.float64]) -> Interval:
    """Of what resampled counts gave."""
    low, high = np.quantile(values, (0.025, 0.975))
    return Interval(float(low), float(high))


def reliability(scores: FloatArray, labels: NDArray[np.int64]) -> Reliability:
    """Bin faces by their highest score. scores: (N, classes). labels: (N,)."""
    confidence = scores.max(axis=1).astype(np.float64)
    right = scores.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    faces = np.maximum(counts, 1)
    return Reliability(
        counts.astype(np.int64),
        np.bincount(bins, confidence, minlength=_BINS) / faces,
        np.bincount(bins, right, minlength=_BINS) / faces,
    )


def write_confusion(evaluation: Evaluation, path: Path) -> None:
    """The confusion matrix as a csv: a row per true class, a column per predicted one."""
    rows = zip(evaluation.labels, evaluation.confusion.tolist(), strict=True)
    write_csv(path, ("true", *evaluation.labels), ((label, *counts) for label, counts in rows))
