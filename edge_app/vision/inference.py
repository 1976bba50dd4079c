"""Running a network: TFLite (ai-edge-litert, or tflite-runtime) and ONNX Runtime, nothing else."""

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from edge_app.bundle.literals import Runtime
from edge_app.bundle.manifest import NetworkSpec
from edge_app.core.errors import BundleError, RuntimeMissingError
from edge_app.core.types import FloatArray

TFLITE_PACKAGES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""Packages with the same Interpreter, in order of preference, and the module it stands in."""

ONNX_PACKAGE = "onnxruntime"


class Network(Protocol):
    """A loaded network. Calling it maps float32 (N, S, S, 1) to softmax scores (N, classes)."""

    input_shape: tuple[int, ...]
    """Without the batch: (S, S, 1)."""
    num_classes: int

    def __call__(self, inputs: FloatArray) -> FloatArray: ...


class TfliteNetwork:
    """A .tflite file of one input and one output; int8 tensors are scaled by the file's own terms.

    Raises RuntimeMissingError without a TFLite package, BundleError for a file that does not load.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        interpreter_class = _tflite_interpreter()
        try:
            with _silent_stderr():
                self._interpreter = interpreter_class(model_path=str(path), num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"{path}: expected a TFLite model, found {error}") from error
        self._input: dict[str, Any] = _only(path, "input", self._interpreter.get_input_details())
        self._output: dict[str, Any] = _only(path, "output", self._interpreter.get_output_details())
        self.input_shape = tuple(int(size) for size in self._input["shape"][1:])
        self.num_classes = int(self._output["shape"][-1])

    def __call__(self, inputs: FloatArray) -> FloatArray:
        return np.concatenate([self._one(face[np.newaxis]) for face in inputs])

    def _one(self, face: FloatArray) -> FloatArray:
        self._interpreter.set_tensor(self._input["index"], _quantize(face, self._input))
        self._interpreter.invoke()
        return _dequantize(self._interpreter.get_tensor(self._output["index"]), self._output)


class OnnxNetwork:
    """An .onnx file of one input and one output.

    Raises RuntimeMissingError without onnxruntime, BundleError for a file that does not load.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        ort = _onnxruntime()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises classes of its own without a common base
            raise BundleError(f"{path}: expected an ONNX model, found {error}") from error
        face = _only(path, "input", self._session.get_inputs())
        scores = _only(path, "output", self._session.get_outputs())
        self._input_name: str = face.name
        self.input_shape = tuple(face.shape[1:])
        self.num_classes = int(scores.shape[-1])

    def __call__(self, inputs: FloatArray) -> FloatArray:
        scores: FloatArray = self._session.run(None, {self._input_name: inputs})[0]
        return scores


NETWORKS: dict[Runtime, Callable[[Path], Network]] = {"tflite": TfliteNetwork, "onnx": OnnxNetwork}


def check_tensors(network: Network, spec: NetworkSpec) -> None:
    """Raises BundleError for a network of other tensors than the manifest says."""
    expected, found = (spec.input_shape, spec.outputs), (network.input_shape, network.num_classes)
    if expected != found:
        raise BundleError(
            f"expected a network of input {expected[0]} and {expected[1]} outputs, found "
            f"{found[0]} and {found[1]}; copy the bundle again"
        )


def _only(path: Path, kind: str, tensors: Sequence[Any]) -> Any:
    """The one tensor of a kind that a network has. Raises BundleError for more."""
    if len(tensors) != 1:
        raise BundleError(f"{path}: expected a model of one {kind}, found {len(tensors)}")
    return tensors[0]


def available(runtime: Runtime) -> str | None:
    """Name of the installed package that serves a runtime, or None."""
    modules = TFLITE_PACKAGES if runtime == "tflite" else {ONNX_PACKAGE: ONNX_PACKAGE}
    for package, module in modules.items():
        try:
            importlib.import_module(module)
        except ImportError:
            continue
        return package
    return None


def _tflite_interpreter() -> Any:
    for module in TFLITE_PACKAGES.values():
        try:
            return importlib.import_module(module).Interpreter
        except ImportError:
            continue
    raise RuntimeMissingError(
        f"expected one of {', '.join(TFLITE_PACKAGES)}, found none; "
        "pip install ai-edge-litert, or choose --runtime onnx"
    )


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep the C++ runtime's chatter off the terminal; its errors arrive as exceptions.

    In the main thread alone, where a command works and a service starts: stderr is the whole
    process's, and while a service runs its other threads write their log there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123  # a device, not a path
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _onnxruntime() -> Any:
    try:
        return importlib.import_module(ONNX_PACKAGE)
    except ImportError as error:
        raise RuntimeMissingError(
            "onnxruntime is not installed; pip install 'reconocias[onnx]', "
            "or choose --runtime tflite"
        ) from error


def _quantize(values: FloatArray, tensor: dict[str, Any]) -> np.ndarray[Any, Any]:
    """float32 to the tensor's own type, by its scale and zero point where it is an integer."""
    if tensor["dtype"] == np.float32:
        return values
    scale, zero_point = tensor["quantization"]
    limits = np.iinfo(tensor["dtype"])
    steps = np.round(values / scale) + zero_point
    return np.clip(steps, limits.min, limits.max).astype(tensor["dtype"])


def _dequantize(values: np.ndarray[Any, Any], tensor: dict[str, Any]) -> FloatArray:
    if tensor["dtype"] == np.float32:
        return values.astype(np.float32, copy=False)
    scale, zero_point = tensor["quantization"]
    return ((values.astype(np.float32) - zero_point) * scale).astype(np.float32)
