from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge_app.core.types import FloatArray
from export import processors
from export.parity import ParityError
from export.processors import prove_levels, require_no_saturation


def difference(one: FloatArray, other: FloatArray) -> float:
    return float(np.abs(one - other).max())


def write_quantized(path: Path, largest: int) -> Path:
    """One convolution with 8-bit weights, up to ``largest``, of 8-bit values."""
    weights = {
        "scale": np.float32(0.5),
        "zero": np.uint8(0),
        "kernel": np.array([[[[largest, -largest]]]], np.int8),
        "kernel_zero": np.int8(0),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
        helper.make_node("DequantizeLinear", ["kernel", "scale", "kernel_zero"], ["w"]),
        helper.make_node("Conv", ["d", "w"], ["y"], name="first"),
    ]
    shape: list[str | int | None] = ["batch", 1, 4, 4]
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    opset = helper.make_opsetid("", 13)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
    return path


def test_weights_that_no_processor_clips_pass(tmp_path: Path) -> None:
    path = write_quantized(tmp_path / "int8.onnx", 64)

    require_no_saturation(path)
    inputs = [np.full((1, 1, 4, 4), 100, np.float32)]
    assert prove_levels(path, inputs, difference, 1e-3) == pytest.approx(0.0)


def test_weights_that_saturate_without_vnni_are_refused(tmp_path: Path) -> None:
    path = write_quantized(tmp_path / "int8.onnx", 65)

    with pytest.raises(ParityError, match=r"int8\.onnx: expected 8-bit .* in first, found 65"):
        require_no_saturation(path)


@pytest.mark.parametrize("off", [0.2, np.nan])
def test_a_file_that_differs_between_levels_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: float
) -> None:
    path = write_quantized(tmp_path / "int8.onnx", 64)
    run, calls = processors._run, iter([0.0, off])
    monkeypatch.setattr(
        processors, "_run", lambda session, inputs: run(session, inputs) + next(calls)
    )

    with pytest.raises(ParityError, match="the same at every optimisation level"):
        prove_levels(path, [np.zeros((1, 1, 4, 4), np.float32)], difference, 0.1)
