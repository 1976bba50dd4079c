from pathlib import Path

import numpy as np
import pytest

from training.datasets import bored, fer2013
from training.datasets.fer2013 import DataError, FaceSet, Fer2013


def data(labels: list[int], usage: list[int] | None = None) -> Fer2013:
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)
    return Fer2013(images, np.array(labels), np.array(usage or [0] * len(labels)))


def faces(labels: list[int]) -> FaceSet:
    return data(labels).split("Training")


def test_merging_leaves_fer2013s_rows_where_they_were() -> None:
    merged = bored.merge(data([0, 3], [0, 1]), data([7, 7], [0, 2]))

    assert merged.labels.tolist() == [0, 3, 7, 7]
    assert merged.usage.tolist() == [0, 1, 0, 2]
    assert merged.images[:, 0, 0].tolist() == [0, 1, 0, 1]


def test_selected_labels_are_numbered_anew_in_their_order() -> None:
    chosen = bored.select(
        faces([7, 0, 1, 3, 6, 0]), bored.LABELS_BORED, ("angry", "happy", "neutral", "bored")
    )

    assert chosen.labels.tolist() == [3, 0, 1, 2, 0]
    assert chosen.rows.tolist() == [0, 1, 3, 4, 5]
    assert chosen.images[:, 0, 0].tolist() == [0, 1, 3, 4, 5]


def test_a_label_without_faces_is_named() -> None:
    with pytest.raises(DataError, match="expected faces labelled bored, found none"):
        bored.select(faces([0, 3, 6]), bored.LABELS_BORED, bored.LABELS_BORED4)


def test_only_bored_faces_are_read(tmp_path: Path) -> None:
    fer2013.save(tmp_path / "good.csv", data([7, 7]))
    fer2013.save(tmp_path / "bad.csv", data([7, 3]))

    assert bored.load(tmp_path / "good.csv").labels.tolist() == [7, 7]
    with pytest.raises(DataError, match=r"row 2: expected emotion 7 \(bored\) on every row"):
        bored.load(tmp_path / "bad.csv")
