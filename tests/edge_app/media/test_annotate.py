import json
import os
import signal
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import CameraError, InputError, OutputError
from edge_app.core.types import BBox, Detection, Frame, Picture
from edge_app.media.annotate import annotate_source
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.job import Summary
from edge_app.media.outputs import choose_output
from edge_app.media.photo import write_photo
from edge_app.media.sources import AnySource, CameraSource, PhotoSource, StreamSource, VideoSource
from edge_app.media.video_writer import VideoWriter
from edge_app.vision.pipeline import Pipeline

PICTURE = np.full((48, 64, 3), 90, np.uint8)


class _OneFace:
    """A detector that finds the same face everywhere, and may do something at the n-th frame."""

    def __init__(self, at: int = -1, what: int | None = None) -> None:
        self._left, self._signal = at, what

    def detect(self, picture: Picture) -> Sequence[Detection]:
        if self._left == 0 and self._signal is not None:
            os.kill(os.getpid(), self._signal)
        self._left -= 1
        return [Detection(BBox(10, 10, 40, 40), 9.0)]


class _Counter:
    """Progress that counts."""

    total = -1
    done = 0

    def start(self, total: int) -> None:
        self.total = total

    def advance(self) -> None:
        self.done += 1


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds, 20 frames a second."""
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, size=(64, 48), rate=Fraction(20)) as video:
        for index in range(40):
            noise = np.random.default_rng(index).integers(0, 256, PICTURE.shape, dtype=np.uint8)
            video.write(noise, index / 20)
        video.finish()
    return path


def run(
    source: AnySource,
    output: Path,
    *,
    detector: _OneFace | None = None,
    results: Path | None = None,
    progress: _Counter | None = None,
    duration_s: float | None = None,
) -> Summary:
    pipeline = Pipeline(detector or _OneFace())
    return annotate_source(
        source, output, lambda: pipeline, FaceAnnotator(), progress or _Counter(),
        results=results, duration_s=duration_s,
    )  # fmt: skip


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def frames_of(path: Path) -> int:
    with VideoSource(path) as source:
        return len(list(source))


def test_a_video_keeps_rate_size_and_length(clip: Path, tmp_path: Path) -> None:
    progress = _Counter()

    summary = run(VideoSource(clip), tmp_path / "out.mp4", progress=progress)

    with VideoSource(tmp_path / "out.mp4") as source:
        assert source.rate == Fraction(20)
        assert (source.size, len(list(source))) == ((64, 48), 40)
    assert (summary.frames, summary.faces, summary.frames_with_faces) == (40, 40, 40)
    assert (progress.total, progress.done) == (40, 40)


def test_results_have_one_line_a_frame(clip: Path, tmp_path: Path) -> None:
    run(VideoSource(clip), tmp_path / "out.mp4", results=tmp_path / "out.jsonl")

    lines = records(tmp_path / "out.jsonl")
    assert [line["frame"] for line in lines] == list(range(40))
    assert lines[20]["t"] == pytest.approx(1.0)
    assert lines[0]["source"] == str(clip)


def test_a_photo_becomes_a_photo(tmp_path: Path) -> None:
    write_photo(tmp_path / "a.png", PICTURE)

    summary = run(PhotoSource([tmp_path / "a.png"], str(tmp_path / "a.png")), tmp_path / "b.png")

    assert (tmp_path / "b.png").is_file()
    assert summary.frames == 1


def test_a_damaged_photo_of_a_folder_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home, out = tmp_path / "in", tmp_path / "out"
    home.mkdir()
    for name in ("a.png", "c.png"):
        write_photo(home / name, PICTURE)
    (home / "b.png").write_bytes(b"letters")
    paths = sorted(home.iterdir())

    summary = run(PhotoSource(paths, str(home)), out, results=tmp_path / "r.jsonl")

    assert sorted(path.name for path in out.iterdir()) == ["a.png", "c.png"]
    assert summary.frames == 2
    assert "b.png" in caplog.text
    assert [line["frame"] for line in records(tmp_path / "r.jsonl")] == [0, 2]


def test_a_folder_of_damaged_photos_only(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"letters")

    with pytest.raises(InputError, match="none of the 1 photos can be read"):
        run(PhotoSource([tmp_path / "a.png"], str(tmp_path)), tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_truncated_video_keeps_its_part_under_another_name(clip: Path, tmp_path: Path) -> None:
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    output, results = tmp_path / "out.mp4", tmp_path / "out.jsonl"

    with pytest.raises(InputError, match=r"what could be read is in .*out\.partial\.mp4"):
        run(VideoSource(clip), output, results=results)

    assert not output.exists()
    assert not results.exists()
    assert 0 < frames_of(tmp_path / "out.partial.mp4") < 40
    assert len(records(tmp_path / "out.partial.jsonl")) == frames_of(tmp_path / "out.partial.mp4")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_playable_files(clip: Path, tmp_path: Path, number: int) -> None:
    before = signal.getsignal(number)
    output, results = tmp_path / "out.mp4", tmp_path / "out.jsonl"

    summary = run(VideoSource(clip), output, detector=_OneFace(10, number), results=results)

    assert summary.interrupted
    assert 10 <= summary.frames < 40
    assert frames_of(output) == len(records(results)) == summary.frames
    assert signal.getsignal(number) is before


def test_duration_limits_a_source(clip: Path, tmp_path: Path) -> None:
    assert run(VideoSource(clip), tmp_path / "out.mp4", duration_s=0.5).frames == 10


class _Camera(CameraSource):
    """Five frames, then unplugged."""

    def __enter__(self) -> "_Camera":
        return self

    def __iter__(self) -> Iterator[Frame]:
        for index in range(5):
            yield Frame(PICTURE, index, 100.0 + index / 10)
        raise CameraError("the camera stopped")


def test_an_unplugged_camera_keeps_what_was_recorded(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"what could be read is in .*partial\.mp4"):
        run(_Camera(0), tmp_path / "out.mp4")

    assert frames_of(tmp_path / "out.partial.mp4") == 5


def test_an_output_that_cannot_be_written_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        run(VideoSource(clip), tmp_path / "file" / "out.mp4", results=tmp_path / "r.jsonl")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "file"]


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
