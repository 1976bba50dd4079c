import time
from pathlib import Path

import numpy as np

from edge_app.types import FloatArray
from tests.training.test_robustness import prepare
from training.latency import medians_ms
from training.network import TrainedNetwork


def test_networks_take_turns_and_see_one_face_at_a_time() -> None:
    calls: list[tuple[str, int]] = []

    def network(name: str, seconds: float) -> TrainedNetwork:
        def predict(inputs: FloatArray) -> FloatArray:
            calls.append((name, len(inputs)))
            time.sleep(seconds)
            return np.zeros((len(inputs), 2), np.float32)

        return TrainedNetwork(Path(name), ("a", "b"), prepare, predict)

    slow, fast = medians_ms([network("slow", 0.002), network("fast", 0.0)], rounds=2)

    order = [name for name, _ in calls]
    rounds = "".join("s" if name == "slow" else "f" for name in order[20:])
    assert {count for _, count in calls} == {1}
    assert rounds == ("s" * 20 + "f" * 20) * 2
    assert slow >= 2.0
    assert fast > 0.0
