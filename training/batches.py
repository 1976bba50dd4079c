"""Batches of augmented, normalised faces for Keras."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from edge_app.bundle.literals import Normalization
from edge_app.core.types import FloatArray, GrayImage
from edge_app.vision.preprocess import normalize
from training.augment import Augmentation


def smoothed(targets: FloatArray, share: float) -> FloatArray:
    """Targets (N, classes) of which all classes get a share alike; rows still sum to 1."""
    return ((1.0 - share) * targets + share / targets.shape[1]).astype(np.float32)


def class_weights(targets: FloatArray, worth: FloatArray, power: float) -> FloatArray:
    """What each face counts, float32 (N,) with mean 1: its worth, and its classes' rarity.

    targets: (N, classes). worth: (N,). power: of a class's inverse frequency; 0 treats faces alike,
    1 treats classes alike.
    """
    frequency = np.maximum(worth @ targets, 1) / worth.sum()
    weights = worth * (targets @ frequency**-power)
    return (weights / weights.mean()).astype(np.float32)


def mixed(
    inputs: Any, targets: Any, weights: Any | None, *, share: Any, partner: Any
) -> tuple[Any, Any, Any | None]:
    """Faces, their targets and what they count, mixed with those of their partners.

    inputs: (B, ...). targets: (B, classes). weights: (B,), or None. partner: (B,), a permutation.
    Source: Zhang et al. 2018 (arXiv:1710.09412).
    """

    def mix(part: Any) -> Any:
        return share * part + (1 - share) * part[partner]

    if weights is None:
        return mix(inputs), mix(targets), None
    counted = mix(weights)  # a face that counts more has more of the target, too
    return mix(inputs), mix(weights[:, np.newaxis] * targets) / counted[:, np.newaxis], counted


Teacher = Callable[[FloatArray, FloatArray], FloatArray]
"""From inputs (B, S, S, 1) as the student sees them and targets (B, classes) to new targets."""


class TrainingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no type hints
    """A new order and new variations every epoch, the same ones for the same seed and epoch.

    images: uint8 (N, S, S). targets: float32 (N, classes). weights: what each face counts, (N,).
    mixup: alpha of the Beta distribution by which two faces and their targets are mixed, 0 for
    none (Zhang et al. 2018, arXiv:1710.09412). teacher: has a say in the targets of every batch.
    Set ``epoch`` before each pass: a resumed run then sees what the uninterrupted one would have.
    """

    def __init__(
        self,
        images: GrayImage,
        targets: FloatArray,
        *,
        weights: FloatArray | None = None,
        batch_size: int,
        augmentation: Augmentation | None,
        mixup: float = 0.0,
        teacher: Teacher | None = None,
        normalization: Normalization,
        seed: int,
    ) -> None:
        super().__init__()
        self.images = images
        self.targets = targets
        self.weights = weights
        self.batch_size = batch_size
        self.augmentation = augmentation
        self.mixup = mixup
        self._teacher = teacher
        self.normalization = normalization
        self.seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        """Whole batches only: batch normalisation suffers from a small last one."""
        return max(1, len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[FloatArray, ...]:
        """Inputs (B, S, S, 1) and targets (B, classes), and weights (B,) where there are some."""
        inputs, targets, weights = self.views(index)
        if self._teacher is not None:
            targets = self._teacher(inputs, targets)
        return (inputs, targets) if weights is None else (inputs, targets, weights)

    def views(self, index: int) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        """Inputs, targets and weights of a batch before its teacher was asked."""
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.images))
        chosen = order[index * self.batch_size : (index + 1) * self.batch_size]
        rng = np.random.default_rng((self.seed, self.epoch, index))
        images = self.images[chosen]
        if self.augmentation is not None:
            images = self.augmentation(images, rng)
        inputs, targets = normalize(images, self.normalization), self.targets[chosen]
        weights = None if self.weights is None else self.weights[chosen]
        if self.mixup:
            share = np.float32(rng.beta(self.mixup, self.mixup))
            partner = rng.permutation(len(chosen))
            inputs, targets, weights = mixed(inputs, targets, weights, share=share, partner=partner)
        return inputs, targets, weights
