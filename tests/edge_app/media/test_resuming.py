"""A folder that is gone on with, and results without pictures."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_app.core.errors import InputError, OutputError
from edge_app.core.progress import SILENT
from edge_app.core.types import BBox, Detection, Picture
from edge_app.media.annotate import annotate_source
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.job import Summary
from edge_app.media.outputs import DATA_ALONE, choose_output
from edge_app.media.photo import write_photo
from edge_app.media.sources import CameraSource, PhotoSource, VideoSource, open_source
from edge_app.vision.pipeline import Pipeline

NAMES = [f"{index}.png" for index in range(6)]


class _Detector:
    """A face as wide as the picture is bright; stops the program at the n-th photo."""

    def __init__(self, photos: list[int], fail_at: int) -> None:
        self._photos, self._fail_at = photos, fail_at

    def detect(self, picture: Picture) -> list[Detection]:
        if len(self._photos) == self._fail_at:
            raise OutputError("the disk is full")
        side = int(picture.image[0, 0, 0])
        self._photos.append(side)
        return [Detection(BBox(0, 0, side, side), 9.0)]


class _Folder:
    """Six photographs, and what is made of them."""

    def __init__(self, home: Path) -> None:
        self.home, self.out, self.results = home / "in", home / "out", home / "r.jsonl"
        self.partial, self.killed = home / "r.partial.jsonl", home / ".r.unfinished.jsonl"
        for index, name in enumerate(NAMES):
            self.shoot(name, 10 + index)

    def shoot(self, name: str, brightness: int, *, later_s: float = -100.0) -> None:
        write_photo(self.home / name, np.full((60, 60, 3), brightness, np.uint8))
        at = self.home.stat().st_mtime + later_s
        os.utime(self.home / name, (at, at))

    def annotate(
        self, *, workers: int = 1, resume: bool = True, fail_at: int = -1, pictures: bool = True
    ) -> tuple[Summary, list[int]]:
        """What was done, and the brightness of the photographs that were looked at."""
        looked: list[int] = []
        summary = annotate_source(
            open_source(str(self.home)),
            self.out if pictures else None,
            lambda: Pipeline(_Detector(looked, fail_at)),
            FaceAnnotator(),
            SILENT,
            results=self.results,
            workers=workers,
            resume=resume,
        )
        return summary, sorted(looked)

    def records(self, path: Path | None = None) -> list[dict[str, Any]]:
        lines = (path or self.results).read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (*self.out.iterdir(), self.results)}


@pytest.fixture
def folder(tmp_path: Path) -> _Folder:
    return _Folder(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """The results of a run in one go, of the same folder."""
    folder = _Folder(tmp_path)
    folder.annotate(resume=False, pictures=False)
    whole = folder.results.read_bytes()
    folder.results.unlink()
    return whole


def test_any_number_of_workers_writes_the_same_files(folder: _Folder) -> None:
    folder.annotate(resume=False)
    alone = folder.files()

    summary, _ = folder.annotate(workers=3, resume=False)

    assert folder.files() == alone
    assert (summary.frames, summary.faces, summary.skipped) == (6, 6, 0)
    assert {thread.name for thread in threading.enumerate() if "recognise" in thread.name} == set()


@pytest.mark.parametrize("pictures", [True, False])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_stopped_goes_on(
    folder: _Folder, whole: bytes, workers: int, pictures: bool
) -> None:
    with pytest.raises(OutputError, match="the disk is full"):
        folder.annotate(workers=workers, fail_at=3, resume=False, pictures=pictures)
    assert not folder.results.exists()
    kept = len(folder.records(folder.partial))
    assert 0 < kept <= 3

    summary, looked = folder.annotate(workers=workers, pictures=pictures)

    assert (summary.skipped, len(looked)) == (kept, 6 - kept)
    assert folder.results.read_bytes() == whole
    assert not folder.partial.exists()
    assert folder.out.exists() == pictures


@pytest.mark.parametrize("pictures", [True, False])
def test_a_second_time_nothing_happens(folder: _Folder, pictures: bool) -> None:
    folder.annotate(pictures=pictures)
    (folder.home / "damaged.png").write_bytes(b"letters")
    written_at = folder.results.stat().st_mtime_ns

    summary, looked = folder.annotate(pictures=pictures)

    assert (summary.frames, summary.skipped, looked) == (0, 6, [])
    assert folder.results.stat().st_mtime_ns == written_at


@pytest.mark.parametrize("pictures", [True, False])
def test_a_killed_run_whose_last_line_is_cut(folder: _Folder, whole: bytes, pictures: bool) -> None:
    folder.annotate(pictures=pictures)
    lines = whole.splitlines(keepends=True)
    folder.results.unlink()
    folder.partial.write_bytes(b"".join(lines[4:]))
    folder.killed.write_bytes(b"".join(lines[:2]) + lines[2][:30])

    with pytest.raises(OutputError):
        folder.annotate(fail_at=0, pictures=pictures)
    summary, looked = folder.annotate(pictures=pictures)

    assert (summary.skipped, looked) == (4, [12, 13])
    assert folder.results.read_bytes() == whole
    assert not folder.partial.exists()
    assert not folder.killed.exists()


@pytest.mark.parametrize("pictures", [True, False])
def test_a_photo_that_was_changed_or_added_is_done(folder: _Folder, pictures: bool) -> None:
    folder.annotate(pictures=pictures)
    folder.shoot("3.png", 40, later_s=100.0)
    folder.shoot("1b.png", 50)

    _, looked = folder.annotate(pictures=pictures)

    assert looked == [40, 50]
    sides = [record["faces"][0]["bbox"][2] for record in folder.records()]
    assert sides == [10, 11, 50, 12, 40, 14, 15]
    assert [record["frame"] for record in folder.records()] == list(range(7))


def test_a_picture_that_was_deleted_is_made_again(folder: _Folder, whole: bytes) -> None:
    folder.annotate()
    (folder.out / "2.png").unlink()
    (folder.out / "4.png").write_bytes(b"")

    assert folder.annotate()[1] == [12, 14]
    assert folder.results.read_bytes() == whole


@pytest.mark.parametrize(
    "source", [VideoSource(Path("a.mp4")), CameraSource(0), PhotoSource([Path("a.png")], "a.png")]
)
def test_only_a_folder_is_gone_on_with(source: VideoSource | CameraSource | PhotoSource) -> None:
    with pytest.raises(InputError, match="expected a folder of photos with --resume"):
        annotate_source(
            source, None, lambda: Pipeline(_Detector([], -1)), FaceAnnotator(), SILENT, resume=True
        )


def test_data_alone_needs_results(tmp_path: Path) -> None:
    source = VideoSource(tmp_path / "a.mp4")

    assert choose_output(source, DATA_ALONE, tmp_path / "r.jsonl") is None
    with pytest.raises(OutputError, match="-o none: expected --results FILE"):
        choose_output(source, DATA_ALONE)
    with pytest.raises(OutputError, match="is the input itself"):
        choose_output(source, DATA_ALONE, tmp_path / "a.mp4")
