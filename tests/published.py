"""Published networks for tests: of the layers and names of YuNet and SFace, and next to no weights.

OpenCV runs them as it runs the real ones.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_SIDE = 640
_CHANNELS = 4
_HEADS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
_SURE = 1.0
"""Added to classes and objectness, so that a face is found in every picture."""


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._rng = np.random.default_rng(3)

    def add(self, kind: str, inputs: list[str], output: str, **options: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output

    def weight(self, name: str, values: Any) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def random(self, name: str, *shape: int, scale: float = 0.5, offset: float = 0.0) -> str:
        values = self._rng.normal(offset, scale, shape).astype(np.float32)
        return self.weight(name, values)

    def save(
        self, path: Path, source: str, shape: list[int], outputs: dict[str, list[int]]
    ) -> Path:
        graph = helper.make_graph(
            self.nodes,
            "tiny",
            [helper.make_tensor_value_info(source, TensorProto.FLOAT, shape)],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)
                for name, sizes in outputs.items()
            ],
            self.weights,
        )
        opset = helper.make_opsetid("", 11)
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=6), path)
        return path


def write_tiny_yunet(path: Path) -> Path:
    """With twelve outputs, each head a pair of convolutions, as the published one."""
    graph = _Graph()
    stem = [graph.random("stem", _CHANNELS, 3, 3, 3, scale=0.01), graph.weight("stem_b", _zeros())]
    at = graph.add("Conv", ["input", *stem], "c0", strides=[2, 2], pads=[1, 1, 1, 1], group=1)
    at = graph.add("Relu", [at], "r0")
    outputs = {}
    for level, stride in enumerate((4, 8, 16, 32)):
        pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
        at = graph.add("MaxPool", [at], f"p{level}", **pool)
        if stride == 4:
            continue
        for part, numbers in _HEADS.items():
            name = _head(graph, at, f"{part}_{stride}", numbers, part in ("cls", "obj"))
            outputs[name] = [1, (_SIDE // stride) ** 2, numbers]
    return graph.save(path, "input", [1, 3, _SIDE, _SIDE], outputs)


def _zeros(count: int = _CHANNELS) -> Any:
    return np.zeros(count, np.float32)


def _head(graph: _Graph, source: str, name: str, numbers: int, sure: bool) -> str:
    point = [graph.random(f"{name}_w1", numbers, _CHANNELS, 1, 1)]
    point.append(graph.weight(f"{name}_b1", _zeros(numbers)))
    spread = [graph.random(f"{name}_w2", numbers, 1, 3, 3, scale=0.1)]
    spread.append(graph.weight(f"{name}_b2", _zeros(numbers) + np.float32(_SURE if sure else 0)))
    one = graph.add("Conv", [source, *point], f"{name}_1", group=1)
    two = graph.add("Conv", [one, *spread], f"{name}_2", group=numbers, pads=[1, 1, 1, 1])
    turned = graph.add("Transpose", [two], f"{name}_t", perm=[0, 2, 3, 1])
    shape = graph.weight(f"{name}_s", np.array([1, -1, numbers], np.int64))
    if not sure:
        return graph.add("Reshape", [turned, shape], name)
    rows = graph.add("Reshape", [turned, shape], f"{name}_r")
    return graph.add("Sigmoid", [rows], name)


def write_tiny_sface(path: Path) -> Path:
    """From 112x112 to 128 numbers."""
    graph = _Graph()
    middle = graph.weight("middle", np.float32(127.5))
    scale = graph.weight("scale", np.float32(1 / 128))
    at = graph.add("Mul", [graph.add("Sub", ["data", middle], "sub"), scale], "mul")
    stem = graph.random("stem", _CHANNELS, 3, 8, 8, scale=0.1)
    at = graph.add("Conv", [at, stem], "conv", strides=[8, 8], group=1)
    ones = graph.weight("ones", np.ones(_CHANNELS, np.float32))
    norms = [ones, *(graph.random(name, _CHANNELS, scale=0.1) for name in ("beta", "mean"))]
    variance = graph.weight("variance", np.ones(_CHANNELS, np.float32))
    at = graph.add("BatchNormalization", [at, *norms, variance], "norm", epsilon=1e-3)
    at = graph.add("PRelu", [at, graph.random("slope", _CHANNELS, 1, 1)], "prelu")
    at = graph.add("Flatten", [at], "flat")
    dense = [graph.random("dense", 128, _CHANNELS * 14 * 14, scale=0.1)]
    dense.append(graph.weight("dense_b", np.zeros(128, np.float32)))
    graph.add("Gemm", [at, *dense], "fc1", transB=1)
    return graph.save(path, "data", [1, 3, 112, 112], {"fc1": [1, 128]})
