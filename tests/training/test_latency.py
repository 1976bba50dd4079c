import time

import numpy as np

from edge_app.core.types import FloatArray
from training.latency import medians_ms
from training.network import Predict


def test_networks_take_turns_and_see_one_face_at_a_time() -> None:
    calls: list[tuple[str, int, int]] = []

    def network(name: str, seconds: float) -> Predict:
        def predict(inputs: FloatArray) -> FloatArray:
            calls.append((name, *inputs.shape[:2]))
            ended = time.thread_time() + seconds
            while time.thread_time() < ended:
                pass
            return np.zeros((len(inputs), 2), np.float32)

        return predict

    small, large = (np.zeros((20, side, side, 1), np.float32) for side in (48, 64))
    slow, _ = medians_ms([(network("slow", 0.002), small), (network("fast", 0.0), large)], rounds=2)

    assert set(calls) == {("slow", 1, 48), ("fast", 1, 64)}
    rounds = "".join(name[0] for name, *_ in calls[20:])
    assert rounds == ("s" * 20 + "f" * 20) * 2
    assert slow >= 2.0
