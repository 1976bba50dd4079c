"""The files of a bundle that hold the network, fastest first as docs/decisions/0010 measured.

A device measures for itself when it installs a bundle; this order is for those that have not.
"""

from collections.abc import Sequence

from edge_app.bundle.manifest import ModelFile

_FLOAT_TOLERANCE = 1e-3
_QUANTIZED_TOLERANCE = 0.05
"""Of a probability, between processors: float kernels sum in other orders, and 8-bit ones round
one step (1/256 of the range) up or down in every layer."""

MODELS = (
    ModelFile(
        file="emotion-dynamic.tflite",
        runtime="tflite",
        precision="dynamic",
        tolerance=_QUANTIZED_TOLERANCE,
    ),
    ModelFile(
        file="emotion-int8.tflite",
        runtime="tflite",
        precision="int8",
        tolerance=_QUANTIZED_TOLERANCE,
    ),
    ModelFile(
        file="emotion.tflite", runtime="tflite", precision="float32", tolerance=_FLOAT_TOLERANCE
    ),
    ModelFile(
        file="emotion-float16.tflite",
        runtime="tflite",
        precision="float16",
        tolerance=_FLOAT_TOLERANCE,
    ),
    ModelFile(file="emotion.onnx", runtime="onnx", precision="float32", tolerance=_FLOAT_TOLERANCE),
    ModelFile(
        file="emotion-int8.onnx", runtime="onnx", precision="int8", tolerance=_QUANTIZED_TOLERANCE
    ),
)


def without(left_out: Sequence[str]) -> tuple[ModelFile, ...]:
    """The files of a bundle but some, by name.

    Raises ValueError for a name that none of them has, and for all of them.
    """
    files = [model.file for model in MODELS]
    unknown = sorted(set(left_out) - set(files))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no file of a bundle; expected {', '.join(files)}")
    kept = tuple(model for model in MODELS if model.file not in left_out)
    if not kept:
        raise ValueError("expected a file to be left in the bundle, found every one left out")
    return kept
