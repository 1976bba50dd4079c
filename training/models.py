"""The emotion networks, in plain Keras layers so that any Keras backend trains them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import keras
from keras import layers

from edge_app.bundle.literals import Normalization
from training.config import ArchitectureName, Precision

INPUT_SIDE = 48
"""Pixels of the side of the grey square that every network reads."""

_INPUT, _HEAD = "face", "emotion"
"""Names of the first and the last layer, which are float32 in every precision."""


@dataclass(frozen=True)
class Architecture:
    """How to build a network and what it expects as input (see preprocess.normalize)."""

    build: Callable[[int], keras.Model]
    normalization: Normalization


def compact(num_classes: int) -> keras.Model:
    """A small residual network: 1.09 M parameters, about 80 MMAC (see ``_compact``)."""
    return _compact(num_classes, "compact", dilated=False)


def compact_dilated(num_classes: int) -> keras.Model:
    """``compact`` and its parameters, on maps of twice the side at the end: about 170 MMAC."""
    return _compact(num_classes, "compact_dilated", dilated=True)


_STAGES = ((32, 2), (64, 3), (128, 3))
"""Filters and blocks of ``compact`` on half of the side, a quarter, an eighth."""


def _compact(num_classes: int, name: str, *, dilated: bool) -> keras.Model:
    """A residual network with squeeze-and-excitation.

    Reads float32 (N, 48, 48, 1), gives softmax (N, num_classes). dilated: the last stage stays on a
    quarter of the side and its kernels reach twice as far, so that weights that were trained on an
    eighth find nearly the same, at four places instead of one.
    Sources: He et al. 2016 (arXiv:1512.03385), Hu et al. 2018 (arXiv:1709.01507), Yu et al. 2017
    (dilated: arXiv:1705.09914).
    """
    inputs = keras.Input((INPUT_SIDE, INPUT_SIDE, 1), name=_INPUT)
    x = _conv(inputs, 16)
    x = _conv(x, _STAGES[0][0], strides=2)
    for stage, (filters, blocks) in enumerate(_STAGES):
        dilates = dilated and stage == len(_STAGES) - 1
        for block in range(blocks):
            enters = stage > 0 and block == 0
            x = _residual(
                x,
                filters,
                strides=2 if enters and not dilates else 1,
                dilations=(2 if dilates and not enters else 1, 2 if dilates else 1),
            )
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    outputs = _softmax(x, num_classes)
    return keras.Model(inputs, outputs, name=name)


def _softmax(x: keras.KerasTensor, num_classes: int) -> keras.KerasTensor:
    """Always float32: bfloat16 has three digits, too few for the logarithm of a score."""
    head = layers.Dense(num_classes, activation="softmax", name=_HEAD, dtype="float32")
    return head(x)


def _conv(
    x: keras.KerasTensor,
    filters: int,
    *,
    strides: int = 1,
    dilation: int = 1,
    activation: str | None = "relu",
) -> keras.KerasTensor:
    x = layers.Conv2D(
        filters,
        3,
        strides,
        padding="same",
        dilation_rate=dilation,
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation(activation)(x) if activation else x


def _residual(
    x: keras.KerasTensor, filters: int, *, strides: int = 1, dilations: tuple[int, int] = (1, 1)
) -> keras.KerasTensor:
    """Two convolutions beside a shortcut. dilations: of the first and the second of them."""
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(
            filters, 1, strides, use_bias=False, kernel_initializer="he_normal"
        )(x)
        shortcut = layers.BatchNormalization()(shortcut)
    x = _conv(x, filters, strides=strides, dilation=dilations[0])
    x = _conv(x, filters, dilation=dilations[1], activation=None)
    x = _squeeze_excite(x, filters)
    return layers.Activation("relu")(layers.Add()([x, shortcut]))


def _squeeze_excite(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Conv2D(filters // 8, 1, activation="relu", kernel_initializer="he_normal")(
        weights
    )
    weights = layers.Conv2D(filters, 1, activation="sigmoid")(weights)
    return layers.Multiply()([x, weights])


def vgg(num_classes: int) -> keras.Model:
    """The student project's network: 2,395,591 parameters with 7 classes, about 500 MMAC.

    Reads float32 (N, 48, 48, 1) of 0 to 255, gives softmax (N, num_classes).
    """
    return _vgg(num_classes, blocks=((64, 5), (128, 3), (256, 3)), dense=(128,), name="vgg")


def vgg_sgd(num_classes: int) -> keras.Model:
    """The student project's deeper network, twice as wide: 7,241,223 parameters with 7 classes.

    Its sizes are read off the project's drawing, which does not show the kernels; they are those
    of ``vgg``. Reads and gives what ``vgg`` does.
    """
    blocks = ((128, 5), (256, 3), (512, 3))
    return _vgg(num_classes, blocks=blocks, dense=(128, 256), name="vgg_sgd")


def _vgg(
    num_classes: int, *, blocks: Sequence[tuple[int, int]], dense: Sequence[int], name: str
) -> keras.Model:
    """blocks: filters and kernel of each pair of convolutions. dense: units of the hidden layers.

    Source: Simonyan and Zisserman 2015 (arXiv:1409.1556).
    """
    inputs = keras.Input((INPUT_SIDE, INPUT_SIDE, 1), name=_INPUT)
    x = layers.Rescaling(1.0 / 255.0)(inputs)
    for (filters, kernel), dropout in zip(blocks, (0.5, 0.3, 0.3), strict=True):
        for _ in range(2):
            x = layers.Conv2D(
                filters,
                kernel,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
            )(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Flatten()(x)
    for units in dense:
        x = layers.Dense(units, activation="relu", kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.4)(x)
    outputs = _softmax(x, num_classes)
    return keras.Model(inputs, outputs, name=name)


@contextmanager
def computing_in(precision: Precision) -> Iterator[None]:
    """Networks built inside compute in this precision; weights and the last layer stay float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else "mixed_bfloat16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def in_precision(model: keras.Model, precision: Precision) -> keras.Model:
    """The same network and weights, new, without an optimizer, computing in another precision."""
    config = model.get_config()
    for layer in config["layers"]:
        single = precision == "float32" or layer["config"]["name"] in (_INPUT, _HEAD)
        layer["config"]["dtype"] = "float32" if single else "mixed_bfloat16"
    copy: keras.Model = type(model).from_config(config)
    copy.set_weights(model.get_weights())
    return copy


ARCHITECTURES: dict[ArchitectureName, Architecture] = {
    "compact": Architecture(compact, "standard"),
    "compact-dilated": Architecture(compact_dilated, "standard"),
    "vgg": Architecture(vgg, "none"),
    "vgg-sgd": Architecture(vgg_sgd, "none"),
}
