import importlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.core.errors import BundleError, RuntimeMissingError
from edge_app.core.types import FloatArray
from edge_app.vision import inference
from edge_app.vision.detection.yunet import YunetSpec
from edge_app.vision.inference import (
    NETWORKS,
    TFLITE_PACKAGES,
    available,
    check_tensors,
    choose_model,
    load_network,
)
from edge_app.vision.parts import networks


def test_every_file_for_emotions_gives_probabilities(bundle: Bundle) -> None:
    spec = bundle.manifest.emotion
    rng = np.random.default_rng(0)
    faces = rng.normal(size=(3, spec.crop.size, spec.crop.size, 1)).astype(np.float32)

    for model in spec.models:
        scores = NETWORKS[model.runtime](bundle.path(model.file))(faces)

        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=0.02)


def test_every_file_of_the_bundle_has_the_tensors_of_its_role(bundle: Bundle) -> None:
    for spec in networks(bundle):
        for model in spec.models:
            check_tensors(NETWORKS[model.runtime](bundle.path(model.file)), spec)


class _Form:
    """A network of a form, which is never run."""

    def __init__(self, input_shape: tuple[int | None, ...], outputs: int) -> None:
        self.input_shape, self.outputs = input_shape, outputs

    def __call__(self, inputs: FloatArray) -> FloatArray:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("shape", "outputs"),
    [((64, 64, 1), 7), ((48, 48, 1), 2), ((48, 48, 3), 7), ((None, None, 3), 15)],
)
def test_tensors_that_do_not_fit_the_manifest_are_refused(
    bundle: Bundle, shape: tuple[int | None, ...], outputs: int
) -> None:
    with pytest.raises(
        BundleError, match=r"expected a network of input \(48, 48, 1\) and 7 outputs"
    ):
        check_tensors(_Form(shape, outputs), bundle.manifest.emotion)


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
def test_the_wanted_runtime_is_taken(bundle: Bundle, runtime: Runtime) -> None:
    assert choose_model(bundle, bundle.manifest.emotion, runtime).runtime == runtime


def test_what_the_device_measured_comes_before_the_manifests_order(bundle: Bundle) -> None:
    spec = bundle.manifest.emotion
    files = [model.file for model in spec.models]
    measured = replace(bundle, measured=(files[-1],))

    assert choose_model(bundle, spec).file == files[0]
    assert choose_model(measured, spec).file == files[-1]
    assert [model.file for model in measured.models(spec)] == [files[-1], *files[:-1]]


def test_files_that_failed_here_are_left_out(bundle: Bundle) -> None:
    spec = bundle.manifest.emotion
    files = tuple(model.file for model in spec.models)

    assert choose_model(replace(bundle, failed=files[:1]), spec).file == files[1]
    failed = replace(bundle, measured=files[:1], failed=files[:1])
    assert choose_model(failed, spec).file == files[1]
    with pytest.raises(BundleError, match=rf"{files[0]}, .*failed on this device; take another"):
        choose_model(replace(bundle, failed=files), spec)


def test_the_first_that_can_run_is_taken(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "available", lambda runtime: "x" if runtime == "onnx" else None)

    assert choose_model(bundle, bundle.manifest.emotion).runtime == "onnx"


def test_no_runtime_at_all(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "available", lambda runtime: None)

    with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert"):
        choose_model(bundle, bundle.manifest.emotion)


def test_a_network_without_a_file_for_the_runtime(bundle: Bundle) -> None:
    spec = bundle.manifest.emotion
    tflite_only = spec.model_copy(
        update={"models": tuple(m for m in spec.models if m.runtime == "tflite")}
    )

    with pytest.raises(BundleError, match="no model for the runtime onnx"):
        choose_model(bundle, tflite_only, "onnx")


def test_a_file_of_another_network_is_named(bundle: Bundle) -> None:
    spec = next(spec for spec in networks(bundle) if isinstance(spec, YunetSpec))
    wrong = spec.model_copy(update={"models": bundle.manifest.emotion.models})

    for runtime in ("tflite", "onnx"):
        with pytest.raises(
            BundleError, match=r"emotion.*: expected a network of input \(None, None"
        ):
            load_network(bundle, wrong, runtime)


def test_threads_may_share_a_network(bundle: Bundle) -> None:
    """Viewers of the page share who is enrolled; TFLite itself allows one thread at a time."""
    spec = next(spec for spec in networks(bundle) if isinstance(spec, YunetSpec))
    rng = np.random.default_rng(0)
    pictures = [rng.uniform(0, 255, (1, 64, 96 * n, 3)).astype(np.float32) for n in (1, 2, 3)]
    for runtime in ("tflite", "onnx"):
        network = load_network(bundle, spec, runtime)
        alone = [network(picture) for picture in pictures]

        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(network, pictures * 20))

        for place, outputs in enumerate(found):
            np.testing.assert_allclose(outputs, alone[place % 3], atol=1e-4)


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
        shape = np.array([1, 5, 1, 1])
        return [{"index": 0, "shape": shape, "shape_signature": shape, **details}]

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


@pytest.mark.parametrize("shape", [[], [1, 3]], ids=["one number", "rows"])
def test_an_output_must_be_rows_of_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: list[int]
) -> None:
    class Odd(Int8Interpreter):
        def get_output_details(self) -> list[dict[str, Any]]:
            return [{**super().get_output_details()[0], "shape": np.array(shape, np.int32)}]

    use_interpreter(monkeypatch, Odd)
    if shape:
        assert inference.TfliteNetwork(tmp_path / "network").outputs == 3
        return
    with pytest.raises(BundleError, match=r"network: expected rows of numbers as output, found"):
        inference.TfliteNetwork(tmp_path / "network")


@pytest.mark.parametrize("count", [0, 2])
def test_a_network_of_several_inputs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    class Odd(Int8Interpreter):
        def get_input_details(self) -> list[dict[str, Any]]:
            return super().get_input_details() * count

    use_interpreter(monkeypatch, Odd)
    with pytest.raises(BundleError, match=f"expected a model of one input, found {count}"):
        inference.TfliteNetwork(tmp_path / "network")


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
def test_a_network_that_gives_no_numbers_is_one_line(tiny_bundle: Path, runtime: Runtime) -> None:
    network = inference.NETWORKS[runtime](tiny_bundle / f"sface.{runtime}")
    with pytest.raises(BundleError, match=r"sface\.\w+: expected numbers of the network"):
        network(np.full((1, 112, 112, 3), np.nan, np.float32))
