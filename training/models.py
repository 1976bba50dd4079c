"""The emotion networks, in plain Keras layers so that any Keras backend trains them."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers

from edge_app.preprocess import Normalization

INPUT_SIDE = 48
"""Pixels of the side of the grey square that every network reads."""


@dataclass(frozen=True)
class Architecture:
    """How to build a network and what it expects as input (see preprocess.normalize)."""

    build: Callable[[int], keras.Model]
    normalization: Normalization


def compact(num_classes: int) -> keras.Model:
    """A small residual network with squeeze-and-excitation: 1.09 M parameters, about 80 MMAC.

    Reads float32 (N, 48, 48, 1), gives softmax (N, num_classes).
    Sources: He et al. 2016 (arXiv:1512.03385), Hu et al. 2018 (arXiv:1709.01507).
    """
    inputs = keras.Input((INPUT_SIDE, INPUT_SIDE, 1), name="face")
    x = _conv(inputs, 16)
    x = _conv(x, 32, strides=2)
    for filters, blocks, strides in ((32, 2, 1), (64, 3, 2), (128, 3, 2)):
        for block in range(blocks):
            x = _residual(x, filters, strides if block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(num_classes, activation="softmax", name="emotion")(x)
    return keras.Model(inputs, outputs, name="compact")


def _conv(
    x: keras.KerasTensor, filters: int, *, strides: int = 1, activation: str | None = "relu"
) -> keras.KerasTensor:
    x = layers.Conv2D(
        filters, 3, strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation(activation)(x) if activation else x


def _residual(x: keras.KerasTensor, filters: int, strides: int) -> keras.KerasTensor:
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(
            filters, 1, strides, use_bias=False, kernel_initializer="he_normal"
        )(x)
        shortcut = layers.BatchNormalization()(shortcut)
    x = _conv(x, filters, strides=strides)
    x = _conv(x, filters, activation=None)
    x = _squeeze_excite(x, filters)
    return layers.Activation("relu")(layers.Add()([x, shortcut]))


def _squeeze_excite(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Conv2D(filters // 8, 1, activation="relu", kernel_initializer="he_normal")(
        weights
    )
    weights = layers.Conv2D(filters, 1, activation="sigmoid")(weights)
    return layers.Multiply()([x, weights])


ARCHITECTURES: dict[str, Architecture] = {"compact": Architecture(compact, "standard")}
