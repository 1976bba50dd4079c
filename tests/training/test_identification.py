from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.core.errors import InputError, InputMissingError
from edge_app.core.progress import SILENT
from edge_app.core.types import BBox, Detection, Identity, Picture
from training.identification import Identification, evaluate_faces, write_identification


class FindsAll:
    """Finds a face in every picture that is not black."""

    def detect(self, picture: Picture) -> Sequence[Detection]:
        return [Detection(BBox(0, 0, 10, 10), 9.0)] if picture.image.any() else []


class KnowsGreys:
    """Takes everybody above a grey of 60 for Íñigo, below 45 for Ana, others for nobody."""

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        level = int(picture.gray[0, 0])
        name = "íñigo" if level > 60 else "ana" if level < 45 else None
        return Identity(name, 0.1, 0.2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shots = [("ana", 40), ("ana", 50), ("ana", 70), ("íñigo", 80), ("eve", 120), ("eve", 50),
             ("ana", 0)]  # fmt: skip
    for number, (name, grey) in enumerate(shots):
        (tmp_path / name).mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name / f"{number}.png"), np.full((20, 20), grey, np.uint8))
    return tmp_path


def evaluated(folder: Path) -> Identification:
    return evaluate_faces(folder, ["íñigo", "ana", "ana"], FindsAll(), KnowsGreys(), SILENT)


def test_everybody_is_counted_where_they_belong(folder: Path) -> None:
    found = evaluated(folder)

    assert found.names == ("ana", "íñigo")
    assert found.confusion.tolist() == [[1, 1, 1], [0, 1, 0], [0, 1, 1]]
    assert found.left_out == 1


def test_the_summary_says_the_four_outcomes(folder: Path) -> None:
    assert str(evaluated(folder)) == (
        "4 photographs of 2 enrolled people: 2 right, 1 given another's name, 1 unknown; "
        "2 of strangers: 1 given a name; 1 left out without one clear face"
    )


def test_the_matrix_names_rows_and_columns(folder: Path, tmp_path: Path) -> None:
    write_identification(evaluated(folder), tmp_path / "out" / "matrix.csv")

    assert (tmp_path / "out" / "matrix.csv").read_text("utf-8").splitlines() == [
        "true,ana,íñigo,(unknown)", "ana,1,1,1", "íñigo,0,1,0", "(stranger),0,1,1",
    ]  # fmt: skip


def test_a_folder_of_strangers_only_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"named as the enrolled people \(bob\), found none"):
        evaluate_faces(folder, ["bob"], FindsAll(), KnowsGreys(), SILENT)


def test_folders_are_named_as_those_of_the_enrolled(tmp_path: Path) -> None:
    home = tmp_path / "O%27Collins"
    home.mkdir()
    cv2.imwrite(str(home / "1.png"), np.full((20, 20), 50, np.uint8))

    found = evaluate_faces(tmp_path, ["O'Collins"], FindsAll(), KnowsGreys(), SILENT)

    assert found.confusion.tolist() == [[0, 1], [0, 0]]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="no such folder"):
        evaluated(tmp_path / "none")
