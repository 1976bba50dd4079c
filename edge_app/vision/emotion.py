"""Which emotion a face shows: a network of the bundle behind the EmotionClassifier protocol."""

import numpy as np

from edge_app.bundle.manifest import EmotionSpec
from edge_app.core.types import Detection, Emotion, Picture
from edge_app.vision.align import square
from edge_app.vision.inference import Network
from edge_app.vision.preprocess import normalize


class CnnEmotionClassifier:
    """Cuts, scales and normalises a face as the manifest says, and asks the network.

    unclear: False names the likeliest emotion of every face, however unclear it is.
    """

    def __init__(self, network: Network, spec: EmotionSpec, *, unclear: bool = True) -> None:
        self._network = network
        self._spec = spec
        self.clear = spec.clear if unclear else None

    @property
    def labels(self) -> tuple[str, ...]:
        return self._spec.labels

    def classify(self, picture: Picture, detection: Detection) -> Emotion:
        face = square(picture, detection, self._spec.crop)
        scores = self._network(normalize(face[np.newaxis], self._spec.normalization))[0]
        return Emotion.of(
            {label: float(score) for label, score in zip(self.labels, scores, strict=True)},
            self.clear,
        )
