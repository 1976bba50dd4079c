from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.core.errors import InputError
from training.datasets import folders
from training.datasets.fer2013 import LABELS, DataError


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """A face of its own grey for every split and emotion."""
    grey = 0
    for split in ("train", "test"):
        for label in LABELS:
            home = tmp_path / split / label
            home.mkdir(parents=True)
            cv2.imwrite(str(home / "face.png"), np.full((48, 48), grey, np.uint8))
            grey += 10
    return tmp_path


def test_folders_become_splits_and_labels(layout: Path) -> None:
    data = folders.load(layout)

    assert data.split("Training").labels.tolist() == list(range(7))
    assert data.split("PublicTest").images[:, 0, 0].tolist() == list(range(70, 140, 10))
    assert len(data.split("PrivateTest")) == 0


def test_the_layout_is_told_from_others(layout: Path) -> None:
    assert folders.is_layout(layout)
    assert not folders.is_layout(layout / "train")


def test_the_published_csv_is_preferred_to_folders(layout: Path) -> None:
    (layout / "fer2013.csv.gz").touch()

    assert not folders.is_layout(layout)


def test_missing_and_unknown_emotions_are_named(layout: Path) -> None:
    (layout / "test" / "sad").rename(layout / "test" / "sadness")

    with pytest.raises(DataError, match=r"missing: sad; unknown: sadness"):
        folders.load(layout)


def test_a_missing_split_is_named(layout: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected Kaggle's layout"):
        folders.load(layout / "train")


def test_an_empty_emotion_is_an_error(layout: Path) -> None:
    (layout / "train" / "fear" / "face.png").unlink()

    with pytest.raises(DataError, match=r"fear: expected png or jpg files of faces, found none"):
        folders.load(layout)


def test_another_size_is_an_error(layout: Path) -> None:
    path = layout / "train" / "fear" / "face.png"
    cv2.imwrite(str(path), np.zeros((40, 50), np.uint8))

    with pytest.raises(DataError, match=r"face\.png: expected 48x48 pixels, found 50x40"):
        folders.load(layout)


def test_a_damaged_picture_is_named(layout: Path) -> None:
    (layout / "train" / "fear" / "face.png").write_bytes(b"no picture")

    with pytest.raises(InputError, match=r"face\.png"):
        folders.load(layout)
