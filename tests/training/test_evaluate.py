from pathlib import Path

import numpy as np
import pytest

from edge_app.types import FloatArray
from training.datasets.fer2013 import FaceSet
from training.evaluate import draw_confusion, evaluate, load_predictor

LABELS = ("angry", "happy", "neutral")


def face_set(labels: list[int]) -> FaceSet:
    count = len(labels)
    images = np.zeros((count, 48, 48), np.uint8)
    return FaceSet(images, np.array(labels), np.arange(count))


def scores_for(predicted: list[int]) -> FloatArray:
    return np.eye(3, dtype=np.float32)[predicted]


def test_figures_of_a_known_confusion() -> None:
    evaluation = evaluate(scores_for([0, 0, 1, 1, 1, 2]), face_set([0, 1, 1, 1, 2, 2]), LABELS)

    assert evaluation.accuracy == pytest.approx(4 / 6)
    assert evaluation.confusion.tolist() == [[1, 0, 0], [1, 2, 0], [0, 1, 1]]
    assert evaluation.precision == pytest.approx((1 / 2, 2 / 3, 1.0))
    assert evaluation.recall == pytest.approx((1.0, 2 / 3, 1 / 2))
    assert evaluation.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 2 / 3) / 3)


def test_a_class_that_is_never_predicted_counts_as_zero() -> None:
    evaluation = evaluate(scores_for([0, 0]), face_set([0, 1]), LABELS)

    assert evaluation.f1[1:] == (0.0, 0.0)
    assert evaluation.confusion.shape == (3, 3)


def test_summary_has_every_class() -> None:
    summary = evaluate(scores_for([0, 1, 2]), face_set([0, 1, 2]), LABELS).summary()

    assert summary["accuracy"] == 1.0
    assert set(summary["per_class"]) == set(LABELS)


def test_confusion_picture_is_written(tmp_path: Path) -> None:
    evaluation = evaluate(scores_for([0, 1, 2]), face_set([0, 1, 1]), LABELS)

    draw_confusion(evaluation, "title", tmp_path / "confusion.png")

    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_other_files_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected a \.keras"):
        load_predictor(Path("weights.pt"))
