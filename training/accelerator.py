"""An epoch as one compiled function, for JAX: batches are made where the network is trained.

A GPU ends a step sooner than the host has varied the faces of the next one and started it. Here the
faces lie in the GPU's memory, and ordering, variations, mixing, teachers and steps of a whole epoch
are compiled together. Keras meets an epoch as if it were one long step, so that schedule, averages,
checkpoints and history are those of every other run.
"""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from edge_app.core.types import FloatArray
from edge_app.vision.preprocess import MIN_DEVIATION
from training.augment import Augmentation
from training.batches import TrainingBatches, mixed
from training.teachers import Teaching

State = Any
"""Keras's: trainable, other, optimizer's and metrics' variables."""


def has_accelerator() -> bool:
    """Whether JAX computes on something else than the processor, which is slow at such epochs."""
    return jax.default_backend() != "cpu"


class CompiledEpochs(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no type hints
    """What ``batches`` would give, made on the accelerator: one item is one epoch.

    teaching: who has a say in the targets of every view, or None. Set ``epoch`` before each pass.
    The order and the variations are of the same kinds as those of ``batches``, not the same ones.
    """

    def __init__(
        self, model: keras.Model, batches: TrainingBatches, teaching: Teaching | None
    ) -> None:
        super().__init__()
        self.epoch = 0
        self._model = model
        self._batches = batches
        self._teaching = teaching
        self._teachers = [] if teaching is None else teaching.models()
        weights = batches.weights
        self._faces = jax.device_put((batches.images, batches.targets, weights))
        self._compiled = jax.jit(self._run, donate_argnums=0)
        model.train_function = self._train

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> tuple[FloatArray, ...]:
        """A batch by which Keras learns the shapes; it is not trained on."""
        shape = 1, *self._batches.images.shape[1:], 1
        parts = np.zeros(shape, np.float32), self._batches.targets, self._batches.weights
        return tuple(part[:1] for part in parts if part is not None)

    def _train(self, state: State, iterator: Iterator[Any]) -> tuple[dict[str, jax.Array], State]:
        """Stands in for Keras's function of one step."""
        next(iterator)
        key = jax.random.fold_in(jax.random.key(self._batches.seed), self.epoch)
        teachers = [_variables(teacher) for teacher in self._teachers]
        return self._compiled(state, key, self._faces, teachers)

    def _run(
        self, state: State, key: jax.Array, faces: Any, teachers: Any
    ) -> tuple[dict[str, jax.Array], State]:
        size, steps = self._batches.batch_size, len(self._batches)
        ordering, sharing, *keys = jax.random.split(key, steps + 2)
        order = jax.random.permutation(ordering, len(faces[0]))[: steps * size]
        alpha = self._batches.mixup or 1.0
        shares = jax.random.beta(sharing, alpha, alpha, (steps,))  # slow where drawn one by one

        def step(state: State, drawn: tuple[jax.Array, ...]) -> tuple[State, Any]:
            chosen, share, key = drawn
            parts = [part if part is None else part[chosen] for part in faces]
            batch = self._taught(self._batch(parts, share, key), teachers)
            logs, state = self._model.train_step(state, batch)
            return state, logs

        drawn = order.reshape(steps, size), shares, jnp.stack(keys)
        state, logs = jax.lax.scan(step, state, drawn)
        return jax.tree.map(lambda values: values[-1], logs), state

    def _batch(self, faces: list[Any], share: jax.Array, key: jax.Array) -> tuple[Any, ...]:
        images, targets, weights = faces
        varying, pairing = jax.random.split(key)
        images = images.astype(jnp.float32)
        if self._batches.augmentation is not None:
            images = vary(images, varying, self._batches.augmentation)
        inputs = normalized(images) if self._batches.normalization == "standard" else images
        inputs = inputs[..., jnp.newaxis]
        if not self._batches.mixup:
            return inputs, targets, weights
        partner = jax.random.permutation(pairing, len(inputs))
        return mixed(inputs, targets, weights, share=share, partner=partner)

    def _taught(self, batch: tuple[Any, ...], teachers: Any) -> tuple[Any, ...]:
        inputs, targets, weights = batch
        if self._teaching is not None:
            scores = [
                teacher.stateless_call(*variables, inputs, training=False)[0]
                for teacher, variables in zip(self._teachers, teachers, strict=True)
            ]
            targets = self._teaching.mix(targets, scores)
        return (inputs, targets) if weights is None else (inputs, targets, weights)


def _variables(model: keras.Model) -> tuple[list[Any], list[Any]]:
    kinds = model.trainable_variables, model.non_trainable_variables
    return tuple([variable.value for variable in kind] for kind in kinds)  # type: ignore[return-value]


def normalized(images: jax.Array) -> jax.Array:
    """As preprocess.normalize does "standard"."""
    images -= images.mean(axis=(1, 2), keepdims=True)
    return images / jnp.maximum(images.std(axis=(1, 2), keepdims=True), MIN_DEVIATION)


def vary(images: jax.Array, key: jax.Array, amounts: Augmentation) -> jax.Array:
    """What Augmentation does on the host, of float32 (B, S, S) of 0 to 255."""
    moving, lighting, noising, erasing = jax.random.split(key, 4)
    images = jnp.round(_move(images, moving, amounts))
    powers = jnp.exp(_uniform(lighting, amounts.gamma, len(images)))
    images = jnp.round((images / 255.0) ** powers[:, None, None] * 255.0)
    if amounts.noise:
        images = _add_noise(images, noising, amounts.noise)
    return _erase(images, erasing, amounts)


def _uniform(key: jax.Array, largest: float, *shape: int) -> jax.Array:
    return jax.random.uniform(key, shape, minval=-largest, maxval=largest)


def _move(images: jax.Array, key: jax.Array, amounts: Augmentation) -> jax.Array:
    """Turn, resize, shift and mirror about the middle."""
    count, side = images.shape[:2]
    turning, scaling, shifting, mirroring = jax.random.split(key, 4)
    angles = jnp.radians(_uniform(turning, amounts.rotation, count))
    scales = 1.0 + _uniform(scaling, amounts.scale, count)
    shifts = _uniform(shifting, amounts.shift, count, 2) * side
    mirrored = jax.random.bernoulli(mirroring, 0.5, (count,)) & amounts.mirror
    middle = (side - 1) / 2
    y, x = jnp.meshgrid(jnp.arange(side) - middle, jnp.arange(side) - middle, indexing="ij")
    x = x[None] - shifts[:, 0, None, None]
    y = y[None] - shifts[:, 1, None, None]
    cosines, sines = jnp.cos(angles) / scales, jnp.sin(angles) / scales
    source_x = cosines[:, None, None] * x - sines[:, None, None] * y
    source_y = sines[:, None, None] * x + cosines[:, None, None] * y
    source_x = jnp.where(mirrored[:, None, None], -source_x, source_x)
    return _interpolated(images, source_x + middle, source_y + middle)


def _interpolated(images: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
    """Bilinear values at (B, S, S) positions; what lies outside repeats the border."""
    count, side = images.shape[:2]
    x, y = jnp.clip(x, 0.0, side - 1.0), jnp.clip(y, 0.0, side - 1.0)
    left, top = (jnp.minimum(jnp.floor(part), side - 2).astype(jnp.int32) for part in (x, y))
    right, down = x - left, y - top
    pixels = images.reshape(count, -1)

    def at(rows: jax.Array, columns: jax.Array) -> jax.Array:
        places = (rows * side + columns).reshape(count, -1)
        return jnp.take_along_axis(pixels, places, axis=1).reshape(x.shape)

    above = at(top, left) * (1 - right) + at(top, left + 1) * right
    below = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
    return above * (1 - down) + below * down


def _add_noise(images: jax.Array, key: jax.Array, largest: float) -> jax.Array:
    choosing, measuring, drawing = jax.random.split(key, 3)
    noisy = jax.random.bernoulli(choosing, 0.5, (len(images),))
    deviations = noisy * jax.random.uniform(measuring, (len(images),), maxval=largest)
    noise = deviations[:, None, None] * jax.random.normal(drawing, images.shape)
    return jnp.round(jnp.clip(images + noise, 0.0, 255.0))


def _erase(images: jax.Array, key: jax.Array, amounts: Augmentation) -> jax.Array:
    count, side = images.shape[:2]
    choosing, sizing, shaping, placing, painting = jax.random.split(key, 5)
    erased = jax.random.bernoulli(choosing, float(amounts.erase_probability), (count,))
    smallest, largest = amounts.erase_area
    area = jax.random.uniform(sizing, (count,), minval=smallest, maxval=largest) * side * side
    shape = jnp.exp(_uniform(shaping, 0.7, count))
    sizes = jnp.round(jnp.stack([jnp.sqrt(area * shape), jnp.sqrt(area / shape)]))
    sizes = jnp.clip(sizes, 1, side)
    starts = jnp.floor(jax.random.uniform(placing, (2, count)) * (side - sizes + 1))
    place = jnp.arange(side)
    rows, columns = (
        (place >= start[:, None]) & (place < (start + size)[:, None])
        for start, size in zip(starts, sizes, strict=True)
    )
    blanked = rows[:, :, None] & columns[:, None, :] & erased[:, None, None]
    grey = jax.random.randint(painting, (count, 1, 1), 0, 256).astype(images.dtype)
    return jnp.where(blanked, grey, images)
