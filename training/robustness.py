"""How much of its accuracy a network keeps when faces are disturbed."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_app.core.progress import Progress
from training.datasets.fer2013 import FaceSet
from training.disturbances import DISTURBANCES
from training.network import TrainedNetwork, labels_of


@dataclass(frozen=True)
class Row:
    """accuracies: one per network, on the same disturbed faces."""

    disturbance: str
    accuracies: tuple[float, ...]


def robustness(networks: Sequence[TrainedNetwork], faces: FaceSet, progress: Progress) -> list[Row]:
    """Every network under every disturbance.

    Raises what ``labels_of`` raises.
    """
    labels_of(networks)
    progress.start(len(DISTURBANCES) * len(networks))
    rows = []
    for disturbance in DISTURBANCES:
        images = disturbance(faces.images)
        accuracies = []
        for network in networks:
            predicted = network(images).argmax(axis=1)
            accuracies.append(float((predicted == faces.labels).mean()))
            progress.advance()
        rows.append(Row(disturbance.name, tuple(accuracies)))
    return rows
