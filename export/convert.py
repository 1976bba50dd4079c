"""A Keras network as TFLite and as ONNX files."""

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # the backend has to be chosen before the import
import onnx

from edge_app.core.errors import RuntimeMissingError


def require_tensorflow() -> None:
    """Both converters read TensorFlow graphs. Raises RuntimeMissingError under another backend."""
    if keras.backend.backend() != "tensorflow":
        raise RuntimeMissingError(
            f"expected Keras on TensorFlow for export, found {keras.backend.backend()}; "
            "run with KERAS_BACKEND=tensorflow (a model trained on another backend loads as it is)"
        )


def load_network(path: Path) -> keras.Model:
    """A .keras file of any backend, under TensorFlow.

    The names that end up in the exported files are counted from zero again, so that the same
    network gives the same bytes.
    """
    require_tensorflow()
    keras.utils.clear_session()
    model: keras.Model = keras.models.load_model(path, compile=False)
    return model


def tflite_bytes(model: keras.Model, settings: Callable[[Any], None]) -> bytes:
    """A TFLite file with a fixed batch of one, as the device calls it; free sides stay free.

    settings: changes the tf.lite.TFLiteConverter before it runs.
    """
    import tensorflow as tf

    one = keras.Input(batch_shape=(1, *model.input_shape[1:]), name=model.inputs[0].name)
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(one, model(one)))
    settings(converter)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        # It lists every variable, and misses statistics that only TensorFlow 1 could give.
        warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
        return bytes(converter.convert())


def to_onnx(model: keras.Model, path: Path) -> None:
    """Write float32 ONNX with a free batch dimension; free sides stay free."""
    import tensorflow as tf
    import tf2onnx

    shape, name = (None, *model.input_shape[1:]), model.inputs[0].name
    signature = [tf.TensorSpec(shape, tf.float32, name=name)]
    converted, _ = tf2onnx.convert.from_keras(model, signature, opset=17)
    name_by_position(converted.graph)
    path.write_bytes(converted.SerializeToString(deterministic=True))


def name_by_position(graph: onnx.GraphProto) -> None:
    """Give nodes an order, and nodes, weights and values names, that the network alone decides.

    tf2onnx counts its names over the whole process and lists nodes and weights in the order of a
    hash, so the same network would get other bytes every time.
    """
    ordered_nodes = _in_order(graph)
    del graph.node[:]
    graph.node.extend(ordered_nodes)
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    names[""] = ""
    for index, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{index}"
        for slot, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}_{slot}")
        for slot, name in enumerate(node.input):
            names.setdefault(name, f"{node.name}_input_{slot}")
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    weights = {names[weight.name]: weight for weight in graph.initializer}
    for name, weight in weights.items():
        weight.name = name
    ordered = [weights[name] for name in sorted(weights)]
    del graph.initializer[:]
    graph.initializer.extend(ordered)
    del graph.value_info[:]
    for value in (*graph.input, *graph.output):
        first, *others = value.type.tensor_type.shape.dim
        first.dim_param = "batch"
        for axis, size in enumerate(others, start=1):
            if not size.dim_value:
                size.dim_param = f"{value.name}_{axis}"


def _in_order(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Nodes as a walk from the outputs back, along each node's inputs in turn, leaves them."""
    makers = {name: node for node in graph.node for name in node.output}
    ordered: list[onnx.NodeProto] = []
    placed: set[str] = set()
    waiting = [value.name for value in reversed(graph.output)]
    while waiting:
        name = waiting[-1]
        node = makers.get(name)
        missing = (
            [] if node is None else [one for one in node.input if _pending(one, makers, placed)]
        )
        if missing:
            waiting.extend(reversed(missing))
            continue
        waiting.pop()
        if node is not None and name not in placed:
            ordered.append(node)
            placed.update(node.output)
    return ordered


def _pending(name: str, makers: Mapping[str, onnx.NodeProto], placed: set[str]) -> bool:
    return name in makers and name not in placed
