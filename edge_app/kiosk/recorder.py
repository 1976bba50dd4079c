"""Annotated video in segments and single pictures on the disk, never more than their quotas."""

import shutil
import time
from contextlib import ExitStack
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveInt

from edge_app.core.atomic import output_errors, unfinished_below
from edge_app.core.config import Table
from edge_app.core.errors import CameraError, OutputError
from edge_app.core.mailbox import Mailbox
from edge_app.core.types import ColorImage
from edge_app.core.worker import LoopWorker
from edge_app.kiosk.view import View
from edge_app.media.photo import write_photo
from edge_app.media.video_writer import VideoWriter

RECORDINGS, SNAPSHOTS = "recordings", "snapshots"
"""Names of the folders below the state's."""

_PATIENCE_S = 2.0
"""Without a live frame for so long a segment ends."""
_RETRY_S = 60.0


class SnapshotSettings(Table):
    """Single pictures that somebody asked for."""

    quota_mib: PositiveInt = 256
    """MiB of all files together; the oldest go first, and earlier where the disk is nearly full."""


class RecordingSettings(Table):
    """Annotated video on the disk."""

    enabled: bool = False
    segment_s: Annotated[float, Field(ge=10.0)] = 300.0
    """Seconds of each file."""
    rate: Annotated[float, Field(gt=0.0, le=60.0)] = 5.0
    """Frames per second at most."""
    quota_mib: PositiveInt = 2048
    """MiB of all files together; the oldest go first, and earlier where the disk is nearly full."""


class Recorder(LoopWorker):
    """Looks at the kiosk like a viewer and writes what it sees, in a thread of its own.

    folder: gets ``YYYY-MM-DD/HHMMSS.mp4``. segment_s: seconds of a file. rate: frames per second
    at most. max_bytes: of all segments together; the oldest are deleted. A disk that cannot be
    written is logged and tried again after a minute.
    """

    def __init__(
        self,
        views: Mailbox[View],
        folder: Path,
        *,
        segment_s: float,
        rate: float,
        max_bytes: int,
        retry_s: float = _RETRY_S,
    ) -> None:
        super().__init__("recorder", failing="recording failed")
        self._views = views
        self._folder = folder
        self._segment_s = segment_s
        self._rate = rate
        self._max_bytes = max_bytes
        self._retry_s = retry_s

    def run(self) -> None:
        self.guarded(self._make_room)
        super().run()

    def step(self) -> None:
        recorded = self.guarded(self._record_segment)
        made_room = self.guarded(self._make_room)  # a full disk lets no segment end
        self.every_s = 0.0 if recorded and made_room else self._retry_s

    def _make_room(self) -> None:
        with output_errors(self._folder):
            trim(self._folder, "*.mp4", self._max_bytes)

    def _record_segment(self) -> None:
        """One file, from the first live frame until time, picture or camera end it."""
        with self._views.reader() as reader, ExitStack() as stack:
            writer: VideoWriter | None = None
            size, started, due = (0, 0), 0.0, 0.0
            seen_at = time.monotonic()
            while not self.stopping.is_set():
                view = reader.next(0.2)
                now = time.monotonic()
                if view is None or not view.is_live(now):
                    if writer is not None and now - seen_at > _PATIENCE_S:
                        break
                    continue
                seen_at = now
                captured = view.result.frame.captured_at
                if captured < due:
                    continue
                image = view.picture
                if writer is None:
                    started, size = captured, _size(image)
                    writer = stack.enter_context(self._writer(size))
                if _size(image) != size or captured - started >= self._segment_s:
                    break
                writer.write(image, captured - started)
                due = captured + 0.9 / self._rate
            if writer is not None:
                writer.finish()

    def _writer(self, size: tuple[int, int]) -> VideoWriter:
        path = self._folder / datetime.now().strftime("%Y-%m-%d/%H%M%S.mp4")
        return VideoWriter(path, size=size, rate=Fraction(self._rate).limit_denominator(1000))


def _size(image: ColorImage) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


_KEPT_FREE = 256 << 20
"""Bytes of the disk that are left to the database and the system, whatever the quota is."""


def trim(folder: Path, pattern: str, max_bytes: int, *, kept_free: int = _KEPT_FREE) -> list[Path]:
    """Delete the oldest files (by name) below a folder until the rest is small enough.

    Small enough is at most ``max_bytes``, and less where the disk has fewer than ``kept_free``
    bytes left. pattern: of ``Path.rglob``. Hidden files are left alone: they are being written.
    Folders that become empty go as well. Returns what was deleted.
    """
    files = sorted(
        path for path in folder.rglob(pattern) if path.is_file() and not path.name.startswith(".")
    )
    sizes = {path: path.stat().st_size for path in files}
    total = sum(sizes.values())
    if files:
        max_bytes = min(max_bytes, total + shutil.disk_usage(folder).free - kept_free)
    deleted = []
    for path in files:
        if total <= max_bytes:
            break
        _delete(path, folder)
        total -= sizes[path]
        deleted.append(path)
    return deleted


def discard_unfinished(folder: Path) -> list[Path]:
    """Delete what a run that was cut off left half-written below a folder: no quota counts it.

    For a start, when nothing is being written there yet. Returns what was deleted.
    """
    leftovers = unfinished_below(folder)
    for path in leftovers:
        _delete(path, folder)
    return leftovers


def _delete(path: Path, folder: Path) -> None:
    """Delete a file below a folder, and its own folder where that becomes empty."""
    path.unlink(missing_ok=True)
    if path.parent != folder and not any(path.parent.iterdir()):
        path.parent.rmdir()


def save_snapshot(view: View | None, folder: Path, max_bytes: int) -> Path:
    """Write what a viewer sees now as ``folder/DATE-TIME.jpg``; the oldest make room for it.

    Raises CameraError while there is no live picture, OutputError where it cannot be written.
    """
    if view is None or not view.is_live():
        raise CameraError("expected a live picture to keep, found none; see what the source says")
    name = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
    path = folder / f"{name}.jpg"
    trim(folder, "*.jpg", max_bytes)  # a full disk takes no picture before one goes
    write_photo(path, view.picture)
    if path in trim(folder, "*.jpg", max_bytes):
        raise OutputError(f"{path}: expected room for a picture, found none; free the disk")
    return path
