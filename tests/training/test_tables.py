from pathlib import Path

import pytest

from edge_app.core.errors import OutputError
from training.tables import markdown_table, write_csv


def test_a_csv_is_written_whole(tmp_path: Path) -> None:
    write_csv(tmp_path / "deep" / "table.csv", ("a", "b"), [(1, "x,y"), (2, "é")])

    assert (tmp_path / "deep" / "table.csv").read_text("utf-8") == 'a,b\n1,"x,y"\n2,é\n'
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["table.csv"]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    with pytest.raises(ZeroDivisionError):
        write_csv(path, ("a",), ((1 / number,) for number in (1, 0)))

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected a file name, found a folder"):
        write_csv(tmp_path, ("a",), [])


def test_markdown() -> None:
    assert markdown_table(("a", "b"), [(1, 2)]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
