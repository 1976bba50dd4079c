"""A trained or exported network with what it needs to know about its input and output.

That stands beside the file: config.json of a run, or manifest.json of a bundle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from rich.console import Console
from rich.progress import track

from edge_app.bundle import loader
from edge_app.bundle.literals import Normalization, Runtime
from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.manifest import ClearSpec
from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.inference import NETWORKS
from edge_app.vision.preprocess import normalize
from training import runs
from training.config import Precision, read_config
from training.datasets.label_sets import LABEL_SETS
from training.models import ARCHITECTURES, in_precision

Predict = Callable[[FloatArray], FloatArray]
"""float32 (N, 48, 48, 1) to softmax scores, float32 (N, classes)."""

_BATCH = 256
_RUNTIMES: dict[str, Runtime] = {".tflite": "tflite", ".onnx": "onnx"}


@dataclass(frozen=True)
class TrainedNetwork:
    """Calling it maps grey faces, uint8 (N, 48, 48), to softmax scores, float32 (N, labels).

    prepare: from faces to what ``predict`` reads. normalization: all that it does, or None where
    it does more. clear: when a face shows a clear emotion, None for always.
    """

    file: Path
    labels: tuple[str, ...]
    prepare: Callable[[GrayImage], FloatArray]
    predict: Predict
    normalization: Normalization | None = None
    clear: ClearSpec | None = None

    def __call__(self, images: GrayImage) -> FloatArray:
        return self.predict(self.prepare(images))


def open_network(path: Path, precision: Precision = "float32") -> TrainedNetwork:
    """The folder of a run, or one file of a run or of a bundle.

    precision: of what the layers of a .keras file compute; the other files have their own.
    Raises FileNotFoundError for no such file, ValueError for one without config.json or
    manifest.json beside it.
    """
    file = network_file(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"{file}: no such file; expected the folder of a run, or a .keras, .tflite or .onnx "
            "file of a run or bundle"
        )
    if (file.parent / runs.CONFIG_FILE).is_file():
        config = read_config(file.parent / runs.CONFIG_FILE)
        labels = LABEL_SETS[config.labels].labels
        normalization = ARCHITECTURES[config.architecture].normalization
        clear = _clear(file.parent)
    elif (file.parent / MANIFEST_FILE).is_file():
        emotion = loader.load(file.parent).manifest.emotion
        labels, normalization, clear = emotion.labels, emotion.normalization, emotion.clear
    else:
        raise ValueError(
            f"{file}: expected {runs.CONFIG_FILE} of a run or {MANIFEST_FILE} of a bundle beside "
            "it, found neither, so its labels are unknown"
        )
    prepare = partial(normalize, kind=normalization)
    predict = load_predictor(file, precision)
    return TrainedNetwork(file, labels, prepare, predict, normalization, clear)


def _clear(run: Path) -> ClearSpec | None:
    """What a run's report says, if it has ended and was calibrated so."""
    if not (run / runs.REPORT_FILE).is_file():
        return None
    found = runs.read_report(run).get("clear")
    return None if found is None else ClearSpec.model_validate(found)


def network_file(path: Path) -> Path:
    """The file of a network that is named by the folder of its run, or by itself."""
    return path / runs.MODEL_FILE if path.is_dir() else path


def labels_of(networks: Sequence[TrainedNetwork]) -> tuple[str, ...]:
    """Those that all of them tell apart.

    Raises ValueError for networks with different labels: their accuracies do not compare.
    """
    labels = {network.labels for network in networks}
    if len(labels) != 1:
        found = " and ".join(sorted(", ".join(names) for names in labels))
        raise ValueError(f"expected networks with the same labels, found {found}")
    return labels.pop()


def load_predictor(path: Path, precision: Precision = "float32") -> Predict:
    """A .keras, .tflite or .onnx file as a function. Raises ValueError for another suffix."""
    if path.suffix == ".keras":
        return _in_batches(load_keras(path, precision).predict_on_batch)
    if path.suffix in _RUNTIMES:
        return _in_batches(NETWORKS[_RUNTIMES[path.suffix]](path))
    raise ValueError(f"{path}: expected a .keras, .tflite or .onnx file")


def load_keras(path: Path, precision: Precision = "float32") -> keras.Model:
    """A network of a .keras file, computing in a precision. Raises ValueError for another file."""
    if path.suffix != ".keras":
        raise ValueError(f"{path}: expected a .keras file")
    model = keras.models.load_model(path, compile=False)
    return model if precision == "float32" else in_precision(model, precision)


def _in_batches(predict: Predict) -> Predict:
    """All of a split at once would take onnxruntime 15 GB of memory."""
    return lambda inputs: np.concatenate(
        [predict(inputs[start : start + _BATCH]) for start in range(0, len(inputs), _BATCH)]
    )


def both_ways(
    network: Callable[[GrayImage], FloatArray], images: GrayImage
) -> tuple[FloatArray, FloatArray]:
    """Scores of faces, uint8 (N, 48, 48), and their mean with those of the mirror images.

    Shows on the terminal how far it is.
    """
    starts = track(
        range(0, len(images), _BATCH),
        description="asking the network",
        console=Console(stderr=True),
        transient=True,
    )
    asked = []
    for start in starts:
        faces = images[start : start + _BATCH]
        asked.append((network(faces), network(np.ascontiguousarray(faces[:, :, ::-1]))))
    scores, mirrored = (np.concatenate(parts) for parts in zip(*asked, strict=True))
    return scores, np.float32(0.5) * (scores + mirrored)
