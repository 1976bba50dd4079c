"""Which emotion a face shows: a network of the bundle behind the EmotionClassifier protocol."""

import numpy as np

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import EmotionSpec, ModelFile
from edge_app.core.errors import BundleError, RuntimeMissingError
from edge_app.core.types import Detection, Emotion, Picture
from edge_app.vision.inference import NETWORKS, Network, available
from edge_app.vision.preprocess import crop, normalize


class CnnEmotionClassifier:
    """Cuts, scales and normalises a face as the manifest says, and asks the network."""

    def __init__(self, network: Network, spec: EmotionSpec) -> None:
        expected = (spec.crop.size, spec.crop.size, 1)
        if tuple(network.input_shape) != expected or network.num_classes != len(spec.labels):
            raise BundleError(
                f"expected a network of input {expected} and {len(spec.labels)} labels, found "
                f"{tuple(network.input_shape)} and {network.num_classes}; copy the bundle again"
            )
        self._network = network
        self._spec = spec

    @property
    def labels(self) -> tuple[str, ...]:
        return self._spec.labels

    def classify(self, picture: Picture, detection: Detection) -> Emotion:
        face = crop(picture, detection, self._spec.crop)
        scores = self._network(normalize(face[np.newaxis], self._spec.normalization))[0]
        return Emotion(
            self.labels[int(scores.argmax())],
            {label: float(score) for label, score in zip(self.labels, scores, strict=True)},
        )


def choose_model(bundle: Bundle, runtime: Runtime | None) -> ModelFile:
    """The best-placed model of the bundle that the wanted runtime, or any installed one, can run.

    Raises BundleError when the bundle has none for it, RuntimeMissingError when nothing that could
    run one is installed.
    """
    models = [model for model in bundle.models if runtime in (None, model.runtime)]
    if not models:
        raise BundleError(f"the bundle has no model for the runtime {runtime}; choose another")
    for model in models:
        if runtime is not None or available(model.runtime):
            return model
    raise RuntimeMissingError(
        "no package that runs the bundle's models is installed; pip install ai-edge-litert"
    )


def load_network(bundle: Bundle, runtime: Runtime | None = None) -> Network:
    """The fastest network of the bundle, or of those for a runtime, ready to be called."""
    model = choose_model(bundle, runtime)
    return NETWORKS[model.runtime](bundle.path(model.file))
