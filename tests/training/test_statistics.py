from collections.abc import Sequence

import keras
import numpy as np
import pytest

from edge_app.core.types import FloatArray
from training.statistics import renew_statistics


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(3, 3, padding="same")(inputs)
    x = keras.layers.BatchNormalization(name="first")(x)
    x = keras.layers.Dropout(0.5)(x)
    x = keras.layers.Conv2D(2, 3)(x)
    x = keras.layers.BatchNormalization(name="second")(x)
    outputs = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(x))
    return keras.Model(inputs, outputs)


def batches(count: int) -> list[FloatArray]:
    rng = np.random.default_rng(0)
    return list(rng.normal(1.0, 2.0, size=(count, 64, 6, 6, 1)).astype(np.float32))


def entering(model: keras.Model, layer: str, faces: Sequence[FloatArray]) -> FloatArray:
    """What reaches a layer without dropout, (values, channels)."""
    before = keras.Model(model.input, model.get_layer(layer).input)
    found: FloatArray = before.predict(np.concatenate(faces), verbose=0)
    return found.reshape(-1, found.shape[-1])


@pytest.mark.parametrize("layer", ["first", "second"])
def test_the_statistics_are_those_of_what_enters_without_dropout(
    model: keras.Model, layer: str
) -> None:
    faces = batches(4)

    renew_statistics(model, faces)

    values = entering(model, layer, faces)
    mean, variance = model.get_layer(layer).get_weights()[2:]
    np.testing.assert_allclose(mean, values.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(variance, values.var(axis=0), rtol=0.03)


def test_nothing_else_is_changed(model: keras.Model) -> None:
    before = [weights.copy() for weights in model.get_weights()]

    renew_statistics(model, batches(2))

    changed = [
        variable.name
        for variable, old in zip(model.weights, before, strict=True)
        if not np.array_equal(variable.numpy(), old)
    ]
    assert sorted(changed) == ["moving_mean"] * 2 + ["moving_variance"] * 2
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [
        0.5
    ]
