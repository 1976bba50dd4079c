"""How long networks take for one face on one thread, in one run and against each other."""

import statistics
import time
from collections.abc import Sequence

import numpy as np

from edge_app.core.types import FloatArray
from training.network import Predict

_WARM_UP = 10


def medians_ms(networks: Sequence[tuple[Predict, FloatArray]], *, rounds: int) -> list[float]:
    """Median milliseconds of CPU time of each network, one face at a time.

    networks: each with the inputs that it is called with, (N, S, S, 1), and running on the calling
    thread. All take turns every round, so that what else the machine does meets them alike.
    """
    for predict, inputs in networks:
        for face in inputs[:_WARM_UP]:
            predict(face[np.newaxis])
    taken: list[list[float]] = [[] for _ in networks]
    for _ in range(rounds):
        for (predict, inputs), times in zip(networks, taken, strict=True):
            for face in inputs:
                started = time.thread_time()
                predict(face[np.newaxis])
                times.append(time.thread_time() - started)
    return [statistics.median(times) * 1e3 for times in taken]
