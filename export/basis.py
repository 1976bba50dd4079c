"""The eigenfaces of a bundle: those of the run, or new ones from photographs."""

import shutil
from pathlib import Path

from edge_app.detect import HaarDetector
from training.eigenfaces import train_on_people
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
    written = train_on_people(people, detector, IDENTIFIER, path)
    if written.components < IDENTIFIER.components:
        raise ValueError(
            f"{people}: expected more than {IDENTIFIER.components} photographs with one face, "
            f"found {written.components + 1}; add photographs"
        )
