import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from edge_app.core.types import FloatArray
from training.calibrate import calibrate_run, fit_temperature, scale_logits


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


def test_scaling_changes_the_scores_and_not_their_order() -> None:
    inputs = keras.Input((5,))
    outputs = keras.layers.Dense(3, activation="softmax")(inputs)
    model = keras.Model(inputs, outputs)
    values = np.random.default_rng(1).normal(size=(30, 5)).astype(np.float32)
    before = model.predict(values, verbose=0)

    scale_logits(model, 2.0)
    after = model.predict(values, verbose=0)

    np.testing.assert_allclose(after, softmax(np.log(before) / 2.0), atol=1e-5)
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))


def test_a_network_without_dense_softmax_is_refused() -> None:
    inputs = keras.Input((5,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))

    with pytest.raises(ValueError, match="expected a dense softmax layer at the end"):
        scale_logits(model, 2.0)


def test_a_calibrated_run_has_nothing_left_to_calibrate(
    data: Path, run: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    temperature = json.loads((folder / "trained.json").read_text())["temperature"]

    found = calibrate_run(folder, data)

    report = json.loads((folder / "trained.json").read_text())
    assert report["temperature"] == pytest.approx(temperature, rel=0.01)
    assert found.error_after == pytest.approx(found.error_before, abs=0.02)


def test_an_unfinished_run_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"found no trained\.json"):
        calibrate_run(tmp_path, data)
