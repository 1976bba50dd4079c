"""How much of its accuracy a network keeps when faces are disturbed."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_app.core.progress import Progress
from training.disturbances import DISTURBANCES
from training.judging import Judge, Verdict
from training.network import TrainedNetwork, labels_of


@dataclass(frozen=True)
class Row:
    """verdicts: one per network, on the same disturbed faces."""

    disturbance: str
    verdicts: tuple[Verdict, ...]


def robustness(networks: Sequence[TrainedNetwork], judge: Judge, progress: Progress) -> list[Row]:
    """Every network under every disturbance.

    Raises what ``labels_of`` raises.
    """
    labels_of(networks)
    progress.start(len(DISTURBANCES) * len(networks))
    rows = []
    for disturbance in DISTURBANCES:
        images = disturbance(judge.images)
        verdicts = []
        for network in networks:
            verdicts.append(judge(network(images), network.clear))
            progress.advance()
        rows.append(Row(disturbance.name, tuple(verdicts)))
    return rows
