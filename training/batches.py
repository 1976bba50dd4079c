"""Batches of augmented, normalised faces for Keras."""

import keras
import numpy as np
from numpy.typing import NDArray

from edge_app.preprocess import Normalization, normalize
from edge_app.types import FloatArray, GrayImage
from training.augment import Augmentation


def soft_targets(
    labels: NDArray[np.int64],
    votes: FloatArray | None,
    *,
    num_classes: int,
    vote_weight: float,
    smoothing: float,
) -> FloatArray:
    """What the network is asked for: the label, mixed with people's votes, then smoothed.

    labels: (N,). votes: (N, num_classes) rows summing to 1, or to 0 where there is no vote (the
    label then stands alone). Returns float32 (N, num_classes), each row summing to 1.
    """
    targets = np.eye(num_classes, dtype=np.float32)[labels]
    if votes is not None:
        weight = vote_weight * votes.sum(axis=1, keepdims=True)
        targets = (1.0 - weight) * targets + vote_weight * votes
    return ((1.0 - smoothing) * targets + smoothing / num_classes).astype(np.float32)


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no type hints
    """A new order and new variations every epoch, the same ones for the same seed and epoch.

    Set ``epoch`` before each pass: a resumed run then sees what the uninterrupted one would have.
    """

    def __init__(
        self,
        images: GrayImage,
        targets: FloatArray,
        *,
        batch_size: int,
        augmentation: Augmentation,
        normalization: Normalization,
        seed: int,
    ) -> None:
        super().__init__()
        self._images = images
        self._targets = targets
        self._batch_size = batch_size
        self._augmentation = augmentation
        self._normalization = normalization
        self._seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        """Whole batches only: batch normalisation suffers from a small last one."""
        return max(1, len(self._images) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[FloatArray, FloatArray]:
        order = np.random.default_rng((self._seed, self.epoch)).permutation(len(self._images))
        chosen = order[index * self._batch_size : (index + 1) * self._batch_size]
        rng = np.random.default_rng((self._seed, self.epoch, index))
        varied = self._augmentation(self._images[chosen], rng)
        return normalize(varied, self._normalization), self._targets[chosen]
