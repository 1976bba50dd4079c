"""The eigenfaces of a bundle: those of the run, or new ones from photographs."""

import shutil
from pathlib import Path

from rich.console import Console

from edge_app.core.progress import ConsoleProgress
from edge_app.vision.detection.base import Search
from edge_app.vision.detection.haar import HaarDetector
from training.eigenfaces import components_of, train_on_people
from training.recipe import EIGENFACES, HAAR, opencv_cascade

EIGENFACES_FILE = "eigenfaces.xml"


def write_eigenfaces(run: Path, people: Path | None, path: Path) -> None:
    """Copy the run's eigenfaces, or train on photographs: a folder per person.

    people: they stand for the strangers that a device's threshold is set against, so nobody among
    them should be enrolled later. Raises ValueError for too few photographs, and what
    ``check_eigenfaces`` and ``load_people`` raise.
    """
    if people is None:
        check_eigenfaces(run)
        shutil.copyfile(run / EIGENFACES_FILE, path)
        return
    detector = HaarDetector(opencv_cascade(), HAAR, Search(still=True))
    with ConsoleProgress(Console(stderr=True)) as progress:
        written = train_on_people(people, detector, EIGENFACES, path, progress)
    if written.components < EIGENFACES.components:
        raise ValueError(
            f"{people}: expected more than {EIGENFACES.components} photographs with one face, "
            f"found {written.components + 1}; add photographs"
        )


def check_eigenfaces(run: Path) -> None:
    """Raises FileNotFoundError for a run without eigenfaces, ValueError for too few of them."""
    path = run / EIGENFACES_FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"{run}: expected {EIGENFACES_FILE}, found none; make it with "
            f"python -m training eigenfaces --data DATA -o {path}, or give --people"
        )
    found = components_of(path)
    if found < EIGENFACES.components:
        raise ValueError(
            f"{path}: expected at least {EIGENFACES.components} eigenfaces, found {found}; "
            "make it again without --components, and of more faces than that"
        )
