from pathlib import Path

import numpy as np
import pytest

from tests.training.datasets.test_ferplus import HAPPY, HEADER
from training.datasets import fer2013
from training.datasets.fer2013 import DataError, Fer2013
from training.datasets.label_sets import LABEL_SETS, load_for


def write(path: Path, labels: list[int]) -> None:
    images = np.zeros((len(labels), 48, 48), np.uint8)
    fer2013.save(path, Fer2013(images, np.array(labels), np.zeros(len(labels), np.int64)))


def test_bored4_reads_the_merged_file_and_the_votes_of_its_first_rows(tmp_path: Path) -> None:
    write(tmp_path / "fer2013_bored.csv", [3, 0, 2, 6, 7, 7])
    (tmp_path / "ferplus.csv").write_text(HEADER + HAPPY * 4)

    loaded = LABEL_SETS["bored4"].load(tmp_path)
    training = loaded.split("Training")

    assert training.labels.tolist() == [1, 0, 2, 3, 3]
    assert training.rows.tolist() == [0, 1, 3, 4, 5]
    assert loaded.has_votes
    assert loaded.votes.sum(axis=1).tolist() == [10] * 4 + [0] * 2


def test_people_are_believed_before_the_labels(tmp_path: Path) -> None:
    neutral, torn = "Training,,9,1,0,0,0,0,0,0,0,0\n", "Training,,4,4,0,2,0,0,0,0,0,0\n"
    no_face = "Training,,1,0,0,0,0,0,0,0,0,9\n"
    write(tmp_path / "fer2013_bored.csv", [3, 4, 0, 6, 7])
    (tmp_path / "ferplus.csv").write_text(HEADER + HAPPY + neutral + torn + no_face)

    loaded = LABEL_SETS["bored4"].load(tmp_path)
    agreed, disputed = loaded.agreed("Training"), loaded.disputed("Training")
    alone = loaded.targets("Training", vote_weight=1.0)
    beside = loaded.targets("Training", vote_weight=0.5)

    assert (agreed.rows.tolist(), agreed.labels.tolist()) == ([0, 1, 4], [1, 2, 3])
    assert disputed.rows.tolist() == [2, 3]
    assert alone.faces.rows.tolist() == [0, 1, 2, 4], "nobody saw a face in the fourth"
    expected = np.array([[0, 0.8, 0.2, 0], [0, 0.1, 0.9, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1]])
    np.testing.assert_allclose(alone.targets, expected)
    np.testing.assert_allclose(alone.worth, [1, 1, 0.8, 1])
    assert beside.faces.rows.tolist() == [0, 2, 3, 4], "the second is labelled sad"
    np.testing.assert_allclose(beside.targets[1], [0.5, 0.25, 0.25, 0])
    np.testing.assert_allclose(beside.targets[3], [0, 0, 0, 1])
    assert beside.worth.tolist() == [1] * 4


def test_votes_for_another_number_of_faces_are_an_error(tmp_path: Path) -> None:
    write(tmp_path / "fer2013_bored.csv", [3, 0, 6, 7])
    (tmp_path / "ferplus.csv").write_text(HEADER + HAPPY * 4)

    with pytest.raises(DataError, match="expected a row for each of FER2013's 3, found 4"):
        LABEL_SETS["bored4"].load(tmp_path)


def test_votes_do_not_go_to_faces_that_were_mixed_among_fer2013s(tmp_path: Path) -> None:
    write(tmp_path / "fer2013_bored.csv", [3, 7, 0, 6])
    (tmp_path / "ferplus.csv").write_text(HEADER + HAPPY * 3)

    with pytest.raises(DataError, match="row 2 of fer2013_bored: expected FER2013's rows before"):
        LABEL_SETS["bored4"].load(tmp_path)


def test_fer7_has_all_faces_and_no_votes_without_a_file(tmp_path: Path) -> None:
    write(tmp_path / "fer2013.csv", [3, 0, 2])

    loaded = load_for(fer2013.LABELS, tmp_path)

    assert loaded.split("Training").labels.tolist() == [3, 0, 2]
    assert not loaded.has_votes
    assert loaded.agreed("Training").labels.tolist() == [3, 0, 2]
    assert len(loaded.disputed("Training")) == 0
    assert loaded.targets("Training", vote_weight=1.0).targets.argmax(axis=1).tolist() == [3, 0, 2]


def test_a_split_without_faces_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "fer2013.csv", [3, 0, 2])

    with pytest.raises(DataError, match="expected faces with the Usage PublicTest, found none"):
        load_for(fer2013.LABELS, tmp_path).split("PublicTest")


def test_labels_of_no_set_are_named() -> None:
    with pytest.raises(ValueError, match="expected the labels of fer7 or bored4, found a, b"):
        load_for(("a", "b"), Path())
