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
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import ModelFile, NetworkSpec
from edge_app.core.errors import BundleError, RuntimeMissingError
from edge_app.core.types import FloatArray

TFLITE_PACKAGES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""Packages with the same Interpreter, in order of preference, and the module it stands in."""

ONNX_PACKAGE = "onnxruntime"


class Network(Protocol):
    """A loaded network of one input and one output.

    Calling it maps float32 (N, *input_shape) to float32 (N, ..., outputs). Raises BundleError for a
    file that gives no numbers.
    """

    input_shape: tuple[int | None, ...]
    """Without the batch; None where any size will do."""
    outputs: int
    """Numbers in the last dimension of the output."""

    def __call__(self, inputs: FloatArray) -> FloatArray: ...


class TfliteNetwork:
    """A .tflite file; int8 tensors are scaled by the file's own terms.

    Threads may share one, as viewers of the page share who is enrolled: they wait for each other.

    Raises RuntimeMissingError without a TFLite package, BundleError for a file that does not load.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._path = path
        interpreter_class = _tflite_interpreter()
        try:
            with _silent_stderr():
                self._interpreter = interpreter_class(model_path=str(path), num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"{path}: expected a TFLite model, found {error}") from error
        self._running = threading.Lock()
        self._input: dict[str, Any] = _only(path, "input", self._interpreter.get_input_details())
        self._output: dict[str, Any] = _only(path, "output", self._interpreter.get_output_details())
        self.input_shape = tuple(
            None if size < 0 else int(size) for size in self._input["shape_signature"][1:]
        )
        self._allocated = tuple(int(size) for size in self._input["shape"])
        self.outputs = _last(path, self._output["shape"])

    def __call__(self, inputs: FloatArray) -> FloatArray:
        with self._running:
            return _numbers(
                self._path, np.concatenate([self._one(one[np.newaxis]) for one in inputs])
            )

    def _one(self, one: FloatArray) -> FloatArray:
        if one.shape != self._allocated:
            self._interpreter.resize_tensor_input(self._input["index"], one.shape)
            self._interpreter.allocate_tensors()
            self._allocated = one.shape
        self._interpreter.set_tensor(self._input["index"], _quantize(one, self._input))
        self._interpreter.invoke()
        return _dequantize(self._interpreter.get_tensor(self._output["index"]), self._output)


class OnnxNetwork:
    """An .onnx file.

    Raises RuntimeMissingError without onnxruntime, BundleError for a file that does not load.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._path = path
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
        source = _only(path, "input", self._session.get_inputs())
        output = _only(path, "output", self._session.get_outputs())
        self._input_name: str = source.name
        self.input_shape = tuple(
            size if isinstance(size, int) else None for size in source.shape[1:]
        )
        self.outputs = _last(path, output.shape)

    def __call__(self, inputs: FloatArray) -> FloatArray:
        return _numbers(self._path, self._session.run(None, {self._input_name: inputs})[0])


def _numbers(path: Path, outputs: FloatArray) -> FloatArray:
    """What a network gave. Raises BundleError for NaN and infinity."""
    if not np.isfinite(outputs).all():
        raise BundleError(
            f"{path}: expected numbers of the network, found none (NaN or infinity); "
            "verify the bundle, and take another one"
        )
    return outputs


NETWORKS: dict[Runtime, Callable[[Path], Network]] = {"tflite": TfliteNetwork, "onnx": OnnxNetwork}


def check_tensors(network: Network, spec: NetworkSpec) -> None:
    """Raises BundleError for a network of other tensors than the manifest says."""
    expected, found = (spec.input_shape, spec.outputs), (network.input_shape, network.outputs)
    if expected != found:
        raise BundleError(
            f"expected a network of input {expected[0]} and {expected[1]} outputs, found "
            f"{found[0]} and {found[1]}; copy the bundle again"
        )


def choose_model(bundle: Bundle, spec: NetworkSpec, runtime: Runtime | None = None) -> ModelFile:
    """The best-placed file of a network that the wanted runtime, or any installed one, can run.

    Raises BundleError where the bundle has none for it or all of them failed on this device,
    RuntimeMissingError where nothing that could run one is installed.
    """
    ranked = bundle.models(spec)
    if not ranked:
        raise BundleError(
            f"{bundle.folder}: {', '.join(model.file for model in spec.models)} failed on this "
            "device; take another bundle"
        )
    models = [model for model in ranked if runtime in (None, model.runtime)]
    if not models:
        raise BundleError(f"the bundle has no model for the runtime {runtime}; choose another")
    for model in models:
        if runtime is not None or available(model.runtime):
            return model
    raise RuntimeMissingError(
        "no package that runs the bundle's models is installed; pip install ai-edge-litert"
    )


def load_network(bundle: Bundle, spec: NetworkSpec, runtime: Runtime | None = None) -> Network:
    """The fastest file of a network, or of those for a runtime, ready to be called.

    Raises what ``choose_model`` raises, and BundleError for a file that is not what it should be.
    """
    model = choose_model(bundle, spec, runtime)
    path = bundle.path(model.file)
    network = NETWORKS[model.runtime](path)
    try:
        check_tensors(network, spec)
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from error
    return network


def _only(path: Path, kind: str, tensors: Sequence[Any]) -> Any:
    """The one tensor of a kind that a network has. Raises BundleError for more."""
    if len(tensors) != 1:
        raise BundleError(f"{path}: expected a model of one {kind}, found {len(tensors)}")
    return tensors[0]


def _last(path: Path, shape: Sequence[Any]) -> int:
    """Numbers in the last dimension. Raises BundleError where the file does not say."""
    if len(shape) == 0 or isinstance(shape[-1], str | None):
        raise BundleError(f"{path}: expected rows of numbers as output, found {list(shape)}")
    return int(shape[-1])


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
