"""A miniature FER2013 of drawn faces."""

import csv
from pathlib import Path

from edge_app.samples.faces import drawn_face
from edge_app.vision.preprocess import resize
from training.datasets.fer2013 import USAGES

_MOODS = {0: -1.0, 3: 1.0, 6: 0.0}
"""Label of FER2013 to the mood of a drawn face: angry, happy, neutral."""


def write_fer2013(path: Path, *, per_label: int = 8) -> None:
    """A csv with ``per_label`` faces of three labels in Training, half as many in the others."""
    with path.open("w", encoding="ascii", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["emotion", "pixels", "Usage"])
        for usage in USAGES:
            count = per_label if usage == "Training" else per_label // 2
            for person in range(count):
                for label, mood in _MOODS.items():
                    face = resize(drawn_face(person, side=96, mood=mood), 48, "area")
                    writer.writerow([label, " ".join(map(str, face.ravel())), usage])
