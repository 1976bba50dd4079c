import json
import os
import signal
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import CameraError, InputError, OutputError
from edge_app.core.types import BBox, ColorImage, Detection, FloatArray, Frame, Picture
from edge_app.media.annotate import annotate_source
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.job import Summary
from edge_app.media.photo import write_photo
from edge_app.media.sources import AnySource, CameraSource, PhotoSource, VideoSource
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
    output: Path | None,
    *,
    detector: _OneFace | None = None,
    results: Path | None = None,
    progress: _Counter | None = None,
    duration_s: float | None = None,
    workers: int = 1,
) -> Summary:
    def build() -> Pipeline:
        return Pipeline(detector or _OneFace())

    return annotate_source(
        source, output, build, FaceAnnotator(), progress or _Counter(),
        results=results, duration_s=duration_s, workers=workers,
    )  # fmt: skip


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def frames_of(path: Path) -> int:
    with VideoSource(path) as source:
        return len(list(source))


def pictures_of(path: Path) -> FloatArray:
    """(N, H, W, 3), 0 to 255."""
    with VideoSource(path) as source:
        return np.stack([frame.image for frame in source]).astype(np.float32)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_video_keeps_rate_size_and_length(clip: Path, tmp_path: Path, workers: int) -> None:
    progress = _Counter()

    summary = run(VideoSource(clip), tmp_path / "out.mp4", progress=progress, workers=workers)

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


def test_any_number_of_workers_writes_the_same_video(clip: Path, tmp_path: Path) -> None:
    """The pictures, not the bytes: x264 encodes the same pictures otherwise now and then."""
    for workers in (1, 4):
        output = tmp_path / f"{workers}.mp4"
        run(VideoSource(clip), output, results=output.with_suffix(".jsonl"), workers=workers)

    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "4.jsonl").read_bytes()
    ours, others = pictures_of(tmp_path / "1.mp4"), pictures_of(tmp_path / "4.mp4")
    assert ours.shape == others.shape
    assert np.abs(ours - others).mean(axis=(1, 2, 3)).max() < 4
    assert np.abs(ours[1:] - ours[:-1]).mean(axis=(1, 2, 3)).min() > 20


@pytest.mark.parametrize("workers", [1, 3])
def test_a_video_without_pictures_leaves_its_results_alone(
    clip: Path, tmp_path: Path, workers: int
) -> None:
    summary = run(VideoSource(clip), None, results=tmp_path / "r.jsonl", workers=workers)

    assert (summary.output, summary.frames) == (None, 40)
    assert len(records(tmp_path / "r.jsonl")) == 40
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "r.jsonl"]


class _Full(VideoWriter):
    def write(self, image: ColorImage, seconds: float) -> None:
        if seconds > 0.5:
            raise OutputError("the disk is full")
        super().write(image, seconds)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_disk_that_fills_leaves_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("edge_app.media.moving.VideoWriter", _Full)

    with pytest.raises(OutputError, match="the disk is full"):
        run(VideoSource(clip), tmp_path / "o.mp4", results=tmp_path / "r.jsonl", workers=workers)

    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


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


@pytest.mark.parametrize("workers", [1, 3])
def test_a_truncated_video_keeps_its_part_under_another_name(
    clip: Path, tmp_path: Path, workers: int
) -> None:
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    output, results = tmp_path / "out.mp4", tmp_path / "out.jsonl"

    with pytest.raises(InputError, match=r"what could be read is in .*out\.partial\.mp4"):
        run(VideoSource(clip), output, results=results, workers=workers)

    assert not output.exists()
    assert not results.exists()
    assert 0 < frames_of(tmp_path / "out.partial.mp4") < 40
    assert len(records(tmp_path / "out.partial.jsonl")) == frames_of(tmp_path / "out.partial.mp4")


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_playable_files(
    clip: Path, tmp_path: Path, number: int, workers: int
) -> None:
    before = signal.getsignal(number)
    output, results = tmp_path / "out.mp4", tmp_path / "out.jsonl"

    summary = run(
        VideoSource(clip), output, detector=_OneFace(10, number), results=results, workers=workers
    )

    assert summary.interrupted
    assert 10 <= summary.frames < 40
    assert frames_of(output) == len(records(results)) == summary.frames
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("workers", [1, 3])
def test_duration_limits_a_source(clip: Path, tmp_path: Path, workers: int) -> None:
    assert (
        run(VideoSource(clip), tmp_path / "out.mp4", duration_s=0.5, workers=workers).frames == 10
    )


class _Camera(CameraSource):
    """Five frames, then unplugged."""

    def __enter__(self) -> "_Camera":
        return self

    def __iter__(self) -> Iterator[Frame]:
        for index in range(5):
            yield Frame(PICTURE, index, 100.0 + index / 10)
        raise CameraError("the camera stopped")


@pytest.mark.parametrize("workers", [1, 3])
def test_an_unplugged_camera_keeps_what_was_recorded(tmp_path: Path, workers: int) -> None:
    with pytest.raises(CameraError, match=r"what could be read is in .*partial\.mp4"):
        run(_Camera(0), tmp_path / "out.mp4", workers=workers)

    assert frames_of(tmp_path / "out.partial.mp4") == 5


@pytest.mark.parametrize("workers", [1, 3])
def test_an_output_that_cannot_be_written_leaves_nothing(
    clip: Path, tmp_path: Path, workers: int
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        run(
            VideoSource(clip),
            tmp_path / "file" / "out.mp4",
            results=tmp_path / "r.jsonl",
            workers=workers,
        )

    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "file"]
