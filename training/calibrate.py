"""Temperature scaling: scores that mean what they say, put into the network itself.

Source: Guo et al., "On Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599).
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from edge_app.core.types import FloatArray
from edge_app.vision.preprocess import normalize
from training import runs
from training.config import read_config
from training.datasets.label_sets import LABEL_SETS
from training.evaluate import reliability
from training.models import ARCHITECTURES

_LIMITS = (0.2, 5.0)


def fit_temperature(scores: FloatArray, labels: NDArray[np.int64]) -> float:
    """The temperature at which the likeliest label's score says best whether it is right.

    scores: softmax, float32 (N, classes). labels: (N,). Least log loss of that one score, as it is
    the one that is shown; see docs/decisions/0017. Above 1 the network was too sure, below 1 not
    sure enough. Between 0.2 and 5.
    """
    logits = np.log(np.maximum(scores.astype(np.float64), 1e-12))
    logits -= logits.max(axis=1, keepdims=True)
    right = logits.argmax(axis=1) == labels

    def log_loss(log_temperature: float) -> float:
        # the likeliest label's logit is 0
        highest = 1.0 / np.exp(logits / np.exp(log_temperature)).sum(axis=1)
        chance = np.where(right, highest, 1.0 - highest)
        return float(-np.log(np.maximum(chance, 1e-12)).mean())

    found = minimize_scalar(log_loss, bounds=np.log(_LIMITS), method="bounded")
    return float(np.exp(found.x))


def scale_logits(model: keras.Model, temperature: float) -> None:
    """Divide the logits of a network by a temperature, in place, in its last dense layer.

    The likeliest label of every face stays the same. Raises ValueError for a network that does not
    end in a dense softmax layer.
    """
    head = model.layers[-1]
    if not isinstance(head, keras.layers.Dense) or head.activation is not keras.activations.softmax:
        raise ValueError(f"expected a dense softmax layer at the end, found {head.name}")
    head.set_weights([weights / temperature for weights in head.get_weights()])


@dataclass(frozen=True)
class Calibration:
    """The temperature that was found, and the expected calibration errors."""

    temperature: float
    error_before: float
    error_after: float


def calibrate_run(run: Path, data: Path) -> Calibration:
    """Calibrate the network of a finished run on PublicTest; trained.json keeps the temperature.

    Raises FileNotFoundError without a finished run.
    """
    report = runs.read_report(run)
    config = read_config(run / runs.CONFIG_FILE)
    public = LABEL_SETS[config.labels].load(data).split("PublicTest")
    inputs = normalize(public.images, ARCHITECTURES[config.architecture].normalization)
    model = keras.models.load_model(run / runs.MODEL_FILE, compile=False)
    found = calibrate(model, inputs, public.labels)
    runs.save_network(model, run / runs.MODEL_FILE)
    total = report.get("temperature", 1.0) * found.temperature
    errors = {"before": round(found.error_before, 4), "after": round(found.error_after, 4)}
    runs.write_report(run, report | {"temperature": round(total, 4), "calibration_error": errors})
    return found


def calibrate(model: keras.Model, inputs: FloatArray, labels: NDArray[np.int64]) -> Calibration:
    """Fit a temperature and put it into a network, in place.

    inputs: as the network reads them, float32 (N, S, S, 1). labels: (N,).
    """
    scores = model.predict(inputs, batch_size=256, verbose=0)
    temperature = fit_temperature(scores, labels)
    scale_logits(model, temperature)
    calibrated = model.predict(inputs, batch_size=256, verbose=0)
    before, after = (reliability(found, labels).error for found in (scores, calibrated))
    return Calibration(temperature, before, after)
