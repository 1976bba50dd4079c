"""The eigenfaces of a bundle: those of the run, or new ones from photographs."""

import shutil
from pathlib import Path

import numpy as np

from edge_app.detect import HaarDetector
from edge_app.people import load_people
from training.eigenfaces import train_basis
from training.recipe import DETECTOR, IDENTIFIER, opencv_cascade

EIGENFACES_FILE = "eigenfaces.xml"


def write_eigenfaces(run: Path, people: Path | None, path: Path) -> None:
    """Copy the run's eigenfaces, or train on photographs: a folder per person.

    people: they stand for the strangers that a device's threshold is set against, so nobody among
    them should be enrolled later. Raises FileNotFoundError for a run without eigenfaces, ValueError
    for too few photographs, and what ``load_people`` raises.
    """
    if people is None:
        if not (run / EIGENFACES_FILE).is_file():
            raise FileNotFoundError(
                f"{run}: expected {EIGENFACES_FILE}, found none; make it with "
                "python -m training eigenfaces, or give --people"
            )
        shutil.copyfile(run / EIGENFACES_FILE, path)
        return
    detector = HaarDetector(opencv_cascade(), DETECTOR, DETECTOR.still)
    samples = load_people(people, detector, IDENTIFIER.crop)
    needed = IDENTIFIER.components + 1
    if len(samples) < needed:
        raise ValueError(
            f"{people}: expected at least {needed} photographs with one face, "
            f"found {len(samples)}; add photographs"
        )
    train_basis(np.stack([sample.crop for sample in samples]), IDENTIFIER, path)
