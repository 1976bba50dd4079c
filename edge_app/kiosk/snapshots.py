"""One annotated picture on demand."""

from datetime import datetime
from pathlib import Path

from edge_app.core.errors import CameraError, OutputError
from edge_app.kiosk.quota import trim
from edge_app.kiosk.view import View
from edge_app.media.photo import write_photo

SNAPSHOTS = "snapshots"
"""Name of the folder below the state's."""


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
