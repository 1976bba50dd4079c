from pathlib import Path

import pytest

from edge_app.core.atomic import Unfinished, output_errors, replace_text
from edge_app.core.errors import OutputError


def test_the_name_appears_only_when_finished(tmp_path: Path) -> None:
    unfinished = Unfinished(tmp_path / "video.mp4")
    unfinished.working_path.write_text("whole")

    assert not (tmp_path / "video.mp4").exists()
    assert unfinished.working_path.suffix == ".mp4"
    assert unfinished.finish() == tmp_path / "video.mp4"
    assert [path.name for path in tmp_path.iterdir()] == ["video.mp4"]


def test_discarding_leaves_what_was_there_before(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    unfinished = Unfinished(tmp_path / "a.txt")
    unfinished.working_path.write_text("half")

    unfinished.discard()

    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_missing_folders_are_made(tmp_path: Path) -> None:
    Unfinished(tmp_path / "deep" / "er" / "a.txt").finish()

    assert (tmp_path / "deep" / "er" / "a.txt").is_file()


def test_a_folder_is_no_file_name(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="found a folder; add a name"):
        Unfinished(tmp_path)


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match=r"a\.txt: cannot be written .*choose another place"):
        Unfinished(tmp_path / "file" / "a.txt")


def test_system_errors_name_the_final_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="final"), output_errors(tmp_path / "final"):
        raise OSError(28, "No space left on device")


def test_a_private_file_is_its_owners_alone_whatever_was_left(tmp_path: Path) -> None:
    (tmp_path / ".key.new").write_text("left by a power cut, for everybody to read")
    replace_text(tmp_path / "key", "secret", private=True)
    assert (tmp_path / "key").read_text() == "secret"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    replace_text(tmp_path / "text", "open")
    assert (tmp_path / "text").stat().st_mode & 0o400
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "text"]
