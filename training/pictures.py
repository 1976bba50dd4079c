"""The figures of a network as pictures."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray

from training.evaluate import Evaluation

matplotlib.use("Agg")

from matplotlib import pyplot as plt  # after the choice of what it draws on


def draw_confusion(evaluation: Evaluation, title: str, path: Path) -> None:
    """The confusion matrix of a network."""
    draw_matrix(
        evaluation.confusion,
        evaluation.labels,
        evaluation.labels,
        f"{title}: accuracy {evaluation.accuracy:.4f}",
        path,
    )


def draw_matrix(
    counts: NDArray[np.int64], rows: Sequence[str], columns: Sequence[str], title: str, path: Path
) -> None:
    """Counts (rows, columns) as a picture: the share of each row, with the counts."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
    image = axes.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(columns)), columns, rotation=30)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(title)
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if share[row, column] > 0.5 else "black"
        text = f"{share[row, column]:.0%}\n{count}"
        axes.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    figure.colorbar(image, label="share of the row")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_reliability(evaluation: Evaluation, title: str, path: Path) -> None:
    """How often the likeliest label was right, against the score that it was given."""
    reliability = evaluation.reliability
    figure, (top, bottom) = plt.subplots(
        2, figsize=(6, 7), height_ratios=(3, 1), sharex=True, layout="constrained"
    )
    width = 1.0 / len(reliability.counts)
    left = np.arange(len(reliability.counts)) * width
    filled = reliability.counts > 0
    top.bar(left[filled], reliability.accuracy[filled], width, align="edge", edgecolor="white")
    top.plot(
        reliability.confidence[filled],
        reliability.accuracy[filled],
        "o",
        color="black",
        label="mean score and accuracy of a bin",
    )
    top.plot((0, 1), (0, 1), "--", color="grey", label="perfectly calibrated")
    top.set_ylabel("share right")
    top.set_title(f"{title}\nexpected calibration error {reliability.error:.3f}")
    top.legend(loc="upper left")
    bottom.bar(left, reliability.counts, width, align="edge", color="grey", edgecolor="white")
    bottom.set_xlabel("score of the likeliest label")
    bottom.set_ylabel("faces")
    bottom.set_xlim(0, 1)
    figure.savefig(path, dpi=110)
    plt.close(figure)
