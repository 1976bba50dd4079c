"""A Keras network as TFLite and as ONNX files."""

import contextlib
import io
import os
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # the backend has to be chosen before the import


def require_tensorflow() -> None:
    """Both converters read TensorFlow graphs. Raises RuntimeError under another backend."""
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"expected Keras on TensorFlow for export, found {keras.backend.backend()}; "
            "run with KERAS_BACKEND=tensorflow (a model trained on another backend loads as it is)"
        )


def load_network(path: Path) -> keras.Model:
    """A .keras file of any backend, under TensorFlow."""
    require_tensorflow()
    model: keras.Model = keras.models.load_model(path, compile=False)
    return model


def to_tflite(model: keras.Model, path: Path) -> None:
    """Write float32 TFLite with a fixed batch of one, as the device calls it."""
    import tensorflow as tf

    face = keras.Input(batch_shape=(1, *model.input_shape[1:]), name="face")
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.Model(face, model(face)))
    with contextlib.redirect_stdout(io.StringIO()):  # it lists every variable of the model
        path.write_bytes(converter.convert())


def to_onnx(model: keras.Model, path: Path) -> None:
    """Write float32 ONNX with a free batch dimension."""
    import tensorflow as tf
    import tf2onnx

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="face")]
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / "model.onnx"
        tf2onnx.convert.from_keras(model, signature, opset=17, output_path=str(draft))
        path.write_bytes(draft.read_bytes())
