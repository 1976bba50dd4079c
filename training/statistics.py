"""Mean and variance of batch normalisation, measured again for the weights that are kept.

What training leaves follows weights that still changed, and activations of which dropout had
hidden a part. The averaged weights, asked without dropout, meet other ones.

Sources: Izmailov et al. 2018 (arXiv:1803.05407), Li et al. 2018 (arXiv:1801.05134).
"""

from collections.abc import Iterable

import keras
import numpy as np

from edge_app.core.types import FloatArray


def renew_statistics(model: keras.Model, batches: Iterable[FloatArray]) -> None:
    """Measure them on inputs, in place. batches: float32 (B, S, S, 1), all of one size."""
    measuring = _measuring(model)
    layers = _normalizations(measuring)
    found: list[list[FloatArray]] = []
    for inputs in batches:
        measuring(inputs, training=True)
        found.append([np.stack(_statistics(layer)) for layer in layers])
    for layer, seen in zip(_normalizations(model), zip(*found, strict=True), strict=True):
        means, variances = np.stack(seen, axis=1)
        layer.moving_mean.assign(means.mean(axis=0))
        layer.moving_variance.assign(variances.mean(axis=0) + means.var(axis=0))


def _measuring(model: keras.Model) -> keras.Model:
    """The same network without dropout, whose statistics are those of the last batch alone."""
    config = model.get_config()
    for layer in config["layers"]:
        if layer["class_name"] == "Dropout":
            layer["config"]["rate"] = 0.0
        elif layer["class_name"] == "BatchNormalization":
            layer["config"]["momentum"] = 0.0
    copy: keras.Model = type(model).from_config(config)
    copy.set_weights(model.get_weights())
    return copy


def _normalizations(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def _statistics(layer: keras.layers.BatchNormalization) -> tuple[FloatArray, FloatArray]:
    return tuple(
        keras.ops.convert_to_numpy(value) for value in (layer.moving_mean, layer.moving_variance)
    )
