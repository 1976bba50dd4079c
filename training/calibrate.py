"""Scores that mean what they say and forget no rare class, put into the network itself.

Three things are fitted on PublicTest, in this order: how much of the classes' frequency is taken
out of the scores (Menon et al. 2021, arXiv:2007.07314), a temperature (Guo et al. 2017,
arXiv:1706.04599), and how many people the network must expect to see an emotion that is shown.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from edge_app.bundle.literals import Normalization
from edge_app.bundle.manifest import ClearSpec
from edge_app.core.types import FloatArray
from edge_app.vision.preprocess import normalize
from training import runs
from training.config import read_config
from training.datasets.label_sets import LABEL_SETS, LabelledFaces
from training.evaluate import figures, reliability
from training.judging import Judge
from training.models import ARCHITECTURES

_LIMITS = (0.2, 5.0)
_POWERS = np.linspace(0.0, 1.0, 21)
_PRICE = 0.01
"""Accuracy that fairness to rare classes may cost."""
_SHOWN = 0.85
"""Share of the faces that people agree on that show a clear emotion."""


def fit_temperature(scores: FloatArray, labels: NDArray[np.int64]) -> float:
    """The temperature at which the likeliest label's score says best whether it is right.

    scores: softmax, float32 (N, classes). labels: (N,). Least log loss of that one score, as it is
    the one that is shown; see docs/decisions/0047. Above 1 the network was too sure, below 1 not
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


def fit_prior(scores: FloatArray, labels: NDArray[np.int64], prior: FloatArray) -> float:
    """The power of the prior by which scores are divided for the best mean recall.

    scores: (N, classes). labels: (N,). prior: (classes,), how often each class is in Training. Of
    powers from 0 to 1, those that cost more than a point of accuracy left out.
    """
    counts = np.zeros((len(_POWERS), len(prior), len(prior)), np.int64)
    for power, cells in zip(_POWERS, counts, strict=True):
        np.add.at(cells, (labels, (scores / prior**power).argmax(axis=1)), 1)
    accuracy, mean_recall = figures(counts)
    affordable = accuracy >= accuracy.max() - _PRICE
    return float(_POWERS[np.where(affordable, mean_recall, -1.0).argmax()])


def adjust(model: keras.Model, prior: FloatArray, power: float, temperature: float) -> None:
    """Divide the scores of a network by prior**power, then its logits by a temperature, in place.

    Both go into its last dense layer. Raises ValueError for a network that does not end in a dense
    softmax layer.
    """
    head = model.layers[-1]
    if not isinstance(head, keras.layers.Dense) or head.activation is not keras.activations.softmax:
        raise ValueError(f"expected a dense softmax layer at the end, found {head.name}")
    kernel, bias = head.get_weights()
    bias = bias - power * np.log(prior)
    head.set_weights([kernel / temperature, bias / temperature])


@dataclass(frozen=True)
class Calibration:
    """What was found: see ``fit_prior``, ``fit_temperature``.

    clear: what the votes expected before both lets 85 of 100 faces that people agree on through;
    None where nobody disagrees. error_before, error_after: expected calibration errors against the
    majority.
    """

    prior_power: float
    temperature: float
    clear: ClearSpec | None
    error_before: float
    error_after: float


def calibrate_run(run: Path, data: Path) -> Calibration:
    """Calibrate the network of a finished run on PublicTest; trained.json keeps what was found.

    Raises FileNotFoundError without a finished run.
    """
    report = runs.read_report(run)
    config = read_config(run / runs.CONFIG_FILE)
    faces = LABEL_SETS[config.labels].load(data)
    model = keras.models.load_model(run / runs.MODEL_FILE, compile=False)
    found = calibrate(
        model,
        faces,
        ARCHITECTURES[config.architecture].normalization,
        power=report.get("prior_power", 0.0),
        temperature=report.get("temperature", 1.0),
    )
    runs.save_network(model, run / runs.MODEL_FILE)
    runs.write_report(run, report | as_report(found))
    return found


def as_report(found: Calibration) -> dict[str, Any]:
    """As trained.json has it."""
    return {
        "prior_power": round(found.prior_power, 4),
        "temperature": round(found.temperature, 4),
        "clear": None if found.clear is None else found.clear.model_dump(),
        "calibration_error": {
            "before": round(found.error_before, 4),
            "after": round(found.error_after, 4),
        },
    }


def calibrate(
    model: keras.Model,
    faces: LabelledFaces,
    normalization: Normalization,
    *,
    power: float = 0.0,
    temperature: float = 1.0,
) -> Calibration:
    """Fit everything on PublicTest and put it into a network, in place.

    power, temperature: what an earlier calibration did to it.
    """
    public = Judge(faces, "PublicTest")
    inputs = normalize(public.images, normalization)

    def asked() -> FloatArray:
        scores: FloatArray = model.predict(inputs, batch_size=256, verbose=0)
        return scores

    labels, prior = public.agreed.labels, _prior(faces)
    adjust(model, prior, -power / temperature, 1 / temperature)  # as training left it
    expected = public.of_agreed(asked())
    before = reliability(expected, labels).error
    power = fit_prior(expected, labels, prior)
    adjust(model, prior, power, 1.0)
    temperature = fit_temperature(public.of_agreed(asked()), labels)
    adjust(model, prior, 0.0, temperature)
    clear = None
    if len(faces.disputed("PublicTest")):
        share = float(np.quantile(expected.max(axis=1), 1 - _SHOWN))
        often = np.round(prior.astype(np.float64) ** power, 4)
        clear = ClearSpec(
            share=round(share, 4), temperature=round(temperature, 4), prior=tuple(often.tolist())
        )
    after = reliability(public.of_agreed(asked()), labels).error
    return Calibration(power, temperature, clear, before, after)


def _prior(faces: LabelledFaces) -> FloatArray:
    """How often each class is in Training, (classes,), by people's votes."""
    asked = faces.targets("Training", vote_weight=1.0)
    counts = np.maximum(asked.worth @ asked.targets, 1.0)
    return (counts / counts.sum()).astype(np.float32)
