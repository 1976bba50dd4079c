"""How long networks take for one face on one thread, in one run and against each other."""

import statistics
import time
from collections.abc import Sequence

import numpy as np

from training.network import TrainedNetwork

_FACES = 20
_WARM_UP = 10


def medians_ms(networks: Sequence[TrainedNetwork], *, rounds: int) -> list[float]:
    """Median milliseconds of each, one prepared face at a time, all networks in turn every round.

    In turn, so that what else the machine does meets them alike.
    """
    faces = np.random.default_rng(0).integers(0, 256, (_FACES, 48, 48), dtype=np.uint8)
    prepared = [network.prepare(faces) for network in networks]
    for network, inputs in zip(networks, prepared, strict=True):
        for face in inputs[:_WARM_UP]:
            network.predict(face[np.newaxis])
    taken: list[list[float]] = [[] for _ in networks]
    for _ in range(rounds):
        for network, inputs, times in zip(networks, prepared, taken, strict=True):
            for face in inputs:
                started = time.perf_counter()
                network.predict(face[np.newaxis])
                times.append(time.perf_counter() - started)
    return [statistics.median(times) * 1e3 for times in taken]
