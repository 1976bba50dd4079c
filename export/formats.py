"""The files of a bundle that hold networks, by what they are for.

Fastest first as docs/decisions/0010 measured. A device measures for itself when it installs a
bundle; this order is for those that have not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_app.bundle.manifest import ModelFile
from training.recipe import DETECTOR_MODELS, EMBEDDING_MODELS

_FLOAT_TOLERANCE = 1e-3
_QUANTIZED_TOLERANCE = 0.05
"""Of a probability, between processors: float kernels sum in other orders, and 8-bit ones round
one step (1/256 of the range) up or down in every layer."""

EMOTION_MODELS = (
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
        file="emotion-int8.onnx", runtime="onnx", precision="int8", tolerance=_QUANTIZED_TOLERANCE
    ),
    ModelFile(file="emotion.onnx", runtime="onnx", precision="float32", tolerance=_FLOAT_TOLERANCE),
    ModelFile(
        file="emotion.tflite", runtime="tflite", precision="float32", tolerance=_FLOAT_TOLERANCE
    ),
    ModelFile(
        file="emotion-float16.tflite",
        runtime="tflite",
        precision="float16",
        tolerance=_FLOAT_TOLERANCE,
    ),
)


@dataclass(frozen=True)
class Formats:
    """What is written of each network, in order of preference."""

    emotion: tuple[ModelFile, ...] = EMOTION_MODELS
    detector: tuple[ModelFile, ...] = DETECTOR_MODELS
    embedding: tuple[ModelFile, ...] = EMBEDDING_MODELS


def without(left_out: Sequence[str]) -> Formats:
    """The files of a bundle but some, by name.

    Raises ValueError for a name that none of them has, and for all of a network.
    """
    every = Formats()
    roles = {"emotion": every.emotion, "detector": every.detector, "embedding": every.embedding}
    files = [model.file for models in roles.values() for model in models]
    unknown = sorted(set(left_out) - set(files))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no file of a bundle; expected {', '.join(files)}")
    kept = {
        role: tuple(model for model in models if model.file not in left_out)
        for role, models in roles.items()
    }
    for role, models in kept.items():
        if not models:
            raise ValueError(
                f"expected a file of the {role} network to be left in the bundle, "
                "found every one left out"
            )
    return Formats(**kept)
