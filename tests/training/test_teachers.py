from pathlib import Path

import numpy as np
import pytest

from edge_app.core.types import FloatArray
from edge_app.vision.preprocess import normalize
from training.datasets import fer2013
from training.datasets.fer2013 import FaceSet
from training.network import open_network
from training.teachers import Teaching, soften


@pytest.fixture(scope="module")
def faces(data: Path) -> FaceSet:
    return fer2013.load(data / "fer2013.csv").split("PublicTest")


@pytest.fixture(scope="module")
def targets(faces: FaceSet) -> FloatArray:
    return np.eye(len(fer2013.LABELS), dtype=np.float32)[faces.labels]


def test_two_teachers_that_are_one_say_what_one_says(
    run: Path, faces: FaceSet, targets: FloatArray
) -> None:
    one, two = (
        Teaching(networks, fer2013.LABELS, weight=1.0).of_faces(faces, targets)
        for networks in ([run], [run, run])
    )

    np.testing.assert_allclose(one, two, atol=1e-6)
    np.testing.assert_allclose(one.sum(axis=1), 1.0, atol=1e-5)


def test_teachers_take_their_share_of_the_targets(
    run: Path, faces: FaceSet, targets: FloatArray
) -> None:
    inputs = normalize(faces.images, "standard")
    whole, part = (
        Teaching([run], fer2013.LABELS, weight=weight, views_of="standard").of_views(
            inputs, targets
        )
        for weight in (1.0, 0.25)
    )

    np.testing.assert_allclose(part, 0.75 * targets + 0.25 * whole, atol=1e-6)


def test_of_views_teachers_say_what_they_see(
    run: Path, faces: FaceSet, targets: FloatArray
) -> None:
    teaching = Teaching([run], fer2013.LABELS, weight=1.0, views_of="standard")
    seen = faces.images, np.ascontiguousarray(faces.images[:, :, ::-1])

    plain, mirrored = (teaching.of_views(normalize(one, "standard"), targets) for one in seen)

    assert np.abs(plain - mirrored).max() > 1e-4
    both = teaching.of_faces(faces, targets)
    np.testing.assert_allclose((plain + mirrored) / 2, both, atol=1e-5)


def test_teachers_share_out_anew_what_the_labels_they_know_have(run: Path, faces: FaceSet) -> None:
    inputs = normalize(faces.images, "standard")
    labels = ("happy", "bored", "angry")
    targets = np.tile(np.array([0.5, 0.3, 0.2], np.float32), (len(inputs), 1))

    taught = Teaching([run], labels, weight=1.0, views_of="standard").of_views(inputs, targets)

    scores = open_network(run).predict(inputs)
    happy, angry = (scores[:, fer2013.LABELS.index(name)] for name in ("happy", "angry"))
    np.testing.assert_allclose(taught[:, 1], 0.3, atol=1e-6)
    np.testing.assert_allclose(taught[:, 0], 0.7 * happy / (happy + angry), atol=1e-5)
    np.testing.assert_allclose(taught.sum(axis=1), 1.0, atol=1e-6)


def test_a_teacher_that_sees_none_of_the_labels_it_knows_has_no_opinion(run: Path) -> None:
    teaching = Teaching([run], ("happy", "bored", "angry"), weight=1.0)
    sad = np.eye(len(fer2013.LABELS), dtype=np.float32)[[fer2013.LABELS.index("sad")]]

    taught = teaching.mix(np.array([[0.5, 0.3, 0.2]], np.float32), [sad])

    np.testing.assert_allclose(taught, [[0.35, 0.3, 0.35]], atol=1e-6)


def test_a_teacher_of_other_labels_is_refused(run: Path) -> None:
    with pytest.raises(ValueError, match="know two or more of angry, bored, found angry, disgust"):
        Teaching([run], ("angry", "bored"), weight=1.0)


def test_a_teacher_that_reads_other_views_than_the_student_is_refused(run: Path) -> None:
    with pytest.raises(ValueError, match=r"normalization none\), found standard"):
        Teaching([run], fer2013.LABELS, weight=1.0, views_of="none")


def test_softening_divides_the_logits() -> None:
    logits = np.array([[2.0, 0.0, -2.0]])
    scores = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)

    softened = soften(scores, 2.0)

    np.testing.assert_allclose(np.log(softened[0, 0] / softened[0, 1]), 1.0, atol=1e-5)
    np.testing.assert_allclose(softened.sum(axis=1), 1.0, atol=1e-6)
