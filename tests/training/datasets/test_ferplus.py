from pathlib import Path

import numpy as np
import pytest

from training.datasets import ferplus
from training.datasets.fer2013 import DataError, Usage

HEADER = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
)
TRAINING: list[Usage] = ["Training"]
HAPPY = "Training,fer0000000.png,2,8,0,0,0,0,0,0,0,0\n"
UNKNOWN = "Training,,0,0,0,0,0,0,0,0,10,0\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "ferplus.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_votes_become_shares_in_the_order_of_fer2013(tmp_path: Path) -> None:
    votes = ferplus.load(written(tmp_path, HEADER + HAPPY + UNKNOWN), TRAINING * 2)

    shares, worth = ferplus.distribution(votes)

    np.testing.assert_allclose(shares[0], [0, 0, 0, 0.8, 0, 0, 0.2])
    assert shares[1].tolist() == [0] * 7
    assert worth.tolist() == [1, 0]


def test_fewer_labels_share_the_votes_and_unknown_ones_get_none(tmp_path: Path) -> None:
    text = HEADER + "Training,,2,6,0,2,0,0,0,0,0,0\n"
    votes = ferplus.load(written(tmp_path, text), TRAINING)

    shares, worth = ferplus.distribution(votes, ("angry", "happy", "neutral", "bored"))

    np.testing.assert_allclose(shares, [[0, 0.75, 0.25, 0]])
    np.testing.assert_allclose(worth, [0.8])


@pytest.mark.parametrize(
    ("row", "worth"),
    [
        ("Training,,3,0,0,0,0,0,0,7,0,0\n", 0.3),
        ("Training,,2,0,0,0,0,0,0,8,0,0\n", 0.0),  # too few
        ("Training,,4,0,0,0,0,0,0,0,0,6\n", 0.0),  # no face
        ("Training,,5,0,0,0,0,0,0,0,0,5\n", 0.5),
    ],
)
def test_a_face_is_worth_what_share_of_the_voters_says_something(
    tmp_path: Path, row: str, worth: float
) -> None:
    votes = ferplus.load(written(tmp_path, HEADER + row), TRAINING)

    assert ferplus.distribution(votes)[1].tolist() == [pytest.approx(worth)]


def test_the_majority_is_none_for_a_tie_or_no_votes(tmp_path: Path) -> None:
    tie = "Training,,5,5,0,0,0,0,0,0,0,0\n"
    nobody = "Training,,0,0,0,0,0,0,0,0,0,0\n"
    path = written(tmp_path, HEADER + HAPPY + UNKNOWN + tie + nobody)

    majority = ferplus.majority(ferplus.load(path, TRAINING * 4))

    assert [ferplus.CHOICES[choice] for choice in majority[:2]] == ["happy", "unknown"]
    assert majority[2:].tolist() == [ferplus.NO_MAJORITY] * 2


def test_people_agree_where_more_than_half_of_all_saw_one_of_the_labels(tmp_path: Path) -> None:
    half = "Training,,5,4,0,0,0,0,0,1,0,0\n"
    sad = "Training,,4,0,0,6,0,0,0,0,0,0\n"
    votes = ferplus.load(written(tmp_path, HEADER + HAPPY + UNKNOWN + half + sad), TRAINING * 4)

    assert ferplus.agreed(votes).tolist() == [3, -1, -1, 4]
    assert ferplus.agreed(votes, ("happy", "neutral")).tolist() == [0, -1, -1, -1]


@pytest.mark.parametrize("bad", ["Training,,x,0,0,0,0,0,0,0,0,0\n", "Training,,1,2\n",
                                 "Training,,²,0,0,0,0,0,0,0,0,0\n"])  # fmt: skip
def test_bad_votes_are_named_by_their_row(tmp_path: Path, bad: str) -> None:
    with pytest.raises(DataError, match=r"row 2: expected whole numbers of votes"):
        ferplus.load(written(tmp_path, HEADER + HAPPY + bad), TRAINING * 2)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER.replace(",fear", "") + HAPPY)

    with pytest.raises(DataError, match="missing columns: fear"):
        ferplus.load(path, TRAINING)


def test_another_number_of_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a row for each of FER2013's 2, found 1"):
        ferplus.load(written(tmp_path, HEADER + HAPPY), TRAINING * 2)


def test_rows_that_are_of_other_faces_are_named(tmp_path: Path) -> None:
    usages: list[Usage] = ["Training", "PublicTest"]

    with pytest.raises(DataError, match=r"row 2: expected the Usage PublicTest .*, found Training"):
        ferplus.load(written(tmp_path, HEADER + HAPPY + HAPPY), usages)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        ferplus.load(tmp_path / "ferplus.csv", TRAINING)
