import numpy as np
import pytest

from edge_app.bundle.manifest import ClearSpec
from training.datasets.fer2013 import LABELS, Fer2013
from training.datasets.ferplus import CHOICES
from training.datasets.label_sets import LabelledFaces
from training.judging import Judge

ANGRY, HAPPY, NEUTRAL = (LABELS.index(name) for name in ("angry", "happy", "neutral"))


def faces() -> LabelledFaces:
    """Two faces of Training, four of PublicTest, of which one is a copy and one is disputed."""
    images = np.random.default_rng(0).integers(0, 256, (6, 48, 48), dtype=np.uint8)
    images[2] = images[0]
    votes = np.zeros((6, len(CHOICES)), np.int64)
    votes[:, NEUTRAL] = 9
    votes[:, HAPPY] = 1
    votes[4, [HAPPY, NEUTRAL]] = 5
    labels = np.array([ANGRY, HAPPY, ANGRY, NEUTRAL, HAPPY, NEUTRAL])
    return LabelledFaces(
        Fer2013(images, labels, np.array([0, 0, 1, 1, 1, 1])), LABELS, LABELS, votes
    )


def scores(*said: int) -> np.ndarray:
    found = np.full((len(said), len(LABELS)), 0.05, np.float32)
    found[np.arange(len(said)), said] = 0.7
    return found


def test_a_network_is_judged_by_the_majority_by_that_without_copies_and_by_the_labels() -> None:
    verdict = Judge(faces(), "PublicTest")(scores(NEUTRAL, HAPPY, HAPPY, NEUTRAL), None)

    assert verdict.majority.accuracy == pytest.approx(2 / 3), "of three that people agree on"
    assert verdict.fresh is not None
    assert verdict.fresh.accuracy == pytest.approx(1 / 2), "the first is in Training, too"
    assert verdict.labels.accuracy == pytest.approx(2 / 4)
    assert verdict.summary()["majority"]["faces"] == 3
    assert "FER+ majority (3 faces): accuracy 0.6667" in verdict.describe()


def test_a_bound_hides_faces_that_people_see_differently() -> None:
    judge = Judge(faces(), "PublicTest")
    found = scores(NEUTRAL, NEUTRAL, HAPPY, HAPPY)
    found[2] = 1 / len(LABELS)

    verdict = judge(found, ClearSpec(share=0.5)).clear

    assert (verdict.shown, verdict.disputed) == (1.0, 0.0)
    assert verdict.right == pytest.approx(2 / 3)


def test_a_split_that_training_has_all_of_has_no_new_faces() -> None:
    everything = faces()
    everything.data.images[2:] = everything.data.images[0]

    verdict = Judge(everything, "PublicTest")(scores(*[NEUTRAL] * 4), None)

    assert verdict.fresh is None
    assert verdict.summary()["majority_without_copies"] is None
    assert "without those that Training has, too: none" in verdict.describe()


def test_nothing_that_is_shown_is_never_right() -> None:
    found = Judge(faces(), "PublicTest")(scores(*[NEUTRAL] * 4), ClearSpec(share=0.9)).clear

    assert (found.shown, found.right, found.disputed) == (0.0, 0.0, 0.0)
