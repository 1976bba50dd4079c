"""Published ONNX networks as Keras models, layer by layer, so that they are converted as ours are.

Knows the handful of layers that the face detector YuNet and the face embedding SFace are made of.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # the backend has to be chosen before the import
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from edge_app.core.errors import InputError

_DETECTOR_STRIDES = (8, 16, 32)

Weights = Mapping[str, NDArray[Any]]
Tensors = dict[str, Any]


def rebuild_detector(path: Path) -> keras.Model:
    """YuNet with pictures of any size whose sides are multiples of 32.

    In: float32 (N, H, W, 3), BGR, 0 to 255. Out: float32 (N, A, 15), for every place of the strides
    8, 16 and 32, row by row: the square root of class times objectness, then the box (4) and the
    five landmarks (10) as the network gives them. Raises InputError for another network.
    """
    graph = _read(path)
    picture = keras.Input((None, None, 3), name="picture")
    tensors = _rebuild(path, graph, {"input": picture})
    levels = [
        keras.layers.Reshape((-1, 16))(_head(path, graph, stride, tensors))
        for stride in _DETECTOR_STRIDES
    ]
    places = keras.layers.Concatenate(axis=1)(levels)
    sure = keras.ops.sigmoid(places[..., :2])
    score = keras.ops.sqrt(sure[..., :1] * sure[..., 1:])
    return keras.Model(picture, keras.layers.Concatenate(name="faces")([score, places[..., 2:]]))


def _head(path: Path, graph: onnx.GraphProto, stride: int, tensors: Tensors) -> Any:
    """Class, objectness (before their sigmoids), box and landmarks of a stride: (N, h, w, 16).

    The published network has a pair of convolutions for each; one pair for all four gives the same
    in less time.
    """
    makers = {node.output[0]: node for node in graph.node}
    weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
    pairs = []
    for part in ("cls", "obj", "bbox", "kps"):
        node = makers.get(f"{part}_{stride}")
        while node is not None and node.op_type != "Conv":
            node = makers.get(node.input[0])
        before = makers.get(node.input[0]) if node is not None else None
        if node is None or before is None or before.op_type != "Conv":
            raise InputError(f"{path}: expected YuNet's outputs of stride {stride}, found others")
        pairs.append((before, node))
    if len({before.input[0] for before, _ in pairs}) != 1:
        raise InputError(f"{path}: expected YuNet's heads of stride {stride}, found others")
    points, spread = (
        [np.concatenate([weights[pair[place].input[slot]] for pair in pairs]) for slot in (1, 2)]
        for place in (0, 1)
    )
    point = keras.layers.Conv2D(len(points[1]), 1)
    found = _weighted(point, tensors[pairs[0][0].input[0]], [_turned(points[0]), points[1]])
    around = keras.layers.DepthwiseConv2D(spread[0].shape[2:], padding="same")
    return _weighted(around, found, [spread[0].transpose(2, 3, 0, 1), spread[1]])


def _turned(kernel: NDArray[Any]) -> NDArray[Any]:
    """From ONNX's (out, in, height, width) to Keras's order."""
    return kernel.transpose(2, 3, 1, 0)


def rebuild_embedding(path: Path) -> keras.Model:
    """SFace. In: float32 (N, 112, 112, 3), RGB, 0 to 255. Out: float32 (N, 128), not normalised.

    Raises InputError for another network.
    """
    graph = _read(path)
    face = keras.Input((112, 112, 3), name="face")
    tensors = _rebuild(path, graph, {"data": face})
    if "fc1" not in tensors:
        raise InputError(f"{path}: expected SFace's output fc1, found none")
    return keras.Model(face, keras.layers.Activation("linear", name="embedding")(tensors["fc1"]))


def _read(path: Path) -> onnx.GraphProto:
    try:
        return onnx.load(path).graph
    except Exception as error:  # protobuf's own classes
        raise InputError(f"{path}: expected an ONNX network, found none ({error})") from error


def _rebuild(path: Path, graph: onnx.GraphProto, tensors: Tensors) -> Tensors:
    """Every tensor of the graph, channels last."""
    weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
    for node in graph.node:
        build = _LAYERS.get(node.op_type)
        if build is None or node.input[0] not in tensors:
            raise InputError(
                f"{path}: expected a network of {', '.join(_LAYERS)}, found {node.op_type} "
                f"({node.name or node.output[0]})"
            )
        options = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        tensors[node.output[0]] = build(node, options, weights, tensors)
    return tensors


def _conv(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    source = tensors[node.input[0]]
    kernel = weights[node.input[1]]  # (out, in / groups, height, width)
    bias = weights[node.input[2]] if len(node.input) > 2 else None
    top, left, bottom, right = options.get("pads", (0, 0, 0, 0))
    strides = tuple(options.get("strides", (1, 1)))
    padding = "valid"
    if any((top, left, bottom, right)):
        if strides == (1, 1) and (top, left) == (bottom, right) == _half(kernel):
            padding = "same"
        else:
            source = keras.layers.ZeroPadding2D(((top, bottom), (left, right)))(source)
    settings = {"strides": strides, "padding": padding, "use_bias": bias is not None}
    depthwise = options.get("group", 1) == source.shape[-1] and kernel.shape[1] == 1
    if depthwise and source.shape[-1] > 1:
        layer = keras.layers.DepthwiseConv2D(kernel.shape[2:], **settings)
        turned = kernel.transpose(2, 3, 0, 1)
    else:
        layer = keras.layers.Conv2D(kernel.shape[0], kernel.shape[2:], **settings)
        turned = _turned(kernel)
    return _weighted(layer, source, [turned] if bias is None else [turned, bias])


def _half(kernel: NDArray[Any]) -> tuple[int, int]:
    return ((kernel.shape[2] - 1) // 2, (kernel.shape[3] - 1) // 2)


def _batch_norm(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    layer = keras.layers.BatchNormalization(epsilon=options["epsilon"])
    return _weighted(layer, tensors[node.input[0]], [weights[name] for name in node.input[1:]])


def _prelu(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    layer = keras.layers.PReLU(shared_axes=[1, 2])
    slopes = weights[node.input[1]].reshape(1, 1, -1)
    return _weighted(layer, tensors[node.input[0]], [slopes])


def _gemm(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    kernel, bias = (weights[name] for name in node.input[1:])
    layer = keras.layers.Dense(len(bias))
    turned = kernel.T if options.get("transB") else kernel
    return _weighted(layer, tensors[node.input[0]], [turned, bias])


def _flatten(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    """In the order of ONNX: channels first."""
    turned = keras.layers.Permute((3, 1, 2))(tensors[node.input[0]])
    return keras.layers.Flatten()(turned)


def _weighted(layer: keras.Layer, source: Any, weights: list[NDArray[Any]]) -> Any:
    result = layer(source)
    layer.set_weights(weights)
    return result


def _max_pool(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    layer = keras.layers.MaxPooling2D(options["kernel_shape"], options["strides"])
    return layer(tensors[node.input[0]])


def _twice(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    return keras.layers.UpSampling2D(2, interpolation="nearest")(tensors[node.input[0]])


def _with_scalar(operation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def build(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
        other = node.input[1]
        value = float(weights[other].item()) if other in weights else tensors[other]
        return operation(tensors[node.input[0]], value)

    return build


def _unchanged(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
    return tensors[node.input[0]]


def _activation(kind: str) -> Callable[..., Any]:
    def build(node: Any, options: Mapping[str, Any], weights: Weights, tensors: Tensors) -> Any:
        return keras.layers.Activation(kind)(tensors[node.input[0]])

    return build


_LAYERS: dict[str, Callable[..., Any]] = {
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "PRelu": _prelu,
    "Relu": _activation("relu"),
    "Sigmoid": _activation("sigmoid"),
    "MaxPool": _max_pool,
    "Resize": _twice,
    "Add": _with_scalar(lambda one, other: one + other),
    "Sub": _with_scalar(lambda one, other: one - other),
    "Mul": _with_scalar(lambda one, other: one * other),
    "Flatten": _flatten,
    "Gemm": _gemm,
    "Dropout": _unchanged,
    "Transpose": _unchanged,
    "Reshape": _unchanged,
}
"""Transpose and Reshape only bring YuNet's outputs, which are channels last here, into rows."""
