from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import OutputError
from edge_app.media.outputs import choose_output
from edge_app.media.sources import CameraSource, PhotoSource, StreamSource, VideoSource
from edge_app.media.video_writer import VideoWriter


@pytest.mark.parametrize(
    ("name", "expected"),
    [("clip.mp4", "clip.annotated.mp4"), ("clip.avi", "clip.annotated.mp4"),
     ("clip.webm", "clip.annotated.webm"), ("a.b.mkv", "a.b.annotated.mkv")],
)  # fmt: skip
def test_a_video_gets_its_mark_and_a_container_that_browsers_play(
    tmp_path: Path, name: str, expected: str
) -> None:
    assert choose_output(VideoSource(tmp_path / name), None) == tmp_path / expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [((64, 48), "a.b.annotated.MOV"), ((65, 48), "a.b.annotated.mp4"),
     ((64, 47), "a.b.annotated.mp4")],
)  # fmt: skip
def test_a_container_of_even_sizes_is_kept_where_the_size_is_even(
    tmp_path: Path, size: tuple[int, int], expected: str
) -> None:
    with VideoWriter(tmp_path / "a.mp4", size=size, rate=Fraction(10)) as video:
        video.write(np.zeros((size[1], size[0], 3), np.uint8), 0.0)
        video.finish()
    film = (tmp_path / "a.mp4").rename(tmp_path / "a.b.MOV")

    assert choose_output(VideoSource(film), None) == tmp_path / expected


def test_a_photo_and_a_folder_keep_their_kind(tmp_path: Path) -> None:
    photo = PhotoSource([tmp_path / "a.png"], str(tmp_path / "a.png"))
    folder = PhotoSource([tmp_path / "a.png"], str(tmp_path))

    assert choose_output(photo, None) == tmp_path / "a.annotated.png"
    assert choose_output(folder, None) == tmp_path.with_name(tmp_path.name + ".annotated")


def test_a_live_source_becomes_a_video_here() -> None:
    assert choose_output(CameraSource(2), None) == Path("camera-2.annotated.mp4")
    assert choose_output(StreamSource("http://a/b"), None) == Path("stream.annotated.mp4")


@pytest.mark.parametrize("wanted", ["out.png", "out.gif", "out"])
def test_a_video_does_not_become_something_else(wanted: str) -> None:
    with pytest.raises(OutputError, match="expected a video name ending in"):
        choose_output(VideoSource(Path("clip.mp4")), Path(wanted))


@pytest.mark.parametrize("wanted", ["out.mp4", "out.gif", "out"])
def test_a_photo_does_not_become_something_else(wanted: str) -> None:
    with pytest.raises(OutputError, match="expected a photo name ending in"):
        choose_output(PhotoSource([Path("a.jpg")], "a.jpg"), Path(wanted))


def test_a_folder_does_not_go_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="expected a folder for the photos, found a file"):
        choose_output(PhotoSource([], str(tmp_path)), tmp_path / "file")


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a.mp4")

    for name in ("a.mp4", "link.mp4"):
        with pytest.raises(OutputError, match="is the input itself"):
            choose_output(VideoSource(tmp_path / "a.mp4"), tmp_path / name)


def test_results_take_the_place_of_neither_input_nor_output(tmp_path: Path) -> None:
    clip, output = tmp_path / "a.mp4", tmp_path / "out.mp4"
    clip.touch()
    (tmp_path / "link.mp4").symlink_to(clip)
    source = VideoSource(clip)

    for name in ("a.mp4", "link.mp4"):
        with pytest.raises(OutputError, match="is the input itself; choose another place for the"):
            choose_output(source, output, tmp_path / name)
    with pytest.raises(OutputError, match="is the output itself"):
        choose_output(source, output, tmp_path / "." / "out.mp4")
    with pytest.raises(OutputError, match="is the output itself"):
        choose_output(source, None, tmp_path / "a.annotated.mp4")
    with pytest.raises(OutputError, match="is the output itself"):
        choose_output(CameraSource(0), output, output)
    assert choose_output(source, output, tmp_path / "out.jsonl") == output


def test_results_take_the_place_of_no_photo_of_a_folder(tmp_path: Path) -> None:
    home, output = tmp_path / "in", tmp_path / "out"
    home.mkdir()
    (home / "a.png").touch()
    source = PhotoSource([home / "a.png"], str(home))

    for results, what in (
        (home / "a.png", "input"), (output / "a.png", "output"), (output, "output")
    ):  # fmt: skip
        with pytest.raises(OutputError, match=f"is the {what} itself"):
            choose_output(source, output, results)
    assert choose_output(source, output, output / "results.jsonl") == output
