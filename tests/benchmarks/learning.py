"""Steps of training in bfloat16, batch normalisation fused and as Keras composes it; see 0040."""

from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import keras
import numpy as np

from training.config import ArchitectureName
from training.fused import fused_batch_normalization
from training.models import ARCHITECTURES, INPUT_SIDE, computing_in

_BATCH = 128
_WARM_UP = 2


@dataclass(frozen=True)
class Pace:
    """Median seconds of a step on 128 drawn faces."""

    architecture: ArchitectureName
    composed: float
    fused: float

    @property
    def ratio(self) -> float:
        """Time of a fused step, composed ones are 1."""
        return self.fused / self.composed


def measure(architecture: ArchitectureName, steps: int) -> Pace:
    """Steps of both kinds in turns, on one network. Raises ValueError without PyTorch."""
    if keras.backend.backend() != "torch":
        raise ValueError("only PyTorch's batch normalisation is fused: set KERAS_BACKEND=torch")
    with computing_in("bfloat16"):
        model = ARCHITECTURES[architecture].build(7)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "categorical_crossentropy")
    rng = np.random.default_rng(2013)
    faces = rng.normal(size=(_BATCH, INPUT_SIDE, INPUT_SIDE, 1)).astype(np.float32)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, _BATCH)]

    def seconds(fused: bool) -> float:
        with fused_batch_normalization() if fused else nullcontext():
            start = perf_counter()
            model.train_on_batch(faces, targets)
            return perf_counter() - start

    pairs = [(seconds(False), seconds(True)) for _ in range(_WARM_UP + steps)][_WARM_UP:]
    composed, fused = (median(times) for times in zip(*pairs, strict=True))
    return Pace(architecture, composed, fused)
