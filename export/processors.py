"""Proof that an ONNX file gives the same whatever ONNX Runtime makes of it on a processor.

Which kernels it puts together depends on its optimisation level and on the processor's
instructions, so a file that is right at one level on one machine says little about others.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from edge_app.core.types import FloatArray
from export.parity import ParityError

_LEVELS = ("ORT_DISABLE_ALL", "ORT_ENABLE_ALL")
_MAX_WEIGHT = 64
"""Two products with values of 0 to 255 are at most 2 * 255 * 64 = 32,640, which 16 bits hold."""
_SUMMED = ("Conv", "Gemm", "MatMul")


def prove_levels(
    path: Path,
    inputs: Sequence[FloatArray],
    difference: Callable[[FloatArray, FloatArray], float],
    tolerance: float,
) -> float:
    """Run each input, with its batch, at both levels. Returns the largest difference.

    difference: of the outputs (unoptimised, optimised) for one input. Raises ParityError where it
    is above the tolerance, or no number.
    """
    plain, optimised = (_session(path, level) for level in _LEVELS)
    worst = 0.0
    for one in inputs:
        found = difference(_run(plain, one), _run(optimised, one))
        if not found <= tolerance:
            raise ParityError(
                f"{path.name}: expected the same at every optimisation level of ONNX Runtime, "
                f"found a difference of {found:.3g} (at most {tolerance:g}); leave the file out"
            )
        worst = max(worst, found)
    return worst


def require_no_saturation(path: Path) -> None:
    """Raises ParityError for 8-bit weights whose products some processor cannot add.

    x86 with AVX2 and without VNNI adds pairs of products of values (0 to 255) and weights in 16
    bits (``vpmaddubsw``) and clips the sum.
    """
    graph = onnx.load(path).graph
    weights = {weight.name: weight for weight in graph.initializer}
    scaled = {node.output[0]: node.input[0] for node in graph.node if _scales(node)}
    for node in graph.node:
        source = scaled.get(node.input[1], "") if node.op_type in _SUMMED else ""
        if source not in weights:
            continue
        values = numpy_helper.to_array(weights[source])
        largest = int(np.abs(values.astype(np.int64)).max())
        if largest > _MAX_WEIGHT:
            raise ParityError(
                f"{path.name}: expected 8-bit weights from -{_MAX_WEIGHT} to {_MAX_WEIGHT} in "
                f"{node.name}, found {largest}, which saturates on processors without VNNI; "
                "quantize with a reduced range"
            )


def _scales(node: Any) -> bool:
    return str(node.op_type) == "DequantizeLinear"


def _session(path: Path, level: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: Any, inputs: FloatArray) -> FloatArray:
    outputs: FloatArray = session.run(None, {session.get_inputs()[0].name: inputs})[0]
    return outputs
