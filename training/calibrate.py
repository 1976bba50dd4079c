"""Temperature scaling: scores that mean what they say, put into the network itself.

Source: Guo et al., "On Calibration of Modern Neural Networks", 2017 (arXiv:1706.04599).
"""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from edge_app.preprocess import normalize
from edge_app.types import FloatArray
from training import runs
from training.config import read_config
from training.datasets.fer2013 import FaceSet
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


def calibrate_run(run: Path, data: Path) -> tuple[float, float]:
    """Calibrate the network of a finished run on PublicTest; trained.json keeps the temperature.

    Returns the expected calibration error before and after. Raises FileNotFoundError without a
    finished run.
    """
    report = runs.read_report(run)
    labels = LABEL_SETS[read_config(run / runs.CONFIG_FILE).labels]
    public = labels.load(data).split("PublicTest")
    temperature, before, after = calibrate(run, public)
    total = report.get("temperature", 1.0) * temperature
    runs.write_report(run, report | {"temperature": round(total, 4)})
    return before, after


def calibrate(run: Path, public: FaceSet) -> tuple[float, float, float]:
    """Fit a temperature on faces and put it into the run's model.keras.

    Returns the temperature, and the expected calibration error before and after.
    """
    model = keras.models.load_model(run / runs.MODEL_FILE, compile=False)
    architecture = ARCHITECTURES[read_config(run / runs.CONFIG_FILE).architecture]
    inputs = normalize(public.images, architecture.normalization)
    scores = model.predict(inputs, batch_size=256, verbose=0)
    temperature = fit_temperature(scores, public.labels)
    scale_logits(model, temperature)
    model.save(run / runs.MODEL_FILE)
    calibrated = model.predict(inputs, batch_size=256, verbose=0)
    before, after = (reliability(found, public.labels).error for found in (scores, calibrated))
    return temperature, before, after
