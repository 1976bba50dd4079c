import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_app.core.types import FloatArray
from training.calibrate import adjust, calibrate_run, fit_prior, fit_temperature


def softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_scores_that_are_too_sure_is_found(temperature: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0.0, 2.0, (20_000, 4)).astype(np.float32)
    truth = softmax(logits)
    labels = (truth.cumsum(axis=1) < rng.random((len(truth), 1))).sum(axis=1)

    found = fit_temperature(softmax(temperature * logits), labels)

    assert found == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("rare", [0.5, 0.1])
def test_rare_classes_get_as_much_of_the_prior_as_accuracy_bears(rare: float) -> None:
    """A network that says the rare class only where it is likelier than the other."""
    rng = np.random.default_rng(0)
    prior = np.array([1 - rare, rare], np.float32)
    labels = (rng.random(4000) < rare).astype(np.int64)
    evidence = np.exp(rng.normal(2.0 * labels - 1.0, 1.0))
    scores = np.stack([prior[0] / evidence, prior[1] * evidence], axis=1)
    scores = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)

    power = fit_prior(scores, labels, prior)

    assert 0.0 < power <= 1.0 if rare < 0.5 else power == 0.0
    assert recall(scores / prior**power, labels) >= recall(scores, labels)


def recall(scores: FloatArray, labels: NDArray[np.int64]) -> float:
    found = scores.argmax(axis=1)
    return float(np.mean([(found == labels)[labels == one].mean() for one in (0, 1)]))


def test_adjusting_divides_by_the_prior_and_by_the_temperature() -> None:
    inputs = keras.Input((5,))
    outputs = keras.layers.Dense(3, activation="softmax")(inputs)
    model = keras.Model(inputs, outputs)
    values = np.random.default_rng(1).normal(size=(30, 5)).astype(np.float32)
    prior = np.array([0.5, 0.4, 0.1], np.float32)
    before = model.predict(values, verbose=0)

    adjust(model, prior, 0.5, 2.0)
    after = model.predict(values, verbose=0)

    np.testing.assert_allclose(after, softmax(np.log(before / prior**0.5) / 2.0), atol=1e-5)


def test_a_network_without_dense_softmax_is_refused() -> None:
    inputs = keras.Input((5,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))

    with pytest.raises(ValueError, match="expected a dense softmax layer at the end"):
        adjust(model, np.full(3, 1 / 3, np.float32), 0.0, 2.0)


def test_a_calibrated_run_has_nothing_left_to_calibrate(
    data: Path, run: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    before = json.loads((folder / "trained.json").read_text())

    found = calibrate_run(folder, data)

    report = json.loads((folder / "trained.json").read_text())
    assert report["temperature"] == pytest.approx(before["temperature"], rel=0.01)
    assert report["prior_power"] == pytest.approx(before["prior_power"], abs=0.01)
    assert report["calibration_error"] == pytest.approx(before["calibration_error"], abs=0.001)
    assert found.temperature == pytest.approx(report["temperature"], abs=1e-4)


def test_an_unfinished_run_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"found no trained\.json"):
        calibrate_run(tmp_path, data)
