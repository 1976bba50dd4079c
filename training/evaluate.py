"""How well a trained or exported network does: the same code for Keras, TFLite and ONNX files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from edge_app.inference import NETWORKS
from edge_app.manifest import Runtime
from edge_app.types import FloatArray
from training.datasets.fer2013 import FaceSet

Predict = Callable[[FloatArray], FloatArray]
"""float32 (N, 48, 48, 1) to softmax scores, float32 (N, classes)."""

_RUNTIMES: dict[str, Runtime] = {".tflite": "tflite", ".onnx": "onnx"}


@dataclass(frozen=True)
class Evaluation:
    """Figures of one network on one split. confusion: int (classes, classes), rows are true."""

    labels: tuple[str, ...]
    accuracy: float
    macro_f1: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    confusion: np.ndarray[Any, np.dtype[np.int64]]

    def summary(self) -> dict[str, Any]:
        """The figures as plain values for JSON."""
        per_class = zip(self.labels, self.precision, self.recall, self.f1, strict=True)
        return {
            "accuracy": round(self.accuracy, 4),
            "macro_f1": round(self.macro_f1, 4),
            "per_class": {
                label: {"precision": round(p, 4), "recall": round(r, 4), "f1": round(f, 4)}
                for label, p, r, f in per_class
            },
        }


def load_predictor(path: Path) -> Predict:
    """A .keras, .tflite or .onnx file as a function. Raises ValueError for another suffix."""
    if path.suffix == ".keras":
        import keras

        model = keras.models.load_model(path, compile=False)
        return lambda inputs: np.asarray(model.predict(inputs, batch_size=256, verbose=0))
    if path.suffix in _RUNTIMES:
        return NETWORKS[_RUNTIMES[path.suffix]](path)
    raise ValueError(f"{path}: expected a .keras, .tflite or .onnx file")


def evaluate(scores: FloatArray, faces: FaceSet, labels: Sequence[str]) -> Evaluation:
    """Compare scores (N, classes) with the labels of the faces."""
    predicted = scores.argmax(axis=1)
    classes = np.arange(len(labels))
    precision, recall, f1, _ = precision_recall_fscore_support(
        faces.labels, predicted, labels=classes, zero_division=0.0
    )
    return Evaluation(
        labels=tuple(labels),
        accuracy=float(accuracy_score(faces.labels, predicted)),
        macro_f1=float(f1.mean()),
        precision=tuple(map(float, precision)),
        recall=tuple(map(float, recall)),
        f1=tuple(map(float, f1)),
        confusion=confusion_matrix(faces.labels, predicted, labels=classes),
    )


def draw_confusion(evaluation: Evaluation, title: str, path: Path) -> None:
    """The confusion matrix as a picture: share of each true class, with the counts."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    counts = evaluation.confusion
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
    image = axes.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0)
    ticks = range(len(evaluation.labels))
    axes.set_xticks(ticks, evaluation.labels, rotation=30)
    axes.set_yticks(ticks, evaluation.labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(title)
    for row in ticks:
        for column in ticks:
            color = "white" if share[row, column] > 0.5 else "black"
            text = f"{share[row, column]:.0%}\n{counts[row, column]}"
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    figure.colorbar(image, label="share of the true class")
    figure.savefig(path, dpi=110)
    plt.close(figure)
