"""A Keras network as TFLite and as ONNX files."""

import contextlib
import io
import os
import warnings
from collections.abc import Callable
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
    """A TFLite file with a fixed batch of one, as the device calls it.

    settings: changes the tf.lite.TFLiteConverter before it runs.
    """
    import tensorflow as tf

    face = keras.Input(batch_shape=(1, *model.input_shape[1:]), name="face")
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(face, model(face)))
    settings(converter)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        # It lists every variable, and misses statistics that only TensorFlow 1 could give.
        warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected")
        return bytes(converter.convert())


def to_onnx(model: keras.Model, path: Path) -> None:
    """Write float32 ONNX with a free batch dimension."""
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="face")]
    converted, _ = tf2onnx.convert.from_keras(model, signature, opset=17)
    name_by_position(converted.graph)
    path.write_bytes(converted.SerializeToString(deterministic=True))


def name_by_position(graph: onnx.GraphProto) -> None:
    """Give nodes, weights and values names that the order of the nodes alone decides.

    tf2onnx counts its names over the whole process and lists weights in the order of a hash, so
    the same network would get other bytes every time.
    """
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
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
