"""FER+: ten people's votes on every face of FER2013; row N belongs to row N of FER2013.

Source: Barsoum et al., "Training Deep Networks for Facial Expression Recognition with
Crowd-Sourced Label Distribution", 2016 (arXiv:1608.01041). MIT licence.
"""

import csv
from pathlib import Path

import numpy as np

from edge_app.types import FloatArray
from training.datasets.fer2013 import LABELS, DataError

COLUMNS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""FER2013's label to FER+'s column. Contempt, unknown and NF (no face) have no counterpart."""


def load(path: Path) -> FloatArray:
    """Read the votes as a distribution over FER2013's labels.

    Returns float32 (N, 7), each row summing to 1, or all zeros where nobody voted for one of the
    seven. Raises FileNotFoundError, or DataError with the row for a missing column or a bad count.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; expected FER+'s csv of votes")
    votes: list[list[int]] = []
    with path.open(encoding="ascii", newline="") as text:
        reader = csv.DictReader(text)
        missing = set(COLUMNS.values()) - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path}: missing columns: {', '.join(sorted(missing))}")
        for number, row in enumerate(reader, start=1):
            try:
                votes.append([int(row[COLUMNS[label]]) for label in LABELS])
            except (TypeError, ValueError) as error:
                raise DataError(f"{path}, row {number}: expected whole numbers of votes") from error
    counts = np.array(votes, dtype=np.float32).reshape(-1, len(LABELS))
    totals = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
