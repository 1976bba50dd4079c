"""Run with KERAS_BACKEND=torch where PyTorch is: with other backends there is nothing to fuse."""

from contextlib import nullcontext

import keras
import numpy as np
import pytest

from edge_app.core.types import FloatArray
from tests.tiny import tiny_network
from training.config import Precision
from training.fused import fused_batch_normalization
from training.models import computing_in

with_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's operation")


def learned(precision: Precision, *, fused: bool) -> tuple[list[float], list[FloatArray]]:
    """Losses of three steps on drawn faces, and the weights after them."""
    keras.utils.set_random_seed(7)
    with computing_in(precision):
        model = tiny_network()
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "categorical_crossentropy")
    rng = np.random.default_rng(3)
    faces = rng.normal(size=(16, 48, 48, 1)).astype(np.float32)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, 16)]
    with fused_batch_normalization() if fused else nullcontext():
        losses = [float(model.train_on_batch(faces, targets)) for _ in range(3)]
    return losses, model.get_weights()


def normalized(
    maps: FloatArray, gradient: FloatArray, *, fused: bool, channels_first: bool
) -> list[FloatArray]:
    """What a layer gives, its statistics, and the gradients of the maps and of its weights.

    channels_first: how the gradient lies in memory.
    """
    import torch

    layer = keras.layers.BatchNormalization(dtype="mixed_bfloat16")
    inputs = torch.tensor(maps, dtype=torch.bfloat16, requires_grad=True)
    with fused_batch_normalization() if fused else nullcontext():
        outputs = layer(inputs, training=True)
    given = torch.tensor(gradient, dtype=torch.bfloat16)
    if channels_first:
        given = given.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
    outputs.backward(given)
    found = [outputs, layer.moving_mean, layer.moving_variance, inputs.grad]
    found += [weights.value.grad for weights in layer.trainable_weights]
    return [np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))) for x in found]


@with_torch
@pytest.mark.parametrize("channels_first", [False, True], ids=["as the maps", "as max pooling"])
def test_fused_and_composed_normalisation_differ_by_less_than_bfloat16_rounds(
    channels_first: bool,
) -> None:
    rng = np.random.default_rng(1)
    maps = rng.normal(2.0, 3.0, (8, 24, 24, 16)).astype(np.float32)
    gradient = rng.normal(0.0, 0.01, maps.shape).astype(np.float32)

    pairs = zip(
        normalized(maps, gradient, fused=True, channels_first=channels_first),
        normalized(maps, gradient, fused=False, channels_first=channels_first),
        strict=True,
    )
    for ours, theirs in pairs:
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= 2**-7 * np.abs(theirs).max()


@with_torch
def test_in_bfloat16_a_network_learns_much_the_same() -> None:
    losses, _ = learned("bfloat16", fused=True)
    expected, _ = learned("bfloat16", fused=False)

    assert losses == pytest.approx(expected, rel=0.05)
    assert losses != expected  # another operation did compute


def test_in_float32_a_network_learns_the_same() -> None:
    losses, weights = learned("float32", fused=True)
    expected, expected_weights = learned("float32", fused=False)

    assert losses == pytest.approx(expected, rel=1e-5)
    for ours, theirs in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_afterwards_layers_are_keras_own_again_even_when_a_run_fails() -> None:
    call = keras.layers.BatchNormalization.call
    with pytest.raises(KeyboardInterrupt), fused_batch_normalization():
        raise KeyboardInterrupt
    assert keras.layers.BatchNormalization.call is call
