from dataclasses import replace

import numpy as np
import pytest

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import EmotionSpec
from edge_app.core.errors import BundleError, RuntimeMissingError
from edge_app.core.types import BBox, Detection, FloatArray, Picture
from edge_app.vision import emotion
from edge_app.vision.emotion import CnnEmotionClassifier, choose_model
from tests.edge_app.conftest import scene

FACE = Detection(BBox(240, 160, 400, 320), 9.0)


class _Brightness:
    """A network whose scores say how bright the face is."""

    input_shape: tuple[int, ...]

    def __init__(self, spec: EmotionSpec) -> None:
        self.input_shape = (spec.crop.size, spec.crop.size, 1)
        self.num_classes = len(spec.labels)
        self.seen: FloatArray | None = None

    def __call__(self, inputs: FloatArray) -> FloatArray:
        self.seen = inputs
        scores = np.zeros((len(inputs), self.num_classes), np.float32)
        scores[:, 1] = 1.0
        return scores


@pytest.fixture
def spec(bundle: Bundle) -> EmotionSpec:
    return bundle.manifest.emotion


def test_labels_and_their_order_are_the_manifests(spec: EmotionSpec) -> None:
    classifier = CnnEmotionClassifier(_Brightness(spec), spec)

    found = classifier.classify(Picture(scene(1)), FACE)

    assert tuple(found.scores) == spec.labels
    assert found.label == spec.labels[1]
    assert found.score == 1.0


def test_the_network_gets_one_normalised_crop(spec: EmotionSpec) -> None:
    network = _Brightness(spec)

    CnnEmotionClassifier(network, spec).classify(Picture(scene(1)), FACE)

    assert network.seen is not None
    assert network.seen.shape == (1, spec.crop.size, spec.crop.size, 1)
    assert network.seen.mean() == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("change", ["input", "labels"])
def test_a_network_that_does_not_fit_the_manifest(spec: EmotionSpec, change: str) -> None:
    network = _Brightness(spec)
    if change == "input":
        network.input_shape = (64, 64, 1)
    else:
        network.num_classes = 2

    with pytest.raises(BundleError, match="expected a network of input"):
        CnnEmotionClassifier(network, spec)


@pytest.mark.parametrize("runtime", ["tflite", "onnx"])
def test_the_wanted_runtime_is_taken(bundle: Bundle, runtime: Runtime) -> None:
    assert choose_model(bundle, runtime).runtime == runtime


def test_what_the_device_measured_comes_before_the_manifests_order(bundle: Bundle) -> None:
    files = [model.file for model in bundle.manifest.emotion.models]
    measured = replace(bundle, measured=(files[-1],))

    assert choose_model(bundle, None).file == files[0]
    assert choose_model(measured, None).file == files[-1]
    assert [model.file for model in measured.models] == [files[-1], *files[:-1]]


def test_the_first_that_can_run_is_taken(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emotion, "available", lambda runtime: "x" if runtime == "onnx" else None)

    assert choose_model(bundle, None).runtime == "onnx"


def test_no_runtime_at_all(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emotion, "available", lambda runtime: None)

    with pytest.raises(RuntimeMissingError, match="pip install ai-edge-litert"):
        choose_model(bundle, None)


def test_a_bundle_without_a_file_for_the_runtime(bundle: Bundle) -> None:
    spec = bundle.manifest.emotion
    tflite_only = spec.model_copy(
        update={"models": tuple(m for m in spec.models if m.runtime == "tflite")}
    )
    manifest = bundle.manifest.model_copy(update={"emotion": tflite_only})

    with pytest.raises(BundleError, match="no model for the runtime onnx"):
        choose_model(Bundle(bundle.folder, manifest), "onnx")
