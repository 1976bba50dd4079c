import importlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.core.errors import BundleError, RuntimeMissingError
from edge_app.vision import inference
from edge_app.vision.inference import NETWORKS, TFLITE_PACKAGES, available


def test_every_file_of_the_bundle_gives_probabilities(bundle: Bundle) -> None:
    spec = bundle.manifest.emotion
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(3, spec.crop.size, spec.crop.size, 1)).astype(np.float32)

    for model in spec.models:
        network = NETWORKS[model.runtime](bundle.path(model.file))
        scores = network(faces)

        assert network.input_shape == (spec.crop.size, spec.crop.size, 1)
        assert network.num_classes == len(spec.labels)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=0.02)


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
@pytest.mark.parametrize("content", [None, b"", b"letters and no network"])
def test_a_file_that_is_no_network(tmp_path: Path, runtime: Runtime, content: bytes | None) -> None:
    path = tmp_path / "network"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BundleError, match="network: expected "):
        NETWORKS[runtime](path)


def use_interpreter(patch: pytest.MonkeyPatch, interpreter: Callable[..., Any]) -> None:
    """In place of every TFLite package's own."""
    for module in TFLITE_PACKAGES.values():
        patch.setitem(sys.modules, module, cast(Any, SimpleNamespace(Interpreter=interpreter)))


def _load(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="expected a TFLite model"):
        inference.TfliteNetwork(tmp_path / "network")


def test_a_runtime_that_talks_is_not_heard_at_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interpreter(**how: Any) -> None:
        os.write(2, b"INFO: Created a delegate\n")
        raise ValueError

    use_interpreter(monkeypatch, interpreter)
    _load(tmp_path)
    os.write(2, b"heard again\n")

    assert capfd.readouterr().err == "heard again\n"


def test_overlapping_loads_of_a_service_leave_its_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    begun, ends = threading.Semaphore(0), [threading.Event(), threading.Event()]
    left = iter(ends)

    def interpreter(**how: Any) -> None:
        end = next(left)
        begun.release()
        end.wait(10)
        raise ValueError

    use_interpreter(monkeypatch, interpreter)
    loads = []
    for _ in ends:
        loads.append(threading.Thread(target=_load, args=(tmp_path,)))
        loads[-1].start()
        assert begun.acquire(timeout=10)
    os.write(2, b"during\n")
    for load, end in zip(loads, ends, strict=True):
        end.set()
        load.join()
    os.write(2, b"after\n")

    assert capfd.readouterr().err == "during\nafter\n"


@pytest.mark.parametrize(("runtime", "hint"), [("tflite", "onnx"), ("onnx", "tflite")])
def test_a_missing_package_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, bundle: Bundle, runtime: Runtime, hint: str
) -> None:
    def refuse(name: str, package: str | None = None) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    model = next(m for m in bundle.manifest.emotion.models if m.runtime == runtime)

    assert available(runtime) is None
    with pytest.raises(RuntimeMissingError, match=f"choose --runtime {hint}"):
        NETWORKS[runtime](bundle.path(model.file))


class Int8Interpreter:
    """One face in, as eight-bit integers; the scores -128, 0 and 127 out."""

    def __init__(self, **how: Any) -> None:
        self.given: list[int] = []

    def allocate_tensors(self) -> None:
        pass

    def get_input_details(self) -> list[dict[str, Any]]:
        details = {"dtype": np.int8, "quantization": (0.1, -3)}
        return [{"index": 0, "shape": np.array([1, 5, 1, 1]), **details}]

    def get_output_details(self) -> list[dict[str, Any]]:
        details = {"dtype": np.int8, "quantization": (1 / 256, -128)}
        return [{"index": 1, "shape": np.array([1, 3]), **details}]

    def set_tensor(self, index: int, values: NDArray[np.int8]) -> None:
        assert values.dtype == np.int8
        self.given = values.ravel().tolist()

    def invoke(self) -> None:
        pass

    def get_tensor(self, index: int) -> NDArray[np.int8]:
        return np.array([[-128, 0, 127]], np.int8)


def test_integers_are_rounded_clipped_and_come_back_as_what_they_stand_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = Int8Interpreter()
    use_interpreter(monkeypatch, lambda **how: interpreter)
    faces = np.array([0.0, 0.26, -0.26, 99.0, -99.0], np.float32).reshape(1, 5, 1, 1)

    scores = inference.TfliteNetwork(tmp_path / "network")(faces)

    assert interpreter.given == [-3, 0, -6, 127, -128]
    np.testing.assert_allclose(scores, [[0.0, 0.5, 255 / 256]])
