"""FER2013 as Kaggle's image folders: ``train/`` and ``test/``, in each a folder per emotion.

Kaggle's copy (msambare/fer2013) merged the challenge's PublicTest and PrivateTest into ``test`` and
does not say which face was which. Here ``train`` becomes Training and ``test`` becomes PublicTest:
a network may be chosen on it, and then nothing unseen is left to report. A PrivateTest figure would
be compared with published ones and mean something else, so PrivateTest stays empty. For a figure
to publish, read the official csv.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import GrayImage, Picture
from edge_app.media.photo import photos_in, read_photo
from training.datasets.fer2013 import LABELS, SIDE, USAGES, DataError, Fer2013, Usage

FOLDERS: dict[str, Usage] = {"train": "Training", "test": "PublicTest"}


def is_layout(folder: Path) -> bool:
    """Whether a folder is laid out as Kaggle's copy is, and does not hold the published csv too.

    The csv is preferred: it has votes and a PrivateTest of its own.
    """
    if any(folder.glob("fer2013.csv*")):
        return False
    return all((folder / name).is_dir() for name in FOLDERS)


def load(folder: Path) -> Fer2013:
    """Read every png or jpg of 48x48 pixels below ``folder``, in the order of the file names.

    The rows have another order than the csv's, so FER+ votes do not belong to them. Raises
    FileNotFoundError without train/ or test/, DataError for a missing, empty or unknown emotion
    folder or a picture of another size, InputError for a damaged picture.
    """
    images: list[GrayImage] = []
    labels: list[int] = []
    usage: list[int] = []
    for name, split in FOLDERS.items():
        for label, home in enumerate(_emotion_folders(folder / name)):
            faces = list(_faces(home))
            images += faces
            labels += [label] * len(faces)
            usage += [USAGES.index(split)] * len(faces)
    return Fer2013(np.stack(images), np.array(labels), np.array(usage))


def _emotion_folders(split: Path) -> list[Path]:
    """The folder of every label, in the order of LABELS."""
    if not split.is_dir():
        raise FileNotFoundError(
            f"{split}: no such folder; expected Kaggle's layout, {' and '.join(FOLDERS)} with a "
            "folder per emotion in each"
        )
    found = {
        path.name for path in split.iterdir() if path.is_dir() and not path.name.startswith(".")
    }
    if found != set(LABELS):
        missing, unknown = set(LABELS) - found, found - set(LABELS)
        raise DataError(
            f"{split}: expected the folders {', '.join(sorted(LABELS))}; "
            f"missing: {', '.join(sorted(missing)) or 'none'}; "
            f"unknown: {', '.join(sorted(unknown)) or 'none'}"
        )
    return [split / label for label in LABELS]


def _faces(home: Path) -> Iterator[NDArray[np.uint8]]:
    photos = photos_in(home)
    if not photos:
        raise DataError(f"{home}: expected png or jpg files of faces, found none")
    for path in photos:
        gray = Picture(read_photo(path)).gray
        if gray.shape != (SIDE, SIDE):
            height, width = gray.shape
            raise DataError(f"{path}: expected {SIDE}x{SIDE} pixels, found {width}x{height}")
        yield gray
