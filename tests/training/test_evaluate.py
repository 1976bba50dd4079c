import csv
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.types import FloatArray
from training.datasets.fer2013 import FaceSet
from training.evaluate import evaluate, log_losses, reliability, write_confusion

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
    assert evaluation.mean_recall == pytest.approx((1.0 + 2 / 3 + 1 / 2) / 3)
    assert evaluation.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 2 / 3) / 3)


def test_a_class_without_faces_has_no_say_in_the_mean_recall() -> None:
    evaluation = evaluate(scores_for([0, 0, 1, 2]), face_set([0, 0, 1, 1]), LABELS)

    assert evaluation.mean_recall == pytest.approx((1.0 + 1 / 2) / 2)


def test_a_class_that_is_never_predicted_counts_as_zero() -> None:
    evaluation = evaluate(scores_for([0, 0]), face_set([0, 1]), LABELS)

    assert evaluation.f1[1:] == (0.0, 0.0)
    assert evaluation.confusion.shape == (3, 3)


def test_log_loss_is_of_the_true_labels_scores_and_finite_for_one_of_zero() -> None:
    scores = np.array([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [1.0, 0.0, 0.0]], np.float32)

    losses = log_losses(scores, np.array([0, 2, 1]))

    assert losses[:2] == pytest.approx([np.log(2), np.log(4)])
    assert 15.0 < losses[2] < 17.0
    assert evaluate(scores, face_set([0, 2, 1]), LABELS).log_loss == pytest.approx(losses.mean())


def test_summary_has_every_class() -> None:
    summary = evaluate(scores_for([0, 1, 2]), face_set([0, 1, 2]), LABELS).summary()

    assert summary["accuracy"] == 1.0
    assert summary["accuracy_95"] == [1.0, 1.0]
    assert set(summary["per_class"]) == set(LABELS)


def test_the_interval_is_that_of_drawing_faces_again() -> None:
    right, wrong = 300, 100
    evaluation = evaluate(
        scores_for([0] * right + [1] * wrong), face_set([0] * (right + wrong)), LABELS
    )

    # normal approximation of a share of 400
    half = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert evaluation.accuracy_interval.low == pytest.approx(0.75 - half, abs=0.01)
    assert evaluation.accuracy_interval.high == pytest.approx(0.75 + half, abs=0.01)
    recall = evaluation.mean_recall_interval
    assert recall.low < evaluation.mean_recall == evaluation.accuracy < recall.high


def test_scores_that_are_right_as_often_as_they_say_have_no_calibration_error() -> None:
    scores = np.tile(np.array([[0.75, 0.25, 0.0]], np.float32), (400, 1))
    labels = np.array([0, 0, 0, 1] * 100)

    assert reliability(scores, labels).error == pytest.approx(0.0, abs=1e-6)


def test_the_calibration_error_is_the_gap_between_score_and_share_right() -> None:
    scores = np.tile(np.array([[0.9, 0.1, 0.0]], np.float32), (100, 1))
    sure = np.tile(np.array([[1.0, 0.0, 0.0]], np.float32), (100, 1))
    labels = np.array([0] * 50 + [1] * 50 + [0] * 100)

    found = reliability(np.concatenate([scores, sure]), labels)

    assert found.error == pytest.approx((0.4 + 0.0) / 2, abs=1e-6)
    assert found.counts.sum() == 200


def test_the_confusion_csv_names_rows_and_columns(tmp_path: Path) -> None:
    evaluation = evaluate(scores_for([0, 1, 1]), face_set([0, 1, 2]), LABELS)

    write_confusion(evaluation, tmp_path / "confusion.csv")

    with (tmp_path / "confusion.csv").open(newline="") as text:
        assert list(csv.reader(text)) == [
            ["true", *LABELS],
            ["angry", "1", "0", "0"],
            ["happy", "0", "1", "0"],
            ["neutral", "0", "1", "0"],
        ]
