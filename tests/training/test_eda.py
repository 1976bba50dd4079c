import csv
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.progress import SILENT
from tests.training.datasets.test_ferplus import HAPPY, HEADER
from training import eda, eda_page
from training.datasets import fer2013
from training.datasets.fer2013 import LABELS, Fer2013


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Six pictures: two of them one picture under two labels, over two splits, and a blank one."""
    images = np.random.default_rng(0).integers(0, 256, (6, 48, 48), dtype=np.uint8)
    images[3] = images[0]
    images[5] = 9
    faces = Fer2013(images, np.array([3, 0, 6, 4, 3, 2]), np.array([0, 0, 0, 1, 2, 0]))
    fer2013.save(tmp_path / "fer2013.csv", faces)
    return tmp_path


def explored(folder: Path) -> eda.Exploration:
    return eda.explore(*eda.load(folder), SILENT)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as text:
        return list(csv.DictReader(text))


def test_what_stands_twice_is_counted(data: Path) -> None:
    found = explored(data)

    assert (found.surplus, found.contradictions) == (1, 1)
    assert found.blank.tolist() == [5]
    assert found.identical_copies.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_the_pivot_table_has_every_label_and_split(data: Path, tmp_path: Path) -> None:
    eda.write_tables(explored(data), tmp_path / "out")

    pivot = {row["emotion"]: row for row in rows_of(tmp_path / "out" / "pivot.csv")}
    assert tuple(pivot) == LABELS
    assert pivot["happy"] == {
        "emotion": "happy", "PrivateTest": "1", "PublicTest": "0", "Training": "1", "All": "2"
    }  # fmt: skip


def test_tables_name_rows_as_fer_plus_does(data: Path, tmp_path: Path) -> None:
    paths = eda.write_tables(explored(data), tmp_path / "out")

    assert [path.name for path in paths] == [
        "pivot.csv", "blank.csv", "duplicates.csv", "near_pairs.csv"
    ]  # fmt: skip
    assert [row["row"] for row in rows_of(tmp_path / "out" / "duplicates.csv")] == ["0", "3"]
    assert rows_of(tmp_path / "out" / "blank.csv") == [
        {"row": "5", "emotion": "fear", "Usage": "Training"}
    ]


def test_labels_are_held_against_fer_plus(data: Path, tmp_path: Path) -> None:
    tie = "Training,,5,5,0,0,0,0,0,0,0,0\n"
    usages = fer2013.load(data / "fer2013.csv").usages()
    rows = [
        row.replace("Training", usage)
        for row, usage in zip([HAPPY] * 5 + [tie], usages, strict=True)
    ]
    (data / "ferplus.csv").write_text(HEADER + "".join(rows))

    found = explored(data)
    eda.write_tables(found, tmp_path / "out")

    assert found.agreement is not None
    assert found.agreement.share == pytest.approx(2 / 5)
    fear = next(row for row in rows_of(tmp_path / "out" / "agreement.csv")
                if row["emotion"] == "fear")  # fmt: skip
    assert (fear["no majority"], fear["happy"]) == ("1", "0")
    eda_page.write(found, tmp_path / "index.html", seed=1)
    page = (tmp_path / "index.html").read_text()
    assert "No ferplus.csv beside the csv" not in page
    assert "<strong>40.0 %</strong>" in page


def test_the_page_stands_alone(data: Path, tmp_path: Path) -> None:
    eda_page.write(explored(data), tmp_path / "index.html", seed=1)

    page = (tmp_path / "index.html").read_text()
    assert "http" not in page
    assert page.count('src="data:image/png;base64,') == page.count("<img")
    assert page.count("<img") >= len(LABELS)
    assert "No ferplus.csv beside the csv" in page


def test_the_page_is_the_same_for_the_same_seed(data: Path) -> None:
    found = explored(data)

    assert eda_page.render(found, seed=1) == eda_page.render(found, seed=1)
