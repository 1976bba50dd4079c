"""Batch normalisation in one operation, for training with PyTorch on a processor.

Keras composes it of a dozen operations, each of which reads and writes every activation in float32.
PyTorch's own reads and writes them in bfloat16. The networks stay plain Keras layers: only how
these compute while they learn is another.

In float32 Keras's stay: over maps that lie as Keras's do, PyTorch's operation sums less exactly
than these compute. What bfloat16 rounds away is more than that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def fused_batch_normalization() -> Iterator[None]:
    """Inside, batch normalisation learns by PyTorch's operation; no change with other backends.

    It takes bfloat16 maps (N, H, W, C) on the processor; whatever else a layer is given is left to
    Keras. Statistics are kept as Keras does: PyTorch's own would be of the unbiased variance.
    """
    if keras.backend.backend() != "torch":
        yield
        return
    layer = keras.layers.BatchNormalization
    composed = layer.call

    def call(self: Any, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        learns = training and self.trainable and mask is None
        if learns and _is_plain(self) and _are_maps_in_bfloat16(inputs, self.axis):
            return _normalized(self, inputs)
        return composed(self, inputs, training=training, mask=mask)

    layer.call = call
    try:
        yield
    finally:
        layer.call = composed


def _is_plain(layer: keras.layers.BatchNormalization) -> bool:
    return layer.scale and layer.center and not layer.renorm and not layer.synchronized


def _are_maps_in_bfloat16(inputs: Any, axis: int) -> bool:
    on_processor = inputs.device.type == "cpu"
    in_bfloat16 = keras.backend.standardize_dtype(inputs.dtype) == "bfloat16"
    return on_processor and in_bfloat16 and inputs.ndim == 4 and axis in (3, -1)


def _normalized(layer: keras.layers.BatchNormalization, maps: Any) -> Any:
    """Maps (N, H, W, C), normalised by their own statistics, which the layer's then follow."""
    import torch

    normalized, mean, inverse_deviation = torch.native_batch_norm(
        maps.permute(0, 3, 1, 2), layer.gamma.value, layer.beta.value,
        None, None, True, 0.0, layer.epsilon,
    )  # fmt: skip
    variance = inverse_deviation.detach() ** -2 - layer.epsilon
    for kept, seen in ((layer.moving_mean, mean.detach()), (layer.moving_variance, variance)):
        kept.assign(kept * layer.momentum + seen * (1.0 - layer.momentum))
    if normalized.requires_grad:
        normalized.register_hook(_channels_last)
    return normalized.permute(0, 2, 3, 1)


def _channels_last(gradient: Any) -> Any:
    """As the maps lie: max pooling gives another order, over which PyTorch's sums are slow."""
    import torch

    return gradient.contiguous(memory_format=torch.channels_last)
