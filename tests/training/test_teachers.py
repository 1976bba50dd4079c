from pathlib import Path

import numpy as np
import pytest

from training import teachers
from training.datasets import fer2013
from training.datasets.fer2013 import FaceSet


@pytest.fixture(scope="module")
def faces(data: Path) -> FaceSet:
    return fer2013.load(data / "fer2013.csv").split("PublicTest")


def test_two_teachers_that_are_one_say_what_one_says(run: Path, faces: FaceSet) -> None:
    one = teachers.scores([run], faces, fer2013.LABELS)
    two = teachers.scores([run, run], faces, fer2013.LABELS)

    np.testing.assert_allclose(one, two, atol=1e-6)
    np.testing.assert_allclose(one.sum(axis=1), 1.0, atol=1e-5)


def test_a_teacher_of_other_labels_is_refused(run: Path, faces: FaceSet) -> None:
    with pytest.raises(ValueError, match="expected a teacher with the labels angry, bored, found"):
        teachers.scores([run], faces, ("angry", "bored"))


def test_softening_divides_the_logits() -> None:
    logits = np.array([[2.0, 0.0, -2.0]])
    scores = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)

    softened = teachers.soften(scores, 2.0)

    np.testing.assert_allclose(np.log(softened[0, 0] / softened[0, 1]), 1.0, atol=1e-5)
    np.testing.assert_allclose(softened.sum(axis=1), 1.0, atol=1e-6)
