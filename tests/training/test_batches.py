import numpy as np
import pytest

from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.preprocess import normalize
from training.augment import Augmentation
from training.batches import TrainingBatches, class_weights, smoothed


@pytest.fixture
def images() -> GrayImage:
    return np.random.default_rng(0).integers(0, 256, (10, 48, 48), dtype=np.uint8)


@pytest.fixture
def targets() -> FloatArray:
    return np.eye(3, dtype=np.float32)[np.arange(10) % 3]


def batches(
    images: GrayImage, targets: FloatArray, *, augmentation: Augmentation | None = None,
    mixup: float = 0.0, weights: FloatArray | None = None,
) -> TrainingBatches:  # fmt: skip
    return TrainingBatches(
        images, targets, weights=weights, batch_size=4, augmentation=augmentation, mixup=mixup,
        normalization="none", seed=1,
    )  # fmt: skip


def test_smoothing_spreads_over_all_classes() -> None:
    targets = smoothed(np.array([[0, 1, 0, 0]], np.float32), 0.2)

    np.testing.assert_allclose(targets, [[0.05, 0.85, 0.05, 0.05]], atol=1e-6)


def test_class_weights_make_classes_count_alike() -> None:
    labels = np.array([0, 0, 0, 1])
    targets, worth = np.eye(2, dtype=np.float32)[labels], np.ones(4, np.float32)

    balanced = class_weights(targets, worth, 1.0)
    alike = class_weights(targets, worth, 0.0)

    assert balanced[labels == 0].sum() == pytest.approx(balanced[labels == 1].sum())
    assert balanced.mean() == pytest.approx(1.0)
    assert alike.tolist() == [1, 1, 1, 1]


def test_a_face_weighs_what_it_is_worth() -> None:
    targets = np.array([[1, 0], [0.5, 0.5]], np.float32)

    weights = class_weights(targets, np.array([1.0, 0.5], np.float32), 0.0)

    assert weights.tolist() == pytest.approx([4 / 3, 2 / 3])


def test_an_epoch_shows_every_face_of_its_whole_batches_once(
    images: GrayImage, targets: FloatArray
) -> None:
    whole = batches(images, targets)
    seen = np.concatenate([whole[index][0] for index in range(len(whole))])

    assert len(whole) == 2
    assert len(np.unique(seen.reshape(8, -1), axis=0)) == 8


def test_epochs_differ_and_repeat(images: GrayImage, targets: FloatArray) -> None:
    first, second = (batches(images, targets, augmentation=Augmentation()) for _ in range(2))
    start = first[0][0]
    first.epoch = 1

    assert not np.array_equal(first[0][0], start)
    np.testing.assert_array_equal(second[0][0], start)


def test_without_augmentation_the_faces_stay_as_they_are(
    images: GrayImage, targets: FloatArray
) -> None:
    inputs, _ = batches(images, targets)[0]
    known = {face.tobytes() for face in normalize(images, "none")}

    assert all(face.tobytes() in known for face in inputs)


def test_mixup_mixes_faces_targets_and_weights_by_one_share(
    images: GrayImage, targets: FloatArray
) -> None:
    weights = np.arange(1, 11, dtype=np.float32)
    plain = batches(images, targets, weights=weights)[0]
    mixed = batches(images, targets, weights=weights, mixup=0.4)[0]

    assert [part.dtype for part in mixed] == [np.float32] * 3
    np.testing.assert_allclose(mixed[1].sum(axis=1), 1.0, rtol=1e-6)
    for before, after in zip(counted(plain), counted(mixed), strict=True):
        # a permutation within the batch leaves the sum of each part as it was
        np.testing.assert_allclose(after.sum(axis=0), before.sum(axis=0), rtol=1e-4)
        assert not np.array_equal(after, before)


def test_a_teacher_sees_the_mixed_faces_and_sets_the_targets(
    images: GrayImage, targets: FloatArray
) -> None:
    def teacher(inputs: FloatArray, own: FloatArray) -> FloatArray:
        seen.append((inputs, own))
        return own[:, ::-1]

    seen: list[tuple[FloatArray, FloatArray]] = []
    alone = TrainingBatches(
        images, targets, batch_size=4, augmentation=None, mixup=0.4, normalization="none", seed=1
    )
    taught = TrainingBatches(
        images, targets, batch_size=4, augmentation=None, mixup=0.4, teacher=teacher,
        normalization="none", seed=1,
    )  # fmt: skip
    (inputs, own), (shown, new) = alone[0], taught[0]

    np.testing.assert_array_equal(shown, inputs)
    np.testing.assert_array_equal(new, own[:, ::-1])
    np.testing.assert_array_equal(seen[0][0], inputs)


def counted(batch: tuple[FloatArray, ...]) -> list[FloatArray]:
    """Faces, weights, and targets by what each counts: the loss is linear in that."""
    inputs, targets, weights = batch
    return [inputs, weights, weights[:, np.newaxis] * targets]
