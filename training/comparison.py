"""Whether one network does better than another, or has only been luckier with these faces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from edge_app.core.types import FloatArray
from training.datasets.fer2013 import FaceSet
from training.evaluate import (
    RESAMPLES,
    RESAMPLING_SEED,
    Interval,
    figures,
    interval,
    log_losses,
    resampled,
)


@dataclass(frozen=True)
class Difference:
    """What a network has more than another one, both asked about the same faces.

    The intervals are of 95 %, by bootstrap over the faces: one that spans 0 tells nothing apart.
    A lower log loss is the better one.
    """

    accuracy: float
    accuracy_interval: Interval
    mean_recall: float
    mean_recall_interval: Interval
    log_loss: float
    log_loss_interval: Interval


def difference(scores: FloatArray, base: FloatArray, faces: FaceSet, classes: int) -> Difference:
    """Compare the scores (N, classes) of two networks with the labels of the faces."""
    shape = (classes, classes, classes)
    cells = np.ravel_multi_index((faces.labels, scores.argmax(axis=1), base.argmax(axis=1)), shape)
    counts = np.bincount(cells, minlength=classes**3).reshape(shape)
    accuracy, mean_recall = _gain(counts)
    drawn_accuracy, drawn_mean_recall = _gain(resampled(counts))
    more_loss = log_losses(scores, faces.labels) - log_losses(base, faces.labels)
    return Difference(
        float(accuracy),
        interval(drawn_accuracy),
        float(mean_recall),
        interval(drawn_mean_recall),
        float(more_loss.mean()),
        _interval_of_mean(more_loss),
    )


def _gain(counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By faces (..., true, said, said by the base): more accuracy and mean recall, each (...)."""
    accuracy, mean_recall = figures(counts.sum(axis=-1))
    base_accuracy, base_mean_recall = figures(counts.sum(axis=-2))
    return accuracy - base_accuracy, mean_recall - base_mean_recall


def _interval_of_mean(values: NDArray[np.float64]) -> Interval:
    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=100,
        method="percentile",
        rng=RESAMPLING_SEED,
    ).confidence_interval
    return Interval(float(found.low), float(found.high))
