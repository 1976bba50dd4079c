import numpy as np
import pytest

from tests.training.test_evaluate import face_set, scores_for
from training.comparison import difference


def test_the_gain_is_what_two_evaluations_differ_by() -> None:
    gain = difference(
        scores_for([0, 1, 1, 2]), scores_for([0, 0, 1, 1]), face_set([0, 1, 1, 2]), classes=3
    )

    assert gain.accuracy == pytest.approx(2 / 4)
    assert gain.mean_recall == pytest.approx(1 - (1 + 1 / 2 + 0) / 3)


def test_networks_that_say_the_same_do_not_differ_at_all() -> None:
    said = scores_for([0, 1, 1, 2] * 50)

    gain = difference(said, said, face_set([0, 1, 2, 2] * 50), classes=3)

    assert (gain.accuracy_interval.low, gain.accuracy_interval.high) == (0.0, 0.0)
    assert (gain.mean_recall_interval.low, gain.mean_recall_interval.high) == (0.0, 0.0)
    assert (gain.log_loss_interval.low, gain.log_loss_interval.high) == (0.0, 0.0)


def test_the_interval_is_that_of_the_faces_on_which_they_differ() -> None:
    true = [0] * 1000
    base = scores_for([0] * 600 + [1] * 400)
    better = scores_for([0] * 660 + [1] * 340)  # right wherever the base is, and 60 times more
    luckier = scores_for([1] * 40 + [0] * 600 + [1] * 360)  # 40 lost, 40 gained

    gain, luck = (
        difference(scores, base, face_set(true), classes=3) for scores in (better, luckier)
    )

    half = 1.96 * np.sqrt(0.06 * 0.94 / 1000)
    assert gain.accuracy_interval.low == pytest.approx(0.06 - half, abs=0.003)
    assert gain.accuracy_interval.high == pytest.approx(0.06 + half, abs=0.003)
    assert luck.accuracy_interval.low < 0.0 < luck.accuracy_interval.high


def test_log_loss_says_what_surer_scores_gain_where_the_labels_named_are_the_same() -> None:
    true = [0] * 400
    base = np.tile(np.array([[0.6, 0.3, 0.1]], np.float32), (400, 1))
    surer = np.tile(np.array([[0.9, 0.1, 0.0]], np.float32), (400, 1))
    surer[:100] = [0.55, 0.45, 0.0]

    gain = difference(surer, base, face_set(true), classes=3)

    each = np.log(0.6) - np.log(np.array([0.55] * 100 + [0.9] * 300))
    half = 1.96 * each.std() / 400**0.5
    assert gain.accuracy == 0.0
    assert gain.log_loss == pytest.approx(each.mean())
    assert gain.log_loss_interval.low == pytest.approx(each.mean() - half, abs=0.003)
    assert gain.log_loss_interval.high == pytest.approx(each.mean() + half, abs=0.003)
