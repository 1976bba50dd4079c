"""Where a network starts from another one: its weights copied, or spread over wider layers.

Source of the latter: Chen et al. 2016, Net2Net (arXiv:1511.05641).
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from scipy.stats import norm

from edge_app.core.types import FloatArray

_CHAIN = (
    layers.InputLayer, layers.Rescaling, layers.Conv2D, layers.BatchNormalization,
    layers.MaxPooling2D, layers.Dropout, layers.Flatten, layers.Dense,
)  # fmt: skip
"""Layers through which channels can be followed, one after the other."""


def start_from(source: keras.Model, target: keras.Model, seed: int) -> None:
    """Start ``target`` where ``source`` ended; a last layer of another size stays new.

    A source of the same layers is copied. A narrower chain of layers (``vgg`` for ``vgg-sgd``) is
    widened: the target scores as the source does and has more units to learn with, whose shares
    are drawn by seed. Raises ValueError for networks of which neither is possible.
    """
    if _is_like(source, target):
        _copy(source, target)
    else:
        _widen(source, target, np.random.default_rng(seed))


def _is_like(source: keras.Model, target: keras.Model) -> bool:
    *body, _ = ([weights.shape for weights in layer.weights] for layer in target.layers)
    *found, _ = ([weights.shape for weights in layer.weights] for layer in source.layers)
    return found == body


def _copy(source: keras.Model, target: keras.Model) -> None:
    *body, head = zip(source.layers, target.layers, strict=True)
    if head[0].units == head[1].units:
        body.append(head)
    for theirs, ours in body:
        ours.set_weights(theirs.get_weights())


@dataclass(frozen=True)
class _Copies:
    """Which channels of the source stand where in a wider map.

    of: (C,) the source's channel at each place. signs: (C,) what it was multiplied by before a
    rectification, 1 where there was none. channels: how many the source has.
    """

    of: NDArray[np.intp]
    signs: FloatArray
    channels: int

    @classmethod
    def repeated(cls, channels: int, places: int) -> "_Copies":
        return cls(np.arange(places) % channels, np.ones(places, np.float32), channels)

    def flattened(self, pixels: int) -> "_Copies":
        """Of maps (pixels, C), one after the other."""
        starts = self.channels * np.arange(pixels)
        of = (starts[:, None] + self.of).reshape(-1)
        return _Copies(of, np.tile(self.signs, pixels), self.channels * pixels)

    def halved(self) -> "_Copies":
        """Each place twice: where it is positive, and where it is negative."""
        of, signs = np.tile(self.of, 2), np.concatenate([self.signs, -self.signs])
        return _Copies(of, signs, self.channels)

    def shares(self, units: int, rng: np.random.Generator) -> FloatArray:
        """(C, units): by what each unit weighs each copy, so that together they are the one.

        Unequal ones, as copies that all units weigh alike would learn alike for ever.
        """
        drawn = rng.uniform(0.5, 1.5, (len(self.of), units))
        group = self.of + self.channels * (self.signs < 0)
        together = np.zeros((2 * self.channels, units))
        np.add.at(together, group, drawn)
        shares: FloatArray = (drawn / together[group] * self.signs[:, None]).astype(np.float32)
        return shares


def _widen(source: keras.Model, target: keras.Model, rng: np.random.Generator) -> None:
    """Function-preserving: layer after layer, units twice or oftener, what they say shared out."""
    copies = _Copies.repeated(1, 1)
    normalized = (np.zeros(1, np.float32), np.ones(1, np.float32))
    for ours, theirs in _aligned(source, target):
        if theirs is None:
            if isinstance(ours, layers.Dense):
                _repeat_input(ours)
                copies = copies.halved()
            else:
                _let_through(ours, *normalized)
        elif isinstance(ours, layers.Flatten):
            copies = copies.flattened(int(np.prod(ours.input.shape[1:3])))
        elif isinstance(ours, layers.BatchNormalization):
            ours.set_weights([weights[copies.of] for weights in theirs.get_weights()])
            gamma, beta, *_ = ours.get_weights()
            normalized = beta, np.abs(gamma)
        elif isinstance(ours, layers.Conv2D | layers.Dense):
            is_new_head = ours is target.layers[-1] and ours.units != theirs.units
            if not is_new_head:
                copies = _widen_units(ours, theirs, copies, rng)


def _aligned(
    source: keras.Model, target: keras.Model
) -> list[tuple[keras.Layer, keras.Layer | None]]:
    """Layers of the target with those of the source; None for dense ones that it has not."""
    pairs: list[tuple[keras.Layer, keras.Layer | None]] = []
    rest = list(source.layers)
    for ours in target.layers:
        theirs = rest.pop(0) if rest and type(rest[0]) is type(ours) else None
        inserted = isinstance(ours, layers.Dense | layers.BatchNormalization)
        if not isinstance(ours, _CHAIN) or (theirs is None and not inserted):
            raise _unlike(source, target)
        pairs.append((ours, theirs))
    has_head = pairs[-1][1] is not None
    if rest or not has_head or any(_is_narrower(ours, theirs) for ours, theirs in pairs[:-1]):
        raise _unlike(source, target)
    return pairs


def _is_narrower(ours: keras.Layer, theirs: keras.Layer | None) -> bool:
    """Whether ``theirs`` has units or a kernel that ``ours`` has no room for."""
    if isinstance(ours, layers.Dense) and theirs is None:
        return bool(ours.units != 2 * ours.input.shape[-1])
    if theirs is None or not isinstance(ours, layers.Conv2D | layers.Dense):
        return False
    *kernel, _, units = ours.kernel.shape
    *their_kernel, _, their_units = theirs.kernel.shape
    return kernel != their_kernel or units < their_units


def _unlike(source: keras.Model, target: keras.Model) -> ValueError:
    return ValueError(
        f"expected a network like {target.name}, or a narrower one of its kind, to start from, "
        f"found {source.name}; give a run of the same architecture"
    )


def _widen_units(
    ours: keras.Layer, theirs: keras.Layer, inputs: _Copies, rng: np.random.Generator
) -> _Copies:
    """Units of theirs, again and again until there are as many as of ours."""
    kernel, bias = theirs.get_weights()
    outputs = _Copies.repeated(kernel.shape[-1], ours.kernel.shape[-1])
    wide = kernel[..., inputs.of, :][..., outputs.of] * inputs.shares(len(outputs.of), rng)
    ours.set_weights([wide, bias[outputs.of]])
    return outputs


def _repeat_input(dense: layers.Dense) -> None:
    """Say the input and its negative: what rectification takes from one, the other has."""
    same = np.eye(dense.input.shape[-1], dtype=np.float32)
    dense.set_weights([np.concatenate([same, -same], axis=1), np.zeros(dense.units, np.float32)])


def _let_through(
    normalization: layers.BatchNormalization, mean: FloatArray, deviation: FloatArray
) -> None:
    """Undo what it normalises by. mean, deviation: of the input before ``_repeat_input``.

    Moments of a rectified normal variable, near those that training will measure.
    """
    mean, deviation = np.concatenate([mean, -mean]), np.tile(deviation, 2) + 1e-6
    positive, density = norm.cdf(mean / deviation), norm.pdf(mean / deviation)
    rectified = mean * positive + deviation * density
    square = (mean**2 + deviation**2) * positive + mean * deviation * density
    variance = np.maximum(square - rectified**2, 0.0)
    gamma = np.sqrt(variance + normalization.epsilon)
    normalization.set_weights([gamma, rectified, rectified, variance])
