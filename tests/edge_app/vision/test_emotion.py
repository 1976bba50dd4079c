import numpy as np
import pytest

from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import ClearSpec, EmotionSpec
from edge_app.core.types import BBox, Detection, FloatArray, Picture
from edge_app.vision.align import square
from edge_app.vision.emotion import CnnEmotionClassifier
from edge_app.vision.preprocess import normalize
from tests.edge_app.conftest import scene

FACE = Detection(BBox(240, 160, 400, 320), 9.0)


class _Second:
    """A network that is sure of the second label, and remembers what it saw."""

    def __init__(self, spec: EmotionSpec, score: float = 1.0) -> None:
        self.input_shape: tuple[int | None, ...] = spec.input_shape
        self.outputs = spec.outputs
        self.seen: FloatArray | None = None
        self._score = score

    def __call__(self, inputs: FloatArray) -> FloatArray:
        self.seen = inputs
        scores = np.zeros((len(inputs), self.outputs), np.float32)
        scores[:, 0] = 1 - self._score
        scores[:, 1] = self._score
        return scores


@pytest.fixture
def spec(bundle: Bundle) -> EmotionSpec:
    return bundle.manifest.emotion


def test_labels_and_their_order_are_the_manifests(spec: EmotionSpec) -> None:
    classifier = CnnEmotionClassifier(_Second(spec), spec)

    found = classifier.classify(Picture(scene(1)), FACE)

    assert found is not None
    assert tuple(found.scores) == classifier.labels == spec.labels
    assert found.label == spec.labels[1]
    assert found.score == 1.0


@pytest.mark.parametrize(
    ("score", "unclear", "is_clear"), [(0.52, True, True), (0.51, True, False), (0.51, False, True)]
)
def test_below_the_bound_of_the_manifest_no_emotion_is_clear(
    spec: EmotionSpec, score: float, unclear: bool, is_clear: bool
) -> None:
    bounded = spec.model_copy(update={"clear": ClearSpec(share=0.515)})
    classifier = CnnEmotionClassifier(_Second(spec, score), bounded, unclear=unclear)

    found = classifier.classify(Picture(scene(1)), FACE)

    assert found.label == (spec.labels[1] if is_clear else "unclear")
    assert tuple(found.scores) == spec.labels
    assert found.score == pytest.approx(score)


@pytest.mark.parametrize("span", [2.0, 3.0])
def test_the_network_gets_the_normalised_square_of_the_manifest(
    spec: EmotionSpec, span: float
) -> None:
    wider = spec.model_copy(update={"crop": spec.crop.model_copy(update={"span": span})})
    network, picture = _Second(wider), Picture(scene(1))

    CnnEmotionClassifier(network, wider).classify(picture, FACE)

    face = square(picture, FACE, wider.crop)
    assert network.seen is not None
    np.testing.assert_array_equal(network.seen, normalize(face[np.newaxis], wider.normalization))
