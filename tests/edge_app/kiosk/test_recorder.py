import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from edge_app.core.atomic import Unfinished
from edge_app.core.errors import CameraError, OutputError
from edge_app.core.mailbox import Mailbox
from edge_app.core.types import ColorImage, Frame, FrameResult
from edge_app.kiosk import recorder
from edge_app.kiosk.recorder import Recorder, discard_unfinished, save_snapshot, trim
from edge_app.kiosk.status import KioskStatus
from edge_app.kiosk.view import View
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.photo import write_photo
from edge_app.media.sources import SourceState
from edge_app.media.video_writer import VideoWriter

STATUS = KioskStatus(SourceState("fake", "live"), 15.0, 20.0, 1, 0, ())


def view(*, size: tuple[int, int] = (64, 48), age_s: float = 0.0, live: bool = True) -> View:
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    frame = Frame(image, 0, time.monotonic() - age_s)
    return View(FrameResult(frame, ()), STATUS, FaceAnnotator(), live)


def feed(views: Mailbox[View], seconds: float, **how: object) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        views.put(view(**how))  # type: ignore[arg-type]
        time.sleep(0.02)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.rglob("[0-9]*.mp4"))


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_segments_are_whole_files_and_no_faster_than_the_rate(tmp_path: Path) -> None:
    views: Mailbox[View] = Mailbox()
    with Recorder(views, tmp_path, segment_s=1.1, rate=10, max_bytes=1 << 30):
        feed(views, 3.0)
    written = segments(tmp_path)
    assert len(written) >= 2
    assert 5 <= frames(written[0]) <= 12
    assert not list(tmp_path.rglob(".*"))


def test_another_size_begins_another_segment(tmp_path: Path) -> None:
    views: Mailbox[View] = Mailbox()
    with Recorder(views, tmp_path, segment_s=60, rate=20, max_bytes=1 << 30):
        feed(views, 1.1)
        feed(views, 0.5, size=(32, 24))
    assert len(segments(tmp_path)) == 2


def test_placards_and_old_frames_are_not_recorded(tmp_path: Path) -> None:
    views: Mailbox[View] = Mailbox()
    with Recorder(views, tmp_path, segment_s=60, rate=20, max_bytes=1 << 30):
        feed(views, 0.2, live=False)
        feed(views, 0.2, age_s=2.0)
    assert segments(tmp_path) == []


def test_a_disk_that_cannot_be_written_is_logged_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    views: Mailbox[View] = Mailbox()
    folder = tmp_path / "recordings"
    folder.write_text("in the way", encoding="utf-8")
    with Recorder(views, folder, segment_s=60, rate=20, max_bytes=1 << 30, retry_s=0.1):
        feed(views, 0.3)
        folder.unlink()
        feed(views, 0.5)
    assert "recording failed" in caplog.text
    assert len(segments(folder)) == 1


class _Disk:
    """Full from the moment ``filled`` is set until the file of before is deleted."""

    def __init__(self, before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.before = before
        self.filled = True
        before.parent.mkdir(parents=True)
        before.write_bytes(b"x" * 100)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=self.free))

    @property
    def free(self) -> int:
        return 0 if self.filled and self.before.exists() else 1 << 40

    def check(self) -> None:
        if not self.free:
            raise OutputError("No space left on device")


def test_a_disk_that_fills_up_is_recorded_on_again_once_the_oldest_made_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _Disk(tmp_path / "2026-01-01" / "100000.mp4", monkeypatch)
    disk.filled = False

    def writer(path: Path, **how: Any) -> VideoWriter:
        disk.filled = True
        disk.check()
        return VideoWriter(path, **how)

    monkeypatch.setattr(recorder, "VideoWriter", writer)
    views: Mailbox[View] = Mailbox()
    with Recorder(views, tmp_path, segment_s=60, rate=20, max_bytes=1 << 30, retry_s=0.1):
        feed(views, 1.0)
    assert not disk.before.exists()
    assert len(segments(tmp_path)) == 1


def test_a_snapshot_on_a_full_disk_takes_the_place_of_the_oldest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _Disk(tmp_path / "snapshots" / "2026.jpg", monkeypatch)

    def write(path: Path, image: ColorImage) -> None:
        disk.check()
        write_photo(path, image)

    monkeypatch.setattr(recorder, "write_photo", write)
    kept = save_snapshot(view(), disk.before.parent, 1 << 30)
    assert list(disk.before.parent.iterdir()) == [kept]


def test_what_a_power_cut_left_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    kept = [tmp_path / "2026-01-01" / "100000.mp4", tmp_path / ".other.jpg"]
    cut = Unfinished(tmp_path / "2026-01-02" / "100000.mp4").working_path
    kept[0].parent.mkdir()
    for path in (*kept, cut):
        path.write_bytes(b"x")
    assert discard_unfinished(tmp_path) == [cut]
    assert not cut.parent.exists()
    assert all(path.exists() for path in kept)
    assert discard_unfinished(tmp_path / "missing") == []


def test_the_oldest_make_room_and_what_is_being_written_stays(tmp_path: Path) -> None:
    for day in ("2026-01-01", "2026-01-02"):
        (tmp_path / day).mkdir()
        for name in ("100000.mp4", "110000.mp4"):
            (tmp_path / day / name).write_bytes(b"x" * 100)
    (tmp_path / "2026-01-02" / ".120000.unfinished.mp4").write_bytes(b"x" * 100)
    deleted = trim(tmp_path, "*.mp4", 150)
    assert [path.relative_to(tmp_path).as_posix() for path in deleted] == [
        "2026-01-01/100000.mp4", "2026-01-01/110000.mp4", "2026-01-02/100000.mp4"
    ]  # fmt: skip
    assert not (tmp_path / "2026-01-01").exists()
    assert len(list((tmp_path / "2026-01-02").iterdir())) == 2


def test_files_make_room_for_the_rest_of_the_device_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("1.mp4", "2.mp4", "3.mp4"):
        (tmp_path / name).write_bytes(b"x" * 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=850))
    deleted = trim(tmp_path, "*.mp4", 1 << 30, kept_free=1000)
    assert [path.name for path in deleted] == ["1.mp4", "2.mp4"]


def test_snapshots_are_kept_within_their_quota(tmp_path: Path) -> None:
    first = save_snapshot(view(), tmp_path, 1 << 20)
    size = first.stat().st_size
    second = save_snapshot(view(), tmp_path, size + size // 2)
    assert list(tmp_path.iterdir()) == [second]


def test_a_snapshot_without_room_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected room for a picture"):
        save_snapshot(view(), tmp_path, 1)


@pytest.mark.parametrize("stale", [None, view(live=False), view(age_s=3.0)])
def test_there_is_no_snapshot_without_a_live_picture(tmp_path: Path, stale: View | None) -> None:
    with pytest.raises(CameraError, match="expected a live picture"):
        save_snapshot(stale, tmp_path, 1 << 20)
