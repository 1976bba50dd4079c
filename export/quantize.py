"""Smaller files: half floats, 8-bit weights, and 8 bits throughout."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import onnx

from edge_app.bundle.manifest import Precision
from edge_app.core.types import FloatArray
from export.convert import name_by_position, tflite_bytes


def to_tflite(
    model: keras.Model, path: Path, precision: Precision, calibration: FloatArray | None
) -> None:
    """Write TFLite of a precision.

    calibration: network inputs, float32 (N, S, S, 1), from the Training split only; needed for
    int8, where they set the range of every value. Weights are quantized per channel, but those of
    dense layers per tensor, because tflite-runtime 2.14 does not know them otherwise.
    """
    import tensorflow as tf

    def settings(converter: Any) -> None:
        if precision == "float32":
            return
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if precision == "float16":
            converter.target_spec.supported_types = [tf.float16]
            return
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
        if precision == "int8" and calibration is not None:
            converter.representative_dataset = lambda: ([face[None]] for face in calibration)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.int8
            converter.inference_output_type = tf.int8

    path.write_bytes(tflite_bytes(model, settings))


def to_onnx_int8(source: Path, path: Path, calibration: FloatArray) -> None:
    """Quantize a float32 ONNX file statically (QDQ, per channel), calibrated as for TFLite.

    Values are unsigned and weights have 7 bits: x86 with AVX2 and without VNNI adds two such
    products in 16 bits, and with 8 bits it clips them without a word.
    """
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    name = onnx.load(source).graph.input[0].name

    class Faces(quantization.CalibrationDataReader):  # type: ignore[misc]  # has no type hints
        def __init__(self) -> None:
            self._faces: Iterator[FloatArray] = iter(calibration)

        def get_next(self) -> dict[str, FloatArray] | None:
            face = next(self._faces, None)
            return None if face is None else {name: face[None]}

    with tempfile.TemporaryDirectory() as scratch:
        prepared, draft = Path(scratch) / "prepared.onnx", Path(scratch) / "draft.onnx"
        quant_pre_process(str(source), str(prepared))
        quantization.quantize_static(
            str(prepared),
            str(draft),
            Faces(),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            reduce_range=True,
        )
        quantized = onnx.load(draft)
    name_by_position(quantized.graph)
    path.write_bytes(quantized.SerializeToString(deterministic=True))
